"""Roles that no post gives: granted and withdrawn by name; bots ask for them with each message."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, Engine, delete, insert, select

from hr_provisioner.activation.issue import NoSuchOfficer
from hr_provisioner.language import OfficerError
from huep import audit
from huep.catalogue import Message
from huep.directory.model import GrantedRole
from huep.directory.tables import people, roles
from huep.names import normalise


class RoleHeld(OfficerError):
    """The officer has the role already."""

    def __init__(self, code: str, role: GrantedRole) -> None:
        super().__init__(Message.of("roles-held", code=code, role=role.value))


class RoleNotHeld(OfficerError):
    """The officer does not have the role that is to be withdrawn."""

    def __init__(self, code: str, role: GrantedRole) -> None:
        super().__init__(Message.of("roles-not-held", code=code, role=role.value))


@dataclass(frozen=True)
class Holder:
    """Who holds a role."""

    officer_code: str
    full_name: str
    role: str


def grant(connection: Connection, auditor: Engine, code: str, role: GrantedRole, actor: str) -> Holder:
    """Give the officer of `code` the role, from their next message to a bot on.

    Args:
        connection: `Role.HR`, in a transaction.
        auditor: `Role.AUDIT`; recorded before the transaction ends, so that no role is held which nobody granted.
        code: officer code (mã cán bộ).
        role: which.
        actor: who answers for it.

    Raises:
        NoSuchOfficer, RoleHeld.
    """
    key, holder = _find(connection, code, role)
    if _holds(connection, key, role):
        raise RoleHeld(holder.officer_code, role)
    connection.execute(insert(roles), {"person_key": key, "role": role.value})
    audit.record(auditor, [audit.Act(actor, "role.grant", holder.officer_code, {"role": role.value})])
    return holder


def revoke(connection: Connection, auditor: Engine, code: str, role: GrantedRole, actor: str) -> Holder:
    """Withdraw what `grant` gave; arguments as there.

    Raises:
        NoSuchOfficer, RoleNotHeld.
    """
    key, holder = _find(connection, code, role)
    if not _holds(connection, key, role):
        raise RoleNotHeld(holder.officer_code, role)
    connection.execute(delete(roles).where(roles.c.person_key == key, roles.c.role == role.value))
    audit.record(auditor, [audit.Act(actor, "role.revoke", holder.officer_code, {"role": role.value})])
    return holder


def holders(connection: Connection) -> tuple[Holder, ...]:
    """Everybody who holds a role, by role and officer code."""
    query = (
        select(people.c.officer_code, people.c.full_name, roles.c.role)
        .join(people, people.c.person_key == roles.c.person_key)
        .order_by(roles.c.role, people.c.officer_code)
    )
    return tuple(Holder(*row) for row in connection.execute(query))


def _find(connection: Connection, code: str, role: GrantedRole) -> tuple[UUID, Holder]:
    officer_code = normalise(code).upper()
    query = select(people.c.person_key, people.c.full_name).where(people.c.officer_code == officer_code)
    # Locked, so that of two commands at once the second sees what the first did.
    found = connection.execute(query.with_for_update()).one_or_none()
    if found is None:
        raise NoSuchOfficer(officer_code)
    return found.person_key, Holder(officer_code, found.full_name, role.value)


def _holds(connection: Connection, key: UUID, role: GrantedRole) -> bool:
    query = select(roles.c.role).where(roles.c.person_key == key, roles.c.role == role.value)
    return connection.execute(query).one_or_none() is not None
