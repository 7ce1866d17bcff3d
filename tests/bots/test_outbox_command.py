"""`huep bots outbox` on a real database: what an operator sees, and what becomes of it."""

import json

import pytest
from sqlalchemy import Engine, text

from bots.runtime.dead_letters import TRIED_BY_LOST_DEVICE, bury_tried
from bots.runtime.outbox import Outbox
from bots.sealing import Seal
from huep import secret_names
from huep.clock import now
from huep.database import Role
from tests.bots.letters import ScriptedPort, failing, rows
from tests.bots.running import SEAL, settled
from tests.bots.test_outbox import REFUSED, delivering, put, said
from tests.clients.running import run_huep
from tests.clients.waiting import until
from tests.conftest import Databases


@pytest.fixture
async def dead(engine: Engine, bot: str) -> list[int]:
    """Two messages that were refused, and one that waits for later."""
    port = ScriptedPort()
    port.server.before = failing(2, REFUSED)
    put(engine, bot, said("chín triệu", "!a"), said("two", "!b"), batch="broadcast 1")
    async with delivering(engine, bot, port):
        await until(settled(engine, bot))
    put(engine, bot, said("later", "!c"))
    found = rows(engine, "select outbox_id from bots.outbox where bot = :bot and state = 'dead' order by 1", bot=bot)
    return [row.outbox_id for row in found]


def outbox(databases: Databases, *arguments: str, code: int = 0) -> str:
    done = run_huep(databases.state.root, "bots", "outbox", *arguments, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def states(engine: Engine, bot: str) -> list[str]:
    found = rows(engine, "select state from bots.outbox where bot = :bot order by outbox_id", bot=bot)
    return [row.state for row in found]


def test_an_operator_sees_how_much_is_dead_and_why_and_not_what_it_says(
    databases: Databases, bot: str, dead: list[int]
) -> None:
    counted = outbox(databases, code=1)
    assert "không gửi được" in counted
    listed = outbox(databases, "list", "--bot", bot)
    assert "403 M_FORBIDDEN" in listed
    assert all(str(number) in listed for number in dead)
    shown = outbox(databases, "show", str(dead[0]), "--lang", "en")
    for known in (bot, "!a", "broadcast 1", "announcement", "403 M_FORBIDDEN", " B"):
        assert known in shown
    assert "triệu" not in counted + listed + shown


def test_programs_get_json(databases: Databases, bot: str, dead: list[int]) -> None:
    [waiting, *refused] = json.loads(outbox(databases, "list", "--bot", bot, "--json"))
    assert (waiting["state"], waiting["room_id"]) == ("waiting", "!c")
    assert [record["number"] for record in refused] == sorted(dead, reverse=True)
    only = json.loads(outbox(databases, "list", "--bot", bot, "--room", "!b", "--state-of", "dead", "--json"))
    assert [record["room_id"] for record in only] == ["!b"]
    counts = {
        (count["bot"], count["state"]): count["count"] for count in json.loads(outbox(databases, "--json", code=1))
    }
    assert (counts[bot, "dead"], counts[bot, "waiting"]) == (2, 1)
    assert json.loads(outbox(databases, "show", str(dead[0]), "--json"))["content_bytes"] > 0


async def test_what_is_resent_arrives_and_who_did_it_is_on_record(
    databases: Databases, engine: Engine, bot: str, dead: list[int]
) -> None:
    port = ScriptedPort()
    async with delivering(engine, bot, port, doorbell=True):
        await until(lambda: len(port.server.sent) == 1)
        outbox(databases, "resend", str(dead[0]), "--by", "Lan")
        await until(lambda: len(port.server.sent) == 2)
        outbox(databases, "resend", "--all-dead", "--bot", bot, "--batch", "broadcast 1", "--by", "Lan")
        await until(lambda: len(port.server.sent) == 3)
        await until(settled(engine, bot))
    assert states(engine, bot) == ["sent"] * 3
    owner = databases.engine(Role.OWNER)
    try:
        with owner.connect() as connection:
            entries = connection.execute(
                text("select actor, act, details from audit.entries where subject like :bot order by seq"),
                {"bot": f"{bot} %"},
            ).all()
    finally:
        owner.dispose()
    assert [(entry.actor, entry.act) for entry in entries] == [("Lan", "outbox.resend")] * 2
    assert "403 M_FORBIDDEN" in entries[0].details
    assert "triệu" not in str(entries)


def test_what_is_dropped_is_never_sent_and_its_words_are_gone(
    databases: Databases, engine: Engine, bot: str, dead: list[int]
) -> None:
    outbox(databases, "drop", str(dead[1]), "--by", "Lan")
    outbox(databases, "drop", "--all-dead", "--bot", bot, "--by", "Lan")
    assert states(engine, bot) == ["dropped", "dropped", "waiting"]
    contents = rows(engine, "select content from bots.outbox where bot = :bot and state = 'dropped'", bot=bot)
    assert contents == [(None,), (None,)]


def test_nothing_is_done_to_what_is_not_there_or_may_be_on_its_way(
    databases: Databases, engine: Engine, bot: str, dead: list[int]
) -> None:
    with engine.begin() as connection:
        Outbox(bot, Seal(databases.state.secret(secret_names.BOTS_MAIL).encode())).claim(connection, 10)
    before = states(engine, bot)
    assert "taken" in before
    [taken] = rows(engine, "select outbox_id from bots.outbox where bot = :bot and state = 'taken'", bot=bot)
    for arguments in (
        ("drop", str(dead[0]), str(taken.outbox_id)),
        ("resend", str(dead[0]), "999999999"),
        ("resend", str(taken.outbox_id)),
        ("resend",),
        ("drop", str(dead[0]), "--all-dead"),
    ):
        outbox(databases, *arguments, "--by", "Lan", code=1)
    outbox(databases, "show", "999999999", code=1)
    assert states(engine, bot) == before


def test_an_empty_outbox_is_well(databases: Databases, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("delete from bots.outbox"))
    assert "✓" in outbox(databases)
    assert "✓" in outbox(databases, "list")


async def test_what_a_lost_device_tried_is_sent_by_no_other_before_an_operator_says_so(
    databases: Databases, engine: Engine, bot: str
) -> None:
    boxes = Outbox(bot, SEAL)
    put(engine, bot, said("taken", "!a"), said("tried", "!b"))
    with engine.begin() as connection:
        boxes.claim(connection, 1)
        connection.execute(
            text("update bots.outbox set tried_at = created_at where bot = :bot and state = 'waiting'"), {"bot": bot}
        )
    put(engine, bot, said("new", "!c"))
    put(engine, f"{bot}-2", said("of another", "!b"))
    with engine.begin() as connection:
        boxes_of_another = Outbox(f"{bot}-2", SEAL).claim(connection, 1)
        assert bury_tried(connection, bot, now()) == 2
    assert len(boxes_of_another.letters) == 1
    assert states(engine, f"{bot}-2") == ["taken"]
    assert states(engine, bot) == ["dead", "dead", "waiting"]
    port = ScriptedPort()
    async with delivering(engine, bot, port):
        await until(settled(engine, bot))
    assert [sent.body for sent in port.server.sent] == ["new"]
    assert TRIED_BY_LOST_DEVICE in outbox(databases, "list", "--bot", bot, "--json")
