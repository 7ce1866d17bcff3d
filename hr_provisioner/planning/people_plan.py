"""Pure: how the people of the directory differ from the register's.

Nobody is locked by a single missing row. What locks is a last day of service that lies behind, a dismissal, long leave
of a kind for which the operator wants it, and absence from enough whole snapshots for long enough. A person with a
quarantined row is left exactly as they are, and so is whoever has a protected account.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from hr_provisioner.current import HR, Account, Current, KnownPerson, PersonFacts
from hr_provisioner.planning import identity
from hr_provisioner.planning.actions import (
    CreateAccount,
    LockAccount,
    LockReason,
    MovePerson,
    PersonAction,
    RenameAccount,
    Subject,
    UnlockAccount,
    UpdatePerson,
)
from hr_provisioner.planning.left_alone import Absent, LeftAlone
from hr_provisioner.planning.policy import PlanPolicy
from hr_provisioner.planning.twins import Twins
from hr_provisioner.posts import holds, home_unit, main_post, main_unit, over, post_identity, post_order
from hr_provisioner.records import AbsenceRecord, PersonRecord, PostRecord, UnitRecord
from huep.directory.model import PostKind
from huep.names import normalise

WENT = frozenset({LockReason.LEFT, LockReason.DISMISSED})
"""Who is locked for one of these is no longer in service."""
LOCK_REASONS = {reason.value: reason for reason in LockReason}


def lock_reason(record: PersonRecord, today: date, policy: PlanPolicy) -> LockReason | None:
    """Why the account of somebody whom the register lists must be locked today; None where it must not.

    The last day of service is a day of service; a dismissal does not wait for it.
    """
    if record.dismissed:
        return LockReason.DISMISSED
    if record.leaves_on is not None and record.leaves_on < today:
        return LockReason.LEFT
    away = record.absence
    if away is not None and away.kind in policy.long_leave_locks and holds(away, today):
        return LockReason.ON_LEAVE
    return None


class PeoplePlan:
    """Gathers the actions for people, one record after the other in the order of their codes."""

    def __init__(
        self,
        current: Current,
        units: Mapping[str, UnitRecord],
        quarantined: frozenset[str],
        twins: tuple[Twins, ...],
        today: date,
        policy: PlanPolicy,
    ) -> None:
        self.actions: list[PersonAction] = []
        self._frozen: set[str] = set(quarantined)
        self._absent: list[Absent] = []
        self._without_post: list[str] = []
        self._awaiting: list[str] = []
        self._protected: list[str] = []
        self._twins = {pair.held.officer_code: pair for pair in twins}
        self._in_question = {pair.other.officer_code for pair in twins}
        self._current = current
        self._drift = current.drift
        self._drifted = current.drift.reopened | current.drift.missing | current.drift.misnamed
        self._units = units
        self._today = today
        self._policy = policy
        self.used = set(current.localparts | current.protected)

    def left_alone(self) -> LeftAlone:
        """For whom nothing is done, by the reason."""
        return LeftAlone(
            frozen=tuple(sorted(self._frozen)),
            absent=tuple(self._absent),
            without_post=tuple(self._without_post),
            awaiting=tuple(self._awaiting),
            protected=tuple(sorted(self._protected)),
            twins=tuple(pair for code, pair in sorted(self._twins.items()) if code not in self._frozen),
        )

    def consider(self, record: PersonRecord) -> None:
        """One person whom the register lists."""
        code = record.officer_code
        if code in self._frozen:
            return
        for post in record.posts:
            if post.unit_code not in self._units:
                self._frozen.add(code)
                return
        reason = lock_reason(record, self._today, self._policy)
        known = self._current.by_code.get(code)
        if known is None or known.account is None:
            self._consider_stranger(record, known, reason)
            return
        posts = self._posts(record, known)
        in_post = any(holds(post, self._today) for post in posts)
        if reason is None and not in_post and not known.account.locked:
            self._without_post.append(code)
        active = reason is None and in_post
        self._settle(known.account, code, self._reconcile(record, known, known.account, posts, reason, active=active))

    def consider_unlisted(self, person: KnownPerson) -> None:
        """Lock whoever was said to leave, or is missing for long enough; whoever is not is merely absent."""
        account, code = person.account, person.officer_code
        if account is None or code in self._frozen:
            return
        self._settle(account, code, self._lock_unlisted(person, account))

    def _settle(self, account: Account, code: str, actions: Iterable[PersonAction]) -> None:
        if account.localpart not in self._current.protected:
            self.actions.extend(actions)
        elif any(True for _ in actions):
            self._protected.append(code)

    def _lock_unlisted(self, person: KnownPerson, account: Account) -> Iterator[PersonAction]:
        leaves_on = person.facts.leaves_on
        who = Subject(
            person.key,
            person.officer_code,
            person.facts.full_name,
            home_unit(person.posts, person.last_unit, self._today),
        )
        missing = self._current.missing.get(person.key)
        if account.localpart in self._drift.reopened:
            yield LockAccount(who, account.localpart, leaves_on, again=True, reason=reason_of(account))
        elif account.locked:
            return
        elif leaves_on is not None and leaves_on < self._today:
            yield LockAccount(who, account.localpart, leaves_on)
        elif self._policy.absence_is_due(missing) and person.officer_code not in self._in_question:
            yield LockAccount(who, account.localpart, None, reason=LockReason.ABSENT)
        else:
            since, snapshots = (missing.first_missed_at, missing.snapshots) if missing else (None, 0)
            self._absent.append(Absent(person.officer_code, since, snapshots))

    def _consider_stranger(self, record: PersonRecord, known: KnownPerson | None, reason: LockReason | None) -> None:
        code = record.officer_code
        if reason in WENT:
            self._twins.pop(code, None)
        elif code in self._twins:
            return
        elif reason is None and any(holds(post, self._today) for post in record.posts):
            self._create(record, known)
        else:
            self._awaiting.append(code)

    def _create(self, record: PersonRecord, known: KnownPerson | None) -> None:
        key = known.key if known else identity.person_key(record.officer_code)
        localpart = identity.localpart(record.full_name, key, self.used)
        self.used.add(localpart)
        posts = tuple(sorted((post for post in record.posts if not self._is_over(post)), key=post_order))
        facts = self._facts(record, None)
        who = Subject(key, record.officer_code, facts.full_name, main_unit(posts, self._today))
        self.actions.append(CreateAccount(who, localpart, self._display_name(facts, posts), facts, posts))

    def _reconcile(
        self,
        record: PersonRecord,
        known: KnownPerson,
        account: Account,
        posts: tuple[PostRecord, ...],
        reason: LockReason | None,
        *,
        active: bool,
    ) -> Iterator[PersonAction]:
        facts = self._facts(record, known.facts)
        shown = self._display_name(facts, posts) if active else account.display_name
        if (
            posts is known.posts
            and facts is known.facts
            and shown == account.display_name
            and active is not account.locked
            and account.localpart not in self._drifted
        ):
            # Nearly everybody, nearly every night.
            return
        unit = main_unit(posts, self._today) or main_unit(known.posts, self._today)
        who = Subject(known.key, record.officer_code, facts.full_name, unit)
        if reason is not None and not account.locked:
            # Counted where the directory has them: the register may end their posts on the last day.
            home = home_unit(known.posts, known.last_unit, self._today) or unit
            yield LockAccount(replace(who, unit_code=home), account.localpart, record.leaves_on, reason=reason)
        if active and account.locked and account.lock_owner == HR:
            yield UnlockAccount(who, account.localpart, LOCK_REASONS.get(account.lock_reason or ""))
        elif account.localpart in self._drift.reopened:
            yield LockAccount(who, account.localpart, record.leaves_on, again=True, reason=reason_of(account))
        if active and account.localpart in self._drift.missing:
            yield CreateAccount(who, account.localpart, account.display_name, known.facts, known.posts, again=True)
        if posts != known.posts:
            yield MovePerson(who, known.posts, posts, self._today)
        if facts != known.facts:
            yield UpdatePerson(who, known.facts, facts, self._today)
        if shown != account.display_name or (active and account.localpart in self._drift.misnamed):
            yield RenameAccount(who, account.localpart, account.display_name, shown)

    def _posts(self, record: PersonRecord, known: KnownPerson) -> tuple[PostRecord, ...]:
        """What the register says of posts that are not over, or that the directory still takes for open.

        Where the only main post listed is still to come, the main post of today lasts until then.
        """
        if record.posts == known.posts:
            return known.posts
        open_posts = {post_identity(post) for post in known.posts}
        relevant = [post for post in record.posts if not self._is_over(post) or post_identity(post) in open_posts]
        return tuple(sorted([*relevant, *self._until_the_next(record, known)], key=post_order))

    def _until_the_next(self, record: PersonRecord, known: KnownPerson) -> Iterator[PostRecord]:
        listed = {post_identity(post) for post in record.posts}
        main = [post.valid_from for post in record.posts if post.kind is PostKind.MAIN and not self._is_over(post)]
        if main and min(main) > self._today:
            for post in known.posts:
                if post.kind is PostKind.MAIN and holds(post, self._today) and post_identity(post) not in listed:
                    yield replace(post, valid_to=min(main))

    def _is_over(self, post: PostRecord) -> bool:
        return over(post.valid_to, self._today)

    def _facts(self, record: PersonRecord, before: PersonFacts | None) -> PersonFacts:
        """What the register says of the person; `before` itself where that is the same."""
        absence = self._absence(record.absence, before.absence if before else None)
        if (
            before is not None
            and record.full_name == before.full_name
            and record.birth_date == before.birth_date
            and record.email == before.email
            and record.retires_on == before.retires_on
            and record.leaves_on == before.leaves_on
            and absence == before.absence
        ):
            return before
        return PersonFacts(
            full_name=normalise(record.full_name),
            birth_date=record.birth_date,
            email=record.email,
            retires_on=record.retires_on,
            leaves_on=record.leaves_on,
            absence=absence,
        )

    def _absence(self, listed: AbsenceRecord | None, before: AbsenceRecord | None) -> AbsenceRecord | None:
        """An absence that is over counts only while the directory still takes it for open."""
        if listed is None or not over(listed.valid_to, self._today):
            return listed
        return listed if before is not None and before.valid_from == listed.valid_from else None

    def _display_name(self, facts: PersonFacts, posts: tuple[PostRecord, ...]) -> str:
        post = main_post(posts, self._today)
        if post is None:
            return identity.display_name(facts.full_name, None)
        unit = self._units[post.unit_code].short_name
        return identity.display_name(facts.full_name, unit, post.position, self._policy.display_form)


def reason_of(account: Account) -> LockReason:
    """Why the account is locked, by the directory."""
    if account.lock_owner != HR:
        return LockReason.SECURITY
    return LOCK_REASONS.get(account.lock_reason or "", LockReason.LEFT)
