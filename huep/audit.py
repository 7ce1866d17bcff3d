"""The record of every act of power: append-only, each entry carrying the hash of the one before.

The chain is made inside PostgreSQL by a trigger, so a writer needs the right to insert and no other. `verify`
computes it again from the entries alone.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, text

from huep.errors import HuepError

FIRST_PREVIOUS_HASH = hashlib.sha256(b"").digest()
READ_BATCH = 5_000


class ChainBroken(HuepError):
    """An entry does not follow from the one before it: the log was changed from outside."""


@dataclass(frozen=True)
class Act:
    """What to record: who did what to whom."""

    actor: str
    """A user ID, or the name of a process such as `huep hr apply`."""
    act: str
    """`account.lock`, `account.create`: noun and verb."""
    subject: str
    """Whom or what it concerned: an officer code, a room ID."""
    details: Mapping[str, object]
    """Before and after, the plan's hash: whatever explains it. Never a secret."""


@dataclass(frozen=True)
class Entry:
    """One link of the chain as it is stored."""

    seq: int
    at: datetime
    actor: str
    act: str
    subject: str
    details: str
    previous_hash: bytes
    hash: bytes


def record(engine: Engine, acts: Iterable[Act]) -> None:
    """Append `acts` in their order, all or none; `engine` needs no right but insert."""
    if acts := tuple(acts):
        with engine.begin() as connection:
            append(connection, acts)


def append(connection: Connection, acts: Collection[Act]) -> None:
    """As `record`, in a transaction that holds what was done too: until it ends nobody else can append."""
    rows = [
        {
            "actor": act.actor,
            "act": act.act,
            "subject": act.subject,
            "details": json.dumps(act.details, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        }
        for act in acts
    ]
    connection.execute(
        text("insert into audit.entries (actor, act, subject, details) values (:actor, :act, :subject, :details)"),
        rows,
    )


def digest(entry: Entry) -> bytes:
    """The hash that `entry` must carry; the twin of `audit.digest` in the database."""
    fields = (str(entry.seq), written_moment(entry.at), entry.actor, entry.act, entry.subject, entry.details)
    return link(entry.previous_hash, *fields)


def link(previous_hash: bytes, *fields: str) -> bytes:
    """The hash of one entry of a chain; the twin of what the database makes with `audit.field`."""
    return hashlib.sha256(previous_hash + b"".join(_field(field) for field in fields)).digest()


def written_moment(at: datetime) -> str:
    """A moment as it enters a hash: UTC, to the microsecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _field(value: str) -> bytes:
    encoded = value.encode()
    return f"{len(encoded)}:".encode() + encoded


def read(connection: Connection) -> Iterator[Entry]:
    """Every entry from the first on, a batch at a time."""
    query = text(
        "select seq, at, actor, act, subject, details, previous_hash, hash from audit.entries order by seq"
    ).execution_options(yield_per=READ_BATCH)
    for row in connection.execute(query):
        yield Entry(*row)


def verify(entries: Iterable[Entry]) -> tuple[int, str]:
    """Follow the chain to its end.

    Returns:
        How many entries hold, and the hash of the last in hex: the head, to be kept off this host.

    Raises:
        ChainBroken: names the first entry that was changed, removed or put in between.
    """
    previous, count = FIRST_PREVIOUS_HASH, 0
    for entry in entries:
        count += 1
        if entry.seq != count:
            raise ChainBroken(f"Audit entry {count} is missing: the next one that exists is {entry.seq}.")
        if entry.previous_hash != previous or entry.hash != digest(entry):
            raise ChainBroken(
                f"Audit entry {entry.seq} ({entry.act} of {entry.subject}) was changed after it was written: "
                "compare the chain's head with the copy kept off this host."
            )
        previous = entry.hash
    return count, previous.hex()
