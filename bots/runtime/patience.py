"""Asking again while PostgreSQL comes back: a restart of the database must not reach the person who asks."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from huep.database import DatabaseUnreachable

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

PAUSES_S = (0.2, 0.5, 1.0, 2.0, 4.0, 4.0, 4.0)
"""Longer than PostgreSQL needs to be started again after a kill and to recover."""


async def patiently(work: Callable[[], Awaitable[Result]]) -> Result:
    """What `work` gives; while the database is away it is done again from its start, so it must be safe to repeat.

    Raises:
        DatabaseUnreachable, DBAPIError: the database was still away after all of PAUSES_S.
    """
    for pause_s in PAUSES_S:
        try:
            return await work()
        except (DatabaseUnreachable, DBAPIError) as error:
            if not _is_passing(error):
                raise
            log.warning("the database is away, asking again", pause_s=pause_s, error=type(error).__name__)
            await asyncio.sleep(pause_s)
    return await work()


def _is_passing(error: DatabaseUnreachable | DBAPIError) -> bool:
    if isinstance(error, DatabaseUnreachable):
        return True
    return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
