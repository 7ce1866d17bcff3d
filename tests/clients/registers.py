"""Registers for tests against the real stack: the demo's editions, changed as a clerk changes them, exported now."""

import csv
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

Row = dict[str, str]


def exported_now(edition: Path) -> Path:
    """The same edition as if it had been exported this moment: it must be later than the last one taken in."""
    moment = time.time()
    for file in edition.iterdir():
        os.utime(file, (moment, moment))
    return edition


def changed(edition: Path, target: Path, change: Callable[[list[Row]], list[Row]]) -> Path:
    """A copy of `edition` in `target` with the rows of its posts changed."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(edition, target)
    file = target / "can-bo.csv"
    with file.open(encoding="utf-8-sig", newline="") as source:
        reader = csv.DictReader(source)
        rows, headings = list(reader), list(reader.fieldnames or ())
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, headings)
        writer.writeheader()
        writer.writerows(change(rows))
    return exported_now(target)


def with_cells(rows: list[Row], officer_code: str, **cells: str) -> list[Row]:
    """All rows of one person with other values; underscores in the names stand for spaces."""
    named = {name.replace("_", " "): value for name, value in cells.items()}
    return [row | named if row["Mã cán bộ"] == officer_code else row for row in rows]
