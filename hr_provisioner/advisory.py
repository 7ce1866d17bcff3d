"""PostgreSQL's advisory locks: what keeps two processes, or two lanes, from the same work.

A lock goes with its connection, so a process that dies frees what it held.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from enum import IntEnum

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from hr_provisioner.language import OfficerError
from huep.catalogue import Message
from huep.directory.model import PersonKey


class Work(IntEnum):
    """What only one process at a time may do; the value is the lock's key."""

    APPLY = 7_310_001
    """Carry out a plan of the register; the fast lane does without."""
    ROOMS = 7_310_002
    """Make rooms."""
    JOINS = 7_310_003
    """Work off the open memberships."""


class AlreadyRunning(OfficerError):
    """Another apply holds the lock."""

    def __init__(self) -> None:
        super().__init__(Message("already-running"))


@contextmanager
def trying(engine: Engine, work: Work) -> Iterator[bool]:
    """Hold the lock of `work` if nobody else does; tells whether it is held."""
    with engine.connect() as connection:
        got = connection.execute(text("select pg_try_advisory_lock(:key)"), {"key": work}).scalar_one()
        connection.commit()
        try:
            yield bool(got)
        finally:
            if got:
                _release(connection, work)


@contextmanager
def exclusively(engine: Engine) -> Iterator[None]:
    """Hold the lock of the apply.

    Raises:
        AlreadyRunning: another process holds it.
    """
    with trying(engine, Work.APPLY) as got:
        if not got:
            raise AlreadyRunning
        yield


@asynccontextmanager
async def waiting(engine: Engine, work: Work) -> AsyncIterator[None]:
    """Hold the lock of `work`, once whoever has it is done; meanwhile the event loop goes on."""
    with engine.connect() as connection:
        await asyncio.to_thread(connection.execute, text("select pg_advisory_lock(:key)"), {"key": work})
        connection.commit()
        try:
            yield
        finally:
            _release(connection, work)


def is_held(connection: Connection, work: Work) -> bool:
    """Whether some process holds the lock; asks without taking it."""
    query = text(
        "select exists (select from pg_locks join pg_database d on d.oid = database "
        "where locktype = 'advisory' and classid = 0 and objid = :key and d.datname = current_database())"
    )
    return bool(connection.execute(query, {"key": work}).scalar_one())


@asynccontextmanager
async def holding_people(
    engine: Engine, keys: Collection[PersonKey], patience: timedelta | None = None
) -> AsyncIterator[bool]:
    """Keep the other lane from opening or shutting these people's accounts meanwhile; False: `patience` ran out.

    Taken in one order by everybody, so that nobody waits in a circle. Without `patience` it waits as long as it takes.
    """
    if not keys:
        yield True
        return
    with engine.connect() as connection:
        try:
            await asyncio.to_thread(_lock_people, connection, sorted({_key_of(key) for key in keys}), patience)
        except OperationalError:
            connection.rollback()
            yield False
            return
        try:
            yield True
        finally:
            await asyncio.to_thread(connection.rollback)


def _lock_people(connection: Connection, keys: list[int], patience: timedelta | None) -> None:
    """For the rest of the transaction of `connection`."""
    if patience is not None:
        limit = f"{int(patience.total_seconds() * 1000)}ms"
        connection.execute(text("select set_config('lock_timeout', :limit, true)"), {"limit": limit})
    connection.execute(
        text("select pg_advisory_xact_lock(key) from unnest(cast(:keys as bigint[])) as key"), {"keys": keys}
    )


def _key_of(person: PersonKey) -> int:
    return int.from_bytes(person.bytes[:8], signed=True)


def _release(connection: Connection, work: Work) -> None:
    connection.execute(text("select pg_advisory_unlock(:key)"), {"key": work})
    connection.commit()
