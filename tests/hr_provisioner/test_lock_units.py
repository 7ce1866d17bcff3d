"""A lock is counted in the unit where the directory has its holder, whatever the register says of the posts."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from hr_provisioner.applying.recent import unit_sizes
from hr_provisioner.current import Account, Current, KnownPerson, PersonFacts
from hr_provisioner.planning import identity
from hr_provisioner.planning.actions import LockAccount
from hr_provisioner.planning.guard import Counted, Recent, Trip, judge
from hr_provisioner.planning.plan import make_plan
from hr_provisioner.posts import home_unit
from hr_provisioner.records import PersonRecord, PostRecord, Register, UnitRecord
from huep.directory.model import PostKind, Standing, UnitKind
from huep.hr_settings import LimitSettings

TODAY = date(2026, 3, 10)
LAST_DAY = TODAY - timedelta(days=1)
PEOPLE, LEAVERS = 30, 7
"""A fifth of the unit is six."""
POST = PostRecord("SNV", "CV", "Chuyên viên", Standing.STAFF, "01.003", PostKind.MAIN, date(2024, 1, 1), None)
ENDED = replace(POST, valid_to=TODAY)
TO_COME = replace(POST, unit_code="STC", valid_from=TODAY + timedelta(days=9))
UNITS = tuple(
    UnitRecord(code, code, code, UnitKind.DEPARTMENT, 1, None, date(2020, 1, 1), None) for code in ("SNV", "STC")
)


def known(number: int, posts: tuple[PostRecord, ...]) -> KnownPerson:
    code = f"CB{number:03}"
    facts = PersonFacts(f"Người {number}", None, None, None, LAST_DAY if number < LEAVERS else None, None)
    account = Account(f"nguoi-{number}", f"Người {number} · SNV", locked=False, lock_owner=None)
    return KnownPerson(identity.person_key(code), code, facts, posts, account, last_unit=None if posts else "SNV")


def listed(person: KnownPerson, posts: tuple[PostRecord, ...]) -> PersonRecord:
    return PersonRecord(person.officer_code, person.facts.full_name, None, None, posts, None, None, LAST_DAY)


@pytest.mark.parametrize("of_register", [(ENDED,), (), (TO_COME,), None])
@pytest.mark.parametrize("in_directory", [(POST,), ()])
def test_posts_that_end_with_the_service_take_nobody_out_of_the_units_limit(in_directory, of_register) -> None:
    people = tuple(known(number, in_directory if number < LEAVERS else (POST,)) for number in range(PEOPLE))
    current = Current(UNITS, people)
    gone = () if of_register is None else tuple(listed(person, of_register) for person in people[:LEAVERS])
    plan = make_plan(Register(UNITS, gone, (), len(gone), "0" * 64), current, TODAY)
    assert sum(isinstance(action, LockAccount) for action in plan.actions) == LEAVERS
    sizes = unit_sizes(current, TODAY)
    assert sizes == {"SNV": PEOPLE}
    verdict = judge(plan, Recent(), LimitSettings(), sizes, founding=False)
    assert Trip(Counted.LOCKS, LEAVERS, 6, "SNV") in verdict.trips


@pytest.mark.parametrize(
    ("posts", "last_unit", "home"),
    [
        ((POST, TO_COME), "SYT", "SNV"),
        ((TO_COME,), "SYT", "SYT"),
        ((TO_COME,), None, "STC"),
        ((), "SYT", "SYT"),
        ((), None, None),
    ],
)
def test_the_unit_of_today_comes_before_the_last_and_the_last_before_the_next(posts, last_unit, home) -> None:
    assert home_unit(posts, last_unit, TODAY) == home
