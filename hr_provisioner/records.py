"""What a register says, validated: the values between reading a file and planning.

Intervals are half-open: `valid_to` is the first day on which a post no longer holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from huep.catalogue import Message
from huep.directory.model import AbsenceKind, PostKind, Standing, UnitKind
from huep.values import value


@value
class UnitRecord:
    """One unit (đơn vị) of the register."""

    code: str
    name: str
    short_name: str
    kind: UnitKind
    level: int
    """0 is the province."""
    parent_code: str | None
    valid_from: date
    valid_to: date | None
    successors: tuple[str, ...] = ()
    """Codes of the units that take over when it is dissolved: several where it was split."""


@value
class PostRecord:
    """One post (vị trí) of a person: one row of the register."""

    unit_code: str
    position_code: str
    position: str
    standing: Standing
    rank: str
    kind: PostKind
    valid_from: date
    valid_to: date | None


@value
class AbsenceRecord:
    """Long leave or suspension; the person keeps post and account."""

    kind: AbsenceKind
    valid_from: date
    valid_to: date | None


@value
class PersonRecord:
    """One person with all posts that the register lists."""

    officer_code: str
    full_name: str
    birth_date: date | None
    email: str | None
    posts: tuple[PostRecord, ...]
    absence: AbsenceRecord | None
    retires_on: date | None
    leaves_on: date | None
    """Last day of service when the register says that the person leaves; None while in service."""
    dismissed: bool = False
    """Urgent dismissal (buộc thôi việc): the account is locked at once, not at the end of the last day."""


@dataclass(frozen=True)
class Quarantined:
    """A row that cannot be trusted; its person is frozen: no action touches them."""

    source: str
    """File, and sheet where there are several."""
    row: int
    """As a spreadsheet counts, the header being row 1."""
    column: str
    value: str
    reason: Message
    """One sentence for the HR officer, of the catalogue `hr_provisioner.language.MESSAGES`."""
    officer_code: str | None


@dataclass(frozen=True)
class TableRead:
    """What one table looked like as a whole, for the judgement whether it is whole."""

    rows: int = 0
    """Data rows, good and bad."""
    filled: Mapping[str, int] = field(default_factory=dict)
    """Rows with a value, by the column's heading; a column that the table lacks is not in it."""
    faults: Mapping[str, int] = field(default_factory=dict)
    """Rows in which the column has a value that cannot be trusted, or lacks one that must be there, by its heading."""
    month_first: Mapping[str, int] = field(default_factory=dict)
    """Dates that only a month-first reading understands, as `07/31/2025`, by the column's heading."""
    headings_again: tuple[int, ...] = ()
    """Rows below the first that repeat the headings: two tables pasted into one."""
    repeated: int = 0
    """Rows that say again what another row says."""


NOTHING_READ = TableRead()


@dataclass(frozen=True)
class Register:
    """A whole edition of the register."""

    units: tuple[UnitRecord, ...]
    people: tuple[PersonRecord, ...]
    quarantined: tuple[Quarantined, ...]
    rows: int
    """Data rows read, good and bad."""
    sha256: str
    """Over the bytes of the source files."""
    nameless: tuple[str, ...] = ()
    """Folded names on quarantined rows whose officer code cannot be read, "" where the name cannot be read either.

    Whoever bears such a name may stand behind the row: they are not absent.
    """
    posts_table: TableRead = NOTHING_READ
    units_table: TableRead = NOTHING_READ
