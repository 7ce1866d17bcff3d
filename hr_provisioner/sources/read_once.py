"""What sources have in common that are no files: nothing is read before it is asked for, and then everything, once."""

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

from hr_provisioner.sources.source import Origin, Statement, Table
from hr_provisioner.sources.text_table import TextTable
from huep.hr_settings import SourceKind


@dataclass(frozen=True)
class Reading:
    """Both tables of a register, and what their source says of their completeness."""

    posts: TextTable
    units: TextTable
    statement: Statement


class ReadOnce(ABC):
    """A source that stays as it was when it was first read; `person` alone asks anew.

    Args:
        kind: names the source.
    """

    def __init__(self, kind: SourceKind) -> None:
        self._kind = kind

    @cached_property
    def origin(self) -> Origin:
        """Raises SourceUnreadable."""
        digest = hashlib.sha256()
        for table in (self._reading.posts, self._reading.units):
            digest.update(f"{table.header}\n{table.text}".encode())
        return Origin((), digest.hexdigest(), self._kind.value, self._reading.statement)

    def posts(self) -> Table:
        """Raises SourceUnreadable, SourceEmpty."""
        return self._reading.posts.table()

    def units(self) -> Table:
        """Raises SourceUnreadable, SourceEmpty."""
        return self._reading.units.table()

    @cached_property
    def _reading(self) -> Reading:
        return self._read()

    @abstractmethod
    def _read(self) -> Reading:
        """Both tables now. Raises SourceUnreadable."""
