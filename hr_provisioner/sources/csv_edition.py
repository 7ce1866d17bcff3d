"""A register as two CSV files, as spreadsheets and databases export them."""

import hashlib
from functools import cached_property
from pathlib import Path

from hr_provisioner.sources.claims import Claim, statement_of
from hr_provisioner.sources.columns import POSTS, UNITS
from hr_provisioner.sources.csv_table import CsvTable
from hr_provisioner.sources.mapping import Mapped
from hr_provisioner.sources.person import only_person
from hr_provisioner.sources.source import Origin, Table

POSTS_FILE = "can-bo.csv"
UNITS_FILE = "don-vi.csv"


class CsvEdition:
    """The files `can-bo.csv` (posts) and `don-vi.csv` (units) of one folder. Raises SourceUnreadable."""

    def __init__(self, folder: Path, mapped: Mapped) -> None:
        self._posts = CsvTable(folder / POSTS_FILE, POSTS, mapped.posts)
        self._units = CsvTable(folder / UNITS_FILE, UNITS, mapped.units)

    @cached_property
    def origin(self) -> Origin:
        """Raises SourceUnreadable when the bytes are of no known encoding."""
        tables = (self._posts, self._units)
        digest = hashlib.sha256()
        for table in tables:
            digest.update(table.content)
        posts, units = (Claim(table.remarks, table.whole, table.table) for table in tables)
        statement = statement_of(posts, units, max(table.changed_at for table in tables))
        return Origin(tuple(table.path for table in tables), digest.hexdigest(), statement=statement)

    def posts(self) -> Table:
        """The rows of `can-bo.csv`. Raises SourceUnreadable, SourceEmpty."""
        return self._posts.table()

    def units(self) -> Table:
        """The rows of `don-vi.csv`. Raises SourceUnreadable, SourceEmpty."""
        return self._units.table()

    def person(self, officer_code: str) -> Table:
        """The file as it was when opened. Raises SourceUnreadable, ColumnMissing."""
        return only_person(self._posts.table_containing(officer_code), officer_code)
