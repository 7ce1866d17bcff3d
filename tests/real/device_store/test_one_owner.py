"""An encrypted device has one owner at a time."""

import asyncio
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from bots.matrix.device import Device, opened
from bots.matrix.errors import DeviceInUse
from bots.matrix.progress import Progress
from bots.matrix.store.errors import DeviceTaken
from bots.matrix.store.postgres import LOCKS, PostgresShelf
from huep.database import Role
from tests.real.device_store.sessions import PEER_KEY, ROOM

LET_GO_WITHIN_S = 10.0


def cut_connections(engine: Engine) -> None:
    """What a restart of the database does to whoever is connected."""
    with engine.connect() as connection:
        connection.execute(
            text("select pg_terminate_backend(pid) from pg_stat_activity where usename = :role"),
            {"role": Role.BOTS.value},
        )


def held(engine: Engine, user_id: str) -> bool:
    """Whether a process has the device at this moment."""
    statement = """
    select exists (
      select from pg_locks
      where locktype = 'advisory' and classid = :locks and objid = number and objsubid = 2 and granted
        and database = (select oid from pg_database where datname = current_database())
    ) from bots.devices where user_id = :user_id
    """
    with engine.connect() as connection:
        return bool(connection.execute(text(statement), {"locks": LOCKS, "user_id": user_id}).scalar_one())


def let_go(engine: Engine, user_id: str) -> bool:
    """Whether the device is nobody's within some seconds: a lock goes when the server sees that its connection did."""
    until = time.monotonic() + LET_GO_WITHIN_S
    while held(engine, user_id):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def test_a_device_has_one_owner_at_a_time(engine: Engine, key_file: Path, user_id: str) -> None:
    first = Device.open(PostgresShelf(engine, key_file), user_id)
    with pytest.raises(DeviceInUse, match="in HueP's database: stop that one first"):
        Device.open(PostgresShelf(engine, key_file), user_id)
    assert held(engine, user_id)
    other = Device.open(PostgresShelf(engine, key_file), f"{user_id}2")
    other.close()
    first.close()
    assert let_go(engine, user_id)
    Device.open(PostgresShelf(engine, key_file), user_id).close()


async def test_after_its_connection_was_cut_the_owner_goes_on(
    engine: Engine, owner_engine: Engine, key_file: Path, user_id: str
) -> None:
    async with opened(PostgresShelf(engine, key_file), user_id) as device:
        device.journal.note(Progress("s1"))
        await device.flush()
        await asyncio.to_thread(cut_connections, owner_engine)
        assert let_go(owner_engine, user_id)
        assert device.crypto.load_inbound_group_sessions().get(ROOM, PEER_KEY, "none") is None
        device.journal.note(Progress("s2"))
        await device.flush()
        assert held(owner_engine, user_id)
    async with opened(PostgresShelf(engine, key_file), user_id) as device:
        assert device.journal.kept().token == "s2"


async def test_an_owner_whose_device_was_taken_meanwhile_writes_nothing_more(
    engine: Engine, owner_engine: Engine, key_file: Path, user_id: str
) -> None:
    old = Device.open(PostgresShelf(engine, key_file), user_id)
    await asyncio.to_thread(cut_connections, owner_engine)
    async with opened(PostgresShelf(engine, key_file), user_id) as new:
        new.journal.note(Progress("new"))
        await new.flush()
        old.journal.note(Progress("old"))
        with pytest.raises(DeviceTaken):
            await old.flush()
    with pytest.raises(DeviceTaken):
        await old.flush()
    old.close()
    async with opened(PostgresShelf(engine, key_file), user_id) as device:
        assert device.journal.kept().token == "new"


async def test_an_owner_of_an_earlier_generation_writes_nothing(
    engine: Engine, owner_engine: Engine, key_file: Path, user_id: str
) -> None:
    """The second lock: even somebody with the connection, but of a time that is over, is refused."""
    device = Device.open(PostgresShelf(engine, key_file), user_id)
    with owner_engine.begin() as connection:
        connection.execute(
            text("update bots.devices set generation = generation + 1 where user_id = :u"), {"u": user_id}
        )
    device.journal.note(Progress("old"))
    with pytest.raises(DeviceTaken):
        await device.flush()
    device.close()
    async with opened(PostgresShelf(engine, key_file), user_id) as again:
        assert again.journal.kept().token is None
