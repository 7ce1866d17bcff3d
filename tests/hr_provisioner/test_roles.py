"""Roles that no post gives: who may ask bots for more holds one, from the moment it is granted until it is withdrawn."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, delete, insert

from hr_provisioner.activation.issue import NoSuchOfficer
from hr_provisioner.directory import roles
from hr_provisioner.directory.roles import Holder, RoleHeld, RoleNotHeld
from hr_provisioner.planning.identity import person_key
from huep import audit
from huep.database import Role
from huep.directory.model import GrantedRole
from huep.directory.reader import Directory
from huep.directory.tables import REGISTER, accounts, people, posts, unit_periods, units
from tests.conftest import Databases

OFFICER, OPERATOR = GrantedRole.HR_OFFICER, GrantedRole.OPERATOR
COMMUNICATOR = GrantedRole.COMMUNICATOR


@dataclass
class Office:
    """The engines of whoever runs HueP, and what bots see."""

    hr: Engine
    auditor: Engine
    directory: Directory

    def grant(self, code: str, role: GrantedRole) -> Holder:
        with self.hr.begin() as connection:
            return roles.grant(connection, self.auditor, code, role, "quan-tri")

    def revoke(self, code: str, role: GrantedRole) -> Holder:
        with self.hr.begin() as connection:
            return roles.revoke(connection, self.auditor, code, role, "quan-tri")

    def seen_by_bots(self) -> frozenset[str]:
        person = self.directory.person_of("@sam:x")
        assert person is not None
        return person.roles

    def recorded(self) -> list[tuple[str, str, str, str]]:
        with self.hr.connect() as connection:
            acts = [entry for entry in audit.read(connection) if entry.act.startswith("role.")]
        return [(entry.actor, entry.act, entry.subject, json.loads(entry.details)["role"]) for entry in acts]


@pytest.fixture
def office(databases: Databases) -> Iterator[Office]:
    """One officer, CB-1, in one unit."""
    hr, auditor, bots = (databases.engine(role) for role in (Role.HR, Role.AUDIT, Role.BOTS))
    key, since = person_key("CB-1"), date(2026, 1, 1)
    unit = {"parent_code": None, "name": "Sở Nội vụ", "short_name": "SNV", "kind": "department", "level": 1}
    post = {"position_code": "CV", "position": "Chuyên viên", "standing": "staff", "rank": "", "kind": "main"}
    with hr.begin() as connection:
        connection.execute(insert(units), {"unit_code": "SNV"})
        connection.execute(insert(unit_periods), {"unit_code": "SNV", "valid_from": since, **unit})
        person = {"person_key": key, "officer_code": "CB-1", "full_name": "Võ Thị Sâm", "folded_name": "vo thi sam"}
        connection.execute(insert(people), person)
        connection.execute(insert(posts), {"person_key": key, "unit_code": "SNV", "valid_from": since, **post})
        connection.execute(insert(accounts), {"person_key": key, "user_id": "@sam:x", "display_name": "Võ Thị Sâm"})
    yield Office(hr, auditor, Directory(bots, lambda: datetime(2026, 3, 16, 3, tzinfo=UTC)))
    with hr.begin() as connection:
        for table in reversed(REGISTER.sorted_tables):
            connection.execute(delete(table))
    for engine in (hr, auditor, bots):
        engine.dispose()


def test_a_role_holds_from_the_moment_it_is_granted_until_it_is_withdrawn(office: Office) -> None:
    before = len(office.recorded())
    assert office.seen_by_bots() == frozenset()
    assert office.grant(" cb-1", OFFICER) == Holder("CB-1", "Võ Thị Sâm", "hr_officer")
    office.grant("CB-1", OPERATOR)
    office.grant("CB-1", COMMUNICATOR)
    assert office.seen_by_bots() == {"hr_officer", "operator", "communicator"}
    office.revoke("CB-1", OFFICER)
    assert office.seen_by_bots() == {"operator", "communicator"}
    assert office.recorded()[before:] == [
        ("quan-tri", "role.grant", "CB-1", "hr_officer"),
        ("quan-tri", "role.grant", "CB-1", "operator"),
        ("quan-tri", "role.grant", "CB-1", "communicator"),
        ("quan-tri", "role.revoke", "CB-1", "hr_officer"),
    ]


def test_all_who_hold_a_role_are_listed(office: Office) -> None:
    office.grant("CB-1", OPERATOR)
    office.grant("CB-1", OFFICER)
    with office.hr.connect() as connection:
        assert [(holder.officer_code, holder.role) for holder in roles.holders(connection)] == [
            ("CB-1", "hr_officer"),
            ("CB-1", "operator"),
        ]


def test_what_is_refused_changes_and_records_nothing(office: Office) -> None:
    office.grant("CB-1", OFFICER)
    before = office.recorded()
    with pytest.raises(RoleHeld):
        office.grant("CB-1", OFFICER)
    with pytest.raises(RoleNotHeld):
        office.revoke("CB-1", OPERATOR)
    with pytest.raises(NoSuchOfficer, match="CB-9"):
        office.grant("CB-9", OFFICER)
    assert office.recorded() == before
    assert office.seen_by_bots() == {"hr_officer"}


def test_a_role_that_cannot_be_recorded_is_not_granted(office: Office) -> None:
    with pytest.raises(Exception, match="permission denied"), office.hr.begin() as connection:
        roles.grant(connection, office.hr, "CB-1", OFFICER, "quan-tri")
    assert office.seen_by_bots() == frozenset()
