"""What every source of a register gives: two tables of text cells, and where they come from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from huep.errors import HuepError


class SourceError(HuepError):
    """A register cannot be read at all; single bad rows are quarantined instead."""


class SourceUnreadable(SourceError):
    """The file is not there, may not be read, or is not what its name says."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"The register {name} cannot be read: {reason}.")
        self.name = name
        self.reason = reason


class SourceEmpty(SourceError):
    """A table has no heading, or no row below it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The register {name} is empty: it needs a row of headings and data below it.")
        self.name = name


class ColumnMissing(SourceError):
    """A table lacks columns without which no row of it can be understood."""

    def __init__(self, name: str, columns: Sequence[str]) -> None:
        quoted = ", ".join(f'"{column}"' for column in columns)
        super().__init__(f"The register {name} lacks the column {quoted}; headings stand in its first row.")
        self.name = name
        self.columns = tuple(columns)


class ColumnRepeated(SourceError):
    """Two columns of a table mean the same: which one counts is not ours to guess."""

    def __init__(self, name: str, column: str) -> None:
        super().__init__(f'The register {name} has the column "{column}" twice; remove or rename one.')
        self.name = name
        self.column = column


@dataclass(frozen=True)
class Origin:
    """Where a register was read."""

    files: tuple[Path, ...]
    sha256: str
    """Over the bytes of the files, in this order, as they were when read."""


@dataclass(frozen=True)
class Table:
    """One table of text cells."""

    name: str
    """File, and sheet where there are several."""
    header: tuple[str, ...]
    rows: Iterator[tuple[int, Sequence[str]]]
    """Row number as a spreadsheet counts (the header is 1) and cells; can be gone through once."""


class Source(Protocol):
    """One edition of a register, opened."""

    @property
    def origin(self) -> Origin: ...

    def posts(self) -> Table:
        """One row a post; a person repeats by officer code."""
        ...

    def units(self) -> Table:
        """One row a unit."""
        ...
