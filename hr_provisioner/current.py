"""What the directory holds before a plan: the half of the comparison that the register does not bring."""

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from hr_provisioner.records import AbsenceRecord, PostRecord, UnitRecord
from huep.directory.model import PersonKey

HR = "hr"
"""Owner of the locks that the register's leavers get; every other owner's lock is out of the provisioner's reach."""


@dataclass(frozen=True)
class PersonFacts:
    """What the directory keeps of a person beside posts and account."""

    full_name: str
    birth_date: date | None
    email: str | None
    retires_on: date | None
    leaves_on: date | None
    absence: AbsenceRecord | None


@dataclass(frozen=True)
class Account:
    """A person's account on the homeserver, as the directory last knew it."""

    localpart: str
    display_name: str
    locked: bool
    lock_owner: str | None


@dataclass(frozen=True)
class KnownPerson:
    """A person of the directory, with the posts that hold today or later."""

    key: PersonKey
    officer_code: str
    facts: PersonFacts
    posts: tuple[PostRecord, ...]
    account: Account | None


@dataclass(frozen=True)
class Current:
    """The whole directory on one day; units in their latest period."""

    units: tuple[UnitRecord, ...]
    people: tuple[KnownPerson, ...]

    @cached_property
    def by_code(self) -> dict[str, KnownPerson]:
        """People by officer code."""
        return {person.officer_code: person for person in self.people}

    @cached_property
    def by_key(self) -> dict[PersonKey, KnownPerson]:
        return {person.key: person for person in self.people}

    @cached_property
    def unit_by_code(self) -> dict[str, UnitRecord]:
        return {unit.code: unit for unit in self.units}

    @cached_property
    def localparts(self) -> frozenset[str]:
        """Every localpart ever given."""
        return frozenset(person.account.localpart for person in self.people if person.account is not None)

    @property
    def open_accounts(self) -> int:
        """How many accounts are not locked."""
        return sum(person.account is not None and not person.account.locked for person in self.people)

    def sha256(self) -> str:
        """The same for the same content, in whatever order it was read."""
        digest = hashlib.sha256()
        for unit in sorted(self.units, key=lambda unit: unit.code):
            digest.update(repr(unit).encode())
        for person in sorted(self.people, key=lambda person: person.officer_code):
            digest.update(repr(person).encode())
        return digest.hexdigest()
