"""The end of personal data that has served: contents of snapshots, quarantined rows, finished hints, facts in runs.

Law 91/2025/QH15 asks that data be deleted when its purpose is reached; what stays of a snapshot names nobody.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from hr_provisioner.approvals.signing import LONGEST_LIFE
from hr_provisioner.planning.actions import CreateAccount, UpdatePerson, canonical
from hr_provisioner.service import hints
from hr_provisioner.snapshots.store import SnapshotState
from hr_provisioner.tables import quarantine, run_actions, runs, snapshots, source_reads

RUNS_KEEP_FACTS = 12
"""So many times `keep_days` the journal of a run keeps what no client shows of a person."""
PRIVATE_FACTS = ("birth_date", "email", "absence")
"""Of `hr_provisioner.current.PersonFacts`; an absence says of illness or birth."""
ROWS_AT_ONCE = 5_000


@dataclass(frozen=True)
class Expired:
    """What was deleted."""

    contents: int
    """Snapshots whose rows are gone; that there was one, its hash and its figures stay."""
    quarantined_rows: int
    hints: int
    run_actions: int
    """Without birth dates, e-mail addresses and absences from now on."""


def expire(connection: Connection, now: datetime, keep_days: int) -> Expired:
    """Delete what is older than `keep_days`; the last accepted snapshot of each source stays whole.

    A parked one is kept as long as signatures under it can hold. What runs did stays, without the private facts of
    people; an undo of such a run leaves the facts alone. Connection: `Role.HR`, in a transaction of the
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
    blanked = _blank_run_actions(connection, now - RUNS_KEEP_FACTS * timedelta(days=keep_days))
    return Expired(contents, rows, hints.forget(connection, now, timedelta(days=keep_days)), blanked)


def _blank_run_actions(connection: Connection, cutoff: datetime) -> int:
    """Take the private facts out of the actions of runs that began before `cutoff`."""
    # Canonical JSON, in which a fact that is not known is null.
    told = or_(
        *(
            run_actions.c.action.contains(f'"{fact}":{begins}', autoescape=True)
            for fact, begins in zip(PRIVATE_FACTS, ('"', '"', "{"), strict=True)
        )
    )
    query = (
        select(run_actions.c.run_id, run_actions.c.number, run_actions.c.action)
        .join(runs, runs.c.run_id == run_actions.c.run_id)
        .where(runs.c.started_at < cutoff, run_actions.c.name.in_((CreateAccount.name, UpdatePerson.name)), told)
        .limit(ROWS_AT_ONCE)
    )
    change = (
        update(run_actions)
        .where(run_actions.c.run_id == bindparam("of"), run_actions.c.number == bindparam("at"))
        .values(action=bindparam("blanked"))
    )
    count = 0
    while found := connection.execute(query).all():
        rows = [
            {"of": run_id, "at": number, "blanked": canonical(_blank(json.loads(action)))}
            for run_id, number, action in found
        ]
        connection.execute(change, rows)
        count += len(rows)
    return count


def _blank(value: object) -> object:
    match value:
        case dict():
            return {name: None if name in PRIVATE_FACTS else _blank(part) for name, part in value.items()}
        case list():
            return [_blank(part) for part in value]
        case _:
            return value
