"""Shelves for the rows of a device, and who may do what to them."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bots.matrix.store.folder import FolderShelf
from bots.matrix.store.postgres import PostgresShelf
from bots.matrix.store.shelf import Shelf
from huep.database import Role
from tests.clients.running import Databases


@pytest.fixture(scope="module")
def engine(databases: Databases) -> Iterator[Engine]:
    engine = databases.engine(Role.BOTS)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def owner_engine(databases: Databases) -> Iterator[Engine]:
    """May do to the rows what somebody with the whole database may."""
    engine = databases.engine(Role.OWNER)
    yield engine
    engine.dispose()


@pytest.fixture
def user_id() -> str:
    return f"@bot-{secrets.token_hex(4)}:x"


@pytest.fixture(scope="module")
def key_file(databases: Databases) -> Path:
    return databases.state.secrets / "bots-store-key"


@pytest.fixture(params=["postgres", "folder"])
def shelf(request: pytest.FixtureRequest, engine: Engine, key_file: Path, tmp_path: Path) -> Callable[[], Shelf]:
    """What a start makes: the same rows, every time."""
    if request.param == "folder":
        return lambda: FolderShelf(tmp_path / "device")
    return lambda: PostgresShelf(engine, key_file)
