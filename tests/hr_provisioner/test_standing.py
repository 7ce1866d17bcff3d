"""What the other lane brought about is not done twice, and what the homeserver lost is always done."""

from datetime import date

import pytest

from hr_provisioner.current import HR, Account, Current, KnownPerson, PersonFacts
from hr_provisioner.planning import identity
from hr_provisioner.planning.actions import (
    Action,
    CreateAccount,
    LockAccount,
    OpenUnit,
    RenameAccount,
    Subject,
    UnlockAccount,
    WithdrawUnit,
)
from hr_provisioner.planning.outcome import stands
from hr_provisioner.records import UnitRecord
from huep.directory.model import UnitKind

TODAY = date(2026, 3, 10)
FACTS = PersonFacts("Lê Hoa", None, None, None, None, None)
WHO = Subject(identity.person_key("1"), "1", "Lê Hoa", None)
UNIT = UnitRecord("STC", "Sở Tài chính", "STC", UnitKind.DEPARTMENT, 1, None, date(2020, 1, 1), None)


def current(*, locked: bool = False, owner: str | None = None, name: str = "a") -> Current:
    account = Account("le-hoa", name, locked, owner)
    return Current((UNIT,), (KnownPerson(WHO.key, "1", FACTS, (), account),))


OPEN, LOCKED = current(), current(locked=True, owner=HR)


@pytest.mark.parametrize(
    ("action", "found", "expected"),
    [
        (LockAccount(WHO, "le-hoa", None), LOCKED, True),
        (LockAccount(WHO, "le-hoa", None), current(locked=True, owner="chief"), True),
        (LockAccount(WHO, "le-hoa", None), OPEN, False),
        (LockAccount(WHO, "le-hoa", None, again=True), LOCKED, False),
        (UnlockAccount(WHO, "le-hoa"), OPEN, True),
        (UnlockAccount(WHO, "le-hoa"), LOCKED, False),
        (RenameAccount(WHO, "le-hoa", "a", "b"), current(name="b"), True),
        (RenameAccount(WHO, "le-hoa", "a", "a"), OPEN, False),
        (CreateAccount(WHO, "le-hoa", "a", FACTS, ()), OPEN, True),
        (CreateAccount(WHO, "le-hoa-2", "a", FACTS, ()), OPEN, False),
        (CreateAccount(WHO, "le-hoa", "a", FACTS, (), again=True), OPEN, False),
        (OpenUnit(UNIT), OPEN, True),
        (WithdrawUnit(UNIT, None), OPEN, False),
    ],
)
def test_what_stands_already(action: Action, found: Current, expected: bool) -> None:
    assert stands(action, found, TODAY) is expected
