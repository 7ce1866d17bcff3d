"""Snapshots in the database: kept, parked, accepted; and who was missing from the last accepted ones.

All functions take a connection of `Role.HR` in a transaction of the caller's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Connection, MappingResult, RowMapping, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from hr_provisioner.current import Missing
from hr_provisioner.language import OfficerError
from hr_provisioner.records import Quarantined, Register
from hr_provisioner.snapshots import stored_messages
from hr_provisioner.snapshots.judgement import Parked, Verdict
from hr_provisioner.snapshots.presence import Presence
from hr_provisioner.snapshots.refusals import moment
from hr_provisioner.snapshots.shape import SHAPE_JSON, Shape, hash_of
from hr_provisioner.sources.kept import keep, open_kept
from hr_provisioner.sources.source import Source
from hr_provisioner.tables import missing, quarantine, snapshots
from huep.catalogue import Message
from huep.directory.model import PersonKey
from huep.directory.tables import accounts

SnapshotId = UUID

USUAL_WAIT = timedelta(hours=72)
LONGEST_VALUE = 500
"""Characters of a quarantined cell that are kept for the officer to recognise it."""


class SnapshotState(StrEnum):
    """What became of a snapshot; refused ones are not stored."""

    ACCEPTED = "accepted"
    PARKED = "parked"
    WITHDRAWN = "withdrawn"
    """Taken back before it was approved; read again, it waits anew."""


@dataclass(frozen=True)
class StoredSnapshot:
    """One stored snapshot without its content."""

    snapshot_id: SnapshotId
    sha256: str
    """Of its source's content; `hash` is what officers approve."""
    source: str
    exported_at: datetime
    received_at: datetime
    rows: int
    people: int
    units: int
    quarantined_rows: int
    state: SnapshotState
    reasons: tuple[Message, ...]
    """Why it was parked."""
    decided_at: datetime | None

    @property
    def hash(self) -> str:
        """As `hr_provisioner.snapshots.shape.snapshot_hash`."""
        return hash_of(self.source, self.sha256, self.exported_at)


class SnapshotOvertaken(OfficerError):
    """A later export was accepted meanwhile: accepting this one would turn time back."""

    exit_code = 3

    def __init__(self, exported_at: datetime, accepted: datetime) -> None:
        super().__init__(Message.of("snapshot-overtaken", exported=moment(exported_at), accepted=moment(accepted)))
        self.exported_at = exported_at
        self.accepted = accepted


class SnapshotUnknown(OfficerError):
    """No stored snapshot has such a hash."""

    def __init__(self, prefix: str) -> None:
        super().__init__(Message.of("snapshot-unknown", prefix=prefix))
        self.prefix = prefix


class SnapshotAmbiguous(OfficerError):
    """Several stored snapshots have a hash that begins so."""

    def __init__(self, prefix: str, count: int) -> None:
        super().__init__(Message.of("snapshot-ambiguous", prefix=prefix, count=count))
        self.prefix = prefix
        self.count = count


class SnapshotExpired(OfficerError):
    """Its content has been kept for its time and is deleted (`hr_provisioner.service.retention`)."""

    def __init__(self, snapshot_hash: str) -> None:
        super().__init__(Message.of("snapshot-expired", hash=snapshot_hash[:12]))
        self.snapshot_hash = snapshot_hash


def last_accepted(connection: Connection, source: str) -> Shape | None:
    """The latest export of a source (files, postgres, rest, scim) that was accepted; None before the first."""
    query = (
        select(snapshots.c.shape)
        .where(snapshots.c.source == source, snapshots.c.state == SnapshotState.ACCEPTED.value)
        .order_by(snapshots.c.exported_at.desc())
        .limit(1)
    )
    text = connection.execute(query).scalar_one_or_none()
    return None if text is None else SHAPE_JSON.validate_json(text)


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
) -> SnapshotId:
    """Store a snapshot as parked, with what is wrong in it; the id of the stored one where it is there already.

    An accepted verdict is stored as parked without reasons too: `accept` makes it count. One that has waited longer
    than `waits` (`[hr] approval_hours`) in vain begins to wait anew.
    """
    reasons = verdict.reasons if isinstance(verdict, Parked) else ()
    content_kept = _content_home(connection, shape.source, shape.sha256) is not None
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
    if not content_kept:
        connection.execute(update(snapshots).where(snapshots.c.snapshot_id == snapshot_id).values(content=keep(source)))
        if register.quarantined:
            connection.execute(insert(quarantine), list(_quarantine_rows(snapshot_id, register)))
    return snapshot_id


def _wait_anew(connection: Connection, shape: Shape, row: Mapping[str, object], until: datetime) -> SnapshotId:
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
    snapshot_id: SnapshotId = connection.execute(select(snapshots.c.snapshot_id).where(identity)).scalar_one()
    return snapshot_id


def accept(connection: Connection, snapshot_id: SnapshotId, presence: Presence, now: datetime) -> None:
    """Let a snapshot count, and everybody with an open account whom it does not mention as missing once more.

    Accepting it again changes nothing. Raises SnapshotOvertaken.
    """
    stored = _stored(connection, snapshots.c.snapshot_id == snapshot_id).one()
    if stored["state"] == SnapshotState.ACCEPTED.value:
        return
    last = connection.execute(
        select(snapshots.c.exported_at)
        .where(snapshots.c.source == stored["source"], snapshots.c.state == SnapshotState.ACCEPTED.value)
        .order_by(snapshots.c.exported_at.desc())
        .limit(1)
    ).scalar_one_or_none()
    if last is not None and stored["exported_at"] <= last:
        raise SnapshotOvertaken(stored["exported_at"], last)
    connection.execute(
        update(snapshots)
        .where(snapshots.c.snapshot_id == snapshot_id)
        .values(state=SnapshotState.ACCEPTED.value, decided_at=now)
    )
    _count_missing(connection, snapshot_id, presence, now)


def missing_if_accepted(
    connection: Connection, shape: Shape, presence: Presence, now: datetime
) -> dict[PersonKey, Missing]:
    """As `missing_people` will be once a snapshot of this shape is accepted; nothing is written."""
    before = missing_people(connection)
    last = last_accepted(connection, shape.source)
    if last is not None and last.identity == shape.identity:
        return before
    return _missing_after(connection, before, presence, now)


def _missing_after(
    connection: Connection, before: Mapping[PersonKey, Missing], presence: Presence, now: datetime
) -> dict[PersonKey, Missing]:
    # Who is locked has nothing to lose by absence, and begins anew when the account opens again.
    open_keys = set(connection.execute(select(accounts.c.person_key).where(accounts.c.locked.is_(False))).scalars())
    unseen = open_keys - presence.mentioned
    after = {key: before[key] for key in unseen & presence.doubtful if key in before}
    for key in unseen - presence.doubtful:
        known = before.get(key)
        after[key] = Missing(known.first_missed_at, known.snapshots + 1) if known else Missing(now, 1)
    return after


def _count_missing(connection: Connection, snapshot_id: SnapshotId, presence: Presence, now: datetime) -> None:
    before = missing_people(connection)
    after = _missing_after(connection, before, presence, now)
    if found := before.keys() - after.keys():
        connection.execute(delete(missing).where(missing.c.person_key.in_(found)))
    changed = [
        {
            "person_key": key,
            "first_missed_at": one.first_missed_at,
            "snapshots": one.snapshots,
            "last_snapshot_id": snapshot_id,
        }
        for key, one in sorted(after.items())
        if one != before.get(key)
    ]
    if changed:
        statement = upsert(missing)
        new = {name: statement.excluded[name] for name in ("snapshots", "last_snapshot_id")}
        connection.execute(statement.on_conflict_do_update(index_elements=[missing.c.person_key], set_=new), changed)


def missing_people(connection: Connection) -> dict[PersonKey, Missing]:
    """Everybody who was missing from the last accepted snapshot, and since when."""
    query = select(missing.c.person_key, missing.c.first_missed_at, missing.c.snapshots)
    return {key: Missing(first_missed_at, count) for key, first_missed_at, count in connection.execute(query)}


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


def by_hash(connection: Connection, prefix: str) -> StoredSnapshot:
    """The snapshot whose hash begins with `prefix`. Raises SnapshotUnknown, SnapshotAmbiguous."""
    wanted = prefix.strip().lower()
    found = [stored for row in _stored(connection) if (stored := _as_stored(row)).hash.startswith(wanted)]
    if not wanted or not found:
        raise SnapshotUnknown(prefix)
    if len(found) > 1:
        raise SnapshotAmbiguous(prefix, len(found))
    return found[0]


def content_of(connection: Connection, snapshot_id: SnapshotId) -> Source:
    """The tables as they were read, to be read again. Raises SnapshotExpired."""
    stored = _as_stored(_stored(connection, snapshots.c.snapshot_id == snapshot_id).one())
    home = _content_home(connection, stored.source, stored.sha256)
    if home is None:
        raise SnapshotExpired(stored.hash)
    content = connection.execute(select(snapshots.c.content).where(snapshots.c.snapshot_id == home)).scalar_one()
    return open_kept(content)


def quarantine_of(connection: Connection, snapshot_id: SnapshotId) -> tuple[Quarantined, ...]:
    """The rows of a snapshot that could not be trusted, in the order of reading; none once it expired."""
    source, sha256 = connection.execute(
        select(snapshots.c.source, snapshots.c.sha256).where(snapshots.c.snapshot_id == snapshot_id)
    ).one()
    home = _content_home(connection, source, sha256)
    query = select(quarantine).where(quarantine.c.snapshot_id == home).order_by(quarantine.c.number)
    return tuple(
        Quarantined(
            row["source"],
            row["row"],
            row["column_name"],
            row["value"],
            stored_messages.from_json(row["reason"])[0],
            row["officer_code"],
        )
        for row in connection.execute(query).mappings()
    )


def _quarantine_rows(snapshot_id: SnapshotId, register: Register) -> Iterator[dict[str, object]]:
    for number, bad in enumerate(register.quarantined):
        yield {
            "snapshot_id": snapshot_id,
            "number": number,
            "source": bad.source,
            "row": bad.row,
            "column_name": bad.column,
            "value": _storable(bad.value)[:LONGEST_VALUE],
            "reason": _storable(stored_messages.to_json([bad.reason])),
            "officer_code": bad.officer_code,
        }


def _storable(text: str) -> str:
    """PostgreSQL's text holds neither the character zero nor half of a surrogate pair."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _content_home(connection: Connection, source: str, sha256: str) -> SnapshotId | None:
    """The snapshot that holds this content, and what was quarantined in it: the same bytes are kept once."""
    query = select(snapshots.c.snapshot_id).where(
        snapshots.c.source == source, snapshots.c.sha256 == sha256, snapshots.c.content.is_not(None)
    )
    return connection.execute(query.limit(1)).scalar_one_or_none()


_LISTED = [column for column in snapshots.c if column.name not in ("content", "shape")]


def _stored(connection: Connection, *conditions: ColumnElement[bool]) -> MappingResult:
    query = select(*_LISTED).where(*conditions).order_by(snapshots.c.exported_at)
    return connection.execute(query).mappings()


def _as_stored(row: RowMapping) -> StoredSnapshot:
    return StoredSnapshot(
        row["snapshot_id"],
        row["sha256"],
        row["source"],
        row["exported_at"],
        row["received_at"],
        row["rows"],
        row["people"],
        row["units"],
        row["quarantined_rows"],
        SnapshotState(row["state"]),
        stored_messages.from_json(row["reasons"]),
        row["decided_at"],
    )
