"""The rows of one person, out of a table of posts."""

from collections.abc import Iterator, Sequence

from hr_provisioner.sources.cells import read_code
from hr_provisioner.sources.columns import POSTS, PostColumn, places_of
from hr_provisioner.sources.source import ColumnMissing, Table


def only_person(table: Table, officer_code: str) -> Table:
    """The rows whose officer code is this one. Raises ColumnMissing."""
    rows = _rows(table, code_position(table), officer_code)
    return Table(table.name, table.header, rows, table.mapped, table.shape)


def code_position(table: Table) -> int:
    """Which cell holds the officer code. Raises ColumnMissing."""
    for place in places_of(table.header, POSTS, table.mapped):
        if place.column is PostColumn.OFFICER_CODE:
            return place.position
    raise ColumnMissing(table.name, [PostColumn.OFFICER_CODE.value])


def is_code(cell: str, officer_code: str) -> bool:
    """Whether the cell is this code, however it is typed."""
    return cell == officer_code or (bool(cell) and read_code(cell) == officer_code)


def _rows(table: Table, position: int, officer_code: str) -> Iterator[tuple[int, Sequence[str]]]:
    for number, cells in table.rows:
        if position < len(cells) and is_code(cells[position], officer_code):
            yield number, cells
