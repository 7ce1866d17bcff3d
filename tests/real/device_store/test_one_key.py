"""What a device keeps is closed under one key, row by row."""

import asyncio
from pathlib import Path

import pytest
from nio.crypto import (
    OlmAccount,
)
from sqlalchemy import Engine, text

from bots.matrix.device import Device, Session, opened
from bots.matrix.progress import OpenInvite, Progress
from bots.matrix.store.errors import RowTampered, StoreKeyMissing, StoreKeyWrong
from bots.matrix.store.postgres import PostgresShelf


def test_the_key_is_never_made_anew_while_there_are_rows(
    engine: Engine, key_file: Path, user_id: str, tmp_path: Path
) -> None:
    Device.open(PostgresShelf(engine, key_file), user_id).close()
    elsewhere = tmp_path / "bots-store-key"
    for who in (user_id, f"{user_id}2"):
        with pytest.raises(StoreKeyMissing, match="restore that file"):
            Device.open(PostgresShelf(engine, elsewhere), who)
    assert not elsewhere.exists()
    elsewhere.write_text("00" * 32)
    with pytest.raises(StoreKeyWrong, match=r"bots-store-key is not the key .* restore that file"):
        Device.open(PostgresShelf(engine, elsewhere), user_id)
    Device.open(PostgresShelf(engine, key_file), user_id).close()


async def test_a_row_that_somebody_changed_or_moved_is_not_used(
    engine: Engine, owner_engine: Engine, key_file: Path, user_id: str
) -> None:
    users = (user_id, f"{user_id}2")
    for user in users:
        async with opened(PostgresShelf(engine, key_file), user) as device:
            device.write_seeds({"seeds": user})
    moved = """
      update bots.device_rows into_row set sealed = from_row.sealed, name = from_row.name
      from bots.device_rows from_row
      where into_row.kind = 'seeds' and from_row.kind = 'seeds'
        and into_row.device = (select number from bots.devices where user_id = :into)
        and from_row.device = (select number from bots.devices where user_id = :from)
    """
    with owner_engine.begin() as connection:
        connection.execute(text(moved), {"into": users[0], "from": users[1]})
    with pytest.raises(RowTampered, match="'seeds' was changed by somebody else"):
        Device.open(PostgresShelf(engine, key_file), users[0])
    with owner_engine.begin() as connection:
        connection.execute(
            text(
                "update bots.device_rows set sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1) where kind = 'seeds' "
                "and device = (select number from bots.devices where user_id = :u)"
            ),
            {"u": users[1]},
        )
    with pytest.raises(RowTampered):
        Device.open(PostgresShelf(engine, key_file), users[1])


def test_nothing_secret_and_no_name_stands_in_the_database(engine: Engine, key_file: Path, user_id: str) -> None:
    async def keep() -> None:
        async with opened(PostgresShelf(engine, key_file), user_id) as device:
            device.write_session(Session(user_id, "DEVICE", "syt_secret"))
            device.write_seeds({"seeds": {"master": "secret-seed"}})
            device.crypto.save_encrypted_rooms({"!secret-room:x"})
            device.crypto.save_account(OlmAccount())
            device.journal.note(Progress("s1", invites=(OpenInvite("!secret-room:x", "@secret-person:x", None),)))

    asyncio.run(keep())
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "select kind, name, sealed from bots.device_rows join bots.devices on device = number where user_id = :u"
            ),
            {"u": user_id},
        ).all()
    assert len(rows) == 7
    for row in rows:
        assert b"secret" not in bytes(row.name) + bytes(row.sealed)
        assert len(row.name) == 16
