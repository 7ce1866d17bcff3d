"""Whatever waits for two officers, plan or snapshot alike; and the way by which a signature comes in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from hr_provisioner.approvals import enrolment, plan_store
from hr_provisioner.approvals import signatures as approvals
from hr_provisioner.approvals.officers import Officer
from hr_provisioner.approvals.prefix import only_one
from hr_provisioner.approvals.request_file import Request, SnapshotFacts, plan_request, snapshot_request
from hr_provisioner.approvals.signing import CLOCK_TOLERANCE, Approval, Expired, Matter, Statement
from hr_provisioner.snapshots import store as snapshot_store
from huep import audit
from huep.audit import Act
from huep.catalogue import Locale, Message


@dataclass(frozen=True)
class Waiting:
    """One thing that waits."""

    matter: Matter
    sha256: str
    what: Message
    """In a few words."""
    reasons: tuple[Message, ...]
    made_at: datetime
    expires_at: datetime
    signers: tuple[Officer, ...]
    """Whose signatures count now."""


def waiting(connection: Connection, server_name: str, hours: int, now: datetime) -> tuple[Waiting, ...]:
    """Everything that waits, the latest first; `hours` is `approval_hours` of the settings."""
    found = [*_plans(connection, server_name, now), *_snapshots(connection, server_name, hours, now)]
    return tuple(sorted(found, key=lambda one: one.made_at, reverse=True))


def find(connection: Connection, prefix: str, server_name: str, hours: int, now: datetime) -> Waiting:
    """What waits under a hash that begins so. Raises NotWaiting, Ambiguous."""
    return only_one(waiting(connection, server_name, hours, now), prefix)


def request_of(connection: Connection, one: Waiting, server_name: str, locale: Locale) -> Request:
    """What an officer takes to their own machine."""
    if one.matter is Matter.PLAN:
        plan = plan_store.load(connection, one.sha256)
        return plan_request(server_name, plan, one.expires_at, one.reasons, locale)
    stored = snapshot_store.by_hash(connection, one.sha256)
    facts = SnapshotFacts(
        stored.source,
        stored.sha256,
        stored.exported_at,
        stored.rows,
        stored.people,
        stored.units,
        stored.quarantined_rows,
    )
    return snapshot_request(server_name, facts, one.expires_at, one.reasons, locale)


def withdraw(connection: Connection, audit_engine: Engine, one: Waiting, *, actor: str) -> None:
    """Take back what waits, and the signatures under it; read or planned again, it waits anew, for new ones."""
    if one.matter is Matter.PLAN:
        plan_store.withdraw(connection, audit_engine, one.sha256, actor=actor)
        return
    snapshot_store.withdraw(connection, one.sha256)
    approvals.forget(connection, Matter.SNAPSHOT, one.sha256)
    audit.record(audit_engine, [Act(actor, "snapshot.withdraw", one.sha256, {})])


def hand_in(
    connection: Connection,
    audit_engine: Engine,
    approval: Approval,
    *,
    server_name: str,
    hours: int,
    actor: str,
    now: datetime,
) -> Statement:
    """Keep a signature under something that waits, or under a card or a removal.

    Raises:
        NotWaiting: no such plan or snapshot waits.
        NotEnrolled, NotAnOfficer, AlreadySigned, SignatureRefused: it does not count.
    """
    statement = Statement.parse(approval.text)
    match statement.matter:
        case Matter.PLAN | Matter.SNAPSHOT:
            one = find(connection, statement.sha256, server_name, hours, now)
            # What was signed before it was parked anew was signed for the time before.
            if one.matter is not statement.matter or statement.signed_at < one.made_at - CLOCK_TOLERANCE:
                raise Expired(statement.officer)
        case Matter.OFFICER | Matter.REMOVE_OFFICER:
            enrolment.find(connection, statement.officer)
    return approvals.add(connection, audit_engine, approval, server_name=server_name, actor=actor, now=now)


def _plans(connection: Connection, server_name: str, now: datetime) -> list[Waiting]:
    return [
        Waiting(
            Matter.PLAN,
            parked.sha256,
            Message.of(f"waiting-plan-{parked.kind.value}", actor=parked.actor),
            tuple(trip.message for trip in parked.trips),
            parked.made_at,
            parked.expires_at,
            approvals.signers(connection, server_name, Matter.PLAN, parked.sha256, now),
        )
        for parked in plan_store.parked(connection, now)
    ]


def _snapshots(connection: Connection, server_name: str, hours: int, now: datetime) -> list[Waiting]:
    return [
        Waiting(
            Matter.SNAPSHOT,
            stored.hash,
            Message.of("waiting-snapshot", source=stored.source, people=stored.people, units=stored.units),
            stored.reasons,
            stored.received_at,
            expires_at,
            approvals.signers(connection, server_name, Matter.SNAPSHOT, stored.hash, now),
        )
        for stored in snapshot_store.parked(connection)
        if (expires_at := stored.received_at + timedelta(hours=hours)) > now
    ]
