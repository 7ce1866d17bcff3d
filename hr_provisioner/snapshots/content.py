"""What was read, kept beside the snapshot: the two tables whole, and the rows that could not be trusted.

The same bytes are kept once, whatever the number of snapshots of them. All functions take a connection of `Role.HR` in
a transaction of the caller's.
"""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from hr_provisioner.language import OfficerError
from hr_provisioner.records import Register
from hr_provisioner.snapshots import stored_messages
from hr_provisioner.snapshots.shape import hash_of
from hr_provisioner.sources.kept import keep, open_kept
from hr_provisioner.sources.source import Source
from hr_provisioner.tables import quarantine, snapshots
from huep.catalogue import Message

LONGEST_VALUE = 500
"""Characters of a quarantined cell that are kept for the officer to recognise it."""


class SnapshotExpired(OfficerError):
    """Its content has been kept for its time and is deleted (`hr_provisioner.service.retention`)."""

    def __init__(self, snapshot_hash: str) -> None:
        super().__init__(Message.of("snapshot-expired", hash=snapshot_hash[:12]))
        self.snapshot_hash = snapshot_hash


def keep_content(connection: Connection, snapshot_id: UUID, source: Source, register: Register) -> None:
    """Keep what was read of a stored snapshot, unless a snapshot of the same bytes has it already."""
    if _home_of(connection, snapshot_id) is not None:
        return
    connection.execute(update(snapshots).where(snapshots.c.snapshot_id == snapshot_id).values(content=keep(source)))
    if register.quarantined:
        connection.execute(insert(quarantine), list(_quarantine_rows(snapshot_id, register)))


def content_of(connection: Connection, snapshot_id: UUID) -> Source:
    """The tables as they were read, to be read again. Raises SnapshotExpired."""
    home = _home_of(connection, snapshot_id)
    if home is None:
        identity = select(snapshots.c.source, snapshots.c.sha256, snapshots.c.exported_at)
        raise SnapshotExpired(
            hash_of(*connection.execute(identity.where(snapshots.c.snapshot_id == snapshot_id)).one())
        )
    content = connection.execute(select(snapshots.c.content).where(snapshots.c.snapshot_id == home)).scalar_one()
    return open_kept(content)


def _home_of(connection: Connection, snapshot_id: UUID) -> UUID | None:
    """The snapshot that holds the content of this one; None where nobody holds it."""
    home = snapshots.alias()
    query = (
        select(home.c.snapshot_id)
        .join(snapshots, (home.c.source == snapshots.c.source) & (home.c.sha256 == snapshots.c.sha256))
        .where(snapshots.c.snapshot_id == snapshot_id, home.c.content.is_not(None))
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()


def _quarantine_rows(snapshot_id: UUID, register: Register) -> Iterator[dict[str, object]]:
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
