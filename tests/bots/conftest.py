"""The bots' side of a real PostgreSQL, for tests of what bots keep there."""

import secrets
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from huep.database import Role
from tests.bots.broadcasts.town import without_office_rooms
from tests.conftest import Databases


@pytest.fixture(scope="session")
def databases(databases: Databases) -> Databases:
    """Settings by which offices of the small province have no rooms of their own."""
    return replace(databases, settings=without_office_rooms(databases.settings))


@pytest.fixture
def engine(databases: Databases) -> Iterator[Engine]:
    """HueP's database as bots see it."""
    engine = databases.engine(Role.BOTS)
    yield engine
    engine.dispose()


@pytest.fixture
def bot() -> str:
    """A bot of whom no other test has heard."""
    return f"bot-{secrets.token_hex(4)}"
