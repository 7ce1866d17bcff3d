"""What a bot does without being asked: recurring jobs, and those that come due once.

A job that came due is a row of `bots.jobs`, unique by bot and key, so that the same thing is never done twice, however
often it is asked for. The row outlives the process; `job_worker` carries it out.
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from apscheduler.triggers.base import BaseTrigger
from sqlalchemy import Connection, text

from bots.runtime.outcome import Outcome
from bots.runtime.tools import Tools
from huep.errors import HuepError

NextWorkingMoment = Callable[[datetime], datetime]
"""The moment itself where offices work then, else when they next begin."""

MISFIRE_GRACE = timedelta(hours=6)
"""A job that the machine slept through is made up for so long; the last of several missed moments stands for all."""
KEEP = timedelta(days=30)
RETRY_FIRST, RETRY_LONGEST = timedelta(seconds=10), timedelta(hours=1)
MOST_ATTEMPTS = 8


class UnknownJob(HuepError):
    """A job that no bot of this HueP has."""


class JobState(StrEnum):
    """How far a job came."""

    OPEN = "open"
    DONE = "done"
    DEAD = "dead"
    """Given up after MOST_ATTEMPTS; `huep bots doctor` says so."""


@dataclass(frozen=True)
class JobCall:
    """One job that is due."""

    bot: str
    name: str
    key: str
    arguments: Mapping[str, Any]
    due_at: datetime


@dataclass(frozen=True)
class Job:
    """Something that a bot can do without being asked."""

    name: str
    work: Callable[[JobCall, Tools], Awaitable[Outcome]]
    """Safe to repeat: what it gives is committed once, together with the job's being done."""
    trigger: BaseTrigger | None = None
    """When it recurs, in Asia/Ho_Chi_Minh; None for one that is only ever asked for."""
    in_working_time: bool = False
    """Put off until offices work where its moment falls on a holiday, at night or at noon."""
    grace: timedelta = MISFIRE_GRACE


@dataclass(frozen=True)
class JobBook:
    """The jobs of all bots, by bot and name; whichever process keeps the time keeps it for all.

    Args:
        jobs: by bot.
        next_working_moment: of the province's offices; without it no job can ask for working time.
    """

    jobs: Mapping[str, tuple[Job, ...]]
    next_working_moment: NextWorkingMoment | None = None
    _by_name: Mapping[tuple[str, str], Job] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_name: dict[tuple[str, str], Job] = {}
        for bot, jobs in self.jobs.items():
            for job in jobs:
                if by_name.setdefault((bot, job.name), job) is not job:
                    raise ValueError(f"{bot} has two jobs called {job.name!r}")
                if job.in_working_time and self.next_working_moment is None:
                    raise ValueError(f"{bot}: {job.name!r} asks for working time, and nobody knows the calendar")
        object.__setattr__(self, "_by_name", by_name)

    def find(self, bot: str, name: str) -> Job:
        """The job of that name.

        Raises:
            UnknownJob: there is none, or no longer.
        """
        try:
            return self._by_name[bot, name]
        except KeyError as error:
            raise UnknownJob(f"The bot {bot!r} has no job {name!r}: another version may have had it.") from error

    def due_at(self, bot: str, name: str, moment: datetime) -> datetime:
        """When the job is to be begun that is meant for `moment`."""
        if self.find(bot, name).in_working_time and self.next_working_moment is not None:
            return self.next_working_moment(moment)
        return moment


def key_of(name: str, moment: datetime) -> str:
    """The same for the same job and moment for ever."""
    return f"{name}@{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def ask_for(
    connection: Connection, bot: str, name: str, key: str, due_at: datetime, arguments: Mapping[str, Any] | None = None
) -> bool:
    """Have a job done once, at `due_at` or soon after; False where this key was asked for before.

    A handler puts it among its writes, so that it stands exactly when the rest of its outcome does.
    """
    row = connection.execute(
        text(
            "insert into bots.jobs (bot, name, key, arguments, due_at) "
            "values (:bot, :name, :key, cast(:arguments as jsonb), :due_at) "
            "on conflict (bot, key) do nothing returning job_id"
        ),
        {"bot": bot, "name": name, "key": key, "arguments": json.dumps(dict(arguments or {})), "due_at": due_at},
    ).first()
    return row is not None


@dataclass(frozen=True)
class DueJob:
    """A row that is being worked on; locked by the transaction that read it."""

    job_id: int
    call: JobCall
    attempts: int


def claim(connection: Connection, bot: str, now: datetime) -> DueJob | None:
    """The job of `bot` that has been due longest; None where none is."""
    row = connection.execute(
        text(
            "select job_id, name, key, arguments, due_at, attempts from bots.jobs "
            "where bot = :bot and state = 'open' and due_at <= :now order by due_at, job_id limit 1 "
            "for update skip locked"
        ),
        {"bot": bot, "now": now},
    ).first()
    if row is None:
        return None
    return DueJob(row.job_id, JobCall(bot, row.name, row.key, row.arguments, row.due_at), row.attempts)


def settle(connection: Connection, due: DueJob, state: JobState, now: datetime, error: str | None = None) -> None:
    """Write down that a job was done, or given up."""
    connection.execute(
        text("update bots.jobs set state = :state, settled_at = :now, last_error = :error where job_id = :job_id"),
        {"state": state.value, "now": now, "error": error, "job_id": due.job_id},
    )


def put_off(connection: Connection, due: DueJob, now: datetime, error: str) -> JobState:
    """Have a job that failed tried again later, or give it up; returns which."""
    attempts = due.attempts + 1
    if attempts >= MOST_ATTEMPTS:
        settle(connection, due, JobState.DEAD, now, error)
        return JobState.DEAD
    pause = min(RETRY_FIRST * 2 ** (attempts - 1), RETRY_LONGEST)
    connection.execute(
        text("update bots.jobs set attempts = :attempts, due_at = :due_at, last_error = :error where job_id = :job_id"),
        {"attempts": attempts, "due_at": now + pause, "error": error, "job_id": due.job_id},
    )
    return JobState.OPEN


def forget(connection: Connection, now: datetime) -> None:
    """Delete what was done longer ago than KEEP; what was given up stays for the operator."""
    done = text("delete from bots.jobs where state = 'done' and settled_at < :before")
    connection.execute(done, {"before": now - KEEP})


@dataclass(frozen=True)
class JobFigures:
    """How the jobs of one bot stand."""

    open: int
    dead: int
    lag_s: float
    """For how long the oldest that is due has waited; 0 where none is."""


def figures(connection: Connection, bots: Iterable[str], now: datetime) -> dict[str, JobFigures]:
    """By bot."""
    rows = connection.execute(
        text(
            "select bot, count(*) filter (where state = 'open') as open, "
            "count(*) filter (where state = 'dead') as dead, "
            "coalesce(extract(epoch from :now - min(due_at) filter (where state = 'open')), 0) as lag "
            "from bots.jobs where state <> 'done' group by bot"
        ),
        {"now": now},
    )
    found = {row.bot: JobFigures(row.open, row.dead, max(0.0, float(row.lag))) for row in rows}
    return {bot: found.get(bot, JobFigures(0, 0, 0.0)) for bot in bots}
