"""What the directory holds before a plan: the half of the comparison that the register does not bring."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from functools import cached_property

from hr_provisioner.records import AbsenceRecord, PostRecord, UnitRecord
from huep.directory.model import PersonKey
from huep.names import localpart_of
from huep.synapse_model import Roll
from huep.values import value

HR = "hr"
"""Owner of the locks that the register's leavers get; every other owner's lock is out of the provisioner's reach."""


@value
class PersonFacts:
    """What the directory keeps of a person beside posts and account."""

    full_name: str
    birth_date: date | None
    email: str | None
    retires_on: date | None
    leaves_on: date | None
    absence: AbsenceRecord | None

    def differing(self, other: "PersonFacts") -> tuple[str, ...]:
        """Names of the facts that are not the same, in their order here."""
        return tuple(part.name for part in fields(self) if getattr(self, part.name) != getattr(other, part.name))


@value
class Account:
    """A person's account on the homeserver, as the directory last knew it."""

    localpart: str
    display_name: str
    locked: bool
    lock_owner: str | None
    lock_reason: str | None = None
    """Of HR's lock a value of `hr_provisioner.planning.actions.LockReason`; of a security lock its owner's words."""


@value
class KnownPerson:
    """A person of the directory, with the posts that hold today or later."""

    key: PersonKey
    officer_code: str
    facts: PersonFacts
    posts: tuple[PostRecord, ...]
    account: Account | None
    last_unit: str | None = field(default=None, compare=False, repr=False)
    """Unit of the post that ended last, a main one first; None where none has ended. History, no part of the state."""


@value
class Guest:
    """Somebody outside the register, with an account for as long as a leader of the register sponsors them."""

    organisation: str
    sponsor: KnownPerson
    starts_on: date
    ends_on: date
    """The last day of the account, where nobody ends the sponsorship before."""
    ended_on: date | None = None
    """The day on which somebody ended it; it is no day of the account any more."""

    @property
    def last_day(self) -> date:
        """The last day on which the account is open."""
        return self.ends_on if self.ended_on is None else min(self.ends_on, self.ended_on - timedelta(days=1))


@dataclass(frozen=True)
class Drift:
    """Localparts of accounts that the homeserver no longer has as the directory knows them.

    A lock that only the homeserver knows is no drift: whoever set it answers for it. Administrators and deactivated
    accounts are out of the provisioner's reach.
    """

    reopened: frozenset[str] = frozenset()
    """Locked in the directory, whoever locked them, open on the homeserver."""
    missing: frozenset[str] = frozenset()
    """Open in the directory, unknown to the homeserver."""
    misnamed: frozenset[str] = frozenset()
    """Open in the directory, shown on the homeserver by another name."""


NO_DRIFT = Drift()


@dataclass(frozen=True)
class Missing:
    """Since when the register has not mentioned somebody."""

    first_missed_at: datetime
    """When the first whole snapshot without them was accepted; aware."""
    snapshots: int
    """How many whole snapshots in a row."""


CodePair = tuple[str, str]
"""Two officer codes, the lesser first."""


@dataclass(frozen=True)
class Current:
    """The whole directory on one day, units in their latest period, and what else decides beside the register."""

    units: tuple[UnitRecord, ...]
    people: tuple[KnownPerson, ...]
    drift: Drift = NO_DRIFT
    """Where the homeserver differs from the directory."""
    protected: frozenset[str] = frozenset()
    """Localparts that no plan touches: bots, administrators, break-glass accounts, and whoever runs it."""
    missing: Mapping[PersonKey, Missing] = field(default_factory=dict)
    """Of people whom the last whole snapshots did not mention."""
    twins_decided: Mapping[CodePair, bool] = field(default_factory=dict)
    """What a human decided of two codes that look like one person: whether they are."""
    guests: Mapping[PersonKey, Guest] = field(default_factory=dict)
    """Who of the people is none of the register's: no register lists them, and none is missing them."""

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
            digest.update(_fingerprint(person).encode())
        for localparts in (self.drift.reopened, self.drift.missing, self.drift.misnamed, self.protected):
            digest.update(repr(sorted(localparts)).encode())
        for key, missing in sorted(self.missing.items()):
            digest.update(f"{key} {missing.first_missed_at.isoformat()} {missing.snapshots}".encode())
        digest.update(repr(sorted(self.twins_decided.items())).encode())
        for key, guest in sorted(self.guests.items()):
            parts = (guest.organisation, guest.sponsor.key, guest.starts_on, guest.ends_on, guest.ended_on)
            digest.update(f"{key} {parts}".encode())
        return digest.hexdigest()


def _fingerprint(person: KnownPerson) -> str:
    """Everything about a person in one text; written out, because `repr` takes five times as long.

    The separators are white space to `huep.names.normalise`, so that no name or code holds one.
    """
    facts, account, away = person.facts, person.account, person.facts.absence
    texts = [
        f"{person.key.hex}\x1f{person.officer_code}\x1f{facts.full_name}\x1f{facts.birth_date}\x1f{facts.email}\x1f"
        f"{facts.retires_on}\x1f{facts.leaves_on}\x1e"
    ]
    if away is not None:
        texts.append(f"{away.kind}\x1f{away.valid_from}\x1f{away.valid_to}")
    texts += [
        f"\x1e{post.unit_code}\x1f{post.position_code}\x1f{post.position}\x1f{post.standing}\x1f{post.rank}\x1f"
        f"{post.kind}\x1f{post.valid_from}\x1f{post.valid_to}"
        for post in person.posts
    ]
    if account is not None:
        texts.append(
            f"\x1d{account.localpart}\x1f{account.display_name}\x1f{account.locked}\x1f{account.lock_owner}\x1f"
            f"{account.lock_reason}"
        )
    return "".join(texts)


def find_drift(people: Iterable[KnownPerson], roll: Roll) -> Drift:
    """Compare the accounts of the directory with the homeserver's; where the roll tells nothing, they agree."""
    found = {localpart_of(user.user_id): user for user in roll.users}
    reopened: set[str] = set()
    missing: set[str] = set()
    misnamed: set[str] = set()
    for person in people:
        account = person.account
        if account is None or not roll.tells_of(account.localpart):
            continue
        user = found.get(account.localpart)
        if user is None:
            if not account.locked:
                missing.add(account.localpart)
        elif user.admin or user.deactivated:
            continue
        elif account.locked:
            if not user.locked:
                reopened.add(account.localpart)
        elif user.display_name != account.display_name:
            misnamed.add(account.localpart)
    return Drift(frozenset(reopened), frozenset(missing), frozenset(misnamed))
