"""What words mean, asked of PostgreSQL: the same people as without it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import delete, insert

from huep.database import Role
from huep.directory import Directory
from huep.directory import tables as t
from huep.directory.model import Member
from huep.names import fold
from tests.bots.broadcasts.audience.land import DIRECTORY, PEOPLE, UNITS
from tests.bots.broadcasts.audience.test_phrases import EVERYTHING
from tests.conftest import Databases

START = date(2020, 1, 1)


@pytest.fixture(scope="module")
def directory(databases: Databases) -> Iterator[Directory]:
    hr = databases.engine(Role.HR)
    with hr.begin() as connection:
        connection.execute(insert(t.units), [{"unit_code": unit.code} for unit in UNITS])
        connection.execute(
            insert(t.unit_periods),
            [
                {
                    "unit_code": unit.code,
                    "parent_code": unit.parent_code,
                    "name": unit.name,
                    "short_name": unit.short_name,
                    "kind": unit.kind.value,
                    "level": unit.level,
                    "valid_from": START,
                }
                for unit in UNITS
            ],
        )
        connection.execute(
            insert(t.people),
            [
                {
                    "person_key": one.key,
                    "officer_code": one.officer_code,
                    "full_name": one.full_name,
                    "folded_name": fold(one.full_name),
                }
                for one in PEOPLE
            ],
        )
        connection.execute(
            insert(t.posts),
            [
                {
                    "person_key": one.key,
                    "unit_code": post.unit_code,
                    "position_code": post.position_code,
                    "position": post.position,
                    "standing": post.standing.value,
                    "rank": post.rank,
                    "kind": post.kind.value,
                    "valid_from": post.valid_from,
                }
                for one in PEOPLE
                for post in one.posts
            ],
        )
        connection.execute(
            insert(t.accounts),
            [
                {"person_key": one.key, "user_id": one.user_id, "display_name": one.full_name, "locked": one.locked}
                for one in PEOPLE
            ],
        )
        granted = [{"person_key": one.key, "role": role} for one in PEOPLE for role in one.roles]
        connection.execute(insert(t.roles), granted)
    bots = databases.engine(Role.BOTS)
    yield Directory(bots, lambda: datetime(2026, 3, 16, 3, tzinfo=UTC))
    with hr.begin() as connection:
        for table in reversed(t.REGISTER.sorted_tables):
            connection.execute(delete(table))
    bots.dispose()
    hr.dispose()


def test_phrases_reach_the_same_members_in_the_database(directory: Directory) -> None:
    def found(members: tuple[Member, ...]) -> dict[object, Member]:
        assert len({member.key for member in members}) == len(members)
        return {member.key: member for member in members}

    assert directory.positions() == DIRECTORY.positions()
    assert {unit.code: unit for unit in directory.units()} == {unit.code: unit for unit in UNITS}
    for audience in EVERYTHING:
        assert found(directory.audience(audience)) == found(DIRECTORY.audience(audience)), audience
