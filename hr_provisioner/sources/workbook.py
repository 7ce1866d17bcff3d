"""A register as one XLSX workbook with two sheets."""

import hashlib
import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from hr_provisioner.sources.source import Origin, SourceEmpty, SourceUnreadable, Table, system_error
from huep.catalogue import Message
from huep.names import fold

POSTS_SHEET = "Cán bộ"
UNITS_SHEET = "Đơn vị"


class Workbook:
    """An `.xlsx` file with the sheets "Cán bộ" (posts) and "Đơn vị" (units), headings in the first row.

    Date cells become ISO dates, whole numbers lose their decimal point. Raises SourceUnreadable.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            content = path.read_bytes()
        except OSError as error:
            raise SourceUnreadable(str(path), system_error(error)) from error
        try:
            self._book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        except CalamineError as error:
            raise SourceUnreadable(str(path), Message("unreadable-workbook")) from error
        self.origin = Origin((path,), hashlib.sha256(content).hexdigest())

    def posts(self) -> Table:
        """The rows of the sheet "Cán bộ". Raises SourceUnreadable, SourceEmpty."""
        return self._table(POSTS_SHEET)

    def units(self) -> Table:
        """The rows of the sheet "Đơn vị". Raises SourceUnreadable, SourceEmpty."""
        return self._table(UNITS_SHEET)

    def _table(self, wanted: str) -> Table:
        name = f"{self._path} [{wanted}]"
        title = next((sheet for sheet in self._titles() if fold(sheet) == fold(wanted)), None)
        if title is None:
            found = ", ".join(f'"{sheet}"' for sheet in self._titles())
            raise SourceUnreadable(str(self._path), Message.of("unreadable-no-sheet", wanted=wanted, found=found))
        try:
            rows = self._book.get_sheet_by_name(title).to_python(skip_empty_area=False)
        except CalamineError as error:
            raise SourceUnreadable(name, Message("unreadable-sheet")) from error
        header = tuple(_text(cell) for cell in rows[0]) if rows else ()
        # Formatting reaches further right than the data does.
        while header and not header[-1].strip():
            header = header[:-1]
        if not header or len(rows) < 2:
            raise SourceEmpty(name)
        return Table(name, header, _numbered(rows))

    def _titles(self) -> list[str]:
        visible = [sheet.name for sheet in self._book.sheets_metadata if sheet.visible is SheetVisibleEnum.Visible]
        return visible or self._book.sheet_names


def _numbered(rows: list[list[Any]]) -> Iterator[tuple[int, Sequence[str]]]:
    for number in range(1, len(rows)):
        yield number + 1, [cell if type(cell) is str else _text(cell) for cell in rows[number]]


def _text(cell: str | float | bool | date | datetime | time | timedelta) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
