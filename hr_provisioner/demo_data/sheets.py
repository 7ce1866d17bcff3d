"""An edition as tables of cells, and these as CSV and XLSX files."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import xlsxwriter

from hr_provisioner.dates import day_first
from hr_provisioner.demo_data.edition import Edition, Staff
from hr_provisioner.records import PostRecord, UnitRecord
from hr_provisioner.register.vocabulary import POST_KIND_LABELS, STANDING_LABELS, STATUS_LABELS, UNIT_KIND_LABELS
from hr_provisioner.sources.columns import PostColumn, UnitColumn
from hr_provisioner.sources.csv_edition import POSTS_FILE, UNITS_FILE
from hr_provisioner.sources.workbook import POSTS_SHEET, UNITS_SHEET

Cell = str | int | date

_ONE_DAY = timedelta(days=1)
_MADE = datetime(2026, 1, 1)  # noqa: DTZ001


@dataclass(frozen=True)
class Sheets:
    """Both tables, headings first."""

    posts: Sequence[Sequence[Cell]]
    units: Sequence[Sequence[Cell]]


def sheets_of(edition: Edition) -> Sheets:
    """The tables that the department of home affairs would export."""
    posts: list[Sequence[Cell]] = [[column.value for column in PostColumn]]
    posts += [_post_row(member, post) for member in edition.staff for post in member.record.posts]
    units: list[Sequence[Cell]] = [[column.value for column in UnitColumn]]
    units += [_unit_row(unit) for unit in edition.units]
    return Sheets(posts, units)


def write_csv(sheets: Sheets, folder: Path, *, delimiter: str = ",") -> Path:
    """Both files in a folder, UTF-8 with a byte order mark so that spreadsheets open them rightly."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in ((POSTS_FILE, sheets.posts), (UNITS_FILE, sheets.units)):
        with (folder / name).open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, delimiter=delimiter).writerows(map(_as_text, rows))
    return folder


def write_xlsx(sheets: Sheets, path: Path) -> Path:
    """One workbook with two sheets; dates are date cells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        # A fixed day of making: the same seed gives the same bytes.
        book.set_properties({"created": _MADE})
        date_format = book.add_format({"num_format": "dd/mm/yyyy"})
        bold = book.add_format({"bold": True})
        for name, rows in ((POSTS_SHEET, sheets.posts), (UNITS_SHEET, sheets.units)):
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(number, column, cell, date_format)
                    elif isinstance(cell, int):
                        sheet.write_number(number, column, cell)
                    elif cell:
                        sheet.write_string(number, column, cell, None if number else bold)
    return path


def _as_text(row: Iterable[Cell]) -> list[str | int]:
    return [day_first(cell) if isinstance(cell, date) else cell for cell in row]


def _last(valid_to: date | None) -> Cell:
    """The last day inside an interval, as people write it."""
    return valid_to - _ONE_DAY if valid_to else ""


def _post_row(member: Staff, post: PostRecord) -> list[Cell]:
    record = member.record
    absence = record.absence
    return [
        record.officer_code,
        record.full_name,
        record.birth_date or "",
        member.gender,
        record.email or "",
        post.unit_code,
        post.position_code,
        post.position,
        STANDING_LABELS[post.standing],
        post.rank,
        POST_KIND_LABELS[post.kind],
        post.valid_from,
        _last(post.valid_to),
        STATUS_LABELS[member.status],
        absence.valid_from if absence else "",
        _last(absence.valid_to) if absence else "",
        record.retires_on or "",
        record.leaves_on or "",
    ]


def _unit_row(unit: UnitRecord) -> list[Cell]:
    return [
        unit.code,
        unit.name,
        unit.short_name,
        UNIT_KIND_LABELS[unit.kind],
        unit.level,
        unit.parent_code or "",
        unit.valid_from,
        _last(unit.valid_to),
        ", ".join(unit.successors),
    ]
