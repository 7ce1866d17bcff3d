"""One CSV file, as spreadsheets and databases export it: delimiter, encoding, heading and trailer are found out."""

import csv
import io
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from hr_provisioner.sources.columns import Form, places_of
from hr_provisioner.sources.encoding import decode
from hr_provisioner.sources.layout import (
    HEADER_WITHIN_ROWS,
    TRAILER_WITHIN_ROWS,
    Remarks,
    count_trailer,
    find_header,
    read_remarks,
)
from hr_provisioner.sources.source import Shape, SourceEmpty, SourceUnreadable, Table, system_error
from huep.catalogue import Message

DELIMITERS = (",", ";", "\t", "|")

_FIRST_CHARACTERS = 65_536
"""The first rows stand within these."""

Numbered = tuple[int, Sequence[str]]


@dataclass(frozen=True)
class _Layout:
    encoding: str
    delimiter: str
    header_index: int | None
    """Among the records, from 0."""
    text: str
    """Without the trailer."""
    remarks: Remarks
    whole: bool


@dataclass(frozen=True)
class _Lines:
    text: str
    capitals: str
    starts: Sequence[int]
    """Where each line begins, and one more."""

    def containing(self, wanted: str, below: int) -> Iterator[tuple[int, str]]:
        """Number and text of each line under the first `below` in which it stands."""
        wanted = wanted.upper()
        at = self.capitals.find(wanted, self.starts[below]) if below < len(self.starts) else -1
        while at >= 0:
            number = bisect_right(self.starts, at)
            end = self.starts[number]
            yield number, self.text[self.starts[number - 1] : end - 1]
            at = self.capitals.find(wanted, end)


class CsvTable:
    """A CSV file with a table of this form. Raises SourceUnreadable when it cannot be opened."""

    def __init__(self, path: Path, form: Form, mapped: Mapping[str, str]) -> None:
        self.path = path
        self._form = form
        self._mapped = mapped
        try:
            # Read once, so that the digest is of exactly those bytes that are parsed.
            self.content = path.read_bytes()
            self.changed_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except OSError as error:
            raise SourceUnreadable(str(path), system_error(error)) from error

    @property
    def remarks(self) -> Remarks:
        """What titles and trailer state. Raises SourceUnreadable."""
        return self._layout.remarks

    @property
    def whole(self) -> bool:
        """Whether the last record reaches to the last column, or at least to the end of its line."""
        return self._layout.whole

    def table(self) -> Table:
        """All rows. Raises SourceUnreadable, SourceEmpty; what is not CSV is found while going through the rows."""
        return self._table(self._records())

    def table_containing(self, text: str) -> Table:
        """At least those rows that contain `text`, in capitals or small; after the first time, within milliseconds."""
        lines = self._lines
        if lines is None:
            return self.table()
        header = next(self._skip_to_header(self._records()), (0, ()))[1]
        found = lines.containing(text, below=(self._layout.header_index or 0) + 1)
        rows = ((number, cells) for number, line in found for cells in self._reader([line]))
        return Table(str(self.path), tuple(header), rows, self._mapped, self._shape)

    @cached_property
    def _lines(self) -> "_Lines | None":
        """None where records and lines are not the same."""
        text = self._layout.text
        lines = text.split("\n")
        capitals = text.upper()
        if len(capitals) != len(text) or any(line.count('"') % 2 for line in lines):
            return None
        return _Lines(text, capitals, [0, *accumulate(len(line) + 1 for line in lines)])

    @property
    def _shape(self) -> Shape:
        layout = self._layout
        return Shape(layout.encoding, layout.delimiter, (layout.header_index or 0) + 1)

    def _table(self, records: Iterator[Numbered]) -> Table:
        rows = self._skip_to_header(records)
        header = next(rows, None)
        first = next((row for row in rows if any(map(str.strip, row[1]))), None)
        if header is None or first is None:
            raise SourceEmpty(str(self.path))
        return Table(str(self.path), tuple(header[1]), _with_first(first, rows), self._mapped, self._shape)

    def _skip_to_header(self, records: Iterator[Numbered]) -> Iterator[Numbered]:
        index = self._layout.header_index
        return iter(()) if index is None else (record for record in records if record[0] > index)

    def _records(self) -> Iterator[Numbered]:
        number = 0
        try:
            for number, cells in enumerate(self._reader(io.StringIO(self._layout.text, newline="")), start=1):
                yield number, cells
        except csv.Error as error:
            reason = Message.of("unreadable-csv", row=str(number + 1), error=str(error))
            raise SourceUnreadable(str(self.path), reason) from error

    def _reader(self, lines: "io.StringIO | list[str]") -> Iterator[list[str]]:
        return csv.reader(lines, delimiter=self._layout.delimiter, strict=True)

    @cached_property
    def _layout(self) -> _Layout:
        text, encoding = decode(str(self.path), self.content)
        starts = {delimiter: _first_records(text, delimiter) for delimiter in DELIMITERS}
        delimiter = max(DELIMITERS, key=lambda candidate: self._fit(starts[candidate]))
        start = starts[delimiter]
        header_index = find_header(start, self._form, self._mapped)
        last = _last_lines(text)
        lines = [text[begin:end] for begin, end in last]
        cells = [_cells(line, delimiter) for line in lines]
        trailer = 0 if header_index is None else count_trailer(cells)
        titles = start[:header_index]
        remarks = read_remarks([*titles, *cells[len(cells) - trailer :]])
        header = () if header_index is None else start[header_index]
        whole = trailer > 0 or not _is_cut(lines[-1], cells, header)
        data = text[: last[-trailer][0]] if trailer else text
        return _Layout(encoding, delimiter, header_index, data, remarks, whole)

    def _fit(self, start: Sequence[Sequence[str]]) -> tuple[int, int]:
        """How many headings are known when cut this way, and how many cells the header has."""
        index = find_header(start, self._form, self._mapped)
        if index is None:
            return 0, 0
        return len(places_of(start[index], self._form, self._mapped)), len(start[index])


def _first_records(text: str, delimiter: str) -> list[list[str]]:
    records: list[list[str]] = []
    try:
        for cells in csv.reader(io.StringIO(text[:_FIRST_CHARACTERS], newline=""), delimiter=delimiter):
            records.append(cells)
            if len(records) == HEADER_WITHIN_ROWS:
                break
    except csv.Error:
        # Told with its row when the rows are gone through.
        pass
    return records


def _last_lines(text: str) -> list[tuple[int, int]]:
    """Where the last lines begin and end, from first to last."""
    lines: list[tuple[int, int]] = []
    end = len(text)
    while end >= 0 and len(lines) < TRAILER_WITHIN_ROWS:
        begin = text.rfind("\n", 0, end) + 1
        lines.append((begin, end))
        end = begin - 1
    return lines[::-1]


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return [line]


def _is_cut(last: str, cells: Sequence[Sequence[str]], header: Sequence[str]) -> bool:
    """A last line without an end that lacks cells; one inside quotes is found by the reader itself.

    Some exports leave out empty cells at the end of every row: there a short row says nothing.
    """
    width = len(header)
    others_are_full = any(len(row) >= width for row in cells[:-1] if row != header)
    return bool(last) and last.count('"') % 2 == 0 and len(cells[-1]) < width and others_are_full


def _with_first(first: Numbered, rest: Iterator[Numbered]) -> Iterator[Numbered]:
    yield first
    yield from rest
