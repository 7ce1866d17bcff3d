"""A table held as one text of CSV: a tenth of the memory that its cells would take, and what a kept copy is made of."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hr_provisioner.sources.source import Shape, SourceEmpty, Table

AS_IT_CAME = Shape()
"""Neither encoding nor titles."""
FIRST_ROW = 2
"""Where rows have no number of their own, they are counted as if the header were row 1."""


@dataclass(frozen=True)
class TextTable:
    """All of a table; unlike `Table` it can be gone through again and again."""

    name: str
    header: tuple[str, ...]
    text: str
    """A record a row: its number, then its cells."""
    count: int
    mapped: Mapping[str, str]
    shape: Shape = AS_IT_CAME

    def table(self) -> Table:
        """Raises SourceEmpty."""
        if not self.header or not self.count:
            raise SourceEmpty(self.name)
        return Table(self.name, self.header, self._rows(), self.mapped, self.shape)

    def _rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        for number, *cells in csv.reader(io.StringIO(self.text, newline="")):
            yield int(number), cells


def gather(table: Table) -> TextTable:
    """Goes through the table. Raises what its rows raise."""
    text, count = _written(table.rows)
    return TextTable(table.name, table.header, text, count, table.mapped, table.shape)


def gather_rows(
    name: str, header: Sequence[str], rows: Iterable[Sequence[str]], mapped: Mapping[str, str]
) -> TextTable:
    """A table whose rows have no numbers of their own."""
    text, count = _written(enumerate(rows, FIRST_ROW))
    return TextTable(name, tuple(header), text, count, mapped)


def _written(rows: Iterable[tuple[int, Sequence[str]]]) -> tuple[str, int]:
    out, count = io.StringIO(newline=""), 0
    write = csv.writer(out, lineterminator="\n").writerow
    for number, cells in rows:
        write((number, *cells))
        count += 1
    return out.getvalue(), count
