"""Jobs in PostgreSQL: each moment once, whatever is killed between two steps, and only what a bot knows."""

import asyncio
import pickle
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from bots.runtime import jobs, scheduler
from bots.runtime.job_worker import JobWorker
from bots.runtime.jobs import MOST_ATTEMPTS, Job, JobBook, JobCall, UnknownJob, ask_for, key_of
from bots.runtime.outbox import Outbox
from bots.runtime.outcome import Outcome, Outgoing
from bots.runtime.preferences import DatabasePreferences
from bots.runtime.scheduler import Timetable, start_scheduler
from bots.runtime.tools import Tools
from bots.sealing import Seal
from huep.clock import PROVINCE_TIMEZONE
from huep.database import Role
from huep.directory.reader import Directory
from tests.conftest import Databases

BOT = "assistant"
NOW = datetime(2026, 2, 16, 8, 0, tzinfo=UTC)
DAILY = CronTrigger(hour=(datetime.now(PROVINCE_TIMEZONE).hour + 12) % 24, timezone=PROVINCE_TIMEZONE)
"""Due about half a day ago and half a day from now, whenever the tests run."""
REMINDER = Outgoing("!r", "m.room.message", {"msgtype": "m.text", "body": "nhắc việc"})


@pytest.fixture(autouse=True)
def nothing_yet(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("delete from bots.jobs"))
        connection.execute(text("delete from bots.schedule"))
        connection.execute(text("delete from bots.outbox"))


class BrokenOutbox(Outbox):
    """The disk is full as a message is put in."""

    def put(self, *_: object, **__: object) -> None:
        raise ValueError("a person's words")


def letters(engine: Engine) -> list[str]:
    """The rooms for which something waits."""
    with engine.connect() as connection:
        return list(connection.execute(text("select room_id from bots.outbox")).scalars())


class Duty:
    """A job that counts its calls."""

    def __init__(self, *failures: Exception) -> None:
        self.calls: list[JobCall] = []
        self.failures = list(failures)

    async def __call__(self, call: JobCall, tools: Tools) -> Outcome:
        self.calls.append(call)
        if self.failures:
            raise self.failures.pop(0)
        return Outcome((REMINDER,))


def tools(databases: Databases, engine: Engine, now: datetime = NOW) -> Tools:
    return Tools(
        databases.settings,
        engine,
        Directory(engine),
        DatabasePreferences(engine),
        lambda: now,
        "@tro-ly:test.localhost",
        Seal(b"a secret of the tests"),
        BOT,
        databases.state.read_secret,
    )


def worker(
    databases: Databases, engine: Engine, book: JobBook, now: datetime = NOW, outbox: type[Outbox] = Outbox
) -> JobWorker:
    return JobWorker(BOT, book, tools(databases, engine, now), outbox("tro-ly", Seal(b"a secret of the tests")))


def rows(engine: Engine) -> list[tuple[str, str, int]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text("select key, state, attempts from bots.jobs order by 1"))]


def ask(engine: Engine, key: str = "k", due_at: datetime = NOW, name: str = "remind", **arguments: object) -> bool:
    with engine.begin() as connection:
        return ask_for(connection, BOT, name, key, due_at, arguments)


async def test_what_is_asked_for_twice_is_done_once(databases: Databases, engine: Engine) -> None:
    duty = Duty()
    working = worker(databases, engine, JobBook({BOT: (Job("remind", duty),)}))
    assert [ask(engine, week=7), ask(engine, week=8)] == [True, False]
    assert await working.work_one()
    assert not await working.work_one()
    assert [call.arguments for call in duty.calls] == [{"week": 7}]
    assert letters(engine) == [REMINDER.room_id]
    assert rows(engine) == [("k", "done", 0)]
    assert not ask(engine), "what was done is not done again"


async def test_nothing_is_begun_before_its_time(databases: Databases, engine: Engine) -> None:
    duty = Duty()
    book = JobBook({BOT: (Job("remind", duty),)})
    ask(engine, "later", NOW + timedelta(minutes=1))
    assert not await worker(databases, engine, book).work_one()
    assert await worker(databases, engine, book, NOW + timedelta(minutes=1)).work_one()
    assert [call.key for call in duty.calls] == ["later"]


async def test_a_failure_takes_everything_back_and_is_tried_again_later(databases: Databases, engine: Engine) -> None:
    duty, book_of = Duty(), lambda duty: JobBook({BOT: (Job("remind", duty),)})
    ask(engine)
    await worker(databases, engine, book_of(duty), outbox=BrokenOutbox).work_one()
    assert rows(engine) == [("k", "open", 1)]
    assert letters(engine) == []
    assert not await worker(databases, engine, book_of(duty)).work_one(), "not at once"
    later = NOW
    for _ in range(MOST_ATTEMPTS):
        later += timedelta(hours=2)
        await worker(databases, engine, book_of(Duty(ValueError("a person's words"))), later).work_one()
    assert rows(engine) == [("k", "dead", MOST_ATTEMPTS - 1)]
    with engine.connect() as connection:
        assert connection.execute(text("select last_error from bots.jobs")).scalar_one() == "ValueError"
        assert jobs.figures(connection, [BOT], later)[BOT].dead == 1


async def test_a_job_that_no_bot_has_is_given_up_and_holds_up_nobody(databases: Databases, engine: Engine) -> None:
    duty = Duty()
    ask(engine, "a", NOW - timedelta(hours=1), "forgotten")
    ask(engine, "b")
    working = worker(databases, engine, JobBook({BOT: (Job("remind", duty),)}))
    while await working.work_one():
        pass
    assert rows(engine) == [("a", "dead", 0), ("b", "done", 0)]


async def test_two_workers_never_do_the_same_job(databases: Databases, engine: Engine) -> None:
    duty = Duty()
    for number in range(6):
        ask(engine, f"k{number}")
    working = [worker(databases, engine, JobBook({BOT: (Job("remind", duty),)})) for _ in range(2)]
    for _ in range(4):
        await asyncio.gather(*(one.work_one() for one in working))
    assert sorted(call.key for call in duty.calls) == [f"k{number}" for number in range(6)]


async def test_the_lag_is_that_of_the_oldest_that_is_due(databases: Databases, engine: Engine) -> None:
    ask(engine, "old", NOW - timedelta(seconds=90))
    ask(engine, "later", NOW + timedelta(hours=1))
    with engine.connect() as connection:
        found = jobs.figures(connection, [BOT, "other"], NOW)
    assert (found[BOT].open, found[BOT].lag_s) == (2, 90.0)
    assert found["other"].lag_s == 0


def test_working_time_puts_a_moment_off() -> None:
    monday = datetime(2026, 2, 23, 1, 0, tzinfo=UTC)
    job = Job("remind", Duty(), in_working_time=True)
    assert JobBook({BOT: (job,)}, lambda _: monday).due_at(BOT, "remind", NOW) == monday
    assert JobBook({BOT: (Job("remind", Duty()),)}, lambda _: monday).due_at(BOT, "remind", NOW) == NOW
    with pytest.raises(ValueError, match="nobody knows the calendar"):
        JobBook({BOT: (job,)})
    with pytest.raises(UnknownJob, match="'other'"):
        JobBook({BOT: (job,)}, lambda _: monday).due_at(BOT, "other", NOW)
    with pytest.raises(ValueError, match="two jobs called 'remind'"):
        JobBook({BOT: (Job("remind", Duty()), Job("remind", Duty()))})


# ---- The timetable


def book(*others: Job) -> JobBook:
    return JobBook({BOT: (Job("digest", Duty(), DAILY), *others)})


def wind_back(engine: Engine, **delta: int) -> float:
    """Let the stored job have been due so long ago; returns that moment."""
    moment = (datetime.now(UTC) - timedelta(**delta)).replace(microsecond=0).timestamp()
    with engine.begin() as connection:
        connection.execute(text("update bots.schedule set next_run_time = :moment"), {"moment": moment})
        state = connection.execute(text("select job_state from bots.schedule")).scalar_one()
        stored = pickle.loads(state)
        stored["next_run_time"] = datetime.fromtimestamp(moment, PROVINCE_TIMEZONE)
        connection.execute(text("update bots.schedule set job_state = :state"), {"state": pickle.dumps(stored)})
    return moment


def next_run(engine: Engine) -> float | None:
    with engine.connect() as connection:
        return connection.execute(text("select next_run_time from bots.schedule")).scalar_one_or_none()


def until(happened: object, within_s: float = 20.0) -> None:
    deadline = time.monotonic() + within_s
    while not happened():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)


def test_a_missed_moment_is_made_up_for_once_however_often_the_process_restarts(engine: Engine) -> None:
    start_scheduler(engine, book()).shutdown()
    planned = next_run(engine)
    assert rows(engine) == []
    moment = wind_back(engine, minutes=90)
    for _ in range(3):
        running = start_scheduler(engine, book())
        until(lambda: next_run(engine) == planned)
        running.shutdown()
    assert [key for key, *_ in rows(engine)] == [key_of("digest", datetime.fromtimestamp(moment, UTC))]


def test_what_was_missed_for_longer_than_its_grace_is_let_go(engine: Engine) -> None:
    start_scheduler(engine, book()).shutdown()
    planned = next_run(engine)
    wind_back(engine, hours=8)
    running = start_scheduler(engine, book())
    until(lambda: next_run(engine) == planned)
    running.shutdown()
    assert rows(engine) == []


def test_the_row_and_the_next_moment_stand_together_or_not_at_all(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    start_scheduler(engine, book()).shutdown()
    planned, moment = next_run(engine), wind_back(engine, minutes=5)
    failed = threading.Event()
    real = scheduler.enqueue

    def killed_after_the_row(bot: str, job: str) -> scheduler.Write:
        def write(connection: Connection, book: JobBook, moment: datetime) -> bool:
            real(bot, job)(connection, book, moment)
            failed.set()
            raise OperationalError("insert", {}, Exception("the server closed the connection"))

        return write

    monkeypatch.setattr(scheduler, "enqueue", killed_after_the_row)
    running = start_scheduler(engine, book())
    assert failed.wait(20)
    running.shutdown()
    assert (rows(engine), next_run(engine)) == ([], moment)
    monkeypatch.undo()
    running = start_scheduler(engine, book())
    until(lambda: next_run(engine) == planned)
    running.shutdown()
    assert len(rows(engine)) == 1


def test_a_stored_job_that_no_bot_has_is_removed_and_a_changed_one_is_replaced(engine: Engine) -> None:
    start_scheduler(engine, book(Job("old", Duty(), DAILY))).shutdown()
    with engine.begin() as connection:
        connection.execute(text("insert into bots.schedule values ('assistant/broken', 0, 'not a pickle'::bytea)"))
    later = CronTrigger(hour=9, timezone=PROVINCE_TIMEZONE)
    running = start_scheduler(engine, JobBook({BOT: (Job("digest", Duty(), later),)}))
    assert {job.id: str(job.trigger) for job in running.get_jobs()} == {"assistant/digest": str(later)}
    running.shutdown()


def test_one_of_two_processes_keeps_the_time_and_the_other_takes_over(
    engine: Engine, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "AGAIN_AFTER_S", 0.2)
    second_engine = databases.engine(Role.BOTS)
    first, second = Timetable(engine, book()), Timetable(second_engine, book())
    first.start()
    assert first.leads.wait(20)
    second.start()
    assert not second.leads.wait(1.0)
    first.stop()
    assert second.leads.wait(20)
    assert not first.leads.is_set()
    second.stop()
    second_engine.dispose()
