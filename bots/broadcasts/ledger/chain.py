"""What happened to an announcement, as a chain: each entry carries the hash of the one before (SHA-256).

A trigger of the database numbers and hashes; the bots' role may add entries and read them, nothing else. `follow`
computes the chain again from the entries alone.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, text

from bots.broadcasts.ledger.values import LedgerBroken
from huep.audit import FIRST_PREVIOUS_HASH, link, written_moment


class Act(StrEnum):
    """What an entry tells."""

    DRAFTED = "drafted"
    REWRITTEN = "rewritten"
    FROZEN = "frozen"
    """Who is meant was settled; the entry has the digest of them all."""
    STATE = "state"
    ACKNOWLEDGED = "acknowledged"
    JOINED = "joined"
    RELEASED = "released"


@dataclass(frozen=True)
class Entry:
    """One link of the chain of one announcement."""

    bot: str
    number: int
    seq: int
    """From 1."""
    at: datetime
    actor: str
    """A user ID, or the bot's name where it acted by itself."""
    act: str
    """`Act`, or what a later HueP wrote."""
    details: str
    """Canonical JSON."""
    previous_hash: bytes
    hash: bytes

    def said(self) -> Any:
        return json.loads(self.details)


@dataclass(frozen=True)
class Head:
    """Where a chain ends: its last entry proves all that came before."""

    entries: int
    """0 before the first."""
    hash: bytes


_TURN = text("select bots.broadcast_turn(:bot, :number)")

_APPEND = text("""
insert into bots.broadcast_entries (bot, number, at, actor, act, details)
values (:bot, :number, :at, :actor, :act, :details)
""")

_READ = text("""
select bot, number, seq, at, actor, act, details, previous_hash, hash
from bots.broadcast_entries where bot = :bot and number = :number order by seq
""")

_HEAD = text("""
select seq, hash from bots.broadcast_entries where bot = :bot and number = :number order by seq desc limit 1
""")


class Chain:
    """The entries of one bot's announcements; on connections whose transactions are the caller's."""

    def __init__(self, bot: str) -> None:
        self._bot = bot

    def take_turn(self, connection: Connection, number: int) -> None:
        """Nobody else adds to this announcement's chain until the transaction ends."""
        connection.execute(_TURN, {"bot": self._bot, "number": number})

    def append(
        self, connection: Connection, number: int, at: datetime, actor: str, act: Act, details: Mapping[str, Any]
    ) -> None:
        connection.execute(
            _APPEND,
            {
                "bot": self._bot,
                "number": number,
                "at": at,
                "actor": actor,
                "act": act.value,
                "details": json.dumps(details, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
            },
        )

    def head(self, connection: Connection, number: int) -> Head:
        last = connection.execute(_HEAD, {"bot": self._bot, "number": number}).first()
        return Head(0, FIRST_PREVIOUS_HASH) if last is None else Head(last.seq, last.hash)

    def read(self, connection: Connection, number: int) -> tuple[Entry, ...]:
        rows = connection.execute(_READ, {"bot": self._bot, "number": number})
        return tuple(Entry(*row) for row in rows)


def digest(entry: Entry) -> bytes:
    """The hash that `entry` must carry; the twin of `bots.broadcast_digest` in the database."""
    return link(
        entry.previous_hash,
        entry.bot,
        str(entry.number),
        str(entry.seq),
        written_moment(entry.at),
        entry.actor,
        entry.act,
        entry.details,
    )


def head(entries: Iterable[Entry]) -> str:
    """Follow the chain to its end; returns the hash of the last entry, in hex.

    Raises:
        LedgerBroken: names the first entry that was changed, removed or put in between.
    """
    previous = FIRST_PREVIOUS_HASH
    for place, entry in enumerate(entries, 1):
        if entry.seq != place:
            raise LedgerBroken(f"Announcement {entry.number}: entry {place} is missing, {entry.seq} follows.")
        if entry.previous_hash != previous or entry.hash != digest(entry):
            raise LedgerBroken(
                f"Announcement {entry.number}: entry {place} ({entry.act}) was changed after it was written."
            )
        previous = entry.hash
    return previous.hex()


def fingerprint(rows: Iterable[Iterable[str | None]]) -> str:
    """SHA-256, in hex, of many rows in their order, each as a line of JSON."""
    found = hashlib.sha256()
    for row in rows:
        found.update(json.dumps(list(row), ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return found.hexdigest()
