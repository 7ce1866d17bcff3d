"""Events in their order, each dealt with until it is settled, whatever fails on the way."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from bots.matrix.errors import ServerUnreachable
from bots.matrix.port import Event, RoomView
from bots.runtime import handling, sieve
from bots.runtime.handling import CRASHED, MOST_ATTEMPTS, ROOMS_AT_ONCE
from bots.runtime.inbox import KEPT_FOR, EntryMoved, Inbox
from bots.runtime.outcome import Outcome
from huep import clock
from huep.database import DatabaseUnreachable
from tests.bots.letters import AN, BINH, BOT, ROOM, ScriptedPort, failing, message, rows
from tests.bots.running import SEAL, Echo, running, settled
from tests.clients.waiting import until

NEIGHBOURS = "select attempts from bots.inbox where bot = :bot and event_key not in ('$deadly', '$next')"


async def test_order_is_kept_within_a_room_and_rooms_go_beside_each_other(engine: Engine, bot: str) -> None:
    port, gate = ScriptedPort(), asyncio.Event()
    at_work: list[str] = []
    most = 0

    class Slow(Echo):
        async def dispatch(self, event: Event, room: RoomView) -> Outcome:
            nonlocal most
            at_work.append(event.room_id)
            most = max(most, len(at_work))
            assert len(set(at_work)) == len(at_work), "one event of a room at a time"
            await gate.wait()
            at_work.remove(event.room_id)
            return await super().dispatch(event, room)

    rooms = [f"!{number}" for number in range(2 * ROOMS_AT_ONCE)]
    async with running(engine, bot, port, Slow()):
        port.says(*[message(f"{room} {turn}", room_id=room) for turn in range(5) for room in rooms])
        await until(lambda: len(at_work) == ROOMS_AT_ONCE)
        gate.set()
        await until(lambda: len(port.server.sent) == 5 * len(rooms))
    assert most == ROOMS_AT_ONCE
    for room in rooms:
        assert port.server.bodies(room) == [f"re ${room} {turn}" for turn in range(5)]


async def test_the_changes_of_an_event_and_its_answer_are_committed_together(engine: Engine, bot: str) -> None:
    port, echo = ScriptedPort(), Echo()

    def note(connection: Connection) -> None:
        connection.execute(
            text("insert into bots.preferences (user_id, locale) values (:user, 'en')"), {"user": f"@x:{bot}"}
        )

    def fail_twice(connection: Connection, times: list[int] = [1, 2]) -> None:  # noqa: B006 - it counts down
        if times:
            times.pop()
            raise RuntimeError("a rule of the database")

    echo.writes = (note, fail_twice)
    async with running(engine, bot, port, echo):
        port.says(message("x"))
        await until(lambda: bool(port.server.sent))
        await until(settled(engine, bot))
    assert len(echo.seen) == 3
    assert len(port.server.sent) == 1
    assert len(rows(engine, "select 1 from bots.preferences where user_id = :user", user=f"@x:{bot}")) == 1


async def test_an_event_that_fails_again_and_again_is_set_aside_and_its_room_goes_on(engine: Engine, bot: str) -> None:
    port, echo = ScriptedPort(), Echo()
    echo.failure = lambda event: ValueError("chín triệu") if event.event_id == "$poison" else None
    async with running(engine, bot, port, echo):
        port.says(message("poison"), message("next"))
        await until(lambda: len(port.server.sent) == 2)
        await until(settled(engine, bot))
    assert echo.seen == ["$poison"] * MOST_ATTEMPTS + ["$next"]
    sorry, answered = port.server.sent
    assert "đang bận" in sorry.body
    assert sorry.reply_to == "$poison"
    assert answered.reply_to == "$next"
    [dead] = rows(engine, "select attempts, error from bots.inbox where bot = :bot and state = 'dead'", bot=bot)
    assert dead.attempts == MOST_ATTEMPTS
    assert dead.error.startswith("ValueError at running.py:"), "the operator sees what and where"
    assert "triệu" not in dead.error, "and not what somebody wrote"


async def test_in_a_room_of_many_nobody_is_told_of_what_was_not_said_to_the_bot(engine: Engine, bot: str) -> None:
    port, echo = ScriptedPort(None, AN, BINH), Echo()
    echo.failure = lambda _: ValueError()
    async with running(engine, bot, port, echo):
        port.says(message("among us"), message("named", mentions=frozenset({BOT})))
        await until(lambda: bool(port.server.sent))
        await until(settled(engine, bot))
    assert [sent.reply_to for sent in port.server.sent] == ["$named"]


async def test_what_ends_the_process_each_time_is_set_aside_and_costs_no_neighbour_its_answer(
    engine: Engine, bot: str
) -> None:
    """Each process dies while it deals with the event, and is not heard of again."""
    rooms = [f"!{number}" for number in range(ROOMS_AT_ONCE - 1)]
    with engine.begin() as connection:
        Inbox(bot, SEAL).take(
            connection, [message("deadly"), message("next"), *[message(room, room_id=room) for room in rooms]]
        )
    lives = []
    for _ in range(MOST_ATTEMPTS):
        died = asyncio.Event()

        class Deadly(Echo):
            async def dispatch(self, event: Event, room: RoomView) -> Outcome:
                if event.event_id == "$deadly":
                    await until(lambda: all(row.attempts == 1 for row in rows(engine, NEIGHBOURS, bot=bot)))
                    died.set()  # noqa: B023 - of this turn
                await asyncio.sleep(60)
                raise AssertionError

        lives.append(_dealing(engine, bot, ScriptedPort(), Deadly()))
        await lives[-1].resume()
        await asyncio.wait_for(died.wait(), 20)
    tries = rows(engine, "select room_id, attempts from bots.inbox where bot = :bot and event_key <> '$next'", bot=bot)
    assert sorted(tries) == sorted([(ROOM, MOST_ATTEMPTS), *[(room, 1) for room in rooms]])
    port, echo = ScriptedPort(), Echo()
    async with running(engine, bot, port, echo):
        await until(lambda: len(port.server.sent) == 2 + len(rooms))
    assert sorted(echo.seen) == sorted(["$next", *[f"${room}" for room in rooms]])
    assert [sent.reply_to for sent in port.server.sent if sent.room_id == ROOM] == ["$deadly", "$next"]
    [dead] = rows(engine, "select error from bots.inbox where bot = :bot and state = 'dead'", bot=bot)
    assert dead.error == CRASHED
    for life in lives:
        await life.close(0)


def _dealing(engine: Engine, bot: str, port: ScriptedPort, dispatcher: Echo) -> handling.Handling:
    """Without anything that sends."""
    return handling.Handling(
        port, dispatcher, lambda _: True, engine, Inbox(bot, SEAL), handling.Outbox(bot, SEAL), _no_delivery()
    )


def _no_delivery() -> handling.Delivery:
    return None  # type: ignore[return-value] # nothing is sent by a process that ends before it answers


async def test_a_server_that_is_away_costs_time_and_no_try(engine: Engine, bot: str) -> None:
    port = ScriptedPort()
    port.room_failure = failing(3 * MOST_ATTEMPTS, ServerUnreachable("http://test"))
    async with running(engine, bot, port, Echo()):
        port.says(message("x"))
        await until(lambda: bool(port.server.sent))
    assert rows(engine, "select state, attempts from bots.inbox where bot = :bot", bot=bot) == [("handled", 1)]


async def test_neither_a_server_that_is_away_nor_a_stop_costs_what_was_left_open_a_try(
    engine: Engine, bot: str
) -> None:
    with engine.begin() as connection:
        Inbox(bot, SEAL).take(connection, [message("x")])
    for _ in range(MOST_ATTEMPTS):
        port = ScriptedPort()
        asked = 0

        def away() -> Exception:
            nonlocal asked
            asked += 1
            return ServerUnreachable("http://test")

        port.room_failure = away
        async with running(engine, bot, port, Echo()):
            await until(lambda: asked > 1)  # noqa: B023 - of this turn
        begun = asyncio.Event()

        class Slow(Echo):
            async def dispatch(self, event: Event, room: RoomView) -> Outcome:
                begun.set()  # noqa: B023 - of this turn
                await asyncio.sleep(60)
                raise AssertionError

        dealing = _dealing(engine, bot, ScriptedPort(), Slow())
        await dealing.resume()
        await asyncio.wait_for(begun.wait(), 10)
        await dealing.close(0)
    assert rows(engine, "select state, attempts from bots.inbox where bot = :bot", bot=bot) == [("open", 0)]


async def test_a_room_of_which_nothing_is_heard_holds_nobody_up(
    engine: Engine, bot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is said in it is kept, and judged once it is known."""
    monkeypatch.setattr(sieve, "ROOMS_WITHIN_S", 0.1)
    slow = [f"!slow{number}" for number in range(ROOMS_AT_ONCE)]
    port, known, room = ScriptedPort(), asyncio.Event(), ScriptedPort.room

    async def slowly(room_id: str) -> RoomView:
        if room_id in slow:
            await known.wait()
        return await room(port, room_id)

    monkeypatch.setattr(port, "room", slowly)
    async with running(engine, bot, port, Echo()):
        port.says(*[message(room_id, room_id=room_id) for room_id in slow[1:]])
        port.says(message("x"))
        await until(lambda: port.server.bodies(ROOM) == ["re $x"])
        known.set()
        await until(lambda: len(port.server.sent) == ROOMS_AT_ONCE)


async def test_a_commit_of_which_nothing_was_heard_loses_no_event_and_no_answer(
    engine: Engine, bot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database dies between the commit and its answer: of what was taken in, and of what came of it."""
    real, port, echo = handling.in_transaction, ScriptedPort(), Echo()
    unheard_of = ["take", "_settle", "take"]

    async def unheard(engine: Engine, work: Callable[[Connection], Any]) -> Any:
        done = await real(engine, work)
        if unheard_of and getattr(work, "func", work).__name__ == unheard_of[0]:
            del unheard_of[0]
            raise DatabaseUnreachable("the connection is gone")
        return done

    monkeypatch.setattr(handling, "in_transaction", unheard)
    async with running(engine, bot, port, echo):
        port.says(message("one"))
        await until(lambda: len(port.server.sent) == 1)
        port.says(message("two"))
        await until(lambda: len(port.server.sent) == 2)
        await until(settled(engine, bot))
    assert port.server.bodies(ROOM) == ["re $one", "re $two"]
    assert unheard_of == []


async def test_what_was_put_in_behind_the_back_of_a_start_is_dealt_with_when_it_comes_again(
    engine: Engine, bot: str
) -> None:
    """The life before was ended while it put the event in: its commit comes after this one has looked."""
    port = ScriptedPort()
    async with running(engine, bot, port, Echo()):
        port.says(message("first"))
        await until(lambda: len(port.server.sent) == 1)
        with engine.begin() as connection:
            Inbox(bot, SEAL).take(connection, [message("late")])
        port.says(message("late"), message("next"))
        await until(lambda: len(port.server.sent) == 3)
        port.says(message("late"), message("first"))
        await until(lambda: port.coming.empty() and len(port.committed) == 3)
        await until(settled(engine, bot))
    assert port.server.bodies(ROOM) == ["re $first", "re $late", "re $next"]


async def test_more_than_fits_into_memory_waits_in_the_database_in_its_order(
    engine: Engine, bot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handling, "MOST_IN_MEMORY", 10)
    port, gate = ScriptedPort(), asyncio.Event()

    class Gated(Echo):
        async def dispatch(self, event: Event, room: RoomView) -> Outcome:
            await gate.wait()
            return await super().dispatch(event, room)

    async with running(engine, bot, port, Gated()) as runner:
        for batch in range(6):
            port.says(*[message(f"{room} {batch}", room_id=f"!{room}") for room in range(7)])
        await until(lambda: len(port.committed) == 6)
        assert len(runner._handling._lanes) <= 10
        gate.set()
        await until(lambda: len(port.server.sent) == 42)
        port.says(message("after"))
        await until(lambda: len(port.server.sent) == 43)
    for room in range(7):
        assert port.server.bodies(f"!{room}") == [f"re ${room} {batch}" for batch in range(6)]
    assert port.server.bodies(ROOM) == ["re $after"]


async def test_what_is_no_text_at_all_costs_nobody_else_an_answer(engine: Engine, bot: str) -> None:
    port = ScriptedPort()
    async with running(engine, bot, port, Echo()):
        port.says(
            message("half \ud83d of a picture", event_id="$half"), message("nul \0", event_id="$nul"), message("x")
        )
        await until(lambda: len(port.server.sent) == 2)
        await until(settled(engine, bot))
    assert port.server.bodies(ROOM) == ["re $nul", "re $x"]


def test_an_entry_is_settled_once(engine: Engine, bot: str) -> None:
    inbox = Inbox(bot, SEAL)
    with engine.begin() as connection:
        [entry] = inbox.take(connection, [message("x")])
        inbox.settle(connection, entry)
    with pytest.raises(EntryMoved), engine.begin() as connection:
        inbox.set_aside(connection, entry, 1, "late")
    assert rows(engine, "select state from bots.inbox where bot = :bot", bot=bot) == [("handled",)]


def test_what_was_settled_a_month_ago_is_forgotten(engine: Engine, bot: str) -> None:
    moment = clock.now()
    inbox = Inbox(bot, SEAL, lambda: moment)
    with engine.begin() as connection:
        old, _ = inbox.take(connection, [message("old"), message("open")])
        inbox.settle(connection, old)
    moment += KEPT_FOR - timedelta(minutes=1)
    with engine.begin() as connection:
        assert inbox.prune(connection) == 0
    moment += timedelta(minutes=2)
    with engine.begin() as connection:
        assert inbox.prune(connection) == 1
    assert rows(engine, "select event_key from bots.inbox where bot = :bot", bot=bot) == [("$open",)]


def test_bots_do_not_see_each_others_events(engine: Engine, bot: str) -> None:
    mine, theirs = Inbox(bot, SEAL), Inbox(f"{bot}-2", SEAL)
    with engine.begin() as connection:
        mine.take(connection, [message("x")])
        assert len(theirs.take(connection, [message("x")])) == 1
        assert len(theirs.open_entries(connection, (), 10)) == 1
