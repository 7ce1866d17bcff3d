"""Decisions about twins in a real database."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, delete, select

from hr_provisioner.current import KnownPerson
from hr_provisioner.directory.reader import read_current
from hr_provisioner.directory.store import write
from hr_provisioner.planning.identity import person_key
from hr_provisioner.planning.plan import make_plan
from hr_provisioner.planning.twin_decisions import (
    AlreadyOne,
    BothHaveAccounts,
    DeciderUnnamed,
    NeitherIsKnown,
    NotAlike,
    OneCode,
    TwinDecisions,
    decided,
)
from hr_provisioner.tables import twins
from huep import audit
from huep.database import Role
from huep.directory.tables import accounts, people, posts, unit_periods, units
from tests.conftest import Databases

from .test_twins import EMPTY, TODAY, person, register

NOW = datetime(2026, 3, 10, 1, tzinfo=UTC)


CODES = ("CU", "MOI", "KHAC")
ALIKE = {("CU", "MOI"), ("CU", "KHAC"), ("X", "Y")}
KEYS = [person_key(code) for code in CODES]


@pytest.fixture
def hr(databases: Databases) -> Iterator[Engine]:
    engine = databases.engine(Role.HR)

    def clear() -> None:
        with engine.begin() as connection:
            connection.execute(delete(twins))
            for table in (posts, accounts, people):
                connection.execute(delete(table).where(table.c.person_key.in_(KEYS)))
            for table in (unit_periods, units):
                connection.execute(delete(table).where(table.c.unit_code == "STC"))

    clear()
    yield engine
    clear()
    engine.dispose()


@pytest.fixture
def desk(databases: Databases, hr: Engine) -> Iterator[TwinDecisions]:
    engine = databases.engine(Role.AUDIT)
    yield TwinDecisions(hr, engine, lambda: NOW)
    engine.dispose()


def founded(hr: Engine, *codes: str) -> None:
    """A directory of namesakes of different birth dates, by code."""
    listed = (person(code, born=TODAY.replace(year=1980 + number)) for number, code in enumerate(codes))
    with hr.begin() as connection:
        write(connection, make_plan(register(*listed), EMPTY, TODAY).actions, "hue.localhost")


def known(hr: Engine) -> list[KnownPerson]:
    with hr.connect() as connection:
        return [person for person in read_current(connection, TODAY).people if person.key in KEYS]


def test_one_person_keeps_key_and_account_under_the_new_code(hr: Engine, desk: TwinDecisions) -> None:
    founded(hr, "CU")
    (before,) = known(hr)
    assert before.account is not None
    assert desk.same(" CU", "MOI", by="Trần Thị Bình", alike=ALIKE) == before.account.localpart
    (now,) = known(hr)
    with hr.connect() as connection:
        assert decided(connection) == {("CU", "MOI"): True}
        row = connection.execute(select(twins)).one()
    assert (now.key, now.account, now.officer_code) == (before.key, before.account, "MOI")
    assert (row.decided_by, row.decided_at) == ("Trần Thị Bình", NOW)


def test_a_decision_stands_in_the_audit_log(hr: Engine, desk: TwinDecisions, databases: Databases) -> None:
    founded(hr, "CU", "KHAC")
    desk.same("CU", "MOI", by="Bình", alike=ALIKE)
    desk.different("MOI", "KHAC", by="Bình")
    owner = databases.engine(Role.OWNER)
    with owner.connect() as connection:
        entries = [(entry.act, entry.subject, entry.actor) for entry in audit.read(connection)]
    owner.dispose()
    assert entries[-2:] == [("person.same", "MOI", "Bình"), ("person.different", "MOI", "Bình")]


def test_the_account_may_stand_under_the_new_code_already(hr: Engine, desk: TwinDecisions) -> None:
    founded(hr, "MOI")
    desk.same("CU", "MOI", by="Bình", alike=ALIKE)
    assert [person.officer_code for person in known(hr)] == ["MOI"]


def test_two_accounts_are_not_joined(hr: Engine, desk: TwinDecisions) -> None:
    founded(hr, "CU", "KHAC")
    with pytest.raises(BothHaveAccounts):
        desk.same("CU", "KHAC", by="Bình", alike=ALIKE)
    with hr.connect() as connection:
        assert decided(connection) == {}


def test_what_cannot_be_decided_is_refused(hr: Engine, desk: TwinDecisions) -> None:
    founded(hr, "CU")
    with pytest.raises(NeitherIsKnown):
        desk.same("X", "Y", by="Bình", alike=ALIKE)
    with pytest.raises(NeitherIsKnown):
        desk.different("X", "Y", by="Bình")
    with pytest.raises(OneCode):
        desk.same("CU", "CU ", by="Bình", alike=ALIKE)
    with pytest.raises(DeciderUnnamed):
        desk.different("CU", "KHAC", by=" ")


def test_a_decision_may_become_one_but_never_two_again(hr: Engine, desk: TwinDecisions) -> None:
    founded(hr, "CU")
    desk.different("CU", "KHAC", by="Bình")
    desk.same("CU", "KHAC", by="Bình", alike=ALIKE)
    with pytest.raises(AlreadyOne):
        desk.different("KHAC", "CU", by="Bình")


def test_codes_that_do_not_look_like_one_person_are_never_joined(hr: Engine, desk: TwinDecisions) -> None:
    founded(hr, "CU")
    with pytest.raises(NotAlike):
        desk.same("CU", "MOI", by="Bình", alike={("CU", "KHAC")})
    assert [person.officer_code for person in known(hr)] == ["CU"]


def test_somebody_without_an_account_under_the_new_code_gets_the_old_one(hr: Engine, desk: TwinDecisions) -> None:
    founded(hr, "CU", "MOI")
    with hr.begin() as connection:
        connection.execute(delete(accounts).where(accounts.c.person_key == person_key("MOI")))
    localpart = desk.same("CU", "MOI", by="Bình", alike=ALIKE)
    codes = {person.key: (person.officer_code, person.account is not None) for person in known(hr)}
    assert codes == {person_key("CU"): ("MOI", True), person_key("MOI"): ("CU", False)}
    (holder,) = [person for person in known(hr) if person.account is not None]
    assert holder.account is not None
    assert holder.account.localpart == localpart
