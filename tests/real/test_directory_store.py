"""Whatever is planned, the tables hold afterwards what was foreseen."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from hr_provisioner.directory_store import read_current, write
from hr_provisioner.outcome import after
from hr_provisioner.plan import make_plan
from hr_provisioner.records import Register
from huep.database import Role
from tests.hr_provisioner.test_plan import TODAY, registers

EVERYTHING = (
    "register.accounts, register.absences, register.posts, register.people, register.unit_periods, register.units"
)


@pytest.fixture(scope="session")
def owner(databases) -> Engine:
    return databases.engine(Role.OWNER)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(registers(), min_size=2, max_size=3))
def test_what_is_written_is_what_was_foreseen(owner: Engine, editions: list[Register]) -> None:
    with owner.connect() as connection, connection.begin() as transaction:
        connection.execute(text(f"truncate {EVERYTHING} cascade"))
        for edition in editions:
            before = read_current(connection, TODAY)
            plan = make_plan(edition, before, TODAY)
            write(connection, plan.actions, "hue.localhost")
            assert read_current(connection, TODAY).sha256() == after(before, plan.actions, TODAY).sha256()
        transaction.rollback()


def test_a_post_that_ends_stays_as_history(owner: Engine) -> None:
    from tests.hr_provisioner.golden_folder import scenarios

    transfer = next(s for s in scenarios() if s.name.startswith("14-"))
    first = next(s for s in scenarios() if s.name.startswith("01-"))
    with owner.connect() as connection, connection.begin() as transaction:
        connection.execute(text(f"truncate {EVERYTHING} cascade"))
        for register in (first.register, transfer.register):
            plan = make_plan(register, read_current(connection, first.today), first.today)
            write(connection, plan.actions, "hue.localhost")
        history = connection.execute(text("select unit_code, valid_to from register.posts order by valid_from")).all()
        transaction.rollback()
    assert [tuple(row) for row in history] == [("STC", date(2026, 3, 10)), ("SNV", None)]
