"""Waiting for PostgreSQL: a restart of the database costs time, and nothing else."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from bots.runtime.backoff import Backoff
from bots.threads import in_thread
from huep.database import DatabaseUnreachable

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

PAUSES = Backoff(first_s=0.1, longest_s=3.0)

PASSING_SQLSTATES = ("08", "40", "53300", "57P")
"""Connection lost, serialisation or deadlock, too many connections, shutting or starting up.

Source: PostgreSQL, Appendix A, by the beginnings of its codes.
"""


def is_passing(error: BaseException) -> bool:
    """Whether `error` says that the database, or a connection to it, is not to be had now, and nothing of what it was
    asked.
    """
    if isinstance(error, DatabaseUnreachable | PoolExhausted):
        return True
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or str(getattr(error.orig, "sqlstate", None) or "").startswith(
        PASSING_SQLSTATES
    )


async def patiently(work: Callable[[], Awaitable[Result]]) -> Result:
    """What `work` gives; while the database is away it is done again from its start, so it must be safe to repeat."""
    failures = 0
    while True:
        try:
            return await work()
        except Exception as error:
            if not is_passing(error):
                raise
            failures += 1
            pause_s = PAUSES.pause_s(failures)
            log.warning("the database is away, asking again", pause_s=round(pause_s, 1), error=type(error).__name__)
        await asyncio.sleep(pause_s)


async def is_set_within(event: asyncio.Event, seconds: float) -> bool:
    """Whether `event` is set within so many seconds; waits no longer than for it."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def in_transaction(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    """What `work` gives on a connection of its own, in a thread; committed when it returns, else rolled back.

    Who is cancelled meanwhile goes on when the transaction has ended: whoever comes after reads nothing that is
    about to change.
    """

    def run() -> Result:
        with engine.begin() as connection:
            return work(connection)

    return await in_thread(run)
