"""Pure: what the directory will be once actions are done, whether one still fits it, and whether one stands already."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import assert_never

from hr_provisioner.current import HR, Account, Current, Drift, KnownPerson, PersonFacts
from hr_provisioner.planning.actions import (
    AccountAction,
    Action,
    ChangeUnit,
    CloseUnit,
    CreateAccount,
    LockAccount,
    MovePerson,
    OpenUnit,
    PersonAction,
    RenameAccount,
    UnitAction,
    UnlockAccount,
    UpdatePerson,
    WithdrawUnit,
    subject_of,
)
from hr_provisioner.posts import over
from hr_provisioner.records import PostRecord, UnitRecord


def after(current: Current, actions: Collection[Action], today: date) -> Current:
    """The directory once all `actions` are done on `today`: to foresee a plan, and to check that it arrived."""
    units = dict(current.unit_by_code)
    people = dict(current.by_key)
    for action in actions:
        if not isinstance(action, UnitAction):
            people[action.who.key] = _person_after(action, people.get(action.who.key), today)
        elif (unit := _unit_after(action)) is not None:
            units[unit.code] = unit
        else:
            units.pop(subject_of(action), None)
    return replace(
        current,
        units=tuple(units.values()),
        people=tuple(people.values()),
        drift=_drift_after(current.drift, actions),
    )


def _drift_after(drift: Drift, actions: Collection[Action]) -> Drift:
    def settled(*kinds: type[AccountAction]) -> set[str]:
        return {action.localpart for action in actions if isinstance(action, kinds)}

    return Drift(
        drift.reopened - settled(LockAccount, UnlockAccount),
        drift.missing - settled(CreateAccount),
        drift.misnamed - settled(RenameAccount),
    )


def _unit_after(action: UnitAction) -> UnitRecord | None:
    """The unit's latest period; None where nobody knows the unit any more."""
    match action:
        case OpenUnit(unit) | ChangeUnit(_, unit) | WithdrawUnit(_, unit):
            return unit
        case CloseUnit(before, valid_to, successors):
            return replace(before, valid_to=valid_to, successors=successors)
        case _:
            assert_never(action)


def _person_after(action: PersonAction, person: KnownPerson | None, today: date) -> KnownPerson:
    if isinstance(action, CreateAccount) and not action.again:
        account = Account(action.localpart, action.display_name, locked=False, lock_owner=None)
        return KnownPerson(action.who.key, action.who.officer_code, action.facts, action.posts, account)
    assert person is not None and person.account is not None  # noqa: S101 - nothing else concerns a stranger
    account = person.account
    match action:
        case CreateAccount() | LockAccount(again=True):
            return person
        case LockAccount():
            return replace(
                person, account=replace(account, locked=True, lock_owner=HR, lock_reason=action.reason.value)
            )
        case UnlockAccount():
            return replace(person, account=replace(account, locked=False, lock_owner=None, lock_reason=None))
        case RenameAccount():
            return replace(person, account=replace(account, display_name=action.after))
        case MovePerson():
            return replace(person, posts=_posts_after(action, today))
        case UpdatePerson():
            return replace(person, facts=_facts_after(action, today))
        case _:
            assert_never(action)


def _posts_after(action: MovePerson, today: date) -> tuple[PostRecord, ...]:
    return tuple(post for post in action.after if not over(post.valid_to, today))


def _facts_after(action: UpdatePerson, today: date) -> PersonFacts:
    absence = action.after.absence
    gone = absence is not None and over(absence.valid_to, today)
    return replace(action.after, absence=None if gone else absence)


def unmet(action: Action, current: Current) -> str | None:
    """Why `action` no longer fits `current`; None when it does."""
    match action:
        case OpenUnit(unit):
            return None if unit.code not in current.unit_by_code else f"unit {unit.code} already exists"
        case ChangeUnit(before) | CloseUnit(before) | WithdrawUnit(before):
            stands = current.unit_by_code.get(before.code)
            return None if stands == before else f"unit {before.code} has changed since the plan was made"
        case _:
            return _person_unmet(action, current)


def _person_unmet(action: PersonAction, current: Current) -> str | None:
    person = current.by_key.get(action.who.key)
    account = person.account if person else None
    if isinstance(action, CreateAccount) and not action.again:
        return _creation_unmet(action, account, current)
    if person is None or account is None:
        return f"{action.who.officer_code} has no account"
    return _change_unmet(action, person, account)


def _creation_unmet(action: CreateAccount, account: Account | None, current: Current) -> str | None:
    if account is not None:
        return f"{action.who.officer_code} already has the account {account.localpart}"
    if action.localpart in current.localparts:
        return f"the account name {action.localpart} was given to somebody else"
    return None


def _change_unmet(action: PersonAction, person: KnownPerson, account: Account) -> str | None:
    code = person.officer_code
    match action:
        case CreateAccount():
            stands = account.localpart == action.localpart and not account.locked
            return None if stands else f"the account of {code} is no longer the open account {action.localpart}"
        case LockAccount(again=False):
            return f"the account of {code} is already locked" if account.locked else None
        case LockAccount():
            return None if account.locked else f"the account of {code} carries no lock"
        case UnlockAccount():
            ours = account.locked and account.lock_owner == HR
            return None if ours else f"the account of {code} carries no lock of HR's"
        case RenameAccount():
            return None if account.display_name == action.before else f"{code} is shown by another name by now"
        case MovePerson():
            stands = person.posts == action.before
            return None if stands else f"the posts of {code} have changed since the plan was made"
        case UpdatePerson():
            stands = person.facts == action.before
            return None if stands else f"the facts of {code} have changed since the plan was made"
        case _:
            assert_never(action)


def stands(action: Action, current: Current, today: date) -> bool:
    """Whether nothing is left to do, brought about by the other lane or by somebody else.

    What the homeserver lost and the directory still has is always left to do.
    """
    if isinstance(action, UnitAction):
        return current.unit_by_code.get(subject_of(action)) == _unit_after(action)
    person = current.by_key.get(action.who.key)
    account = person.account if person else None
    return person is not None and account is not None and _person_stands(action, person, account, today)


def _person_stands(action: PersonAction, person: KnownPerson, account: Account, today: date) -> bool:
    match action:
        case CreateAccount():
            return not action.again and account.localpart == action.localpart
        case LockAccount():
            return not action.again and account.locked
        case UnlockAccount():
            return not account.locked
        case RenameAccount():
            return action.before != action.after == account.display_name
        case MovePerson():
            return person.posts == _posts_after(action, today)
        case UpdatePerson():
            return person.facts == _facts_after(action, today)
        case _:
            assert_never(action)
