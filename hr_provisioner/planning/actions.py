"""What a plan is made of: one frozen value a deed, carrying what it expects to find beside what it will leave.

The expectation is the action's precondition: applied later, to a directory that has moved on, it is refused and not
carried out against the wrong state (`hr_provisioner.planning.outcome.unmet`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import Enum, IntEnum, StrEnum
from types import MappingProxyType
from typing import ClassVar, assert_never
from uuid import UUID

from hr_provisioner.current import PersonFacts
from hr_provisioner.records import PostRecord, UnitRecord
from huep.directory.model import PersonKey


class Stage(IntEnum):
    """The order in which a plan runs: doors shut first; units stand before the people who move into them."""

    LOCK = 0
    UNITS = 1
    UNLOCK = 2
    CREATE = 3
    DIRECTORY = 4
    RENAME = 5
    CLOSE_UNITS = 6


GUESTS = "(khách)"
"""Stands for the unit of those who have none because they are guests: what HR does to them no limit counts."""


@dataclass(frozen=True)
class Subject:
    """Whom an action concerns, as a reader of the plan recognises them."""

    key: PersonKey
    officer_code: str
    full_name: str
    unit_code: str | None
    """Unit of the main post, `GUESTS` of a guest; plans are counted by it."""


class LockReason(StrEnum):
    """Why HR locks an account."""

    LEFT = "left"
    """The last day of service lies behind."""
    DISMISSED = "dismissed"
    """Urgent dismissal (buộc thôi việc): at once."""
    ABSENT = "absent"
    """Missing from enough whole snapshots for long enough."""
    ON_LEAVE = "on_leave"
    """Long leave of a kind during which the operator wants accounts locked."""
    UNDONE = "undone"
    """The run that made or opened the account was taken back."""
    SPONSORSHIP = "sponsorship"
    """A guest's sponsorship is over, was ended, or has no sponsor who leads a unit any more."""
    SECURITY = "security"
    """Somebody's security lock that the homeserver lost; only ever `again`, and its owner stays."""


@dataclass(frozen=True)
class LockAccount:
    """Shut every door of a leaver's account. Expects it open, or locked where it is shut `again`."""

    name: ClassVar[str] = "lock_account"
    stage: ClassVar[Stage] = Stage.LOCK
    who: Subject
    localpart: str
    leaves_on: date | None
    """None where the register gives no last day: of the absent, or of somebody whom HR locked earlier."""
    again: bool = False
    """The directory has the lock already, whoever owns it; the homeserver lost it, and only the homeserver changes."""
    reason: LockReason = LockReason.LEFT


@dataclass(frozen=True)
class UnlockAccount:
    """Open the account of a person who came back. Expects a lock that HR owns."""

    name: ClassVar[str] = "unlock_account"
    stage: ClassVar[Stage] = Stage.UNLOCK
    who: Subject
    localpart: str
    was: LockReason | None = None
    """Why it was locked, so that taking this back can say so again; None where the directory does not know."""


@dataclass(frozen=True)
class CreateAccount:
    """Make an account, without a password, for a person who has none. Expects none, under this localpart either.

    `again`: the directory has the account, and the homeserver lost it; only the homeserver changes.
    """

    name: ClassVar[str] = "create_account"
    stage: ClassVar[Stage] = Stage.CREATE
    who: Subject
    localpart: str
    display_name: str
    facts: PersonFacts
    posts: tuple[PostRecord, ...]
    again: bool = False


@dataclass(frozen=True)
class RenameAccount:
    """Show another display name; the localpart stays for ever. Expects the name that stands now."""

    name: ClassVar[str] = "rename_account"
    stage: ClassVar[Stage] = Stage.RENAME
    who: Subject
    localpart: str
    before: str
    after: str


@dataclass(frozen=True)
class MovePerson:
    """Other posts: a transfer, a second post, a secondment that ends. Expects the posts that hold now."""

    name: ClassVar[str] = "move_person"
    stage: ClassVar[Stage] = Stage.DIRECTORY
    who: Subject
    before: tuple[PostRecord, ...]
    after: tuple[PostRecord, ...]
    on: date
    """The day on which a post that the register no longer lists ends."""


@dataclass(frozen=True)
class UpdatePerson:
    """Facts that no client shows: birth date, e-mail, absence, last day. Expects the facts that stand now."""

    name: ClassVar[str] = "update_person"
    stage: ClassVar[Stage] = Stage.DIRECTORY
    who: Subject
    before: PersonFacts
    after: PersonFacts
    on: date


@dataclass(frozen=True)
class OpenUnit:
    """A unit that the directory does not know. Expects that."""

    name: ClassVar[str] = "open_unit"
    stage: ClassVar[Stage] = Stage.UNITS
    unit: UnitRecord


@dataclass(frozen=True)
class ChangeUnit:
    """A unit renamed, moved below another, or opened again. Expects its latest period as it stands.

    `after.valid_from` is the day on which the change holds; the period before ends there.
    """

    name: ClassVar[str] = "change_unit"
    stage: ClassVar[Stage] = Stage.UNITS
    before: UnitRecord
    after: UnitRecord


@dataclass(frozen=True)
class CloseUnit:
    """A unit dissolved on a day. Expects its latest period as it stands."""

    name: ClassVar[str] = "close_unit"
    stage: ClassVar[Stage] = Stage.CLOSE_UNITS
    before: UnitRecord
    valid_to: date
    successors: tuple[str, ...] = ()
    """Codes of the units that take over; they replace `before.successors`."""


@dataclass(frozen=True)
class WithdrawUnit:
    """The inverse of opening or changing a unit: its latest period goes, and the one before stands again.

    Expects `unit` as the latest period.
    """

    name: ClassVar[str] = "withdraw_unit"
    stage: ClassVar[Stage] = Stage.CLOSE_UNITS
    unit: UnitRecord
    restores: UnitRecord | None
    """The period before, as it was; None where the unit was unknown."""


AccountAction = LockAccount | UnlockAccount | CreateAccount | RenameAccount
"""What Synapse has a part in."""
PersonAction = AccountAction | MovePerson | UpdatePerson
UnitAction = OpenUnit | ChangeUnit | CloseUnit | WithdrawUnit
Action = PersonAction | UnitAction

ACTION_KINDS: Mapping[str, type[Action]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            LockAccount,
            UnlockAccount,
            CreateAccount,
            RenameAccount,
            MovePerson,
            UpdatePerson,
            OpenUnit,
            ChangeUnit,
            CloseUnit,
            WithdrawUnit,
        )
    }
)
"""Every kind of action by its name, in the order in which they are shown."""


def subject_of(action: Action) -> str:
    """Code of the unit or officer whom `action` concerns."""
    return unit_of(action).code if isinstance(action, UnitAction) else action.who.officer_code


def unit_of(action: UnitAction) -> UnitRecord:
    """The unit that `action` concerns, as it is before where it is known."""
    match action:
        case OpenUnit(unit) | ChangeUnit(unit) | CloseUnit(unit) | WithdrawUnit(unit):
            return unit
        case _:
            assert_never(action)


def as_json(action: Action) -> dict[str, object]:
    """`action` as plain JSON values, its name under `do`."""
    return {"do": action.name, **{field.name: plain(getattr(action, field.name)) for field in fields(action)}}


def plain(value: object) -> object:
    """Dataclasses, dates, enums and keys as JSON values."""
    if value is None or (isinstance(value, str | int | bool) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    raise TypeError(f"{type(value).__name__} has no form in a plan")


def canonical(value: object) -> str:
    """One text for one value: sorted keys, no spaces, UTF-8 as it is."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
