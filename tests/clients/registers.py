"""Registers for tests against the real stack: the demo's, cut small, changed as a clerk changes them, exported now."""

import csv
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path

from hr_provisioner.demo_data.edition import first_level_code
from hr_provisioner.demo_data.writing import EditionName, write_demo
from hr_provisioner.sources.csv_edition import POSTS_FILE, UNITS_FILE
from huep import clock

Row = dict[str, str]
Change = Callable[[list[Row]], list[Row]]

SEED = 2026
DEMO_PEOPLE = 300
"""As many as the whole demo needs to have staff in its departments and wards, not only leaders."""


def small_province(registers: Path, people: int) -> None:
    """The demo's cast and first edition, cut to whole departments and wards that hold about so many people.

    Synapse needs minutes for the rooms of all of its 95 units, and no test needs so many.
    """
    demo = write_demo(registers, DEMO_PEOPLE, SEED, clock.today(), editions=(EditionName.ONE,))
    edition = demo.edition(EditionName.ONE)
    _keep(edition, _whole_units(edition / POSTS_FILE, people, demo.cast.codes))


def _whole_units(posts: Path, people: int, cast: Collection[str]) -> set[str]:
    """Codes of the first level: those of the cast, and the largest of the others."""
    homes: dict[str, set[str]] = {}
    for row in _read(posts):
        homes.setdefault(row["Mã cán bộ"], set()).add(first_level_code(row["Mã đơn vị"]))
    kept = set().union(*(homes[code] for code in cast))
    sizes = Counter(unit for units in homes.values() for unit in units)
    for unit, _ in sizes.most_common():
        if sum(kept.issuperset(units) for units in homes.values()) >= people:
            break
        kept.add(unit)
    return kept


def _keep(edition: Path, units: Collection[str]) -> None:
    away = {row["Mã cán bộ"] for row in _read(edition / POSTS_FILE) if first_level_code(row["Mã đơn vị"]) not in units}
    _rewrite(edition / POSTS_FILE, lambda rows: [row for row in rows if row["Mã cán bộ"] not in away])
    _rewrite(edition / UNITS_FILE, lambda rows: [row for row in rows if first_level_code(row["Mã đơn vị"]) in units])


def exported_now(edition: Path) -> Path:
    """The same edition as if it had been exported this moment: it must be later than the last one taken in."""
    moment = time.time()
    for file in edition.iterdir():
        os.utime(file, (moment, moment))
    return edition


def changed(edition: Path, target: Path, change: Change) -> Path:
    """A copy of `edition` in `target` with the rows of its posts changed."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(edition, target)
    _rewrite(target / POSTS_FILE, change)
    return exported_now(target)


def with_cells(rows: list[Row], officer_code: str, **cells: str) -> list[Row]:
    """All rows of one person with other values; underscores in the names stand for spaces."""
    named = {name.replace("_", " "): value for name, value in cells.items()}
    return [row | named if row["Mã cán bộ"] == officer_code else row for row in rows]


def _read(file: Path) -> list[Row]:
    with file.open(encoding="utf-8-sig", newline="") as source:
        return list(csv.DictReader(source))


def _rewrite(file: Path, change: Change) -> None:
    rows = _read(file)
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(change(rows))
