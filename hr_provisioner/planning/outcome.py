"""Pure: what the directory will be once actions are done, and whether an action still fits the directory it meets."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import assert_never

from hr_provisioner.current import HR, Account, Current, Drift, KnownPerson
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
)
from hr_provisioner.records import UnitRecord


def after(current: Current, actions: Collection[Action], today: date) -> Current:
    """The directory once all `actions` are done on `today`: to foresee a plan, and to check that it arrived."""
    units = dict(current.unit_by_code)
    people = dict(current.by_key)
    for action in actions:
        match action:
            case OpenUnit() | ChangeUnit() | CloseUnit() | WithdrawUnit():
                code, unit = _unit_after(action)
                if unit is None:
                    units.pop(code, None)
                else:
                    units[code] = unit
            case _:
                people[action.who.key] = _person_after(action, people.get(action.who.key), today)
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


def _unit_after(action: UnitAction) -> tuple[str, UnitRecord | None]:
    match action:
        case OpenUnit(unit):
            return unit.code, unit
        case ChangeUnit(_, unit):
            return unit.code, unit
        case CloseUnit(before, valid_to, successors):
            return before.code, replace(before, valid_to=valid_to, successors=successors)
        case WithdrawUnit(unit, restores):
            return unit.code, restores
        case _:
            assert_never(action)


def _person_after(action: PersonAction, person: KnownPerson | None, today: date) -> KnownPerson:
    if isinstance(action, CreateAccount) and not action.again:
        account = Account(action.localpart, action.display_name, locked=False, lock_owner=None)
        return KnownPerson(action.who.key, action.who.officer_code, action.facts, action.posts, account)
    assert person is not None and person.account is not None  # noqa: S101 - nothing else concerns a stranger
    account = person.account
    match action:
        case CreateAccount():
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
            return replace(person, posts=tuple(p for p in action.after if p.valid_to is None or p.valid_to > today))
        case UpdatePerson():
            absence = action.after.absence
            over = absence is not None and absence.valid_to is not None and absence.valid_to <= today
            return replace(person, facts=replace(action.after, absence=None if over else absence))
        case _:
            assert_never(action)


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
        case LockAccount() | UnlockAccount():
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
