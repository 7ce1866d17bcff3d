"""What a register says, validated: the values between reading a file and planning.

Intervals are half-open: `valid_to` is the first day on which a post no longer holds.
"""

from dataclasses import dataclass
from datetime import date

from huep.catalogue import Message
from huep.directory.model import AbsenceKind, PostKind, Standing, UnitKind


@dataclass(frozen=True)
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


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class AbsenceRecord:
    """Long leave or suspension; the person keeps post and account."""

    kind: AbsenceKind
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
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
class Register:
    """A whole edition of the register."""

    units: tuple[UnitRecord, ...]
    people: tuple[PersonRecord, ...]
    quarantined: tuple[Quarantined, ...]
    rows: int
    """Data rows read, good and bad."""
    sha256: str
    """Over the bytes of the source files."""
