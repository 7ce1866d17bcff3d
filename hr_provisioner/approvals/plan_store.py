"""Plans over a limit, kept whole until two officers approve them, somebody withdraws them, or their time is over.

A register's plan is overtaken as soon as other content of its source was accepted: what that plan was to bring about
may be the very mistake that the later register mends. From then on nobody can sign it, and signed it does not run.
"""

import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from hr_provisioner.approvals import signatures as approvals
from hr_provisioner.approvals.prefix import NotWaiting, only_one
from hr_provisioner.approvals.signing import Matter
from hr_provisioner.language import OfficerError
from hr_provisioner.planning.actions import canonical
from hr_provisioner.planning.guard import Counted, Trip
from hr_provisioner.planning.plan import Plan, PlanKind
from hr_provisioner.planning.plan_json import plan_from_json
from hr_provisioner.snapshots.store import SnapshotState
from hr_provisioner.tables import plans, snapshots
from huep import audit
from huep.audit import Act
from huep.catalogue import Message

PARSED_PLANS = 8
"""So many parsed plans are remembered in a process; they are found by their hash, so they never go stale."""


class PlanState(StrEnum):
    """What became of a parked plan."""

    PARKED = "parked"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    """Taken back, expired, or overtaken."""


class ContentAltered(OfficerError):
    """What is stored is not what the hash names."""

    def __init__(self, sha256: str) -> None:
        super().__init__(Message.of("approval-content-altered", hash=sha256[:12]))


@dataclass(frozen=True)
class ParkedPlan:
    """A parked plan without its content."""

    sha256: str
    kind: PlanKind
    snapshot_id: UUID | None
    undoes: UUID | None
    trips: tuple[Trip, ...]
    actor: str
    made_at: datetime
    expires_at: datetime


def _overtaken() -> ColumnElement[bool]:
    """Whether content other than the plan's was accepted of its source later; never of a plan without a snapshot."""
    own, later = snapshots.alias(), snapshots.alias()
    return (
        select(own.c.snapshot_id)
        .join(later, (later.c.source == own.c.source) & (later.c.exported_at > own.c.exported_at))
        .where(
            own.c.snapshot_id == plans.c.snapshot_id,
            later.c.state == SnapshotState.ACCEPTED.value,
            later.c.sha256 != own.c.sha256,
        )
        .exists()
    )


def park(
    connection: Connection,
    audit_engine: Engine,
    plan: Plan,
    trips: Sequence[Trip],
    *,
    actor: str,
    now: datetime,
    hours: int,
    snapshot_id: UUID | None = None,
    undoes: UUID | None = None,
) -> bool:
    """Keep `plan` until it is approved; False where it waits already, which prolongs nothing.

    A plan that waited before and expired or was withdrawn begins anew, without its old signatures.
    """
    query = select(plans.c.state, plans.c.expires_at).where(plans.c.plan_hash == plan.sha256).with_for_update()
    before = connection.execute(query).one_or_none()
    if before is not None and before.state == PlanState.PARKED and before.expires_at > now:
        return False
    approvals.forget(connection, Matter.PLAN, plan.sha256)
    row = {
        "plan_hash": plan.sha256,
        "kind": plan.kind.value,
        "snapshot_id": snapshot_id,
        "undoes": undoes,
        "content": zlib.compress(plan.canonical.encode()),
        "trips": canonical([trip_json(trip) for trip in trips]),
        "actor": actor,
        "made_at": now,
        "expires_at": now + timedelta(hours=hours),
        "state": PlanState.PARKED.value,
    }
    connection.execute(insert(plans).values(row).on_conflict_do_update(constraint=plans.primary_key, set_=row))
    details = {
        "kind": plan.kind.value,
        "trips": [trip_json(trip) for trip in trips],
        "snapshot": str(snapshot_id or ""),
    }
    audit.record(audit_engine, [Act(actor, "plan.park", plan.sha256, details)])
    return True


def parked(connection: Connection, now: datetime) -> tuple[ParkedPlan, ...]:
    """What waits, the latest first: not expired, and not overtaken."""
    query = (
        select(
            plans.c.plan_hash,
            plans.c.kind,
            plans.c.snapshot_id,
            plans.c.undoes,
            plans.c.trips,
            plans.c.actor,
            plans.c.made_at,
            plans.c.expires_at,
        )
        .where(plans.c.state == PlanState.PARKED.value, plans.c.expires_at > now, ~_overtaken())
        .order_by(plans.c.made_at.desc(), plans.c.plan_hash)
    )
    return tuple(
        ParkedPlan(sha256, PlanKind(kind), snapshot_id, undoes, _read(trips), actor, made_at, expires_at)
        for sha256, kind, snapshot_id, undoes, trips, actor, made_at, expires_at in connection.execute(query)
    )


def approved(connection: Connection, server_name: str, now: datetime) -> tuple[ParkedPlan, ...]:
    """What waits, and two officers have let through; the earliest first, as they should be carried out."""
    return tuple(
        waiting
        for waiting in reversed(parked(connection, now))
        if approvals.is_approved(connection, server_name, Matter.PLAN, waiting.sha256, now)
    )


def find(connection: Connection, prefix: str, now: datetime) -> ParkedPlan:
    """The parked plan whose hash begins so. Raises NotWaiting, Ambiguous."""
    return only_one(parked(connection, now), prefix)


def load(connection: Connection, sha256: str) -> Plan:
    """The stored plan of this whole hash, exactly as it was parked.

    Raises:
        NotWaiting: none was ever parked, or its content was deleted.
        ContentAltered: the database holds something else under this hash.
    """
    content = connection.execute(select(plans.c.content).where(plans.c.plan_hash == sha256)).scalar_one_or_none()
    if content is None:
        raise NotWaiting(sha256[:12])
    text = zlib.decompress(content).decode()
    if hashlib.sha256(text.encode()).hexdigest() != sha256:
        raise ContentAltered(sha256)
    return plan_from_json(text)


def approved_plans(connection: Connection, server_name: str, now: datetime) -> tuple[Plan, ...]:
    """The content of all approved plans: a single person's act that one of them holds to the letter is covered."""
    return tuple(_remembered(connection, waiting.sha256) for waiting in approved(connection, server_name, now))


def mark_done(connection: Connection, sha256: str) -> None:
    """The plan was carried out: it covers nothing any more."""
    connection.execute(update(plans).where(plans.c.plan_hash == sha256).values(state=PlanState.DONE.value))


def withdraw(connection: Connection, audit_engine: Engine, sha256: str, *, actor: str) -> None:
    """Take a parked plan back, and its signatures with it."""
    connection.execute(update(plans).where(plans.c.plan_hash == sha256).values(state=PlanState.WITHDRAWN.value))
    approvals.forget(connection, Matter.PLAN, sha256)
    audit.record(audit_engine, [Act(actor, "plan.withdraw", sha256, {})])


def withdraw_overtaken(connection: Connection, audit_engine: Engine, *, actor: str) -> int:
    """End what a register overtook that was just accepted in this transaction; returns how many plans that were."""
    ended = _end_waiting(connection, _overtaken())
    for sha256 in ended:
        approvals.forget(connection, Matter.PLAN, sha256)
    audit.record(audit_engine, [Act(actor, "plan.overtaken", sha256, {}) for sha256 in ended])
    return len(ended)


def expire(connection: Connection, audit_engine: Engine, *, now: datetime, keep_days: int) -> int:
    """End what waited too long, and delete plans older than `keep_days` that wait no more: they hold personal data.

    Returns:
        How many plans ended now.
    """
    ended = _end_waiting(connection, plans.c.expires_at <= now)
    connection.execute(
        delete(plans).where(plans.c.state != PlanState.PARKED.value, plans.c.made_at < now - timedelta(days=keep_days))
    )
    audit.record(audit_engine, [Act("huep hr", "plan.expire", sha256, {}) for sha256 in ended])
    return len(ended)


def _end_waiting(connection: Connection, condition: ColumnElement[bool]) -> Sequence[str]:
    """Hashes of the parked plans of which `condition` was true; they wait no more."""
    statement = update(plans).where(plans.c.state == PlanState.PARKED.value, condition)
    ended = connection.execute(statement.values(state=PlanState.WITHDRAWN.value).returning(plans.c.plan_hash))
    return ended.scalars().all()


_parsed: dict[str, Plan] = {}


def _remembered(connection: Connection, sha256: str) -> Plan:
    if sha256 not in _parsed:
        plan = load(connection, sha256)
        while len(_parsed) >= PARSED_PLANS:
            _parsed.pop(next(iter(_parsed)))
        _parsed[sha256] = plan
    return _parsed[sha256]


def trip_json(trip: Trip) -> dict[str, str | int | None]:
    """A trip as plain JSON values."""
    return {"what": trip.what.value, "count": trip.count, "limit": trip.limit, "unit": trip.unit}


@lru_cache(maxsize=256)
def _read(trips: str) -> tuple[Trip, ...]:
    return tuple(Trip(Counted(trip["what"]), trip["count"], trip["limit"], trip["unit"]) for trip in json.loads(trips))
