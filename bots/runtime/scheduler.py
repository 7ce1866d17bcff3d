"""When recurring jobs come due: APScheduler keeps the time in PostgreSQL, and does nothing but enqueue.

A moment's row in `bots.jobs` and the next moment in `bots.schedule` are written in one transaction: a kill in between
loses no moment, and repeats none. Of several processes the one that holds the advisory lock keeps the time.
"""

import pickle
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from apscheduler.executors.base import BaseExecutor
from apscheduler.job import Job as StoredJob
from apscheduler.jobstores.base import JobLookupError
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from bots.runtime.jobs import JobBook, UnknownJob, ask_for, key_of
from huep.clock import PROVINCE_TIMEZONE, Clock, now
from huep.database import DatabaseUnreachable

log = structlog.get_logger(__name__)

LEADER_LOCK = 0x4855_4550_0007
"""Key of the advisory lock of the process that keeps the time."""
AGAIN_AFTER_S = 5.0
"""Until the next look when PostgreSQL is away, or while another process keeps the time."""
JOIN_WITHIN_S = 10.0

Moments = Sequence[datetime]
AWAY = (DBAPIError, DatabaseUnreachable)


Write = Callable[[Connection, JobBook, datetime], bool]


def enqueue(bot: str, job: str) -> Write:
    """What every stored job is: it gives what writes one row for a moment; False where the row was there before.

    What it gives raises UnknownJob where this HueP has no such job.
    """

    def write(connection: Connection, book: JobBook, moment: datetime) -> bool:
        due_at = book.due_at(bot, job, moment)
        new = ask_for(connection, bot, job, key_of(job, moment), due_at)
        if new:
            log.info("a job came due", bot=bot, job=job, moment=moment.isoformat(), due_at=due_at.isoformat())
        return new

    return write


class Noting(BaseExecutor):  # type: ignore[misc]
    """Runs nothing: it notes the moments that have come, and the store writes them with the next one."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.come: dict[str, Moments] = {}

    def submit_job(self, job: StoredJob, run_times: Moments) -> None:
        """Without counting instances: what runs nothing never runs twice at once."""
        self._do_submit_job(job, run_times)

    def _do_submit_job(self, job: StoredJob, run_times: Moments) -> None:
        grace_s = job.misfire_grace_time
        oldest = None if grace_s is None else self._clock() - timedelta(seconds=grace_s)
        in_time = [moment for moment in run_times if oldest is None or moment >= oldest]
        if missed := len(run_times) - len(in_time):
            log.warning("moments of a job were missed", job=job.id, missed=missed)
        self.come[job.id] = in_time


class EnqueuingStore(SQLAlchemyJobStore):  # type: ignore[misc]
    """APScheduler's store, which moves a job to its next moment in the transaction that enqueues the one that came."""

    def __init__(self, engine: Engine, book: JobBook, noting: Noting) -> None:
        super().__init__(engine=engine, tablename="schedule", tableschema="bots")
        self._book = book
        self._noting = noting

    def update_job(self, job: StoredJob) -> None:
        moved = self.jobs_t.update().where(self.jobs_t.c.id == job.id).values(**self._row(job))
        with self.engine.begin() as connection:
            self._enqueue(connection, job)
            if connection.execute(moved).rowcount == 0:
                raise JobLookupError(job.id)
        self._noting.come.pop(job.id, None)

    def _enqueue(self, connection: Connection, job: StoredJob) -> None:
        for moment in self._noting.come.get(job.id, ()):
            try:
                job.func(*job.args)(connection, self._book, moment)
            except UnknownJob as error:
                log.warning("a job is not enqueued", job=job.id, error=str(error))

    def _row(self, job: StoredJob) -> Mapping[str, Any]:
        return {"next_run_time": job.next_run_time.timestamp(), "job_state": pickle.dumps(job.__getstate__())}

    def shutdown(self) -> None:
        """The engine is not ours alone."""


class PatientScheduler(BackgroundScheduler):  # type: ignore[misc]
    """Outlives a PostgreSQL that is away; what is due stays due until it is back."""

    def _process_jobs(self) -> float | None:
        try:
            wait_s: float | None = super()._process_jobs()
        except AWAY as error:
            log.warning("the timetable goes on later", after_s=AGAIN_AFTER_S, error=type(error).__name__)
            return AGAIN_AFTER_S
        return wait_s


class Timetable:
    """Keeps the time in a thread of its own, as long as this process is the one that does."""

    def __init__(self, engine: Engine, book: JobBook, clock: Clock = now) -> None:
        self._engine = engine
        self._book = book
        self._clock = clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="timetable", daemon=True)
        self.leads = threading.Event()
        """Set while this process keeps the time."""

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End it; returns soon, for it does nothing long."""
        self._stop.set()
        self._thread.join(JOIN_WITHIN_S)

    def _keep(self) -> None:
        while not self._stop.is_set():
            try:
                self._lead()
            except AWAY as error:
                log.warning("the timetable goes on later", after_s=AGAIN_AFTER_S, error=type(error).__name__)
            except Exception:
                # A thread that ends would end all jobs without a word.
                log.exception("the timetable goes on later", after_s=AGAIN_AFTER_S)
            self._stop.wait(AGAIN_AFTER_S)

    def _lead(self) -> None:
        """Keep the time while the lock is ours; returns where another process has it, or it was lost."""
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            lock = text("select pg_try_advisory_lock(:key)")
            if not connection.execute(lock, {"key": LEADER_LOCK}).scalar_one():
                return
            scheduler = start_scheduler(self._engine, self._book, self._clock)
            self.leads.set()
            try:
                while not self._stop.wait(AGAIN_AFTER_S):
                    # A connection that was cut has lost the lock: another may lead by now.
                    connection.execute(text("select 1"))
            finally:
                self.leads.clear()
                scheduler.shutdown(wait=False)
                if not connection.invalidated:
                    connection.execute(text("select pg_advisory_unlock(:key)"), {"key": LEADER_LOCK})


def start_scheduler(engine: Engine, book: JobBook, clock: Clock = now) -> PatientScheduler:
    """The running scheduler of all jobs in `book` that recur.

    A stored job of the same trigger is left alone, for replacing it would forget what it missed; one that the book
    does not know is removed.
    """
    noting = Noting(clock)
    scheduler = PatientScheduler(
        timezone=PROVINCE_TIMEZONE,
        jobstores={"default": EnqueuingStore(engine, book, noting)},
        executors={"default": noting},
        job_defaults={"coalesce": True, "max_instances": 1},
    )
    scheduler.start(paused=True)
    wanted = {
        f"{bot}/{job.name}": (bot, job) for bot, jobs in book.jobs.items() for job in jobs if job.trigger is not None
    }
    stored = {job.id: job for job in scheduler.get_jobs()}
    for job_id in sorted(stored.keys() - wanted.keys()):
        log.warning("a stored job that no bot has is removed", job=job_id)
        scheduler.remove_job(job_id)
    for job_id, (bot, job) in wanted.items():
        known = stored.get(job_id)
        grace_s = int(job.grace.total_seconds())
        if known is not None and str(known.trigger) == str(job.trigger) and known.misfire_grace_time == grace_s:
            continue
        scheduler.add_job(
            enqueue, job.trigger, args=(bot, job.name), id=job_id, misfire_grace_time=grace_s, replace_existing=True
        )
    scheduler.resume()
    return scheduler
