"""The reform of 1 July 2025 in one plan: everybody is where they belong the next morning, and nobody is locked."""

import sys
import time
from collections import Counter
from datetime import date, timedelta

import pytest

from hr_provisioner.current import Current
from hr_provisioner.planning.actions import ChangeUnit, CloseUnit, MovePerson, OpenUnit, RenameAccount
from hr_provisioner.planning.inverse import undo_plan
from hr_provisioner.planning.left_alone import LeftAlone
from hr_provisioner.planning.outcome import after
from hr_provisioner.planning.plan import Plan, make_plan
from hr_provisioner.planning.plan_json import plan_from_json
from hr_provisioner.records import Register

from . import reform
from .reform import REFORM

MOVERS = len(reform.DISTRICTS) * reform.PEOPLE_A_DISTRICT + reform.COMMUNES * reform.PEOPLE_A_COMMUNE
ANNOUNCED = date(2025, 6, 20)


@pytest.fixture(scope="module")
def old_city() -> Current:
    empty, day = Current((), ()), REFORM - timedelta(days=30)
    return after(empty, make_plan(reform.before(), empty, day).actions, day)


@pytest.fixture(scope="module")
def new_register() -> Register:
    return reform.after_reform()


@pytest.fixture(scope="module")
def plan(old_city: Current, new_register: Register) -> Plan:
    began = time.perf_counter()
    made = make_plan(new_register, old_city, REFORM)
    sys.stdout.write(f"\nplanned {len(made.actions)} actions in {time.perf_counter() - began:.1f} s\n")
    return made


@pytest.fixture(scope="module")
def new_city(old_city: Current, plan: Plan) -> Current:
    return after(old_city, plan.actions, REFORM)


def test_the_city_is_at_full_size(old_city: Current) -> None:
    assert old_city.open_accounts >= 25_000
    assert len([unit for unit in old_city.units if unit.code.startswith("X")]) == 133
    assert len([unit for unit in old_city.units if unit.code.startswith("H") and unit.level == 1]) == 9


def test_the_reform_in_one_plan(plan: Plan) -> None:
    assert Counter(type(action) for action in plan.actions) == {
        OpenUnit: 40,
        ChangeUnit: 532,
        MovePerson: MOVERS,
        RenameAccount: MOVERS,
        CloseUnit: 9 + 133,
    }
    assert all(action.successors for action in plan.actions if isinstance(action, CloseUnit))
    assert plan_from_json(plan.canonical) == plan


def test_the_next_morning_everybody_sits_in_a_unit_that_stands(
    old_city: Current, new_city: Current, new_register: Register
) -> None:
    standing = {unit.code for unit in new_city.units if unit.valid_to is None}
    assert new_city.open_accounts == old_city.open_accounts
    assert {post.unit_code for person in new_city.people for post in person.posts} <= standing
    assert not make_plan(new_register, new_city, REFORM).actions


def test_announced_in_june_it_acts_on_its_day(old_city: Current, new_register: Register) -> None:
    announced = make_plan(new_register, old_city, ANNOUNCED)
    assert not [action for action in announced.actions if isinstance(action, RenameAccount)]
    assert announced.left_alone == LeftAlone()
    june = after(old_city, announced.actions, ANNOUNCED)
    assert not make_plan(new_register, june, REFORM - timedelta(days=1)).actions
    on_the_day = make_plan(new_register, june, REFORM)
    renamed = [action for action in on_the_day.actions if isinstance(action, RenameAccount)]
    assert len(renamed) == MOVERS
    assert not [action for action in on_the_day.actions if isinstance(action, OpenUnit | ChangeUnit | CloseUnit)]


def test_the_reform_can_be_taken_back(old_city: Current, new_city: Current, plan: Plan) -> None:
    undo = undo_plan(plan.actions, new_city, REFORM, plan_sha256=plan.sha256)
    undone = after(new_city, undo.actions, REFORM)
    assert undone.unit_by_code == old_city.unit_by_code
    assert undone.by_key == old_city.by_key
