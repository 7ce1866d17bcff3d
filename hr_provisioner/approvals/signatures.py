"""Whether two officers have let something through: counted anew each time, from the signatures themselves.

No flag says "approved" anywhere. Each asking reads the stored signatures, verifies them against the keys enrolled now,
and counts the officers who still stand.
"""

from datetime import datetime

from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.dialects.postgresql import insert

from hr_provisioner.approvals.officers import Officer, standing_officers
from hr_provisioner.approvals.signing import Approval, Matter, SignatureRefused, Statement, verify
from hr_provisioner.language import OfficerError
from hr_provisioner.tables import approvals, officers
from huep import audit
from huep.audit import Act
from huep.catalogue import Message

NEEDED = 2
"""So many officers, each with a key of their own."""


class NotAnOfficer(OfficerError):
    """The signature is of somebody who is not enrolled, or does not count any more."""

    def __init__(self, officer: str) -> None:
        super().__init__(Message.of("approval-not-an-officer", officer=officer))


class AlreadySigned(OfficerError):
    """One officer is one signature."""

    def __init__(self, officer: str) -> None:
        super().__init__(Message.of("approval-already", officer=officer))


def add(
    connection: Connection,
    audit_engine: Engine,
    approval: Approval,
    *,
    server_name: str,
    actor: str,
    now: datetime,
) -> Statement:
    """Verify a signature, keep it, and write it into the audit chain; returns what it says.

    Whether what it approves is waiting at all is asked by the caller (`hr_provisioner.approvals.waiting`).

    Args:
        connection: of `Role.HR`, in a transaction of the caller's.
        audit_engine: of `Role.AUDIT`.
        approval: as the officer's machine made it.
        server_name: ours.
        actor: who hands it in.
        now: the present moment.

    Raises:
        NotAnOfficer: nobody of that code stands.
        AlreadySigned: this officer's signature under it counts already.
        SignatureRefused: see `hr_provisioner.approvals.signing.verify`.
    """
    claimed = Statement.parse(approval.text)
    standing = standing_officers(connection, now)
    if claimed.officer not in standing:
        raise NotAnOfficer(claimed.officer)
    statement = verify(approval, standing[claimed.officer].public_key, server_name=server_name, now=now)
    before = signers(connection, server_name, statement.matter, statement.sha256, now)
    if any(officer.code == statement.officer for officer in before):
        raise AlreadySigned(statement.officer)
    row = {
        "subject": statement.matter.value,
        "subject_hash": statement.sha256,
        "officer": statement.officer,
        "statement": approval.text,
        "signature": approval.signature,
        "signed_at": statement.signed_at,
        "expires_at": statement.expires_at,
    }
    connection.execute(insert(approvals).values(row).on_conflict_do_update(constraint=approvals.primary_key, set_=row))
    details = {
        "statement": approval.text,
        "signature": approval.signature,
        "public_key": approval.public_key,
        "handed_in_by": actor,
    }
    act = f"{statement.matter.value.replace('-', '_')}.approve"
    audit.record(audit_engine, [Act(statement.officer, act, statement.sha256, details)])
    return statement


def signers(
    connection: Connection, server_name: str, matter: Matter, sha256: str, now: datetime
) -> tuple[Officer, ...]:
    """Officers whose signatures under `sha256` count now, by code."""
    query = (
        select(approvals.c.officer, approvals.c.statement, approvals.c.signature)
        .where(approvals.c.subject == matter.value, approvals.c.subject_hash == sha256)
        .order_by(approvals.c.officer)
    )
    rows = connection.execute(query).all()
    standing = standing_officers(connection, now) if rows else {}
    found: list[Officer] = []
    for code, text, signature in rows:
        officer = standing.get(code)
        if officer is None:
            continue
        approval = Approval(text, signature, officer.public_key)
        try:
            said = verify(approval, officer.public_key, server_name=server_name, now=now)
        except SignatureRefused:
            # Expired, made with a key since replaced, or tampered with: no signature.
            continue
        if (said.matter, said.sha256, said.officer) == (matter, sha256, code):
            found.append(officer)
    return tuple(found)


def is_approved(connection: Connection, server_name: str, matter: Matter, sha256: str, now: datetime) -> bool:
    """Whether two officers who stand now let `sha256` through, with signatures that hold now."""
    return len(signers(connection, server_name, matter, sha256, now)) >= NEEDED


def forget(connection: Connection, matter: Matter, sha256: str) -> None:
    """Drop the signatures under something that was withdrawn; the audit chain keeps them."""
    connection.execute(delete(approvals).where(approvals.c.subject == matter.value, approvals.c.subject_hash == sha256))


def lock_officers(connection: Connection) -> None:
    """Let nobody else enrol, remove or sign until the transaction ends."""
    connection.exec_driver_sql(f"lock table {officers.fullname}, {approvals.fullname} in share row exclusive mode")
