"""Messages: each once, in order within its room, the urgent first, later where it cannot be now, dead where it never can."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from bots.matrix.errors import (
    BadAnswer,
    MatrixError,
    NoSuchRoom,
    RateLimited,
    RequestRefused,
    ServerUnreachable,
    SessionEnded,
)
from bots.runtime import delivery as delivery_module
from bots.runtime.backoff import Backoff
from bots.runtime.breaker import MOST_AT_ONCE, Breaker, BreakerState
from bots.runtime.dead_letters import Selection, resend_letters
from bots.runtime.delivery import LET_IN_WITHIN, MOST_OWN_FAILURES, TRANSACTION_KNOWN_FOR, Delivery
from bots.runtime.doorbell import listen
from bots.runtime.letters import BatchProgress, Claim, LetterState, Settlement
from bots.runtime.outbox import CHANNEL, GIVE_UP_AFTER, KEPT_FOR, Outbox
from bots.runtime.outcome import Outgoing, Priority
from bots.runtime.verdict import Verdict, verdict_of
from bots.sealing import Seal
from huep import clock
from huep.database import DatabaseUnreachable
from tests.bots.letters import ROOM, ScriptedPort, failing, rows
from tests.bots.running import SEAL, settled
from tests.clients.waiting import until

QUICK = Backoff(0.01, 0.02)
REFUSED = RequestRefused(403, "M_FORBIDDEN", "not here", "PUT")


class Watch:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return clock.now() + self.ahead


@asynccontextmanager
async def delivering(
    engine: Engine, bot: str, port: ScriptedPort, watch: Watch | None = None, *, doorbell: bool = False
) -> AsyncIterator[Delivery]:
    delivery = Delivery(
        port,
        engine,
        Outbox(bot, SEAL, watch or clock.now),
        clock=watch or clock.now,
        breaker=Breaker(backoff=QUICK),
        backoff=QUICK,
    )
    tasks = [asyncio.create_task(delivery.run())]
    if doorbell:
        tasks.append(asyncio.create_task(listen(engine, bot, {CHANNEL: delivery.ring})))
    try:
        yield delivery
    finally:
        await delivery.close(10)
        for task in tasks[1:]:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(end is None or isinstance(end, asyncio.CancelledError) for end in ended), ended


def said(body: str, room_id: str = ROOM, priority: Priority = Priority.ANNOUNCEMENT) -> Outgoing:
    return Outgoing(room_id, "m.room.message", {"msgtype": "m.text", "body": body}, priority)


def put(engine: Engine, bot: str, *letters: Outgoing, batch: str | None = None) -> None:
    with engine.begin() as connection:
        Outbox(bot, SEAL).put(
            connection, {f"{letter.room_id} {letter.content['body']}": letter for letter in letters}, batch
        )


async def test_a_room_gets_its_messages_in_their_order(engine: Engine, bot: str) -> None:
    port = ScriptedPort()
    port.takes_s = 0.001
    bodies = [str(number) for number in range(30)]
    put(engine, bot, *[said(body, room) for body in bodies for room in ("!a", "!b", "!c")])
    async with delivering(engine, bot, port):
        await until(settled(engine, bot))
    for room in ("!a", "!b", "!c"):
        assert port.server.bodies(room) == bodies


async def test_the_same_key_again_sends_nothing_more(engine: Engine, bot: str) -> None:
    port = ScriptedPort()
    async with delivering(engine, bot, port, doorbell=True):
        for _ in range(3):
            put(engine, bot, said("x"), said("y"))
            await until(settled(engine, bot))
    assert port.server.bodies(ROOM) == ["x", "y"]


async def test_the_most_urgent_room_is_served_first_and_its_own_order_stays(engine: Engine, bot: str) -> None:
    port = ScriptedPort()
    put(engine, bot, *[said("digest", f"!{number}", Priority.DIGEST) for number in range(20)])
    put(engine, bot, said("announced", "!a", Priority.ANNOUNCEMENT))
    put(engine, bot, said("digest before", "!u", Priority.DIGEST), said("urgent", "!u", Priority.URGENT))
    port.takes_s = 0.01
    delivery = Delivery(port, engine, Outbox(bot, SEAL), breaker=Breaker(most_at_once=1))
    running = asyncio.create_task(delivery.run())
    await until(settled(engine, bot))
    await delivery.close(5)
    await running
    order = [(sent.room_id, sent.body) for sent in port.server.sent]
    assert order[0] == ("!u", "digest before")
    assert order.index(("!u", "urgent")) < order.index(("!a", "announced")) < order.index(("!19", "digest"))


async def test_seven_hundred_rooms_are_told_many_at_once_and_the_job_sees_how_far_it_is(
    engine: Engine, bot: str
) -> None:
    port, outbox = ScriptedPort(), Outbox(bot, SEAL)
    port.takes_s = 0.002
    put(engine, bot, *[said("họp", f"!{number}") for number in range(700)], batch="broadcast 1")
    put(engine, bot, said("other"), batch="broadcast 2")

    def progress() -> BatchProgress:
        with engine.connect() as connection:
            return outbox.progress(connection, "broadcast 1")

    assert progress() == BatchProgress(waiting=700, sent=0, dead=0, dropped=0)
    async with delivering(engine, bot, port):
        await until(lambda: progress().sent > 10)
        assert not progress().finished
        await until(lambda: progress().finished)
    assert progress() == BatchProgress(waiting=0, sent=700, dead=0, dropped=0)
    assert port.most_at_once == MOST_AT_ONCE
    assert len({sent.room_id for sent in port.server.sent}) == len(port.server.sent) == 701


async def test_the_sender_hears_of_a_message_from_another_process_at_once(engine: Engine, bot: str) -> None:
    port = ScriptedPort()
    async with delivering(engine, bot, port, doorbell=True):
        put(engine, bot, said("first"))
        await until(lambda: len(port.server.sent) == 1)
        for number in range(5):
            began = asyncio.get_running_loop().time()
            put(engine, bot, said(f"{number}"))
            await until(lambda n=number: len(port.server.sent) == n + 2)
            assert asyncio.get_running_loop().time() - began < 2


@pytest.mark.parametrize(
    "failure",
    [
        RateLimited(429, "M_LIMIT_EXCEEDED", "", "PUT"),
        RequestRefused(500, "M_UNKNOWN", "", "PUT"),
        RequestRefused(503, "", "", "PUT"),
        ServerUnreachable("http://test"),
        BadAnswer("no homeserver"),
        DatabaseUnreachable("the crypto store is away"),
    ],
)
@pytest.mark.parametrize("effect", ["before", "after"])
async def test_what_cannot_be_sent_now_is_sent_later_and_once(
    engine: Engine, bot: str, failure: Exception, effect: str
) -> None:
    """Whether the request or only its answer was lost."""
    port = ScriptedPort()
    setattr(port.server, effect, failing(12, failure))
    put(engine, bot, said("one"), said("two"), said("elsewhere", "!b"))
    async with delivering(engine, bot, port):
        await until(settled(engine, bot))
    assert port.server.bodies(ROOM) == ["one", "two"]
    assert port.server.bodies("!b") == ["elsewhere"]


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (REFUSED, Verdict.REFUSED),
        (RequestRefused(413, "M_TOO_LARGE", "", "PUT"), Verdict.REFUSED),
        (NoSuchRoom(ROOM), Verdict.REFUSED),
        (SessionEnded(401, "M_UNKNOWN_TOKEN", "", "PUT"), Verdict.OUT),
        (RequestRefused(408, "", "", "PUT"), Verdict.AWAY),
        (RequestRefused(502, "", "", "PUT"), Verdict.AWAY),
        (RateLimited(429, "", "", "PUT"), Verdict.SLOWER),
        (KeyError("x"), Verdict.OURS),
        (MatrixError("x"), Verdict.OURS),
    ],
)
def test_each_error_has_its_verdict(error: Exception, verdict: Verdict) -> None:
    assert verdict_of(error) is verdict


async def test_what_is_refused_is_dead_at_once_and_what_follows_is_sent(engine: Engine, bot: str) -> None:
    port = ScriptedPort()
    port.server.before = failing(1, REFUSED)
    put(engine, bot, said("one"), said("two"))
    async with delivering(engine, bot, port):
        await until(settled(engine, bot))
    assert port.server.bodies(ROOM) == ["two"]
    [dead] = rows(
        engine, "select attempts, error, content from bots.outbox where bot = :bot and state = 'dead'", bot=bot
    )
    assert (dead.attempts, dead.error) == (1, str(REFUSED))
    assert dead.content is not None, "an operator can still have it sent"


async def test_a_room_into_which_the_bot_is_let_later_gets_its_messages_then(engine: Engine, bot: str) -> None:
    port = ScriptedPort()
    port.server.before = failing(5, NoSuchRoom(ROOM))
    put(engine, bot, said("one"), said("two"))
    async with delivering(engine, bot, port):
        await until(settled(engine, bot))
    assert port.server.bodies(ROOM) == ["one", "two"]


async def test_a_message_into_a_room_that_keeps_the_bot_out_is_dead_after_an_hour(engine: Engine, bot: str) -> None:
    port, watch = ScriptedPort(), Watch()
    port.server.before = lambda: NoSuchRoom(ROOM)
    put(engine, bot, said("old"))
    async with delivering(engine, bot, port, watch):
        await until(lambda: port.server.requests > 3)
        watch.ahead = LET_IN_WITHIN + timedelta(minutes=1)
        await until(settled(engine, bot))
    assert rows(engine, "select state, tried_at from bots.outbox where bot = :bot", bot=bot) == [("dead", None)]


async def test_what_waits_to_be_let_in_is_dropped_or_says_something_else(engine: Engine, bot: str) -> None:
    port, outbox, out = ScriptedPort(), Outbox(bot, SEAL), True
    port.server.before = lambda: NoSuchRoom(ROOM) if out else None
    put(engine, bot, said("old", "!edited"), batch="edited")
    put(engine, bot, said("old", "!withdrawn"), batch="withdrawn")

    def reworded() -> bool:
        with engine.begin() as connection:
            return outbox.reword(connection, "edited", lambda place: {"body": f"new in {place}"}) == 1

    def withdrawn() -> bool:
        with engine.begin() as connection:
            return outbox.give_up(connection, "withdrawn") == 1

    async with delivering(engine, bot, port):
        await until(lambda: port.server.requests > 5)
        await until(reworded)  # none is while it is being tried
        await until(withdrawn)
        out = False
        await until(settled(engine, bot))
    assert port.server.bodies("!edited") == ["new in !edited"]
    assert port.server.bodies("!withdrawn") == []


async def test_what_may_have_arrived_before_the_bot_was_put_out_says_what_it_said(engine: Engine, bot: str) -> None:
    port, outbox = ScriptedPort(), Outbox(bot, SEAL)
    port.server.after = failing(1, ServerUnreachable("http://test"))
    port.server.before = lambda: NoSuchRoom(ROOM) if port.server.sent else None
    put(engine, bot, said("old"), batch="words")
    async with delivering(engine, bot, port):
        await until(lambda: port.server.requests > 3)
    with engine.begin() as connection:
        assert outbox.progress(connection, "words").waiting == 1
        assert outbox.reword(connection, "words", lambda _: {"body": "new"}) == 0
        assert outbox.give_up(connection, "words") == 0


async def test_an_answer_that_comes_amidst_a_claim_stands_behind_what_was_claimed(
    engine: Engine, bot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, outbox, real = ScriptedPort(), Outbox(bot, SEAL), delivery_module.in_transaction
    put(engine, bot, said("one"), said("two"))
    delivery = Delivery(port, engine, outbox, backoff=QUICK)

    async def answering(engine: Engine, work: Callable[[Connection], Any]) -> Any:
        result = await real(engine, work)
        if isinstance(result, Claim) and result.letters:
            with engine.begin() as connection:
                posted = outbox.answer(connection, "$asked", [said("answer")])
            delivery.hand_over(posted)
        return result

    monkeypatch.setattr(delivery_module, "in_transaction", answering)
    running = asyncio.create_task(delivery.run())
    await until(lambda: len(port.server.sent) == 3)
    await delivery.close(5)
    await running
    assert port.server.bodies(ROOM) == ["one", "two", "answer"]


async def test_what_is_dead_is_never_sent_as_it_was_once_it_was_edited_or_withdrawn(engine: Engine, bot: str) -> None:
    port, outbox = ScriptedPort(), Outbox(bot, SEAL)
    port.server.before = failing(2, REFUSED)
    put(engine, bot, said("old", "!edited"), batch="edited")
    put(engine, bot, said("old", "!withdrawn"), batch="withdrawn")
    async with delivering(engine, bot, port) as delivery:
        await until(settled(engine, bot))
        with engine.begin() as connection:
            assert outbox.reword(connection, "edited", lambda place: {"body": f"new in {place}"}) == 0
            assert outbox.give_up(connection, "withdrawn") == 1
        with engine.begin() as connection:
            resend_letters(connection, Selection(bot=bot, states=(LetterState.DEAD,)), clock.now())
        delivery.ring()
        await until(lambda: bool(port.server.sent) and settled(engine, bot)())
    assert [sent.body for sent in port.server.sent] == ["new in !edited"]


async def test_a_mistake_of_ours_is_tried_a_few_times(engine: Engine, bot: str) -> None:
    port = ScriptedPort()
    port.server.before = failing(MOST_OWN_FAILURES, KeyError("chín triệu"))
    put(engine, bot, said("one"))
    async with delivering(engine, bot, port) as delivery:
        await until(settled(engine, bot))
        assert delivery.breaker_state is BreakerState.CLOSED
    assert port.server.requests == MOST_OWN_FAILURES
    [dead] = rows(engine, "select error from bots.outbox where bot = :bot and state = 'dead'", bot=bot)
    assert "KeyError" in dead.error
    assert "triệu" not in dead.error


async def test_a_message_that_could_not_be_sent_for_days_is_dead(engine: Engine, bot: str) -> None:
    port, watch = ScriptedPort(), Watch()
    port.server.before = lambda: RateLimited(429, "M_LIMIT_EXCEEDED", "", "PUT")
    put(engine, bot, said("old"))
    async with delivering(engine, bot, port, watch):
        await until(lambda: port.server.requests > 3)
        assert rows(engine, "select 1 from bots.outbox where bot = :bot and state = 'dead'", bot=bot) == []
        watch.ahead = GIVE_UP_AFTER + timedelta(minutes=1)
        await until(settled(engine, bot))
    assert rows(engine, "select state from bots.outbox where bot = :bot", bot=bot) == [("dead",)]


async def test_a_server_that_is_down_is_asked_seldom_and_comes_back_to_no_storm(engine: Engine, bot: str) -> None:
    port = ScriptedPort()
    down = True
    port.server.before = lambda: ServerUnreachable("http://test") if down else None
    port.takes_s = 0.005
    put(engine, bot, *[said("x", f"!{number}") for number in range(60)])
    delivery = Delivery(
        port, engine, Outbox(bot, SEAL), breaker=Breaker(backoff=Backoff(0.2, 0.2, lambda: 0.5)), backoff=QUICK
    )
    running = asyncio.create_task(delivery.run())
    await until(lambda: delivery.breaker_state is BreakerState.OPEN)
    asked = port.server.requests
    assert asked < 2 * MOST_AT_ONCE
    began = monotonic()
    await asyncio.sleep(1.0)
    assert port.server.requests - asked <= (monotonic() - began) / 0.2 + 1, "a probe every 0.2 seconds, nothing else"
    down, port.most_at_once = False, 0
    window: list[int] = []
    await until(lambda: window.append(port.most_at_once) or settled(engine, bot)())
    await delivery.close(5)
    await running
    assert len(port.server.sent) == 60
    assert delivery.breaker_state is BreakerState.CLOSED
    assert sorted(set(window) - {0})[0] == 1, "the probe goes alone"


async def test_a_server_that_syncs_again_is_sent_to_at_once(engine: Engine, bot: str) -> None:
    port = ScriptedPort()
    port.server.before = failing(5, ServerUnreachable("http://test"))
    put(engine, bot, *[said("x", f"!{number}") for number in range(5)])
    delivery = Delivery(port, engine, Outbox(bot, SEAL), breaker=Breaker(backoff=Backoff(3600, 3600)), backoff=QUICK)
    running = asyncio.create_task(delivery.run())
    await until(lambda: delivery.breaker_state is BreakerState.OPEN)
    delivery.server_answered()
    await until(settled(engine, bot))
    await delivery.close(5)
    await running
    assert len(port.server.sent) == 5


async def test_what_a_dead_process_held_is_sent_by_the_next_one(engine: Engine, bot: str) -> None:
    port = ScriptedPort()
    put(engine, bot, said("one"), said("two"), said("elsewhere", "!b"))
    with engine.begin() as connection:
        taken = Outbox(bot, SEAL).claim(connection, 10).letters
    port.server.put(ROOM, "m.room.message", {"body": "one"}, taken[0].transaction_id)
    async with delivering(engine, bot, port):
        await until(settled(engine, bot))
    assert port.server.bodies(ROOM) == ["one", "two"]
    assert port.server.bodies("!b") == ["elsewhere"]
    assert port.searched == [], "the homeserver knows a transaction ID for longer than a restart takes"


async def test_after_a_long_time_the_room_is_asked_before_anything_is_sent_again(engine: Engine, bot: str) -> None:
    """The answer was lost, and the homeserver has forgotten the transaction ID since."""
    port, watch = ScriptedPort(), Watch()
    port.server.after = failing(2, ServerUnreachable("http://test"))
    port.server.before = lambda: ServerUnreachable("http://test") if port.server.requests > 2 and down else None
    down = True
    put(engine, bot, said("arrived", "!a"), said("arrived too", "!b"))
    put(engine, bot, said("did not arrive", "!a"))
    async with delivering(engine, bot, port, watch):
        await until(lambda: len(port.server.sent) == 2)
        await until(lambda: port.server.requests > 3)
    port.server.known.clear()
    down = False
    watch.ahead = TRANSACTION_KNOWN_FOR + timedelta(minutes=1)
    async with delivering(engine, bot, port, watch):
        await until(settled(engine, bot))
    assert port.server.bodies("!a") == ["arrived", "did not arrive"]
    assert port.server.bodies("!b") == ["arrived too"]
    states = rows(engine, "select event_id from bots.outbox where bot = :bot and state = 'sent'", bot=bot)
    assert {row.event_id for row in states} == {sent.event_id for sent in port.server.sent}


async def test_an_answer_waits_behind_what_waits_in_its_room(engine: Engine, bot: str) -> None:
    """An answer is handed over in memory; what was put in before it is in the database, and rests."""
    port, outbox = ScriptedPort(), Outbox(bot, SEAL)
    port.server.before = failing(1, RateLimited(429, "M_LIMIT_EXCEEDED", "", "PUT"))
    put(engine, bot, said("announced"))
    async with delivering(engine, bot, port) as delivery:
        await until(lambda: port.server.requests == 1)
        for body in ("answer 1", "answer 2"):
            with engine.begin() as connection:
                posted = outbox.answer(connection, body, [said(body, priority=Priority.REPLY)])
            delivery.hand_over(posted)
        await until(settled(engine, bot))
    assert port.server.bodies(ROOM) == ["announced", "answer 1", "answer 2"]


async def test_what_does_not_open_is_dead_and_says_why(engine: Engine, bot: str) -> None:
    port = ScriptedPort()
    with engine.begin() as connection:
        Outbox(bot, Seal(b"the key before")).put(connection, {"x": said("x")})
    put(engine, bot, said("y"))
    async with delivering(engine, bot, port):
        await until(settled(engine, bot))
    assert port.server.bodies(ROOM) == ["y"]
    [dead] = rows(engine, "select error from bots.outbox where bot = :bot and state = 'dead'", bot=bot)
    assert "restore the secrets" in dead.error


def test_two_senders_never_claim_the_same(engine: Engine, bot: str) -> None:
    outbox = Outbox(bot, SEAL)
    put(engine, bot, *[said("x", f"!{number}") for number in range(10)])
    with engine.begin() as one, engine.begin() as other:
        first = outbox.claim(one, 6).letters
        second = outbox.claim(other, 6).letters
    assert len(first) == 6
    assert not {letter.outbox_id for letter in first} & {letter.outbox_id for letter in second}


def test_what_was_sent_a_month_ago_is_forgotten_and_what_waits_is_not(engine: Engine, bot: str) -> None:
    watch = Watch()
    outbox = Outbox(bot, SEAL, watch)
    put(engine, bot, said("waits", "!w"))
    with engine.begin() as connection:
        outbox.answer(connection, "$e", [said("sent")])
        connection.exec_driver_sql("update bots.outbox set state = 'sent', settled_at = now() where state = 'taken'")
    watch.ahead = KEPT_FOR + timedelta(minutes=1)
    with engine.begin() as connection:
        assert outbox.prune(connection) == 1
    assert rows(engine, "select state from bots.outbox where bot = :bot", bot=bot) == [("waiting",)]


def test_what_has_not_left_yet_can_say_something_else_and_what_may_have_left_cannot(engine: Engine, bot: str) -> None:
    watch = Watch()
    outbox = Outbox(bot, SEAL, watch)
    tomorrow = watch() + timedelta(hours=8)
    with engine.begin() as connection:
        held = [replace(said("old", place), not_before=tomorrow) for place in ("!held", "@held:hue")]
        letters = {f"words {letter.room_id}": letter for letter in (*held, said("old", "!gone"))}
        outbox.put(connection, letters, "words")
        outbox.put(connection, {"other": replace(said("old", "!other"), not_before=tomorrow)}, "other")
        (gone,) = outbox.claim(connection, 10).letters
        assert outbox.is_awaited(connection, "words !gone")
        assert outbox.reword(connection, "words", lambda place: {"body": f"new in {place}"}) == 2
        outbox.settle(connection, [Settlement(gone.outbox_id, LetterState.DEAD, 1, tried_at=watch())])
        assert not outbox.is_awaited(connection, "words !gone")
    watch.ahead = timedelta(hours=9)
    with engine.begin() as connection:
        bodies = {one.room_id: outbox.content_of(one)["body"] for one in outbox.claim(connection, 10).letters}
    assert outbox.content_of(gone)["body"] == "old"
    assert bodies == {"!held": "new in !held", "!other": "old"}
    with engine.begin() as connection:
        assert outbox.reword(connection, "words", lambda place: {"body": place}) == 1, "what waits for a person's room"
