"""How many open accounts a unit has: the fast lane's query and the reading of the whole directory say the same."""

from collections.abc import Iterator
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import Connection, text

from hr_provisioner.applying.recent import read_unit_sizes, unit_sizes
from hr_provisioner.directory.reader import read_current
from huep.database import Role
from tests.conftest import Databases

TODAY = date(2026, 3, 10)
PAST, NEXT = (date(2020, 1, 1), TODAY), (date(2026, 4, 1), None)
"""A post that ended with yesterday, and one that is to come."""
HELD = (date(2020, 1, 1), None)


@pytest.fixture
def register(databases: Databases) -> Iterator[Connection]:
    """The directory with two units more, as it was again afterwards."""
    engine = databases.engine(Role.HR)
    with engine.connect() as connection:
        for unit in ("KT-A", "KT-B"):
            connection.execute(text("insert into register.units (unit_code) values (:unit)"), {"unit": unit})
        yield connection
        connection.rollback()
    engine.dispose()


def add(register: Connection, *posts: tuple[str, str, tuple[date, date | None]], locked: bool = False) -> None:
    """Somebody with posts (unit, kind, days)."""
    key = uuid4()
    of = {"key": key, "code": f"KT{key.hex[:8]}", "user": f"@kt-{key.hex[:8]}:test", "locked": locked}
    register.execute(
        text("insert into register.people (person_key, officer_code, full_name, folded_name) "
             "values (:key, :code, 'Lê Thử', 'le thu')"), of)  # fmt: skip
    register.execute(
        text("insert into register.accounts (person_key, user_id, display_name, locked, lock_owner) "
             "values (:key, :user, 'Lê Thử', :locked, case when :locked then 'hr' end)"), of)  # fmt: skip
    for unit, kind, (start, end) in posts:
        register.execute(
            text("insert into register.posts (person_key, unit_code, position_code, position, standing, rank, kind, "
                 "valid_from, valid_to) values (:key, :unit, 'CV', 'Chuyên viên', 'staff', '', :kind, :start, :end)"),
            of | {"unit": unit, "kind": kind, "start": start, "end": end},
        )  # fmt: skip


def test_whoever_has_just_lost_the_post_counts_where_it_was(register: Connection) -> None:
    add(register, ("KT-A", "main", HELD))
    add(register, ("KT-A", "main", PAST))
    add(register, ("KT-A", "main", PAST), ("KT-B", "main", NEXT))
    add(register, ("KT-A", "main", PAST), ("KT-B", "concurrent", HELD))
    add(register, ("KT-A", "secondment", HELD), ("KT-B", "main", HELD))
    add(register, ("KT-A", "main", PAST), ("KT-B", "concurrent", PAST))
    add(register, ("KT-A", "concurrent", (date(2019, 1, 1), date(2019, 2, 1))), ("KT-B", "secondment", PAST))
    add(register, ("KT-B", "main", NEXT))
    add(register, ("KT-A", "main", HELD), locked=True)
    add(register)
    expected = {"KT-A": 4, "KT-B": 4}
    whole = unit_sizes(read_current(register, TODAY), TODAY)
    assert {unit: whole[unit] for unit in expected} == expected
    assert read_unit_sizes(register, ["KT-A", "KT-B"], TODAY) == expected
    assert read_unit_sizes(register, ["KT-A"], TODAY) == {"KT-A": 4}
