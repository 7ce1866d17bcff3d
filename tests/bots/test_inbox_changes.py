"""What comes in and what does not; and what people take back, or edit, before the bot has dealt with it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from bots.matrix.errors import RateLimited, ServerUnreachable
from bots.matrix.port import Echo as SentEcho
from bots.matrix.port import (
    Edit,
    Event,
    File,
    MediaFile,
    Membership,
    MembershipChange,
    Reaction,
    Redaction,
    RoomView,
    TextMessage,
    Unreadable,
)
from bots.matrix.trust import Origin
from bots.runtime.backoff import Backoff
from bots.runtime.handling import MOST_ATTEMPTS
from bots.runtime.inbox import Inbox
from bots.runtime.outbox import Outbox, transaction_id_for
from bots.runtime.outcome import Outcome
from tests.bots.letters import AN, BINH, BOT, ROOM, ScriptedPort, failing, message, rows
from tests.bots.running import SEAL, Echo, echo, running, settled
from tests.clients.waiting import until

ELSEWHERE = "!elsewhere:hue.localhost"
JOINED = MembershipChange(
    room_id=ROOM, event_id="$j", sender=AN, sent_at_ms=1, origin=Origin.PLAIN, user_id=AN, membership=Membership.JOIN
)


def redaction(target: str, **changes: str) -> Redaction:
    values = {"room_id": ROOM, "event_id": f"$back-{target}", "sender": AN} | changes
    return Redaction(**values, sent_at_ms=1, origin=Origin.PLAIN, target=target)  # type: ignore[arg-type]


def edit(target: str, body: str, **changes: object) -> Edit:
    values = {"room_id": ROOM, "event_id": f"$edit {body}", "sender": AN, "origin": Origin.CROSS_SIGNED} | changes
    return Edit(**values, sent_at_ms=1, target=target, body=body)  # type: ignore[arg-type]


def reaction(target: str, **changes: str) -> Reaction:
    values = {"room_id": ROOM, "event_id": f"$reaction {target}", "sender": AN} | changes
    return Reaction(**values, sent_at_ms=1, origin=Origin.PLAIN, target=target, key="✅")  # type: ignore[arg-type]


class Gated(Echo):
    """Says back what it was told, once the gate is open."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.heard: list[str] = []
        self.wants: Callable[[Event], bool] = lambda _: False

    def listens_to(self, event: Event, /) -> bool:
        return self.wants(event)

    async def dispatch(self, event: Event, room: RoomView) -> Outcome:
        self.heard.append(event.body if isinstance(event, TextMessage) else type(event).__name__)
        await self.gate.wait()
        return await super().dispatch(event, room)


def kept(engine: Engine, bot: str) -> list[tuple[str, str]]:
    found = rows(engine, "select event_key, state from bots.inbox where bot = :bot order by inbox_id", bot=bot)
    return [tuple(row) for row in found]


async def test_what_people_say_to_each_other_is_never_kept(engine: Engine, bot: str) -> None:
    port, echo = ScriptedPort(None, AN, BINH), Gated()
    echo.gate.set()
    picture = File(
        room_id=ROOM, event_id="$f", sender=AN, sent_at_ms=1, origin=Origin.CROSS_SIGNED, body="x",
        file=MediaFile("mxc://a/b"),
    )  # fmt: skip
    unreadable = Unreadable(room_id=ROOM, event_id="$u", sender=AN, sent_at_ms=1, origin=Origin.UNSIGNED)
    talk = (message("talk"), message("re", reply_to="$talk"), reaction("$talk"), edit("$talk", "x"), redaction("$talk"))
    async with running(engine, bot, port, echo):
        port.says(*talk, picture, unreadable, JOINED, message("named", mentions=frozenset({BOT})))
        await until(lambda: bool(port.server.sent))
        await until(settled(engine, bot))
    assert kept(engine, bot) == [("$named", "handled")]
    assert echo.heard == ["named"]


async def test_what_a_dispatcher_listens_to_is_kept_until_it_was_dealt_with(engine: Engine, bot: str) -> None:
    port, echo = ScriptedPort(None, AN, BINH), Gated()
    echo.gate.set()
    echo.wants = lambda event: isinstance(event, MembershipChange)
    async with running(engine, bot, port, echo):
        port.says(message("talk"), JOINED, replace(JOINED, event_id="$own", sender=BOT))
        await until(lambda: bool(port.server.sent))
        await until(settled(engine, bot))
    assert kept(engine, bot) == [("$j", "handled")]


async def test_what_is_about_a_message_of_the_bot_is_kept_even_before_its_sending_was_answered(
    engine: Engine, bot: str
) -> None:
    """The sync that brings the reaction brings the message before it: it is ours by its transaction ID."""
    port, echo = ScriptedPort(None, AN, BINH), Gated()
    echo.gate.set()
    port.server.after = failing(99, ServerUnreachable("http://test"))
    async with running(engine, bot, port, echo):
        port.says(message("named", mentions=frozenset({BOT})))
        await until(lambda: bool(port.server.sent))
        [ours] = port.server.sent
        shown = SentEcho(ROOM, ours.event_id, transaction_id_for("$named"))
        port.says(reaction(ours.event_id), reaction(ours.event_id, room_id=ELSEWHERE, event_id="$x"), echoes=(shown,))
        await until(lambda: len(port.committed) == 2)
        await until(lambda: ("$reaction " + ours.event_id, "handled") in kept(engine, bot))
        port.server.after = lambda: None
        await until(settled(engine, bot))
    assert [key for key, _ in kept(engine, bot)] == ["$named", f"$reaction {ours.event_id}"]


async def test_an_echo_ends_the_sending_of_what_was_never_answered(engine: Engine, bot: str) -> None:
    port = ScriptedPort()
    port.server.after = lambda: ServerUnreachable("http://test")
    async with running(engine, bot, port, Echo()):
        port.says(message("x"))
        await until(lambda: bool(port.server.sent))
        port.says(echoes=(SentEcho(ROOM, port.server.sent[0].event_id, transaction_id_for("$x")),))
        await until(settled(engine, bot))
        [row] = rows(engine, "select state, event_id, content from bots.outbox where bot = :bot", bot=bot)
    assert tuple(row) == ("sent", port.server.sent[0].event_id, None)


async def test_what_stands_behind_an_echo_goes_out_at_once(engine: Engine, bot: str) -> None:
    port = ScriptedPort()
    port.server.after = failing(1, RateLimited(429, "M_LIMIT_EXCEEDED", "", "PUT"))
    outbox = Outbox(bot, SEAL)
    with engine.begin() as connection:
        outbox.put(connection, {"first": echo(message("first")), "second": echo(message("second"))})
    async with running(engine, bot, port, Echo()) as runner:
        runner._delivery._backoff = Backoff(3600.0, 3600.0)
        failed = "select 1 from bots.outbox where bot = :bot and error is not null"
        await until(lambda: rows(engine, failed, bot=bot) != [])
        assert port.server.bodies(ROOM) == ["re $first"]
        port.says(echoes=(SentEcho(ROOM, port.server.sent[0].event_id, transaction_id_for("first")),))
        await until(settled(engine, bot), 10)
    assert port.server.bodies(ROOM) == ["re $first", "re $second"]


def test_an_echo_of_another_room_settles_nothing(engine: Engine, bot: str) -> None:
    outbox = Outbox(bot, SEAL)
    with engine.begin() as connection:
        outbox.put(connection, {"x": echo(message("x"))})
        outbox.take_echoes(connection, [SentEcho(ELSEWHERE, "$x", transaction_id_for("x"))])
    assert rows(engine, "select state from bots.outbox where bot = :bot", bot=bot) == [("waiting",)]


async def test_while_the_room_cannot_be_asked_for_talk_is_kept_and_yet_not_answered(engine: Engine, bot: str) -> None:
    port, echo = ScriptedPort(None, AN, BINH), Gated()
    echo.gate.set()
    port.room_failure = failing(3, ServerUnreachable("http://test"))
    async with running(engine, bot, port, echo):
        port.says(message("talk"), message("named", mentions=frozenset({BOT})))
        await until(lambda: bool(port.server.sent))
        await until(settled(engine, bot))
    assert kept(engine, bot) == [("$talk", "handled"), ("$named", "handled")]
    assert echo.heard == ["named"]


@pytest.mark.parametrize("who", [AN, BINH])
async def test_what_is_taken_back_in_time_is_neither_answered_nor_carried_out(
    engine: Engine, bot: str, who: str
) -> None:
    """By its author or a moderator: the homeserver has judged that. One event is at work, the other waits."""
    port, echo = ScriptedPort(), Gated()
    done: list[str] = []
    echo.writes = (lambda _: done.append("x"),)
    async with running(engine, bot, port, echo):
        port.says(message("at work"), message("waits"), message("stays"))
        await until(lambda: bool(echo.heard))
        port.says(redaction("$at work", sender=who), redaction("$waits", sender=who))
        await until(lambda: len(port.committed) == 2)
        echo.gate.set()
        await until(lambda: bool(port.server.sent))
        await until(settled(engine, bot))
    assert port.server.bodies(ROOM) == ["re $stays"]
    assert done == ["x"]
    assert kept(engine, bot) == [("$at work", "dropped"), ("$waits", "dropped"), ("$stays", "handled")]
    assert rows(engine, "select content from bots.inbox where bot = :bot and content is not null", bot=bot) == []


async def test_what_is_taken_back_stays_so_when_the_sync_comes_again(engine: Engine, bot: str) -> None:
    port, echo = ScriptedPort(), Gated()
    async with running(engine, bot, port, echo):
        for _ in range(2):
            port.says(message("x"), redaction("$x"))
        await until(lambda: len(port.committed) == 2)
        echo.gate.set()
        await until(settled(engine, bot))
    assert port.server.sent == []
    assert kept(engine, bot) == [("$x", "dropped")]


async def test_nobody_is_told_that_what_they_took_back_could_not_be_read(engine: Engine, bot: str) -> None:
    port, echo = ScriptedPort(), Gated()
    unreadable = Unreadable(room_id=ROOM, event_id="$u", sender=AN, sent_at_ms=1, origin=Origin.UNSIGNED)
    async with running(engine, bot, port, echo):
        port.says(unreadable)
        await until(lambda: bool(echo.heard))
        port.says(redaction("$u"))
        await until(lambda: len(port.committed) == 2)
        echo.gate.set()
        await until(settled(engine, bot))
    assert port.server.sent == []


def test_a_redaction_in_another_room_takes_nothing_back(engine: Engine, bot: str) -> None:
    inbox = Inbox(bot, SEAL)
    with engine.begin() as connection:
        inbox.take(connection, [message("x")])
        assert inbox.obey(connection, [redaction("$x", room_id=ELSEWHERE)]) == {}
    assert kept(engine, bot) == [("$x", "open")]


async def test_what_is_edited_in_time_is_answered_once_and_as_it_reads_now(engine: Engine, bot: str) -> None:
    port, echo = ScriptedPort(), Gated()
    async with running(engine, bot, port, echo):
        port.says(message("ai work"), message("waist"))
        await until(lambda: bool(echo.heard))
        port.says(edit("$ai work", "at work"), edit("$waist", "wait"), edit("$waist", "waits"))
        await until(lambda: len(port.committed) == 2)
        echo.gate.set()
        await until(lambda: len(port.server.sent) == 2)
        await until(settled(engine, bot))
    assert port.server.bodies(ROOM) == ["re $ai work", "re $waist"], "each once, and at the message itself"
    assert (echo.heard[1], echo.heard[-1]) == ("at work", "waits")


async def test_who_corrects_again_and_again_is_answered_all_the_same(engine: Engine, bot: str) -> None:
    """Each edit comes while the wording before it is being dealt with."""
    port, echo = ScriptedPort(), Gated()
    wordings = [f"wording {number}" for number in range(2 * MOST_ATTEMPTS)]
    async with running(engine, bot, port, echo):
        port.says(message("x"))
        for number, wording in enumerate(wordings, start=1):
            await until(lambda number=number: len(echo.heard) == number)  # type: ignore[misc]
            port.says(edit("$x", wording))
            await until(lambda number=number: len(port.committed) == number + 1)  # type: ignore[misc]
            echo.gate.set()
            echo.gate = asyncio.Event()
        await until(lambda: len(echo.heard) == len(wordings) + 1)
        echo.gate.set()
        await until(lambda: bool(port.server.sent))
        await until(settled(engine, bot))
    assert echo.heard == ["x", *wordings]
    assert port.server.bodies(ROOM) == ["re $x"]


async def test_an_edit_and_a_redaction_in_one_sync_with_the_message_count(engine: Engine, bot: str) -> None:
    port, echo = ScriptedPort(), Gated()
    echo.gate.set()
    async with running(engine, bot, port, echo):
        port.says(
            message("one"), message("two"), edit("$one", "first"), edit("$two", "second"), redaction("$two")
        )  # fmt: skip
        await until(lambda: bool(port.server.sent))
        await until(settled(engine, bot))
    assert echo.heard == ["first"]
    ends = dict(kept(engine, bot))
    assert (ends["$one"], ends["$two"]) == ("handled", "dropped")
    assert (ends["$edit first"], ends["$edit second"]) == ("dropped", "dropped"), "what was obeyed is done with"


async def test_an_edit_of_what_was_answered_is_for_the_dispatcher_in_a_room_of_two(engine: Engine, bot: str) -> None:
    port, echo = ScriptedPort(), Gated()
    echo.gate.set()
    async with running(engine, bot, port, echo):
        port.says(message("one"))
        await until(lambda: len(port.server.sent) == 1)
        await until(settled(engine, bot))
        port.says(edit("$one", "two"))
        await until(lambda: len(port.server.sent) == 2)
        await until(settled(engine, bot))
    assert echo.heard == ["one", "Edit"]


async def test_an_edit_that_was_obeyed_stays_so_when_the_sync_comes_again(engine: Engine, bot: str) -> None:
    port, echo = ScriptedPort(), Gated()
    echo.gate.set()
    async with running(engine, bot, port, echo):
        for _ in range(2):
            port.says(message("one"), edit("$one", "two"))
            await until(lambda: port.coming.empty() and bool(port.server.sent))
            await until(settled(engine, bot))
        await until(lambda: len(port.committed) == 2)
    assert echo.heard == ["two"]


@pytest.mark.parametrize(
    "false", [edit("$x", "other", sender=BINH), edit("$x", "other", room_id=ELSEWHERE), edit("$y", "other")]
)
def test_what_somebody_else_wrote_nobody_edits(engine: Engine, bot: str, false: Edit) -> None:
    inbox = Inbox(bot, SEAL)
    with engine.begin() as connection:
        [entry] = inbox.take(connection, [message("x")])
        assert inbox.obey(connection, [false]) == {}
        [after] = inbox.open_entries(connection, (), 10)
        assert inbox.read(after) == inbox.read(entry)


def test_an_edit_counts_no_more_than_the_device_that_wrote_it(engine: Engine, bot: str) -> None:
    inbox = Inbox(bot, SEAL)
    with engine.begin() as connection:
        [entry] = inbox.take(connection, [message("x")])
        [after] = inbox.obey(connection, [edit("$x", "forged", origin=Origin.PLAIN)]).values()
        assert after is not None
        assert inbox.read(after) == replace(message("forged", event_id="$x"), origin=Origin.PLAIN)
        assert after.key == entry.key
