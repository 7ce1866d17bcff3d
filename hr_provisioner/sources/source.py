"""What every source of a register gives: two tables of text cells, and where they come from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hr_provisioner.language import OfficerError
from huep.catalogue import Message


class SourceError(OfficerError):
    """A register cannot be read at all; single bad rows are quarantined instead."""


class SourceUnreadable(SourceError):
    """The file is not there, may not be read, or is not what its name says."""

    def __init__(self, name: str, reason: Message) -> None:
        super().__init__(Message.of("source-unreadable", name=name, reason=reason))
        self.name = name
        self.reason = reason


class SourceEmpty(SourceError):
    """A table has no heading, or no row below it."""

    def __init__(self, name: str) -> None:
        super().__init__(Message.of("source-empty", name=name))
        self.name = name


class ColumnMissing(SourceError):
    """A table lacks columns without which no row of it can be understood."""

    def __init__(self, name: str, columns: Sequence[str]) -> None:
        quoted = ", ".join(f'"{column}"' for column in columns)
        super().__init__(Message.of("source-column-missing", name=name, columns=quoted))
        self.name = name
        self.columns = tuple(columns)


class ColumnRepeated(SourceError):
    """Two columns of a table mean the same: which one counts is not ours to guess."""

    def __init__(self, name: str, column: str) -> None:
        super().__init__(Message.of("source-column-repeated", name=name, column=column))
        self.name = name
        self.column = column


def system_error(error: OSError) -> Message:
    """What the operating system says is the matter with a file."""
    return Message.of("unreadable-system", error=error.strerror or type(error).__name__)


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
