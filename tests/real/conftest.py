"""What the tests against real parts share."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

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


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnProvince]:
    """A province for tests that stop it or kill parts of it."""
    province = OwnProvince(tmp_path_factory.mktemp("own"))
    yield province
    province.stop()
