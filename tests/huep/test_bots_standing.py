"""The bots as `huep up` and `huep status` see them: which processes there are, and when they need not be waited for."""

import json
from pathlib import Path

import pytest

from huep.bots_settings import ALL, BOT_NAMES, BotsSettings, Processes
from huep.settings import Settings
from huep.stack.bots import all_standings, is_settled, read_standing
from huep.stack.services import bots_services
from huep.state import StateFolder


def said(*states: str) -> str:
    bots = [
        {"name": f"bot{place}", "user_id": "@b:x", "state": state, "note": "", "restarts": 0, "device": None}
        for place, state in enumerate(states)
    ]
    return json.dumps({"pid": 1, "bots": bots})


@pytest.mark.parametrize(
    ("states", "settled"),
    [
        (("ready",), True),
        (("ready", "down"), True),
        (("ready", "backing off"), True),
        (("down",), True),
        (("backing off",), False),
        (("starting", "ready"), False),
        ((), False),
    ],
)
def test_a_start_waits_for_bots_that_may_yet_come_and_for_no_others(
    tmp_path: Path, states: tuple[str, ...], settled: bool
) -> None:
    file = tmp_path / "bots.json"
    file.write_text(said(*states))
    assert is_settled(read_standing(file)) is settled


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"bots": [{}]}', '{"bots": 7}'])
def test_a_file_that_says_nothing_is_no_standing(tmp_path: Path, content: str) -> None:
    (tmp_path / "bots.json").write_text(content)
    assert read_standing(tmp_path / "bots.json") == ()
    assert read_standing(tmp_path / "missing.json") == ()


def test_all_bots_share_a_process_or_have_one_each(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    one = Settings(server_name="hue.localhost")
    (service,) = bots_services(one, state)
    assert service.command[-2:] == ("bots", "run")
    each = one.model_copy(update={"bots": BotsSettings(processes=Processes.EACH, port=9000)})
    services = bots_services(each, state)
    assert [service.command[-2:] for service in services] == [("--bot", name) for name in BOT_NAMES]
    assert [service.where for service in services] == [f"http://127.0.0.1:{port}" for port in each.bots.ports]
    state.run.mkdir()
    state.bots_standing(ALL).write_text(said("ready"))
    state.bots_standing(BOT_NAMES[0]).write_text(said("down"))
    assert [bot.state for bot in all_standings(one.bots, state)] == ["ready"]
    assert [bot.state for bot in all_standings(each.bots, state)] == ["down"]
