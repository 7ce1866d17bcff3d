"""Messages that are no answer and not urgent: held back until offices work, and nothing waits for them meanwhile."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from bots.language.calendar.working_time import WorkingCalendar
from bots.runtime.mail_figures import read_figures
from bots.runtime.outbox import GIVE_UP_AFTER, Outbox
from bots.runtime.outcome import Outgoing, Priority
from tests.bots.letters import ROOM, ScriptedPort, rows
from tests.bots.running import SEAL, settled
from tests.bots.test_outbox import Watch, delivering, said
from tests.clients.waiting import until

ELSEWHERE = "!elsewhere:hue.localhost"


def held(watch: Watch, body: str, room_id: str = ROOM, by: timedelta = timedelta(hours=8)) -> Outgoing:
    return replace(said(body, room_id), not_before=watch() + by)


async def test_what_is_held_back_is_sent_when_its_moment_comes_and_nothing_waits_for_it(
    engine: Engine, bot: str
) -> None:
    port, watch = ScriptedPort(), Watch()
    outbox = Outbox(bot, SEAL, watch)
    with engine.begin() as connection:
        outbox.put(connection, {"1": held(watch, "held"), "2": held(watch, "held too", ELSEWHERE)})
        outbox.put(connection, {"3": said("urgent", priority=Priority.URGENT)})
    async with delivering(engine, bot, port, watch) as delivery:
        await until(lambda: len(port.server.sent) == 1)
        with engine.begin() as connection:
            posted = outbox.answer(connection, "$asked", [said("answer"), held(watch, "held answer")])
        assert (len(posted.letters), posted.waiting) == (1, 1), "an answer is in the sender's hands at once"
        delivery.hand_over(posted)
        await until(lambda: len(port.server.sent) == 2)
        for _ in range(3):
            delivery.ring()
            await asyncio.sleep(0.05)
        assert port.server.bodies(ROOM) == ["urgent", "answer"]
        watch.ahead = timedelta(hours=9)
        delivery.ring()
        await until(settled(engine, bot))
    assert port.server.bodies(ROOM) == ["urgent", "answer", "held", "held answer"]
    assert port.server.bodies(ELSEWHERE) == ["held too"]


async def test_the_sender_wakes_by_itself_when_the_moment_comes(engine: Engine, bot: str) -> None:
    port, watch = ScriptedPort(), Watch()
    with engine.begin() as connection:
        Outbox(bot, SEAL).put(connection, {"1": held(watch, "held", by=timedelta(seconds=1.5))})
    async with delivering(engine, bot, port, watch):
        await until(lambda: bool(port.server.sent), within_s=15)
        await until(settled(engine, bot))


def test_a_claim_leaves_what_is_held_back_where_it_is(engine: Engine, bot: str) -> None:
    watch = Watch()
    outbox = Outbox(bot, SEAL, watch)
    with engine.begin() as connection:
        outbox.put(connection, {"1": held(watch, "held"), "2": said("first"), "3": held(watch, "held"), "4": said("x")})
        outbox.put(connection, {"0": replace(held(watch, "held", ELSEWHERE), priority=Priority.URGENT)})
        claim = outbox.claim(connection, 1)
    assert [outbox.content_of(letter)["body"] for letter in claim.letters] == ["first", "x"]
    assert claim.waiting == 0
    assert claim.next_due_at is not None
    assert claim.next_due_at > watch() + timedelta(hours=7)


def test_holidays_longer_than_our_patience_kill_no_message_and_are_no_lag(engine: Engine, bot: str) -> None:
    """Put in on the evening before Tết, to be sent when offices open: the three days of trying begin then."""
    evening = datetime(2026, 2, 13, 12, 0, tzinfo=UTC)
    opens = WorkingCalendar().next_working_moment(evening)
    assert opens - evening > GIVE_UP_AFTER
    with engine.begin() as connection:
        outbox = Outbox(bot, SEAL, lambda: evening)
        outbox.put(connection, {"1": replace(said("held"), not_before=opens)})
        before = read_figures(connection, [bot], opens - timedelta(minutes=1))[bot]
        after = read_figures(connection, [bot], opens + timedelta(minutes=1))[bot]
    assert (before.outbox_open, before.outbox_lag_s, after.outbox_lag_s) == (1, 0.0, 60.0)
    [row] = rows(engine, "select give_up_at from bots.outbox where bot = :bot", bot=bot)
    assert row.give_up_at == opens + GIVE_UP_AFTER
