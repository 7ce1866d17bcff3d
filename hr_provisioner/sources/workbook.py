"""A register as one XLSX workbook with two sheets."""

import hashlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from hr_provisioner.sources.cell_text import as_remark, as_text
from hr_provisioner.sources.claims import Claim, statement_of
from hr_provisioner.sources.columns import POSTS, UNITS, Form
from hr_provisioner.sources.encoding import refuse_old_fonts
from hr_provisioner.sources.layout import (
    HEADER_WITHIN_ROWS,
    TRAILER_WITHIN_ROWS,
    Remarks,
    count_trailer,
    find_header,
    read_remarks,
)
from hr_provisioner.sources.mapping import Mapped
from hr_provisioner.sources.person import code_position, is_code
from hr_provisioner.sources.source import (
    Origin,
    Shape,
    SourceEmpty,
    SourceUnreadable,
    Table,
    system_error,
)
from huep.catalogue import Message
from huep.names import fold

POSTS_SHEET = "Cán bộ"
UNITS_SHEET = "Đơn vị"

_FONT_SAMPLE_ROWS = 200


@dataclass(frozen=True)
class Sheet:
    """One sheet, its cells as calamine gives them, and what of it is data."""

    name: str
    rows: Sequence[Sequence[Any]]
    mapped: Mapping[str, str]
    header_index: int | None
    end: int
    """Index of the first row after the data."""
    remarks: Remarks

    def table(self) -> Table:
        """Raises SourceEmpty."""
        index = self.header_index
        header = () if index is None else tuple(as_text(cell) for cell in self.rows[index])
        # Formatting reaches further right than the data does.
        while header and not header[-1].strip():
            header = header[:-1]
        if index is None or not header or self.end <= index + 1:
            raise SourceEmpty(self.name)
        return Table(self.name, header, self.numbered(), self.mapped, Shape(header_row=index + 1))

    def numbered(self, wanted: Callable[[Sequence[Any]], bool] = bool) -> Iterator[tuple[int, Sequence[str]]]:
        """The rows of the data that are wanted, by default those that have any cell."""
        for index in range((self.header_index or 0) + 1, self.end):
            row = self.rows[index]
            if wanted(row):
                yield index + 1, [cell if type(cell) is str else as_text(cell) for cell in row]


class Workbook:
    """An `.xlsx` file with the sheets "Cán bộ" (posts) and "Đơn vị" (units); hidden sheets do not count.

    Date cells become ISO dates, whole numbers lose their decimal point. Raises SourceUnreadable.
    """

    def __init__(self, path: Path, mapped: Mapped) -> None:
        self._path = path
        self._mapped = mapped
        try:
            content = path.read_bytes()
            self._changed_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except OSError as error:
            raise SourceUnreadable(str(path), system_error(error)) from error
        try:
            self._book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        except CalamineError as error:
            raise SourceUnreadable(str(path), Message("unreadable-workbook")) from error
        self._sha256 = hashlib.sha256(content).hexdigest()

    @cached_property
    def origin(self) -> Origin:
        """Raises SourceUnreadable."""
        posts, units = (Claim(sheet.remarks, True, sheet.table) for sheet in (self._posts, self._units))
        return Origin((self._path,), self._sha256, statement=statement_of(posts, units, self._changed_at))

    def posts(self) -> Table:
        """The rows of the sheet "Cán bộ". Raises SourceUnreadable, SourceEmpty."""
        return self._posts.table()

    def units(self) -> Table:
        """The rows of the sheet "Đơn vị". Raises SourceUnreadable, SourceEmpty."""
        return self._units.table()

    def person(self, officer_code: str) -> Table:
        """The workbook as it was when opened. Raises SourceUnreadable, SourceEmpty, ColumnMissing."""
        table = self.posts()
        position = code_position(table)
        rows = self._posts.numbered(lambda row: is_code(as_text(row[position]), officer_code))
        return Table(table.name, table.header, rows, table.mapped, table.shape)

    def titles(self) -> list[str]:
        """The sheets that people see; all of them where none is visible."""
        visible = [sheet.name for sheet in self._book.sheets_metadata if sheet.visible is SheetVisibleEnum.Visible]
        return visible or self._book.sheet_names

    def sheet(self, title: str, form: Form, mapped: Mapping[str, str]) -> Sheet:
        """One sheet, looked at as a table of this form. Raises SourceUnreadable."""
        name = f"{self._path} [{title}]"
        try:
            rows = self._book.get_sheet_by_name(title).to_python(skip_empty_area=False)
        except CalamineError as error:
            raise SourceUnreadable(name, Message("unreadable-sheet")) from error
        start = [[as_text(cell) for cell in row] for row in rows[:_FONT_SAMPLE_ROWS]]
        refuse_old_fonts(name, " ".join(" ".join(row) for row in start))
        index = find_header(start[:HEADER_WITHIN_ROWS], form, mapped)
        last = [[as_remark(cell) for cell in row] for row in rows[-TRAILER_WITHIN_ROWS:]]
        trailer = 0 if index is None else count_trailer(last)
        titles = [[as_remark(cell) for cell in row] for row in rows[: index or 0]]
        remarks = read_remarks([*titles, *last[len(last) - trailer :]])
        return Sheet(name, rows, mapped, index, len(rows) - trailer, remarks)

    @cached_property
    def _posts(self) -> Sheet:
        return self.sheet(self._title(POSTS_SHEET), POSTS, self._mapped.posts)

    @cached_property
    def _units(self) -> Sheet:
        return self.sheet(self._title(UNITS_SHEET), UNITS, self._mapped.units)

    def _title(self, wanted: str) -> str:
        for title in self.titles():
            if fold(title) == fold(wanted):
                return title
        found = ", ".join(f'"{sheet}"' for sheet in self.titles())
        raise SourceUnreadable(str(self._path), Message.of("unreadable-no-sheet", wanted=wanted, found=found))
