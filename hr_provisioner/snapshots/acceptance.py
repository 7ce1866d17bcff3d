"""A snapshot comes to count: from then on it is the last one, and whoever is not in it was missing once more."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select, update

from hr_provisioner.dates import moment
from hr_provisioner.language import OfficerError
from hr_provisioner.snapshots.missing import count_missing
from hr_provisioner.snapshots.presence import Presence
from hr_provisioner.snapshots.store import SnapshotState, last_accepted
from hr_provisioner.tables import snapshots
from huep.catalogue import Message


class SnapshotOvertaken(OfficerError):
    """A later export was accepted meanwhile: accepting this one would turn time back."""

    exit_code = 3

    def __init__(self, exported_at: datetime, accepted: datetime) -> None:
        super().__init__(Message.of("snapshot-overtaken", exported=moment(exported_at), accepted=moment(accepted)))
        self.exported_at = exported_at
        self.accepted = accepted


def accept(connection: Connection, snapshot_id: UUID, presence: Presence, now: datetime) -> None:
    """Let a snapshot count, and everybody with an open account whom it does not mention as missing once more.

    Accepting it again changes nothing. `connection` is of `Role.HR`, in a transaction of the caller's. Raises
    SnapshotOvertaken.
    """
    this = snapshots.c.snapshot_id == snapshot_id
    query = select(snapshots.c.source, snapshots.c.exported_at, snapshots.c.state).where(this)
    source, exported_at, state = connection.execute(query).one()
    if state == SnapshotState.ACCEPTED.value:
        return
    last = last_accepted(connection, source)
    if last is not None and exported_at <= last.exported_at:
        raise SnapshotOvertaken(exported_at, last.exported_at)
    connection.execute(update(snapshots).where(this).values(state=SnapshotState.ACCEPTED.value, decided_at=now))
    count_missing(connection, snapshot_id, presence, now)
