"""What a device remembers between two starts: how far it has read, and what it has already dealt with.

An event is entered after it was dealt with, the sync token after all events of its batch: a crash in between repeats
the batch, and the journal says which of it is done.
"""

import sqlite3
from pathlib import Path

KEEP_DAYS = 30
DAY_MS = 86_400_000

_TABLES = """
create table if not exists sync (one integer primary key check (one = 1), token text not null);
create table if not exists handled (event_id text primary key, sent_at_ms integer not null) without rowid;
create table if not exists pending (event_id text primary key, room_id text not null, event text not null);
create table if not exists invites (room_id text primary key, inviter text not null);
"""


class Journal:
    """A small SQLite file; `synchronous=normal`, since after a power failure repeating is safe (transaction IDs)."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("pragma journal_mode=wal")
        self._connection.execute("pragma synchronous=normal")
        self._connection.executescript(_TABLES)

    @property
    def token(self) -> str | None:
        """Where the next sync goes on; None before the first."""
        row = self._connection.execute("select token from sync").fetchone()
        return None if row is None else str(row[0])

    def save_token(self, token: str) -> None:
        self._connection.execute("insert or replace into sync values (1, ?)", (token,))

    def is_handled(self, event_id: str) -> bool:
        return self._connection.execute("select 1 from handled where event_id = ?", (event_id,)).fetchone() is not None

    def mark_handled(self, event_id: str, sent_at_ms: int) -> None:
        self._connection.execute("insert or ignore into handled values (?, ?)", (event_id, sent_at_ms))

    def prune(self, now_ms: int) -> None:
        """Forget what is older than the homeserver would ever send again after a token."""
        self._connection.execute("delete from handled where sent_at_ms < ?", (now_ms - KEEP_DAYS * DAY_MS,))

    def keep_pending(self, event_id: str, room_id: str, event: str) -> None:
        """Keep an encrypted event (JSON) whose key has not come yet."""
        self._connection.execute("insert or ignore into pending values (?, ?, ?)", (event_id, room_id, event))

    def drop_pending(self, event_id: str) -> None:
        self._connection.execute("delete from pending where event_id = ?", (event_id,))

    def pending(self) -> list[tuple[str, str, str]]:
        """Event ID, room ID and event (JSON) of everything that still waits for its key, oldest first."""
        rows = self._connection.execute("select event_id, room_id, event from pending order by rowid")
        return [(str(event_id), str(room_id), str(event)) for event_id, room_id, event in rows]

    def keep_invite(self, room_id: str, inviter: str) -> None:
        """Keep an invitation until it is settled; the server tells of it once."""
        self._connection.execute("insert or replace into invites values (?, ?)", (room_id, inviter))

    def drop_invite(self, room_id: str) -> None:
        self._connection.execute("delete from invites where room_id = ?", (room_id,))

    def invites(self) -> list[tuple[str, str]]:
        """Room ID and inviter of every invitation that is not settled."""
        rows = self._connection.execute("select room_id, inviter from invites")
        return [(str(room_id), str(inviter)) for room_id, inviter in rows]

    def close(self) -> None:
        self._connection.close()
