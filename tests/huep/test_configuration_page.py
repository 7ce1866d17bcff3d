"""docs/configuration.md beside the settings that it describes: every key stands there, under its section."""

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from huep.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"
CELL = re.compile(r"`([^`]+)`")


def keys_of(model: type[BaseModel], section: str = "") -> Iterator[tuple[str, str]]:
    """(section, key) of every setting, sections within sections included."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from keys_of(field.annotation, f"{section}.{name}".lstrip("."))
        else:
            yield section, name


def described() -> set[tuple[str, str]]:
    """(section, key) of every row of the page's table; a row without a section belongs to the one above."""
    section, found = "", set[tuple[str, str]]()
    for line in PAGE.read_text("utf-8").splitlines():
        if not line.startswith("| "):
            continue
        first, keys = line.split("|")[1:3]
        if name := CELL.search(first):
            section = name[1].strip("[]")
        found |= {(section, key) for key in CELL.findall(keys)}
    return found


def test_every_setting_is_on_the_page_under_its_section() -> None:
    assert set(keys_of(Settings)) - described() == set()


def test_the_page_names_no_setting_that_does_not_exist() -> None:
    assert described() - set(keys_of(Settings)) == set()
