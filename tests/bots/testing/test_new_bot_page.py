"""The page that builds a bot is true: its files are taken from it as they stand, and its tests are run."""

import importlib
import importlib.util
import inspect
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Engine, text

import bots
from huep.database import Role, connect_as

PAGE = Path(__file__).parents[3] / "docs" / "new-bot.md"
FILE = re.compile(r"^\*\*`(?P<path>[^`]+)`\*\*\n\n```\w+\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL)
TABLE = "bots.duty_shifts"


def files() -> dict[str, str]:
    """The page's files by their paths."""
    return {found["path"]: found["content"] for found in FILE.finditer(PAGE.read_text("utf-8"))}


def names_of_tests() -> list[Any]:
    """The page's tests; who needs the shared province says so by its arguments."""
    tests = re.findall(
        r"^async def (test_\w+)\((.*)\) -> None:$", files()["tests/bots/commands/test_duty.py"], re.MULTILINE
    )
    return [
        pytest.param(name, marks=pytest.mark.province if "stack" in arguments else (), id=name)
        for name, arguments in tests
    ]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The page's files, as a reader would have written them; `bots.duty` is found among the bots."""
    root = tmp_path_factory.mktemp("page")
    for path, content in files().items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, "utf-8")
    bots.__path__.append(str(root / "bots"))
    yield root
    bots.__path__.remove(str(root / "bots"))


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def migrate(engine: Engine, upgrade: Callable[[], None]) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"drop table if exists {TABLE}"))
        with Operations.context(MigrationContext.configure(connection)):
            upgrade()


@pytest.mark.parametrize("name", names_of_tests())
async def test_what_the_page_says_is_so(name: str, written: Path, request: pytest.FixtureRequest) -> None:
    test = getattr(load(written / "tests/bots/commands/test_duty.py"), name)
    arguments = {argument: request.getfixturevalue(argument) for argument in inspect.signature(test).parameters}
    place = arguments.get("stack") or arguments["databases"]
    owner = connect_as(place.settings, place.state, Role.OWNER)
    try:
        migrate(owner, load(next((written / "huep/migrations/versions").iterdir())).upgrade)
        await test(**arguments)
    finally:
        with owner.begin() as connection:
            connection.execute(text(f"drop table if exists {TABLE}"))
        owner.dispose()


def test_no_block_of_the_page_is_left_out() -> None:
    blocks = re.findall(r"^```(python|fluent)$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert len(blocks) == len(files()) > 8


def test_the_page_is_linted_as_the_code_is(written: Path) -> None:
    """Its Python is formatted by ruff, and passes the rules that bots pass."""
    ruff = [str(Path(sys.executable).with_name("ruff"))]
    sources = [str(written / path) for path in files() if path.endswith(".py")]
    config = ["--config", str(PAGE.parents[1] / "pyproject.toml")]
    for command in (["format", "--check", *config], ["check", *config, "--ignore", "D,I001,INP001,S101"]):
        done = subprocess.run([*ruff, *command, *sources], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
