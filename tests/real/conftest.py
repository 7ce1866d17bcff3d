"""What the tests against real parts share."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from sqlalchemy import text

from hr_provisioner.workplace import Workplace, open_workplace
from huep.stack.accounts import open_admin
from tests.clients.town import Town, founded
from tests.real.homeserver import Homeserver
from tests.real.own_province import OwnProvince


@pytest.fixture
async def homeserver(stack: Any) -> AsyncIterator[Homeserver]:
    """The province's Synapse, with names that only this test uses."""
    async with open_admin(stack.settings, stack.state) as admin:
        yield Homeserver(stack, admin)


@pytest.fixture
async def town(stack: Any) -> AsyncIterator[Town]:
    """Units and people that only this test has."""
    async with founded(stack.state) as found:
        yield found


LEFT_OVER = (
    "delete from register.posts where person_key <> all(:people)",
    "delete from register.unit_periods where unit_code <> all(:units) "
    "and unit_code not in (select unit_code from register.unit_rooms)",
)


@pytest.fixture
def place(stack: Any) -> Iterator[Workplace]:
    """The province's workplace; who and what a test brought into the register wants no rooms afterwards."""
    with open_workplace(stack.state) as opened:
        with opened.hr.connect() as connection:
            here = {
                "people": list(connection.execute(text("select person_key from register.people")).scalars()),
                "units": list(connection.execute(text("select unit_code from register.units")).scalars()),
            }
        yield opened
        with opened.hr.begin() as connection:
            for statement in LEFT_OVER:
                connection.execute(text(statement), here)


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnProvince]:
    """A province for tests that stop it or kill parts of it."""
    province = OwnProvince(tmp_path_factory.mktemp("own"))
    yield province
    province.stop()
