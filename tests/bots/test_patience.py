"""Waiting for PostgreSQL, and for a connection to it."""

import asyncio
import threading

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import QueuePool

from bots.runtime.patience import in_transaction, patiently
from huep.database import Role
from tests.conftest import Databases


async def test_a_pool_whose_connections_are_all_in_use_costs_time_and_nothing_else(databases: Databases) -> None:
    role = databases.engine(Role.BOTS)
    narrow = create_engine(role.url, poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=0.05)
    try:
        with narrow.connect():
            asking = asyncio.create_task(
                patiently(lambda: in_transaction(narrow, lambda c: c.execute(text("select 7")).scalar_one()))
            )
            await asyncio.sleep(0.5)
            assert not asking.done()
        assert await asyncio.wait_for(asking, 10) == 7
    finally:
        narrow.dispose()
        role.dispose()


async def test_a_mistake_in_what_is_asked_is_raised_at_once(databases: Databases) -> None:
    engine = databases.engine(Role.BOTS)
    try:
        with pytest.raises(ProgrammingError):
            await patiently(lambda: in_transaction(engine, lambda c: c.execute(text("select nothing"))))
    finally:
        engine.dispose()


async def test_whoever_is_cancelled_goes_on_when_the_transaction_has_ended(engine: Engine, bot: str) -> None:
    began, person = threading.Event(), f"@an:{bot}"

    def work(connection: Connection) -> None:
        connection.execute(
            text("insert into bots.preferences (user_id, locale) values (:user, 'vi')"), {"user": person}
        )
        began.set()
        connection.execute(text("select pg_sleep(0.3)"))

    task = asyncio.create_task(in_transaction(engine, work))
    await asyncio.to_thread(began.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with engine.connect() as connection:
        kept = connection.execute(text("select locale from bots.preferences where user_id = :user"), {"user": person})
        assert kept.scalar_one_or_none() == "vi"
