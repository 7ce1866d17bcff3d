"""Snapshots in the database: what is kept of each, which one was the last to count, and which wait.

All functions take a connection of `Role.HR` in a transaction of the caller's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Column, ColumnElement, Connection, MappingResult, RowMapping, Select, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from hr_provisioner.language import OfficerError
from hr_provisioner.records import Register
from hr_provisioner.snapshots import stored_messages
from hr_provisioner.snapshots.content import keep_content
from hr_provisioner.snapshots.judgement import Parked, Verdict
from hr_provisioner.snapshots.shape import SHAPE_JSON, Shape, hash_of
from hr_provisioner.sources.source import Source
from hr_provisioner.tables import snapshots
from huep.catalogue import Message

USUAL_WAIT = timedelta(hours=72)


class SnapshotState(StrEnum):
    """What became of a snapshot; refused ones are not stored."""

    ACCEPTED = "accepted"
    PARKED = "parked"
    WITHDRAWN = "withdrawn"
    """Taken back before it was approved; read again, it waits anew."""


@dataclass(frozen=True)
class StoredSnapshot:
    """One stored snapshot without its content."""

    snapshot_id: UUID
    sha256: str
    """Of its source's content; `hash` is what officers approve."""
    source: str
    exported_at: datetime
    received_at: datetime
    rows: int
    people: int
    units: int
    quarantined_rows: int
    reasons: tuple[Message, ...]
    """Why it was parked."""

    @property
    def hash(self) -> str:
        """As `hr_provisioner.snapshots.shape.snapshot_hash`."""
        return hash_of(self.source, self.sha256, self.exported_at)


class SnapshotUnknown(OfficerError):
    """No stored snapshot has this hash."""

    def __init__(self, snapshot_hash: str) -> None:
        super().__init__(Message.of("snapshot-unknown", hash=snapshot_hash[:12]))
        self.snapshot_hash = snapshot_hash


def last_accepted(connection: Connection, source: str) -> Shape | None:
    """The latest export of a source (files, postgres, rest, scim) that was accepted; None before the first."""
    query = _last_accepted(snapshots.c.shape).where(snapshots.c.source == source)
    text = connection.execute(query).scalar_one_or_none()
    return None if text is None else SHAPE_JSON.validate_json(text)


def last_snapshot(connection: Connection) -> UUID | None:
    """The latest export of all that was accepted, whatever its source; None before the first."""
    return connection.execute(_last_accepted(snapshots.c.snapshot_id)).scalar_one_or_none()


def _last_accepted(column: Column[Any]) -> Select[Any]:
    return (
        select(column)
        .where(snapshots.c.state == SnapshotState.ACCEPTED.value)
        .order_by(snapshots.c.exported_at.desc())
        .limit(1)
    )


def believed_at(connection: Connection, shape: Shape) -> datetime | None:
    """Time of the export under which this very content was accepted earlier; None where it never was."""
    query = select(func.max(snapshots.c.exported_at)).where(
        snapshots.c.source == shape.source,
        snapshots.c.sha256 == shape.sha256,
        snapshots.c.state == SnapshotState.ACCEPTED.value,
    )
    exported_at: datetime | None = connection.execute(query).scalar_one()
    return exported_at


def as_parked(connection: Connection, shape: Shape, now: datetime, *, waits: timedelta = USUAL_WAIT) -> Shape:
    """`shape`, as the export of the parked snapshot with the same content where one waits still.

    A source that is read live states another time at each reading: without this each would wait under another hash,
    and signatures under one would never meet.
    """
    query = (
        select(snapshots.c.exported_at)
        .where(
            *_waits_still(),
            snapshots.c.source == shape.source,
            snapshots.c.sha256 == shape.sha256,
            snapshots.c.reasons != stored_messages.to_json(()),
            snapshots.c.received_at > now - waits,
            snapshots.c.exported_at <= shape.exported_at,
        )
        .order_by(snapshots.c.exported_at.desc())
        .limit(1)
    )
    exported_at = connection.execute(query).scalar_one_or_none()
    return shape if exported_at is None else replace(shape, exported_at=exported_at)


def keep_snapshot(
    connection: Connection,
    source: Source,
    register: Register,
    shape: Shape,
    verdict: Verdict,
    now: datetime,
    *,
    waits: timedelta = USUAL_WAIT,
) -> UUID:
    """Store a snapshot as parked, with what is wrong in it; the id of the stored one where it is there already.

    An accepted verdict is stored as parked without reasons too: `accept` (`hr_provisioner.snapshots.acceptance`) makes
    it count. One that has waited longer than `waits` (`[hr] approval_hours`) in vain begins to wait anew.
    """
    reasons = verdict.reasons if isinstance(verdict, Parked) else ()
    row = {
        "snapshot_id": uuid4(),
        "source": shape.source,
        "sha256": shape.sha256,
        "exported_at": shape.exported_at,
        "received_at": now,
        "rows": shape.rows,
        "people": shape.people,
        "units": shape.units,
        "quarantined_rows": shape.quarantined_rows,
        "state": SnapshotState.PARKED.value,
        "reasons": stored_messages.to_json(reasons),
        "shape": SHAPE_JSON.dump_json(shape).decode(),
    }
    statement = upsert(snapshots).values(row).on_conflict_do_nothing(constraint="snapshot_once")
    new_id = connection.execute(statement.returning(snapshots.c.snapshot_id)).scalar_one_or_none()
    snapshot_id = new_id or _wait_anew(connection, shape, row, now - waits)
    keep_content(connection, snapshot_id, source, register)
    return snapshot_id


def _wait_anew(connection: Connection, shape: Shape, row: Mapping[str, object], until: datetime) -> UUID:
    """The id of the stored snapshot of this shape; in vain waited `until`, or withdrawn, it is as if received now."""
    identity = (
        (snapshots.c.source == shape.source)
        & (snapshots.c.sha256 == shape.sha256)
        & (snapshots.c.exported_at == shape.exported_at)
    )
    withdrawn = snapshots.c.state == SnapshotState.WITHDRAWN.value
    in_vain = (snapshots.c.state == SnapshotState.PARKED.value) & (snapshots.c.received_at <= until)
    renewed = {name: row[name] for name in ("received_at", "reasons", "shape", "state")}
    connection.execute(update(snapshots).where(identity, in_vain | withdrawn).values(renewed))
    snapshot_id: UUID = connection.execute(select(snapshots.c.snapshot_id).where(identity)).scalar_one()
    return snapshot_id


def parked(connection: Connection) -> tuple[StoredSnapshot, ...]:
    """Snapshots that wait for two officers, oldest export first: not expired, and not overtaken."""
    waiting = (_as_stored(row) for row in _stored(connection, *_waits_still()))
    # Without a reason nobody need approve it: a crash came between keeping and accepting.
    return tuple(stored for stored in waiting if stored.reasons)


def _waits_still() -> tuple[ColumnElement[bool], ...]:
    """Parked, with its content, and no later export accepted."""
    accepted = snapshots.alias()
    overtaken = (
        select(accepted.c.snapshot_id)
        .where(
            accepted.c.source == snapshots.c.source,
            accepted.c.state == SnapshotState.ACCEPTED.value,
            accepted.c.exported_at >= snapshots.c.exported_at,
        )
        .exists()
    )
    return snapshots.c.state == SnapshotState.PARKED.value, snapshots.c.shape.is_not(None), ~overtaken


def withdraw(connection: Connection, snapshot_hash: str) -> None:
    """Take a parked snapshot back; its signatures are the caller's to forget. Raises SnapshotUnknown."""
    stored = by_hash(connection, snapshot_hash)
    connection.execute(
        update(snapshots)
        .where(snapshots.c.snapshot_id == stored.snapshot_id, snapshots.c.state == SnapshotState.PARKED.value)
        .values(state=SnapshotState.WITHDRAWN.value)
    )


def by_hash(connection: Connection, snapshot_hash: str) -> StoredSnapshot:
    """The snapshot of this whole hash. Raises SnapshotUnknown."""
    for row in _stored(connection):
        if (stored := _as_stored(row)).hash == snapshot_hash:
            return stored
    raise SnapshotUnknown(snapshot_hash)


_LISTED = [snapshots.c[field.name] for field in fields(StoredSnapshot)]


def _stored(connection: Connection, *conditions: ColumnElement[bool]) -> MappingResult:
    query = select(*_LISTED).where(*conditions).order_by(snapshots.c.exported_at)
    return connection.execute(query).mappings()


def _as_stored(row: RowMapping) -> StoredSnapshot:
    return StoredSnapshot(**{**row, "reasons": stored_messages.from_json(row["reasons"])})
