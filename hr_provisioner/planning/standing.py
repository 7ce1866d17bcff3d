"""Pure: whether what an action is for is there already, brought about by the other lane or by somebody else."""

from dataclasses import replace
from datetime import date
from typing import assert_never

from hr_provisioner.current import Account, Current, KnownPerson
from hr_provisioner.planning.actions import (
    Action,
    ChangeUnit,
    CloseUnit,
    CreateAccount,
    LockAccount,
    MovePerson,
    OpenUnit,
    PersonAction,
    RenameAccount,
    UnlockAccount,
    UpdatePerson,
    WithdrawUnit,
)
from hr_provisioner.posts import over


def stands(action: Action, current: Current, today: date) -> bool:
    """Whether nothing is left to do. What the homeserver lost and the directory still has is always left to do."""
    units = current.unit_by_code
    match action:
        case OpenUnit(unit) | ChangeUnit(_, unit):
            return units.get(unit.code) == unit
        case CloseUnit(before, valid_to, successors):
            return units.get(before.code) == replace(before, valid_to=valid_to, successors=successors)
        case WithdrawUnit(unit, restores):
            return units.get(unit.code) == restores
        case _:
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
            return person.posts == tuple(post for post in action.after if not over(post.valid_to, today))
        case UpdatePerson():
            absence = action.after.absence
            gone = absence is not None and over(absence.valid_to, today)
            return person.facts == replace(action.after, absence=None if gone else absence)
        case _:
            assert_never(action)
