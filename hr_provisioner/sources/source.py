"""What every source of a register gives: two tables of text cells, and where they come from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from hr_provisioner.language import OfficerError
from huep.catalogue import Message


class SourceError(OfficerError):
    """A register cannot be read at all; single bad rows are quarantined instead."""

    exit_code = 3


class SourceUnreadable(SourceError):
    """The file is not there, may not be read, or is not what its name says."""

    def __init__(self, name: str, reason: Message) -> None:
        super().__init__(Message.of("source-unreadable", name=name, reason=reason))
        self.name = name
        self.reason = reason


class SourceAway(SourceUnreadable):
    """What holds the register does not answer at the moment; asked later it may."""


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


class MappedColumnMissing(SourceError):
    """huep.toml says what a column is called here, and the table has no such heading."""

    def __init__(self, name: str, column: str, heading: str) -> None:
        super().__init__(Message.of("source-mapped-column-missing", name=name, column=column, heading=heading))
        self.name = name
        self.column = column
        self.heading = heading


def system_error(error: OSError) -> Message:
    """What the operating system says is the matter with a file."""
    return Message.of("unreadable-system", error=error.strerror or type(error).__name__)


@dataclass(frozen=True)
class Statement:
    """What a source says of its own completeness. It is a claim, to be held against what was read."""

    exported_at: datetime | None = None
    """Aware. What the export itself says, else the newest time of change of its files."""
    rows: int | None = None
    """Control total over posts and units together, to be equal to `Register.rows`. A table that states no total
    stands in it with the rows that it has; None when neither states one."""
    whole: bool = True
    """Whether the source reached its own end: no record cut off, every page read, the cursor exhausted."""


@dataclass(frozen=True)
class Origin:
    """Where a register was read."""

    files: tuple[Path, ...]
    """Empty where the source is no file."""
    sha256: str
    """Over the bytes of the files, in this order, as they were when read; over the rows of other sources."""
    name: str = "files"
    """Kind of the source: files, postgres, rest or scim."""
    statement: Statement = Statement()


@dataclass(frozen=True)
class Shape:
    """How a table lies in its file; empty texts where that means nothing."""

    encoding: str = ""
    delimiter: str = ""
    header_row: int = 1
    """As a spreadsheet counts; what stands above is no data."""


@dataclass(frozen=True)
class Table:
    """One table of text cells."""

    name: str
    """File, and sheet where there are several."""
    header: tuple[str, ...]
    rows: Iterator[tuple[int, Sequence[str]]]
    """Row number as a spreadsheet counts (the file's own, the first is 1) and cells; can be gone through once."""
    mapped: Mapping[str, str] = field(default_factory=dict)
    """Heading of the form to heading of this table, where huep.toml says it; outranks names and aliases."""
    shape: Shape = Shape()


class Source(Protocol):
    """One edition of a register, opened. It stays that edition: what is there later is seen by opening it again."""

    @property
    def origin(self) -> Origin:
        """Raises SourceError where it can only be known by reading."""
        ...

    def posts(self) -> Table:
        """One row a post; a person repeats by officer code."""
        ...

    def units(self) -> Table:
        """One row a unit."""
        ...

    def person(self, officer_code: str) -> Table:
        """The posts' rows of one person; no row when the source does not list them.

        Read anew each time; a file is as it was when opened. `officer_code` as in `PersonRecord`. Raises SourceError.
        """
        ...
