"""The end of personal data that has served: contents of snapshots, quarantined rows, finished hints.

Law 91/2025/QH15 asks that data be deleted when its purpose is reached; what stays of a snapshot names nobody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from hr_provisioner.approvals.signing import LONGEST_LIFE
from hr_provisioner.service import hints
from hr_provisioner.snapshots.store import SnapshotState
from hr_provisioner.tables import quarantine, snapshots, source_reads


@dataclass(frozen=True)
class Expired:
    """What was deleted."""

    contents: int
    """Snapshots whose rows are gone; that there was one, its hash and its figures stay."""
    quarantined_rows: int
    hints: int


def expire(connection: Connection, now: datetime, keep_days: int) -> Expired:
    """Delete what is older than `keep_days`; the last accepted snapshot of each source stays whole.

    A parked one is kept as long as signatures under it can hold. Connection: `Role.HR`, in a transaction of the
    caller's. To be called once a day.
    """
    cutoff = now - timedelta(days=keep_days)
    is_parked = snapshots.c.state == SnapshotState.PARKED.value
    waiting = is_parked & (snapshots.c.received_at >= min(cutoff, now - LONGEST_LIFE))
    latest = (
        select(snapshots.c.source, snapshots.c.sha256)
        .where(snapshots.c.state == SnapshotState.ACCEPTED.value)
        .ext(distinct_on(snapshots.c.source))
        .order_by(snapshots.c.source, snapshots.c.exported_at.desc())
        .subquery()
    )
    younger = snapshots.alias()
    same_content = (younger.c.source == snapshots.c.source) & (younger.c.sha256 == snapshots.c.sha256)
    # One copy of the same bytes serves all snapshots of them.
    in_use = or_(
        select(latest.c.sha256)
        .where(latest.c.source == snapshots.c.source, latest.c.sha256 == snapshots.c.sha256)
        .exists(),
        select(younger.c.snapshot_id).where(same_content, younger.c.received_at >= cutoff).exists(),
    )
    old = select(snapshots.c.snapshot_id).where(snapshots.c.received_at < cutoff, ~in_use, ~waiting)
    rows = connection.execute(delete(quarantine).where(quarantine.c.snapshot_id.in_(old))).rowcount
    had_content = select(snapshots.c.snapshot_id).where(
        snapshots.c.snapshot_id.in_(old), snapshots.c.content.is_not(None)
    )
    contents = connection.execute(
        update(snapshots).where(snapshots.c.snapshot_id.in_(had_content)).values(content=None)
    ).rowcount
    connection.execute(update(snapshots).where(snapshots.c.snapshot_id.in_(old)).values(shape=None))
    connection.execute(delete(source_reads).where(source_reads.c.read_at < cutoff))
    return Expired(contents, rows, hints.forget(connection, now, timedelta(days=keep_days)))
