"""Counts what a table looks like as a whole, row by row, while it is read."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

from hr_provisioner.records import TableRead
from hr_provisioner.sources.cells import is_month_first
from hr_provisioner.sources.columns import Form, Row, column_named, places_of
from hr_provisioner.sources.source import Table
from huep.catalogue import Message

FaultFound = tuple[StrEnum, str, Message]
"""Column, raw cell and reason."""


class Tally:
    """The figures of one table."""

    def __init__(self, table: Table, form: Form) -> None:
        self._form = form
        self._present = {place.column for place in places_of(table.header, form, table.mapped)}
        self._rows = 0
        # Rows are alike in which of their cells are filled: few patterns stand for many thousand rows.
        self._patterns: Counter[tuple[bool, ...]] = Counter()
        self._faults: Counter[str] = Counter()
        self._month_first: Counter[str] = Counter()
        self._headings_again: list[int] = []

    def see(self, row: Row) -> None:
        """Count a row, good or bad."""
        self._rows += 1
        self._patterns[tuple(map(bool, map(str.strip, row.cells)))] += 1

    def fault(self, row: Row, found: Sequence[FaultFound]) -> None:
        """Count what is wrong with a row that has been seen."""
        self._faults.update({column.value for column, raw, reason in found if self._is_unreadable(column, raw, reason)})
        for column, raw, reason in found:
            if reason.name == "date-impossible" and is_month_first(raw):
                self._month_first[column.value] += 1
        if self._repeats_headings(row):
            self._headings_again.append(row.number)

    def table(self, repeated: int) -> TableRead:
        """All that was counted; `repeated` rows say again what another says."""
        filled = {
            column.value: sum(count for pattern, count in self._patterns.items() if pattern[at])
            for at, column in enumerate(self._form.columns)
            if column in self._present
        }
        return TableRead(
            self._rows,
            filled,
            dict(self._faults),
            dict(self._month_first),
            tuple(self._headings_again),
            repeated,
        )

    def _is_unreadable(self, column: StrEnum, raw: str, reason: Message) -> bool:
        """Whether the cell itself is bad: not if its unit is held back, nor if it is empty and may be."""
        return reason.name != "unit-held" and (bool(raw.strip()) or column in self._form.required)

    def _repeats_headings(self, row: Row) -> bool:
        """Whether two cells or more hold a heading of their own column: one alone may be what somebody is called."""
        filled = [(cell, column) for cell, column in zip(row.cells, self._form.columns, strict=True) if cell]
        found = (column_named(self._form, cell) for cell, _ in filled)
        return (
            sum(place is not None and place[0] is column for place, (_, column) in zip(found, filled, strict=True)) > 1
        )
