"""Signatures of officers, handed in at the server."""

from sqlalchemy import Connection

from hr_provisioner.approvals import waiting
from hr_provisioner.approvals.signing import Approval, Statement
from hr_provisioner.workplace import Workplace


def hand_in(place: Workplace, connection: Connection, approval: Approval, actor: str) -> Statement:
    """Keep one signature; `actor` answers for it.

    The connection's transaction should keep nothing else, so that the signature stands in the table whenever it stands
    in the audit chain.

    Raises:
        NotWaiting, NotEnrolled, NotAnOfficer, AlreadySigned, SignatureRefused: as `waiting.hand_in`.
    """
    return waiting.hand_in(
        connection,
        place.audit,
        approval,
        server_name=place.settings.server_name,
        hours=place.settings.hr.approval_hours,
        actor=actor,
        now=place.now(),
    )
