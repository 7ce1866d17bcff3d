"""The plan, scenario by scenario (`golden/`), and the laws that every plan keeps."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hr_provisioner.current import Current
from hr_provisioner.planning.actions import (
    CreateAccount,
    LockAccount,
    LockReason,
    RenameAccount,
    UnlockAccount,
    subject_of,
)
from hr_provisioner.planning.inverse import undo_plan
from hr_provisioner.planning.outcome import after, unmet
from hr_provisioner.planning.plan import Plan, make_plan
from hr_provisioner.records import Register

from .golden_folder import Scenario, left_alone, line, scenarios
from .registers import EMPTY, TODAY, Situation, reached, registers, situations


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: scenario.name)
def test_golden(scenario: Scenario) -> None:
    plan = planned(scenario)
    assert [line(action) for action in plan.actions] == scenario.plan, scenario.says
    assert left_alone(plan) == scenario.left_alone, scenario.says


@pytest.mark.parametrize("scenario", [s for s in scenarios() if s.undo], ids=lambda scenario: scenario.name)
def test_golden_undoing(scenario: Scenario) -> None:
    assert scenario.undo is not None
    done = planned(scenario)
    current = after(scenario.current, done.actions, scenario.today)
    if scenario.undo.meanwhile is not None:
        meanwhile = make_plan(scenario.undo.meanwhile, current, scenario.today, scenario.policy)
        current = after(current, meanwhile.actions, scenario.today)
    undo = undo_plan(done.actions, current, scenario.today, plan_sha256=done.sha256)
    assert [line(action) for action in undo.actions] == scenario.undo.plan, scenario.says
    assert left_alone(undo) == scenario.undo.left_alone, scenario.says


def test_there_are_scenarios() -> None:
    assert len(scenarios()) >= 48


def planned(scenario: Scenario) -> Plan:
    return make_plan(scenario.register, scenario.current, scenario.today, scenario.policy)


def test_every_scenario_is_settled_by_its_own_plan() -> None:
    for scenario in scenarios():
        done = after(scenario.current, planned(scenario).actions, scenario.today)
        assert not make_plan(scenario.register, done, scenario.today, scenario.policy).actions, scenario.name


def again(plan: Plan, register: Register, current: Current) -> Plan:
    return make_plan(register, after(current, plan.actions, plan.today), plan.today)


@given(situations())
def test_a_second_plan_is_empty(situation: Situation) -> None:
    done = after(situation.current, situation.plan().actions, TODAY)
    assert not replace(situation, current=done).plan().actions


@given(situations())
def test_whoever_is_quarantined_is_not_touched(situation: Situation) -> None:
    frozen = {bad.officer_code for bad in situation.register.quarantined}
    assert not frozen & {subject_of(action) for action in situation.plan().actions}


@given(situations())
def test_whoever_is_protected_is_not_touched(situation: Situation) -> None:
    done = after(situation.current, situation.plan().actions, TODAY)
    for person in situation.current.people:
        if person.account is not None and person.account.localpart in situation.current.protected:
            assert done.by_key[person.key] == person


@given(situations())
def test_only_leaving_dismissal_leave_and_long_absence_lock(situation: Situation) -> None:
    later = TODAY + timedelta(days=30)
    plan = make_plan(situation.register, situation.current, later, situation.policy)
    listed = {record.officer_code: record for record in situation.register.people}
    for action in plan.actions:
        if not isinstance(action, LockAccount):
            continue
        record = listed.get(action.who.officer_code)
        match action.reason:
            case LockReason.LEFT:
                last_day = record.leaves_on if record else situation.current.by_key[action.who.key].facts.leaves_on
                assert last_day is not None
                assert last_day < later
            case LockReason.DISMISSED:
                assert record is not None
                assert record.dismissed
            case LockReason.ON_LEAVE:
                assert record is not None
                assert record.absence is not None
                assert record.absence.kind in situation.policy.long_leave_locks
            case LockReason.ABSENT:
                assert record is None
                assert situation.policy.absence_is_due(situation.current.missing[action.who.key])
            case LockReason.UNDONE | LockReason.SECURITY:
                pytest.fail("a register takes nothing back, and sets no lock of others")


@given(registers(), registers())
def test_no_unit_is_concerned_twice(first: Register, second: Register) -> None:
    shift = timedelta(days=400)
    earlier = (replace(unit, valid_from=unit.valid_from - shift, valid_to=date(2019, 1, 1)) for unit in first.units
               if unit.valid_from - shift < date(2019, 1, 1))  # fmt: skip
    twice = replace(second, units=(*second.units, *earlier))
    plan = make_plan(twice, reached(first), TODAY)
    concerned = Counter(line(action).split()[1] for action in plan.actions if not hasattr(action, "who"))
    assert max(concerned.values(), default=1) == 1
    assert not again(plan, twice, reached(first)).actions


@given(registers(), registers(), registers())
def test_an_account_belongs_to_one_person_for_ever(first: Register, second: Register, third: Register) -> None:
    early, late = reached(first, second), reached(first, second, third)
    given_before = {p.officer_code: p.account.localpart for p in early.people if p.account}
    given_after = {p.officer_code: p.account.localpart for p in late.people if p.account}
    assert given_before.items() <= given_after.items()
    assert max(Counter(given_after.values()).values(), default=1) == 1


@given(situations())
def test_every_action_expects_what_it_finds_and_only_once(situation: Situation) -> None:
    current, plan = situation.current, situation.plan()
    done = after(current, plan.actions, TODAY)
    assert [unmet(action, current) for action in plan.actions] == [None] * len(plan.actions)
    assert all(unmet(action, done) for action in plan.actions)


@given(situations(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(situation: Situation, random: Random) -> None:
    register, current = situation.register, situation.current
    people, units, known = list(register.people), list(register.units), list(current.people)
    for rows in (people, units, known):
        random.shuffle(rows)
    shuffled = Situation(
        replace(current, people=tuple(known)),
        replace(register, people=tuple(people), units=tuple(units)),
        situation.policy,
    )
    assert shuffled.plan().sha256 == situation.plan().sha256


def test_the_hash_covers_the_inputs() -> None:
    register = scenarios()[0].register
    plan = make_plan(register, EMPTY, TODAY)
    assert plan.sha256 == make_plan(register, EMPTY, TODAY).sha256
    assert plan.sha256 != make_plan(replace(register, sha256="another"), EMPTY, TODAY).sha256
    assert plan.sha256 != make_plan(register, EMPTY, TODAY + timedelta(days=1)).sha256


def test_two_editions_bring_a_person_out_and_back_to_the_same_account() -> None:
    scenario = next(s for s in scenarios() if s.name.startswith("03"))
    current = scenario.current
    left = make_plan(scenario.register, current, TODAY)
    gone = after(current, left.actions, TODAY)
    back = replace(scenario.register, people=(replace(scenario.register.people[0], leaves_on=None),))
    returned = make_plan(back, gone, TODAY)
    assert [type(action) for action in left.actions] == [LockAccount]
    assert [a.localpart for a in returned.actions if isinstance(a, UnlockAccount)] == ["nguyen-van-anh-aa2"]
    assert not [a for a in returned.actions if isinstance(a, CreateAccount | RenameAccount)]
