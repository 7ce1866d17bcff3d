"""The starts and ends of every bot, in `bots.runs`: what tells a bot that crashed once from one that keeps crashing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

STOPPED, KILLED = "stopped", "killed"
LOOP_STARTS = 3
LOOP_WITHIN = timedelta(minutes=10)
QUIET = timedelta(hours=1)
"""A loop that goes on is reported again after this."""
KEEP = timedelta(days=30)
REPORT_LOCK = 0x4855_4550_0008
"""Key of the advisory lock of whoever looks for loops."""


@dataclass(frozen=True)
class CrashLoop:
    """A bot that does not stay up."""

    bot: str
    crashes: int
    """Within LOOP_WITHIN."""
    last: str
    """The type of what ended it last, or `killed`."""
    run_id: int
    """Of its last end."""


def begin(connection: Connection, bot: str, now: datetime) -> int:
    """Write down that a bot holds its device; a run of the past that never ended was killed. Returns the run's ID."""
    connection.execute(
        text("update bots.runs set ended_at = :now, ending = :killed where bot = :bot and ended_at is null"),
        {"now": now, "killed": KILLED, "bot": bot},
    )
    connection.execute(text("delete from bots.runs where started_at < :before"), {"before": now - KEEP})
    row = connection.execute(
        text("insert into bots.runs (bot, started_at) values (:bot, :now) returning run_id"), {"bot": bot, "now": now}
    )
    return int(row.scalar_one())


def end(connection: Connection, run_id: int, ending: str, now: datetime) -> None:
    """Write down how a run ended: STOPPED, or the type of what ended it."""
    connection.execute(
        text("update bots.runs set ended_at = :now, ending = :ending where run_id = :id"),
        {"now": now, "ending": ending, "id": run_id},
    )


def note_failed_start(connection: Connection, bot: str, ending: str, now: datetime) -> None:
    """A start that did not come as far as its device."""
    connection.execute(
        text("insert into bots.runs (bot, started_at, ended_at, ending) values (:bot, :now, :now, :ending)"),
        {"bot": bot, "now": now, "ending": ending},
    )


def claim_crash_loops(connection: Connection, now: datetime) -> tuple[CrashLoop, ...]:
    """The bots that keep crashing and were not reported lately, whichever process they ran in; reported from now on.

    Of several processes one gets them.
    """
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": REPORT_LOCK})
    rows = connection.execute(
        text(
            "select bot, count(*) as crashes, max(run_id) as run_id, "
            "(array_agg(ending order by run_id desc))[1] as last from bots.runs "
            "where ended_at > :since and ending <> :stopped group by bot "
            "having count(*) >= :starts and not exists ("
            "  select from bots.runs told where told.bot = runs.bot and told.reported_at > :quiet) order by bot"
        ),
        {"since": now - LOOP_WITHIN, "stopped": STOPPED, "starts": LOOP_STARTS, "quiet": now - QUIET},
    ).all()
    loops = tuple(CrashLoop(row.bot, row.crashes, row.last, row.run_id) for row in rows)
    for loop in loops:
        _note_reported(connection, loop, now)
    return loops


def take_report_back(connection: Connection, loop: CrashLoop) -> None:
    """The operators could not be told: the loop is to be reported again."""
    _note_reported(connection, loop, None)


def _note_reported(connection: Connection, loop: CrashLoop, at: datetime | None) -> None:
    connection.execute(
        text("update bots.runs set reported_at = :at where run_id = :run_id"), {"at": at, "run_id": loop.run_id}
    )


@dataclass(frozen=True)
class LastCrash:
    """When and of what a bot last went down."""

    at: datetime
    ending: str


def last_crash(connection: Connection, bot: str) -> LastCrash | None:
    """For the doctor; None where it never crashed within KEEP."""
    row = connection.execute(
        text(
            "select ended_at, ending from bots.runs where bot = :bot and ended_at is not null and ending <> :stopped "
            "order by ended_at desc limit 1"
        ),
        {"bot": bot, "stopped": STOPPED},
    ).first()
    return None if row is None else LastCrash(row.ended_at, row.ending)
