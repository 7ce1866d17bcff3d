"""`huep bots inbox` on a real database: what was set aside, and what an operator does about it."""

import json

import pytest
from sqlalchemy import Engine, text

from bots.runtime.inbox import Inbox
from huep.database import Role
from tests.bots.letters import ROOM, ScriptedPort, message, rows
from tests.bots.running import SEAL, Echo, running, settled
from tests.clients.running import run_huep
from tests.clients.waiting import until
from tests.conftest import Databases


@pytest.fixture
def dead(engine: Engine, bot: str) -> list[int]:
    """Two events that were set aside."""
    kept = Inbox(bot, SEAL)
    with engine.begin() as connection:
        entries = kept.take(connection, [message("chín triệu", event_id="$poison"), message("two")])
        for entry in entries:
            kept.set_aside(connection, entry, 4, "ValueError at service.py:7 in card")
    return [entry.inbox_id for entry in entries]


def inbox(databases: Databases, *arguments: str, code: int = 0) -> str:
    done = run_huep(databases.state.root, "bots", "inbox", *arguments, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def states(engine: Engine, bot: str) -> list[tuple[str, bool]]:
    found = rows(engine, "select state, content is null from bots.inbox where bot = :bot order by inbox_id", bot=bot)
    return [tuple(row) for row in found]


def test_an_operator_sees_which_events_were_set_aside_and_why(databases: Databases, bot: str, dead: list[int]) -> None:
    listed = inbox(databases, "--bot", bot)
    assert "ValueError at service.py:7" in listed
    assert "triệu" not in listed
    _, event = json.loads(inbox(databases, "--bot", bot, "--json"))
    assert (event["number"], event["event_id"], event["kind"]) == (dead[0], "$poison", "TextMessage")
    assert "✓" in inbox(databases, "--bot", "nobody")


async def test_what_is_tried_again_is_answered_by_the_bot_that_runs(
    databases: Databases, engine: Engine, bot: str
) -> None:
    port, echo = ScriptedPort(), Echo()
    echo.failure = lambda _: ValueError()
    async with running(engine, bot, port, echo):
        port.says(message("poison"))
        await until(lambda: len(port.server.sent) == 1)
        await until(settled(engine, bot))
        echo.failure = lambda _: None
        inbox(databases, "retry", "--all-dead", "--bot", bot, "--by", "Lan")
        await until(lambda: len(port.server.sent) == 2)
        await until(settled(engine, bot))
    sorry, answer = port.server.bodies(ROOM)
    assert "đang bận" in sorry
    assert answer == "re $poison", "the answer is another message than the apology"


def test_what_is_dropped_is_gone_and_who_did_it_is_on_record(
    databases: Databases, engine: Engine, bot: str, dead: list[int]
) -> None:
    inbox(databases, "drop", str(dead[0]), "--by", "Lan")
    assert states(engine, bot) == [("dropped", True), ("dead", False)]
    owner = databases.engine(Role.OWNER)
    try:
        with owner.connect() as connection:
            entries = connection.execute(
                text("select actor, act, details from audit.entries where subject = :it"), {"it": f"{bot} {dead[0]}"}
            ).all()
    finally:
        owner.dispose()
    [entry] = entries
    assert (entry.actor, entry.act) == ("Lan", "inbox.drop")
    assert "triệu" not in str(entry)


def test_nothing_is_done_to_what_was_not_set_aside_or_not_meant(
    databases: Databases, engine: Engine, bot: str, dead: list[int]
) -> None:
    with engine.begin() as connection:
        [open_] = Inbox(bot, SEAL).take(connection, [message("open")])
    before = states(engine, bot)
    for arguments in (
        ("retry", str(dead[0]), str(open_.inbox_id)),
        ("drop", str(open_.inbox_id)),
        ("retry",),
        ("drop", str(dead[0]), "--all-dead"),
    ):
        inbox(databases, *arguments, "--by", "Lan", code=1)
    assert states(engine, bot) == before
