"""Rows in a folder of their own, for a person's terminal: SQLite, the key beside it, a file lock for the owner."""

import fcntl
import os
import secrets
import sqlite3
import threading
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bots.matrix.errors import DeviceInUse
from bots.matrix.store.errors import DeviceDamaged, StoreKeyMissing, StoreKeyWrong
from bots.matrix.store.shelf import Change, Kind, Row
from bots.sealing import KEY_BYTES
from huep.clock import now
from huep.state import RESTORED, write_private

TABLE = """
create table if not exists rows (
  kind text not null,
  name blob not null,
  sealed blob not null,
  written_at real not null,
  primary key (kind, name)
) without rowid;
"""


class FolderShelf:
    """A `Shelf` in a folder that is for its owner alone."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._user_id = ""
        self._lock: int | None = None
        self._connection: sqlite3.Connection | None = None
        self._one_at_a_time = threading.Lock()

    @property
    def place(self) -> str:
        return f"the folder {self.root}"

    @property
    def key_file(self) -> Path:
        return self.root / "store-key"

    @property
    def restored(self) -> bool:
        return (self.root / RESTORED).exists()

    def settle_restored(self) -> None:
        (self.root / RESTORED).unlink(missing_ok=True)

    def open(self, user_id: str) -> None:
        self._user_id = user_id
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root.chmod(0o700)
        descriptor = os.open(self.root / "device.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise DeviceInUse(self.place) from error
        self._lock = descriptor
        try:
            self._connect(self.root / "device.db")
        except BaseException:
            self.close()
            raise

    def _connect(self, file: Path) -> None:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
        self._connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        try:
            self._connection.execute("pragma journal_mode=wal")
            self._connection.execute("pragma synchronous=full")
            self._connection.executescript(TABLE)
        except sqlite3.DatabaseError as error:
            raise DeviceDamaged(f"{file} cannot be read: restore it with `huep restore`.") from error

    def key(self, *, make: bool) -> bytes:
        if make and not self.key_file.exists():
            write_private(self.key_file, secrets.token_hex(KEY_BYTES) + "\n")
        return read_key(self.key_file, self._user_id)

    def read(self, kind: Kind) -> list[Row]:
        return self._rows("select name, sealed, written_at from rows where kind = ?", kind, (kind,))

    def find(self, kind: Kind, names: Collection[bytes]) -> list[Row]:
        statement = "select name, sealed, written_at from rows where kind = ? and name = ?"
        return [row for name in names for row in self._rows(statement, kind, (kind, name))]

    def _rows(self, statement: str, kind: Kind, values: tuple[object, ...]) -> list[Row]:
        with self._one_at_a_time:
            found = self._open().execute(statement, values).fetchall()
        return [Row(kind, name, sealed, datetime.fromtimestamp(at, UTC)) for name, sealed, at in found]

    def write(self, changes: Sequence[Change]) -> None:
        moment = now().timestamp()
        put = [(change.kind, change.name, change.sealed, moment) for change in changes if change.sealed is not None]
        dropped = [(change.kind, change.name) for change in changes if change.sealed is None]
        with self._one_at_a_time:
            connection = self._open()
            connection.execute("begin immediate")
            try:
                connection.executemany("insert or replace into rows values (?, ?, ?, ?)", put)
                connection.executemany("delete from rows where kind = ? and name = ?", dropped)
                connection.execute("commit")
            except BaseException:
                connection.execute("rollback")
                raise

    def prune(self, kind: Kind, days: int) -> None:
        before = (now() - timedelta(days=days)).timestamp()
        with self._one_at_a_time:
            self._open().execute("delete from rows where kind = ? and written_at < ?", (kind, before))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            raise DeviceInUse(self.place)
        return self._connection


def read_key(path: Path, user_id: str) -> bytes:
    """The 32 bytes that stand in hexadecimal in `path`.

    Raises:
        StoreKeyMissing: there is no such file.
        StoreKeyWrong: something else stands in it.
    """
    try:
        key = bytes.fromhex(path.read_text("utf-8").strip())
    except OSError as error:
        raise StoreKeyMissing(path) from error
    except ValueError as error:
        raise StoreKeyWrong(path, user_id) from error
    if len(key) != KEY_BYTES:
        raise StoreKeyWrong(path, user_id)
    return key
