"""Whatever is planned, the tables hold afterwards what was foreseen; and taking it back restores them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text

from hr_provisioner.current import Current, PersonFacts
from hr_provisioner.directory.reader import read_concerned, read_current
from hr_provisioner.directory.store import MovedOn, write
from hr_provisioner.planning import identity
from hr_provisioner.planning.actions import (
    Action,
    CreateAccount,
    LockAccount,
    LockReason,
    MovePerson,
    OpenUnit,
    RenameAccount,
    Subject,
    UnlockAccount,
    WithdrawUnit,
)
from hr_provisioner.planning.inverse import undo_plan
from hr_provisioner.planning.outcome import after
from hr_provisioner.planning.plan import make_plan
from hr_provisioner.records import PostRecord, Register, UnitRecord
from huep.database import Role
from huep.directory.model import PostKind, Standing, UnitKind
from tests.hr_provisioner.test_plan import TODAY, registers

EVERYTHING = (
    "register.accounts, register.absences, register.posts, register.people, register.unit_periods, register.units"
)
SERVER = "hue.localhost"
UNIT = UnitRecord("STC", "Sở Tài chính", "STC", UnitKind.DEPARTMENT, 0, None, date(2020, 1, 1), None, ("SKH", "SNV"))
POST = PostRecord("STC", "CV", "Chuyên viên", Standing.STAFF, "", PostKind.MAIN, date(2024, 1, 1), None)
WHO = Subject(identity.person_key("1"), "1", "Lê Hoa", "STC")
MADE = CreateAccount(WHO, "le-hoa", "Lê Hoa · STC", PersonFacts("Lê Hoa", None, None, None, None, None), (POST,))


@pytest.fixture(scope="session")
def owner(databases) -> Engine:
    return databases.engine(Role.OWNER)


@contextmanager
def empty(owner: Engine) -> Iterator[Connection]:
    """An empty directory, for one transaction."""
    with owner.connect() as connection, connection.begin() as transaction:
        connection.execute(text(f"truncate {EVERYTHING} cascade"))
        yield connection
        transaction.rollback()


def do(connection: Connection, *actions: Action) -> Current:
    write(connection, actions, SERVER)
    return read_current(connection, TODAY)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(registers(), min_size=2, max_size=3))
def test_what_is_written_is_what_was_foreseen(owner: Engine, editions: list[Register]) -> None:
    with empty(owner) as connection:
        for edition in editions:
            before = read_current(connection, TODAY)
            plan = make_plan(edition, before, TODAY)
            assert do(connection, *plan.actions).sha256() == after(before, plan.actions, TODAY).sha256()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(registers(), min_size=2, max_size=2))
def test_what_is_taken_back_is_as_it_was(owner: Engine, editions: list[Register]) -> None:
    with empty(owner) as connection:
        first, second = editions
        before = do(connection, *make_plan(first, Current((), ()), TODAY).actions)
        rows = connection.execute(text("select count(*) from register.posts")).scalar_one()
        plan = make_plan(second, before, TODAY)
        current = do(connection, *plan.actions)
        undo = undo_plan(plan.actions, current, TODAY, plan_sha256=plan.sha256)
        undone = do(connection, *undo.actions)
        assert undone.sha256() == after(current, undo.actions, TODAY).sha256()
        stay = before.by_key
        restored = Current(
            tuple(unit for unit in undone.units if unit.code in before.unit_by_code),
            tuple(person for person in undone.people if person.key in stay),
        )
        assert restored.sha256() == before.sha256()
        assert connection.execute(text("select count(*) from register.posts")).scalar_one() == rows


def test_a_post_that_ends_stays_as_history(owner: Engine) -> None:
    from tests.hr_provisioner.golden_folder import scenarios

    transfer = next(s for s in scenarios() if s.name.startswith("14-"))
    first = next(s for s in scenarios() if s.name.startswith("01-"))
    with empty(owner) as connection:
        for register in (first.register, transfer.register):
            plan = make_plan(register, read_current(connection, first.today), first.today)
            write(connection, plan.actions, SERVER)
        history = connection.execute(text("select unit_code, valid_to from register.posts order by valid_from")).all()
    assert [tuple(row) for row in history] == [("STC", date(2026, 3, 10)), ("SNV", None)]


def test_a_post_that_goes_on_after_it_had_ended_is_the_same_row(owner: Engine) -> None:
    with empty(owner) as connection:
        do(connection, OpenUnit(UNIT), MADE)
        do(connection, MovePerson(WHO, (POST,), (), TODAY))
        (person,) = do(connection, MovePerson(WHO, (), (POST,), TODAY)).people
        rows = connection.execute(text("select valid_to from register.posts")).scalars().all()
    assert person.posts == (POST,)
    assert rows == [None]


def test_a_withdrawn_unit_opens_again_under_its_code(owner: Engine) -> None:
    with empty(owner) as connection:
        assert do(connection, OpenUnit(UNIT)).units == (UNIT,)
        assert do(connection, WithdrawUnit(UNIT, None)).units == ()
        assert do(connection, OpenUnit(UNIT)).units == (UNIT,)


def test_a_lock_says_why_and_since_when(owner: Engine) -> None:
    query = text("select locked, lock_owner, lock_reason, locked_at is not null from register.accounts")
    with empty(owner) as connection:
        do(connection, OpenUnit(UNIT), MADE)
        do(connection, LockAccount(WHO, "le-hoa", TODAY, reason=LockReason.DISMISSED))
        assert tuple(connection.execute(query).one()) == (True, "hr", "dismissed", True)
        do(connection, UnlockAccount(WHO, "le-hoa"))
        assert tuple(connection.execute(query).one()) == (False, None, None, False)


@pytest.mark.parametrize(
    ("meanwhile", "late"),
    [
        ("locked = true, lock_owner = '@chief:x'", LockAccount(WHO, "le-hoa", TODAY)),
        ("locked = true, lock_owner = '@chief:x'", UnlockAccount(WHO, "le-hoa")),
        ("locked = false, lock_owner = null", UnlockAccount(WHO, "le-hoa")),
        ("locked = false, lock_owner = null", LockAccount(WHO, "le-hoa", TODAY, again=True)),
        ("display_name = 'Ai Đó'", RenameAccount(WHO, "le-hoa", "Lê Hoa · STC", "Lê Hoa · SNV")),
    ],
)
def test_what_the_other_lane_wrote_meanwhile_is_never_overwritten(owner: Engine, meanwhile: str, late: Action) -> None:
    with empty(owner) as connection:
        do(connection, OpenUnit(UNIT), MADE)
        connection.execute(text(f"update register.accounts set {meanwhile}"))
        before = read_current(connection, TODAY)
        with pytest.raises(MovedOn):
            write(connection, [late], SERVER)
        assert read_current(connection, TODAY) == before


def test_whom_actions_concern_is_read_and_who_has_the_account_name_they_ask_for(owner: Engine) -> None:
    other = replace(WHO, key=identity.person_key("2"), officer_code="2")
    with empty(owner) as connection:
        do(connection, OpenUnit(UNIT), MADE, replace(MADE, who=other, localpart="le-hoa-2"))
        stranger = replace(WHO, key=identity.person_key("3"), officer_code="3")
        rename = RenameAccount(other, "le-hoa-2", "", "x")

        def read(*actions: Action) -> list[str]:
            return [person.officer_code for person in read_concerned(connection, TODAY, actions, SERVER).people]

        assert read(rename) == ["2"]
        assert read(replace(MADE, who=stranger)) == ["1"]
        assert read() == []
        assert read_concerned(connection, TODAY + timedelta(days=1), [rename], SERVER).units == (UNIT,)
