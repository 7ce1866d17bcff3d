"""Plans stored and read again."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hr_provisioner.lanes import part_of
from hr_provisioner.planning.actions import as_json, canonical
from hr_provisioner.planning.inverse import undo_plan
from hr_provisioner.planning.outcome import after
from hr_provisioner.planning.plan_json import NotAPlan, action_from_json, plan_from_json

from .golden_folder import scenarios
from .registers import TODAY, Situation, situations
from .test_plan import planned


@given(situations())
def test_a_plan_is_read_as_it_was_written(situation: Situation) -> None:
    plan = situation.plan()
    undo = undo_plan(plan.actions, after(situation.current, plan.actions, TODAY), TODAY, plan_sha256=plan.sha256)
    for each in (plan, undo, part_of(plan, range(len(plan.actions)))):
        read = plan_from_json(each.canonical)
        assert read == each
        assert read.sha256 == each.sha256


def test_the_plans_of_all_scenarios_are_read_as_they_were_written() -> None:
    for scenario in scenarios():
        plan = planned(scenario)
        assert plan_from_json(plan.canonical) == plan
        for action in plan.actions:
            assert action_from_json(canonical(as_json(action))) == action


A_PLAN = planned(scenarios()[0]).canonical


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "[" * 100_000,
        A_PLAN[:-1],
        A_PLAN + "\n",
        A_PLAN.replace('"rows":1', '"rows":1.0'),
        A_PLAN.replace('"rows":', '"more":1,"rows":'),
        A_PLAN.replace('"do":"create_account"', '"do":"delete_account"'),
        A_PLAN.replace('"do":"create_account",', ""),
        A_PLAN.replace('"kind":"register"', '"kind":"anything"'),
        A_PLAN.replace('"again":false', '"again":0'),
        json.dumps(json.loads(A_PLAN)),
        json.dumps(json.loads(A_PLAN) | {"actions": "all"}),
        json.dumps(json.loads(A_PLAN) | {"actions": [None]}),
        json.dumps(json.loads(A_PLAN) | {"today": "yesterday"}),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    assert text != A_PLAN
    with pytest.raises(NotAPlan):
        plan_from_json(text)


@given(st.integers(0, len(A_PLAN) - 1), st.characters(exclude_categories=["Cs"]))
def test_one_changed_character_is_another_plan_or_none(place: int, character: str) -> None:
    changed = A_PLAN[:place] + character + A_PLAN[place + 1 :]
    try:
        assert plan_from_json(changed).canonical == changed
    except NotAPlan:
        assert changed != A_PLAN
