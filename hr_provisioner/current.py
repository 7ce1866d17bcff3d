"""What the directory holds before a plan: the half of the comparison that the register does not bring."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from hr_provisioner.records import AbsenceRecord, PostRecord, UnitRecord
from huep.directory.model import PersonKey
from huep.synapse_model import HomeserverUser

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
class Drift:
    """Localparts of accounts that the homeserver no longer has as the directory knows them.

    A lock that only the homeserver knows is no drift: whoever set it answers for it. Administrators and deactivated
    accounts are out of the provisioner's reach.
    """

    reopened: frozenset[str] = frozenset()
    """Locked by HR in the directory, open on the homeserver."""
    missing: frozenset[str] = frozenset()
    """Open in the directory, unknown to the homeserver."""
    misnamed: frozenset[str] = frozenset()
    """Open in the directory, shown on the homeserver by another name."""


NO_DRIFT = Drift()


@dataclass(frozen=True)
class Current:
    """The whole directory on one day, units in their latest period, and where the homeserver differs from it."""

    units: tuple[UnitRecord, ...]
    people: tuple[KnownPerson, ...]
    drift: Drift = NO_DRIFT

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
        for localparts in (self.drift.reopened, self.drift.missing, self.drift.misnamed):
            digest.update(repr(sorted(localparts)).encode())
        return digest.hexdigest()


def find_drift(people: Iterable[KnownPerson], users: Iterable[HomeserverUser]) -> Drift:
    """Compare the accounts of the directory with all `users` of the homeserver."""
    found = {user.user_id[1:].partition(":")[0]: user for user in users}
    reopened: set[str] = set()
    missing: set[str] = set()
    misnamed: set[str] = set()
    for person in people:
        account = person.account
        if account is None:
            continue
        user = found.get(account.localpart)
        if user is None:
            if not account.locked:
                missing.add(account.localpart)
        elif user.admin or user.deactivated:
            continue
        elif account.locked:
            if account.lock_owner == HR and not user.locked:
                reopened.add(account.localpart)
        elif user.display_name != account.display_name:
            misnamed.add(account.localpart)
    return Drift(frozenset(reopened), frozenset(missing), frozenset(misnamed))
