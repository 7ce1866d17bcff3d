"""Rows in HueP's PostgreSQL: one owner a device, by an advisory lock and by a number that grows with each owner.

The lock and every write go through one connection, so that whoever has lost the lock cannot write either. When the
database was restarted the connection is made again; only if no other owner came meanwhile do we go on.
"""

import os
import secrets
import socket
import time
from collections.abc import Collection, Sequence
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from bots.matrix.errors import DeviceInUse
from bots.matrix.store.errors import DeviceTaken, StoreKeyMissing
from bots.matrix.store.folder import read_key
from bots.matrix.store.shelf import Change, Kind, Row
from bots.sealing import KEY_BYTES
from huep.database import DatabaseUnreachable
from huep.state import write_private

LOCKS = 0x4875_6550
"""The first number of our advisory locks; the second is the device's, and 0 for the making of the key."""
LOCK_PAUSES_S = (0.05, 0.1, 0.2, 0.4, 0.8)
"""PostgreSQL notices within moments that the process of the last owner is gone."""
CONNECTION_LOST = ("08", "57P")
"""SQLSTATEs of a connection that broke, and of a server that shuts down or starts."""


class PostgresShelf:
    """A `Shelf` in the schema `bots`.

    Args:
        engine: of `Role.BOTS`.
        key_file: in the state folder's secrets, one for all devices.
    """

    def __init__(self, engine: Engine, key_file: Path) -> None:
        self.key_file = key_file
        self._engine = engine
        self._user_id = ""
        self._number = 0
        self._generation = 0
        self.restored = False
        self._connection: Connection | None = None
        self._taken = False

    @property
    def place(self) -> str:
        return "HueP's database"

    def open(self, user_id: str) -> None:
        self._user_id = user_id
        self._connection = connection = self._connected()
        try:
            self._number = self._numbered(connection)
            self._lock(connection)
            with connection.begin():
                self._generation, self.restored = connection.execute(
                    text(
                        "update bots.devices set generation = generation + 1, owner = :owner, opened_at = now() "
                        "where number = :device returning generation, restored"
                    ),
                    {"device": self._number, "owner": f"{socket.gethostname()} {os.getpid()}"},
                ).one()
        except BaseException:
            self.close()
            raise

    def settle_restored(self) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                text("update bots.devices set restored = false where number = :device"), {"device": self._number}
            )
        self.restored = False

    def key(self, *, make: bool) -> bytes:
        if make and not self.key_file.exists():
            with self._engine.begin() as connection:
                connection.execute(text("select pg_advisory_xact_lock(:locks, 0)"), {"locks": LOCKS})
                if not self.key_file.exists():
                    if connection.execute(text("select exists (select from bots.device_rows)")).scalar_one():
                        raise StoreKeyMissing(self.key_file)
                    write_private(self.key_file, secrets.token_hex(KEY_BYTES) + "\n")
        return read_key(self.key_file, self._user_id)

    def read(self, kind: Kind) -> list[Row]:
        return self._rows(kind, READ, {})

    def find(self, kind: Kind, names: Collection[bytes]) -> list[Row]:
        return self._rows(kind, FIND, {"names": list(names)})

    def _rows(self, kind: Kind, statement: str, values: dict[str, object]) -> list[Row]:
        try:
            with self._engine.connect() as connection:
                found = connection.execute(text(statement), values | {"device": self._number, "kind": kind.value}).all()
        except DBAPIError as error:
            raise _unreachable(error) from error
        return [Row(kind, row.name, row.sealed, row.written_at) for row in found]

    def write(self, changes: Sequence[Change]) -> None:
        if self._taken:
            raise DeviceTaken(self._user_id)
        try:
            self._write(self._connection or self._retaken(), changes)
        except DBAPIError as error:
            if not _is_lost(error):
                raise
            self._write(self._retaken(), changes)

    def _write(self, connection: Connection, changes: Sequence[Change]) -> None:
        put = [(change.kind.value, change.name, change.sealed) for change in changes if change.sealed is not None]
        dropped = [(change.kind.value, change.name) for change in changes if change.sealed is None]
        with connection.begin():
            self._require_ownership(connection)
            if put:
                connection.execute(text(PUT), self._columns(put, "kinds", "names", "sealed"))
            if dropped:
                connection.execute(text(DROP), self._columns(dropped, "kinds", "names"))

    def _columns(self, rows: Sequence[tuple[object, ...]], *names: str) -> dict[str, object]:
        return {"device": self._number} | {
            name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)
        }

    def _require_ownership(self, connection: Connection) -> None:
        """Hold the device's row until the transaction ends: whoever wants to be the owner waits for that."""
        generation = connection.execute(
            text("select generation from bots.devices where number = :device for share"), {"device": self._number}
        ).scalar()
        if generation != self._generation:
            self._taken = True
            raise DeviceTaken(self._user_id)

    def _retaken(self) -> Connection:
        """A new connection with the lock, if nobody was the owner since."""
        self.close()
        connection = self._connected()
        try:
            self._lock(connection)
            with connection.begin():
                self._require_ownership(connection)
        except DeviceInUse as error:
            connection.close()
            self._taken = True
            raise DeviceTaken(self._user_id) from error
        except DBAPIError as error:
            connection.close()
            raise _unreachable(error) from error
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def prune(self, kind: Kind, days: int) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                text(
                    "delete from bots.device_rows where device = :device and kind = :kind "
                    "and written_at < now() - make_interval(days => :days)"
                ),
                {"device": self._number, "kind": kind.value, "days": days},
            )

    def close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()

    def _connected(self) -> Connection:
        """A connection that no pool gets back: with it goes the lock."""
        connection = self._engine.connect()
        connection.detach()
        return connection

    def _numbered(self, connection: Connection) -> int:
        known = text("select number from bots.devices where user_id = :user_id")
        with connection.begin():
            number = connection.execute(known, {"user_id": self._user_id}).scalar()
            if number is None:
                connection.execute(
                    text("insert into bots.devices (user_id) values (:user_id) on conflict do nothing"),
                    {"user_id": self._user_id},
                )
                number = connection.execute(known, {"user_id": self._user_id}).scalar_one()
        return int(number)

    def _lock(self, connection: Connection) -> None:
        for pause_s in (*LOCK_PAUSES_S, None):
            with connection.begin():
                got = connection.execute(
                    text("select pg_try_advisory_lock(:locks, :device)"), {"locks": LOCKS, "device": self._number}
                ).scalar_one()
            if got:
                return
            if pause_s is not None:
                time.sleep(pause_s)
        raise DeviceInUse(self.place)


READ = "select name, sealed, written_at from bots.device_rows where device = :device and kind = :kind"
FIND = """
select name, sealed, written_at from bots.device_rows
where device = :device and kind = :kind and name = any(cast(:names as bytea[]))
"""
PUT = """
insert into bots.device_rows (device, kind, name, sealed)
select :device, put.* from unnest(cast(:kinds as text[]), cast(:names as bytea[]), cast(:sealed as bytea[])) put
on conflict (device, kind, name) do update set sealed = excluded.sealed, written_at = now()
"""
DROP = """
delete from bots.device_rows kept using unnest(cast(:kinds as text[]), cast(:names as bytea[])) gone (kind, name)
where kept.device = :device and kept.kind = gone.kind and kept.name = gone.name
"""


def _is_lost(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    return str(state).startswith(CONNECTION_LOST)


def _unreachable(error: DBAPIError) -> Exception:
    return DatabaseUnreachable("HueP's database went away: it is asked again.") if _is_lost(error) else error
