"""What SCIM wrote, as a source of the register: the same two tables of text cells that a file has."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from sqlalchemy import Engine

from hr_provisioner.scim import store
from hr_provisioner.scim.rows import Cells, in_order, post_rows, unit_row
from hr_provisioner.scim.store import Stored
from hr_provisioner.sources.columns import PostColumn, UnitColumn
from hr_provisioner.sources.person import only_person
from hr_provisioner.sources.source import Origin, SourceEmpty, Statement, Table
from huep.hr_settings import SourceKind

POSTS_NAME = "SCIM /Users"
UNITS_NAME = "SCIM /Groups"

_FIRST_ROW = 2
"""The heading is row 1, as in a file."""

_CellRow = tuple[str, ...]


class ScimSource:
    """The resources of the SCIM store as they are now, read in one transaction.

    The last change is the time of export, so that nothing written and nothing forgotten is no new edition. A resource
    without a code is a row without a code: it is quarantined and counts to the total. Raises SourceEmpty when nobody
    was ever written.
    """

    def __init__(self, engine: Engine) -> None:
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            resources = list(store.everything(connection))
            changed_at = store.changed_at(connection)
        self._posts = _rows(_posts_of(resources), tuple(PostColumn))
        self._units = _rows(_units_of(resources), tuple(UnitColumn))
        if not self._posts:
            raise SourceEmpty(POSTS_NAME)
        statement = Statement(changed_at, len(self._posts) + len(self._units), whole=True)
        self.origin = Origin((), _digest(self._posts, self._units), SourceKind.SCIM.value, statement)

    def posts(self) -> Table:
        """One row a post of every User."""
        return _table(POSTS_NAME, tuple(PostColumn), self._posts)

    def units(self) -> Table:
        """One row a Group. Raises SourceEmpty."""
        return _table(UNITS_NAME, tuple(UnitColumn), self._units)

    def person(self, officer_code: str) -> Table:
        """The rows of one User; none when nobody of that code was ever written."""
        return only_person(self.posts(), officer_code)


def _posts_of(resources: Iterable[Stored]) -> Iterator[Cells]:
    for stored in resources:
        if stored.kind == "User":
            yield from post_rows(json.loads(stored.content), stored.left_on)


def _units_of(resources: Iterable[Stored]) -> Iterator[Cells]:
    for stored in resources:
        if stored.kind == "Group" and (row := unit_row(json.loads(stored.content), stored.left_on)) is not None:
            yield row


def _rows(cells: Iterable[Cells], columns: Sequence[StrEnum]) -> list[_CellRow]:
    return [in_order(row, columns) for row in cells]


def _table(name: str, columns: Sequence[StrEnum], rows: Sequence[_CellRow]) -> Table:
    if not rows:
        raise SourceEmpty(name)
    return Table(name, tuple(column.value for column in columns), enumerate(rows, start=_FIRST_ROW))


def _digest(*tables: Sequence[_CellRow]) -> str:
    """Over every cell with its length before it, so that no two tables share one encoding."""
    digest = hashlib.sha256()
    for table in tables:
        digest.update(f"{len(table)}\n".encode())
        for row in table:
            for cell in row:
                encoded = cell.encode()
                digest.update(f"{len(encoded)}:".encode() + encoded)
    return digest.hexdigest()
