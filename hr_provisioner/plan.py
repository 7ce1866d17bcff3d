"""Pure: a register, the directory as it stands, and a day become a plan.

The register is compared with what the directory holds; each difference is one action. Nobody is locked by being
missing: the only way to a lock is a last day of service that lies behind, as the register or an earlier edition of it
says. A person with a quarantined row is left exactly as they are.

Where the homeserver lost what the directory knows (`Drift`), the same actions bring it back.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from hr_provisioner import identity
from hr_provisioner.actions import (
    Action,
    ChangeUnit,
    CloseUnit,
    CreateAccount,
    LockAccount,
    MovePerson,
    OpenUnit,
    PersonAction,
    RenameAccount,
    Subject,
    UnitAction,
    UnlockAccount,
    UpdatePerson,
    as_json,
    canonical,
)
from hr_provisioner.current import HR, Current, KnownPerson, PersonFacts
from hr_provisioner.records import AbsenceRecord, PersonRecord, PostRecord, Register, UnitRecord
from huep.directory.model import PostKind
from huep.names import normalise

KIND_ORDER = {PostKind.MAIN: 0, PostKind.CONCURRENT: 1, PostKind.SECONDMENT: 2}


@dataclass(frozen=True)
class LeftAlone:
    """Officer codes of people for whom nothing is done, by the reason."""

    frozen: tuple[str, ...]
    """A row of theirs is quarantined, or names a unit that nobody knows."""
    absent: tuple[str, ...]
    """They have an open account, the register does not mention them, and no edition of it said that they leave."""
    without_post: tuple[str, ...]
    """They have an open account and no post that holds today, and the register does not say that they left.

    The account stays open; the posts that ended end in the directory too.
    """
    awaiting: tuple[str, ...]
    """They have no account yet, and no post that holds today."""


@dataclass(frozen=True)
class Plan:
    """Everything that would be done, in order; a value to show, hash, approve and apply."""

    today: date
    register_sha256: str
    current_sha256: str
    rows: int
    """Data rows of the register, good and bad."""
    quarantined_rows: int
    open_accounts: int
    """Unlocked accounts before the plan; the guard measures against it."""
    actions: tuple[Action, ...]
    left_alone: LeftAlone

    @cached_property
    def canonical(self) -> str:
        """Canonical JSON; two plans are the same when this is."""
        return canonical(
            {
                "today": self.today.isoformat(),
                "register_sha256": self.register_sha256,
                "current_sha256": self.current_sha256,
                "rows": self.rows,
                "quarantined_rows": self.quarantined_rows,
                "open_accounts": self.open_accounts,
                "actions": [as_json(action) for action in self.actions],
                "left_alone": {
                    "frozen": self.left_alone.frozen,
                    "absent": self.left_alone.absent,
                    "without_post": self.left_alone.without_post,
                    "awaiting": self.left_alone.awaiting,
                },
            }
        )

    @cached_property
    def sha256(self) -> str:
        """Names the plan in journal, audit and approvals."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()


def make_plan(register: Register, current: Current, today: date) -> Plan:
    """Everything in which `current` differs from what `register` says holds on `today`."""
    units = _plan_units(register, current, today)
    known_units = current.unit_by_code | {unit.code: unit for unit in units.known}
    people = _PeoplePlan(current, known_units, _quarantined_codes(register), today)
    for record in sorted(register.people, key=lambda record: record.officer_code):
        people.consider(record)
    listed = {record.officer_code for record in register.people}
    for person in sorted(current.people, key=lambda person: person.officer_code):
        if person.officer_code not in listed:
            people.consider_unlisted(person)
    actions = sorted([*units.actions, *people.actions], key=lambda action: action.stage)
    return Plan(
        today=today,
        register_sha256=register.sha256,
        current_sha256=current.sha256(),
        rows=register.rows,
        quarantined_rows=len({(bad.source, bad.row) for bad in register.quarantined}),
        open_accounts=current.open_accounts,
        actions=tuple(actions),
        left_alone=LeftAlone(
            frozen=tuple(sorted(people.frozen | people.quarantined)),
            absent=tuple(people.absent),
            without_post=tuple(people.without_post),
            awaiting=tuple(people.awaiting),
        ),
    )


def holds(post: PostRecord, today: date) -> bool:
    """Whether somebody sits in this post on `today`."""
    return _holds(post, today)


def _holds(period: PostRecord | UnitRecord, today: date) -> bool:
    return period.valid_from <= today and not _over(period.valid_to, today)


def main_unit(posts: tuple[PostRecord, ...], today: date) -> str | None:
    """Unit of the main post that holds, else of the first other one, else of the first to come."""
    ordered = sorted(posts, key=lambda post: (not holds(post, today), *post_order(post)))
    return ordered[0].unit_code if ordered else None


def _quarantined_codes(register: Register) -> frozenset[str]:
    return frozenset(normalise(bad.officer_code) for bad in register.quarantined if bad.officer_code)


def post_order(post: PostRecord) -> tuple[int, str, str, date]:
    """Main post first; the order in which a person's posts are kept everywhere."""
    return KIND_ORDER[post.kind], post.unit_code, post.position_code, post.valid_from


def post_identity(post: PostRecord) -> tuple[str, str, PostKind, date]:
    """What makes two listings the same post: the rest may be corrected in place."""
    return post.unit_code, post.position_code, post.kind, post.valid_from


def _over(valid_to: date | None, today: date) -> bool:
    return valid_to is not None and valid_to <= today


@dataclass(frozen=True)
class _Units:
    actions: tuple[UnitAction, ...]
    known: tuple[UnitRecord, ...]


def _plan_units(register: Register, current: Current, today: date) -> _Units:
    """Parents before children; a unit below one that nobody knows is not opened.

    Of a unit that the register lists for several times of its life, the row that holds counts, else the latest.
    """
    actions: list[UnitAction] = []
    known: dict[str, UnitRecord] = dict(current.unit_by_code)
    in_turn = sorted(register.units, key=lambda unit: (_holds(unit, today), unit.valid_from))
    waiting = sorted({unit.code: unit for unit in in_turn}.values(), key=lambda unit: (unit.level, unit.code))
    while ready := [unit for unit in waiting if unit.parent_code is None or unit.parent_code in known]:
        for unit in ready:
            before = current.unit_by_code.get(unit.code)
            actions.extend(_unit_actions(_tidy_unit(unit), before, today))
            if before is not None or not _over(unit.valid_to, today):
                known[unit.code] = unit
        waiting = [unit for unit in waiting if unit not in ready]
    return _Units(tuple(actions), tuple(known.values()))


def _tidy_unit(unit: UnitRecord) -> UnitRecord:
    return replace(unit, name=normalise(unit.name), short_name=normalise(unit.short_name))


def _unit_actions(unit: UnitRecord, before: UnitRecord | None, today: date) -> Iterator[UnitAction]:
    if before is None:
        if not _over(unit.valid_to, today):
            yield OpenUnit(unit)
        return
    same_day = replace(unit, valid_from=before.valid_from)
    if same_day == before:
        return
    if replace(same_day, valid_to=before.valid_to) == before and unit.valid_to is not None:
        if unit.valid_to > before.valid_from:
            yield CloseUnit(before, unit.valid_to)
        return
    start = unit.valid_from if unit.valid_from > before.valid_from else max(today, before.valid_from)
    if unit.valid_to is None or unit.valid_to > start:
        yield ChangeUnit(before, replace(unit, valid_from=start))


class _PeoplePlan:
    """Gathers the actions for people, one record after the other in the order of their codes."""

    def __init__(
        self, current: Current, units: dict[str, UnitRecord], quarantined: frozenset[str], today: date
    ) -> None:
        self.actions: list[PersonAction] = []
        self.frozen: set[str] = set()
        self.absent: list[str] = []
        self.without_post: list[str] = []
        self.awaiting: list[str] = []
        self.quarantined = quarantined
        self._current = current
        self._drift = current.drift
        self._units = units
        self._today = today
        self._used = set(current.localparts)

    def consider(self, record: PersonRecord) -> None:
        if record.officer_code in self.quarantined or record.officer_code in self.frozen:
            return
        if any(post.unit_code not in self._units for post in record.posts):
            self.frozen.add(record.officer_code)
            return
        left = record.leaves_on is not None and record.leaves_on < self._today
        active = not left and any(holds(post, self._today) for post in record.posts)
        known = self._current.by_code.get(record.officer_code)
        if known is None or known.account is None:
            if active:
                self._create(record, known)
            elif not left:
                self.awaiting.append(record.officer_code)
            return
        if not active and not left and not known.account.locked:
            self.without_post.append(record.officer_code)
        self._reconcile(record, known, left=left, active=active)

    def consider_unlisted(self, person: KnownPerson) -> None:
        """Lock whoever was said to leave and is not listed any more; whoever was not is merely absent."""
        account = person.account
        if account is None or person.officer_code in self.quarantined:
            return
        leaves_on = person.facts.leaves_on
        who = Subject(person.key, person.officer_code, person.facts.full_name, main_unit(person.posts, self._today))
        if account.localpart in self._drift.reopened:
            self.actions.append(LockAccount(who, account.localpart, leaves_on, again=True))
        elif not account.locked and leaves_on is not None and leaves_on < self._today:
            self.actions.append(LockAccount(who, account.localpart, leaves_on))
        elif not account.locked:
            self.absent.append(person.officer_code)

    def _create(self, record: PersonRecord, known: KnownPerson | None) -> None:
        key = known.key if known else identity.person_key(record.officer_code)
        localpart = identity.localpart(record.full_name, key, self._used)
        self._used.add(localpart)
        posts = tuple(sorted((p for p in record.posts if not _over(p.valid_to, self._today)), key=post_order))
        facts = self._facts(record, None)
        self.actions.append(
            CreateAccount(
                self._subject(record, known, posts), localpart, self._display_name(record, posts), facts, posts
            )
        )

    def _reconcile(self, record: PersonRecord, known: KnownPerson, *, left: bool, active: bool) -> None:
        assert known.account is not None  # noqa: S101 - asked by the caller; mypy cannot see it
        account = known.account
        posts = self._posts(record, known)
        who = self._subject(record, known, posts)
        facts = self._facts(record, known.facts)
        if left and not account.locked and record.leaves_on is not None:
            self.actions.append(LockAccount(who, account.localpart, record.leaves_on))
        if active and account.locked and account.lock_owner == HR:
            self.actions.append(UnlockAccount(who, account.localpart))
        elif account.localpart in self._drift.reopened:
            self.actions.append(LockAccount(who, account.localpart, record.leaves_on, again=True))
        if active and account.localpart in self._drift.missing:
            self.actions.append(
                CreateAccount(who, account.localpart, account.display_name, known.facts, known.posts, again=True)
            )
        if posts != known.posts:
            self.actions.append(MovePerson(who, known.posts, posts, self._today))
        if facts != known.facts:
            self.actions.append(UpdatePerson(who, known.facts, facts, self._today))
        shown = self._display_name(record, posts)
        if active and (shown != account.display_name or account.localpart in self._drift.misnamed):
            self.actions.append(RenameAccount(who, account.localpart, account.display_name, shown))

    def _posts(self, record: PersonRecord, known: KnownPerson) -> tuple[PostRecord, ...]:
        """What the register says of posts that are not over, or that the directory still takes for open."""
        open_posts = {post_identity(post) for post in known.posts}
        relevant = (
            post for post in record.posts if not _over(post.valid_to, self._today) or post_identity(post) in open_posts
        )
        return tuple(sorted(relevant, key=post_order))

    def _facts(self, record: PersonRecord, before: PersonFacts | None) -> PersonFacts:
        return PersonFacts(
            full_name=normalise(record.full_name),
            birth_date=record.birth_date,
            email=record.email,
            retires_on=record.retires_on,
            leaves_on=record.leaves_on,
            absence=self._absence(record.absence, before.absence if before else None),
        )

    def _absence(self, listed: AbsenceRecord | None, before: AbsenceRecord | None) -> AbsenceRecord | None:
        """An absence that is over counts only while the directory still takes it for open."""
        if listed is None or not _over(listed.valid_to, self._today):
            return listed
        return listed if before is not None and before.valid_from == listed.valid_from else None

    def _subject(self, record: PersonRecord, known: KnownPerson | None, posts: tuple[PostRecord, ...]) -> Subject:
        key = known.key if known else identity.person_key(record.officer_code)
        unit = main_unit(posts, self._today) or (main_unit(known.posts, self._today) if known else None)
        return Subject(key, record.officer_code, normalise(record.full_name), unit)

    def _display_name(self, record: PersonRecord, posts: tuple[PostRecord, ...]) -> str:
        unit = main_unit(posts, self._today)
        return identity.display_name(record.full_name, self._units[unit].short_name if unit else None)
