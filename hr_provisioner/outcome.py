"""Pure: what the directory will be once actions are done, and whether an action still fits the directory it meets."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from hr_provisioner.actions import (
    AccountAction,
    Action,
    ChangeUnit,
    CloseUnit,
    CreateAccount,
    LockAccount,
    MovePerson,
    OpenUnit,
    RenameAccount,
    UnlockAccount,
    UpdatePerson,
)
from hr_provisioner.current import HR, Account, Current, Drift, KnownPerson
from hr_provisioner.records import UnitRecord


def after(current: Current, actions: Collection[Action], today: date) -> Current:
    """The directory once all `actions` are done on `today`: to foresee a plan, and to check that it arrived."""
    units = dict(current.unit_by_code)
    people = dict(current.by_key)
    for action in actions:
        if isinstance(action, OpenUnit | ChangeUnit | CloseUnit):
            unit = _unit_after(action)
            units[unit.code] = unit
        else:
            people[action.who.key] = _person_after(action, people.get(action.who.key), today)
    return Current(tuple(units.values()), tuple(people.values()), _drift_after(current.drift, actions))


def _drift_after(drift: Drift, actions: Collection[Action]) -> Drift:
    def settled(kind: type[AccountAction]) -> set[str]:
        return {action.localpart for action in actions if isinstance(action, kind)}

    return Drift(
        drift.reopened - settled(LockAccount) - settled(UnlockAccount),
        drift.missing - settled(CreateAccount),
        drift.misnamed - settled(RenameAccount),
    )


def _unit_after(action: OpenUnit | ChangeUnit | CloseUnit) -> UnitRecord:
    if isinstance(action, OpenUnit):
        return action.unit
    if isinstance(action, ChangeUnit):
        return action.after
    return replace(action.before, valid_to=action.valid_to)


def _person_after(action: Action, person: KnownPerson | None, today: date) -> KnownPerson:
    if isinstance(action, CreateAccount) and not action.again:
        account = Account(action.localpart, action.display_name, locked=False, lock_owner=None)
        return KnownPerson(action.who.key, action.who.officer_code, action.facts, action.posts, account)
    assert person is not None and person.account is not None  # noqa: S101 - nothing else concerns a stranger
    account = person.account
    if isinstance(action, CreateAccount):
        return person
    if isinstance(action, LockAccount):
        return replace(person, account=replace(account, locked=True, lock_owner=HR))
    if isinstance(action, UnlockAccount):
        return replace(person, account=replace(account, locked=False, lock_owner=None))
    if isinstance(action, RenameAccount):
        return replace(person, account=replace(account, display_name=action.after))
    if isinstance(action, MovePerson):
        return replace(person, posts=tuple(p for p in action.after if p.valid_to is None or p.valid_to > today))
    if isinstance(action, UpdatePerson):
        absence = action.after.absence
        over = absence is not None and absence.valid_to is not None and absence.valid_to <= today
        return replace(person, facts=replace(action.after, absence=None if over else absence))
    raise TypeError(f"{action.name} concerns no person")


def unmet(action: Action, current: Current) -> str | None:
    """Why `action` no longer fits `current`; None when it does."""
    if isinstance(action, OpenUnit):
        return None if action.unit.code not in current.unit_by_code else f"unit {action.unit.code} already exists"
    if isinstance(action, ChangeUnit | CloseUnit):
        stands = current.unit_by_code.get(action.before.code)
        return None if stands == action.before else f"unit {action.before.code} has changed since the plan was made"
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


def _change_unmet(
    action: AccountAction | MovePerson | UpdatePerson,
    person: KnownPerson,
    account: Account,
) -> str | None:
    code = person.officer_code
    ours = account.locked and account.lock_owner == HR
    if isinstance(action, CreateAccount):
        stands = account.localpart == action.localpart and not account.locked
        return None if stands else f"the account of {code} is no longer the open account {action.localpart}"
    if isinstance(action, LockAccount) and not action.again:
        return f"the account of {code} is already locked" if account.locked else None
    if isinstance(action, LockAccount | UnlockAccount):
        return None if ours else f"the account of {code} carries no lock of HR's"
    if isinstance(action, RenameAccount):
        return None if account.display_name == action.before else f"{code} is shown by another name by now"
    if isinstance(action, MovePerson):
        return None if person.posts == action.before else f"the posts of {code} have changed since the plan was made"
    return None if person.facts == action.before else f"the facts of {code} have changed since the plan was made"
