"""The rows of one person, out of a table of posts."""

from collections.abc import Iterator, Sequence

from hr_provisioner.cells import read_code
from hr_provisioner.columns import POSTS, PostColumn, places_of
from hr_provisioner.sources.source import ColumnMissing, Table


def only_person(table: Table, officer_code: str) -> Table:
    """The rows whose officer code is this one, however it is typed. Raises ColumnMissing."""
    places = places_of(table.header, POSTS, table.mapped)
    position = next((place.position for place in places if place.column is PostColumn.OFFICER_CODE), None)
    if position is None:
        raise ColumnMissing(table.name, [PostColumn.OFFICER_CODE.value])
    return Table(table.name, table.header, _rows(table, position, officer_code), table.mapped, table.shape)


def _rows(table: Table, position: int, officer_code: str) -> Iterator[tuple[int, Sequence[str]]]:
    for number, cells in table.rows:
        code = cells[position] if position < len(cells) else ""
        if code == officer_code or (code and read_code(code) == officer_code):
            yield number, cells
