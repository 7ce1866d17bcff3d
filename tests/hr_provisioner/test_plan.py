"""The plan, scenario by scenario (`golden/`), and the laws that every plan keeps."""

import unicodedata
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hr_provisioner.actions import CreateAccount, LockAccount, RenameAccount, UnlockAccount
from hr_provisioner.current import Current
from hr_provisioner.outcome import after, unmet
from hr_provisioner.plan import Plan, make_plan
from hr_provisioner.records import AbsenceRecord, PersonRecord, PostRecord, Quarantined, Register, UnitRecord
from huep.catalogue import Message
from huep.directory.model import AbsenceKind, PostKind, Standing, UnitKind

from .golden_folder import Scenario, line, scenarios

TODAY = date(2026, 3, 10)
EMPTY = Current((), ())


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: scenario.name)
def test_golden(scenario: Scenario) -> None:
    plan = make_plan(scenario.register, scenario.current, scenario.today)
    assert [line(action) for action in plan.actions] == scenario.plan, scenario.says
    assert {name: list(codes) for name, codes in vars(plan.left_alone).items()} == scenario.left_alone, scenario.says


def test_there_are_scenarios() -> None:
    assert len(scenarios()) >= 12


def test_every_scenario_is_settled_by_its_own_plan() -> None:
    for scenario in scenarios():
        plan = make_plan(scenario.register, scenario.current, scenario.today)
        assert not again(plan, scenario.register, scenario.current).actions, scenario.name


def again(plan: Plan, register: Register, current: Current) -> Plan:
    return make_plan(register, after(current, plan.actions, plan.today), plan.today)


days = st.dates(TODAY - timedelta(days=60), TODAY + timedelta(days=60))
names = st.sampled_from(["Nguyễn Văn Anh", "Lê Thị Hoa", "Trần Đình Phước", "Đặng Huế"])
UNIT_CODES = ("TTH", "A", "B", "A1")


@st.composite
def intervals(draw: st.DrawFn) -> tuple[date, date | None]:
    start = draw(days)
    end = draw(st.none() | st.integers(1, 60).map(lambda length: start + timedelta(days=length)))
    return start, end


@st.composite
def posts(draw: st.DrawFn) -> PostRecord:
    valid_from, valid_to = draw(intervals())
    unit = draw(st.sampled_from([*UNIT_CODES, "KHONG-CO"] if draw(st.integers(0, 19)) == 0 else UNIT_CODES))
    return PostRecord(
        unit,
        draw(st.sampled_from(["CV", "TP"])),
        "Chuyên viên",
        draw(st.sampled_from(Standing)),
        draw(st.sampled_from(["01.002", "01.003"])),
        draw(st.sampled_from(PostKind)),
        valid_from,
        valid_to,
    )


@st.composite
def people(draw: st.DrawFn, code: str) -> PersonRecord:
    held = {(p.unit_code, p.position_code, p.kind, p.valid_from): p for p in draw(st.lists(posts(), max_size=3))}
    absence = draw(st.none() | intervals().map(lambda days: AbsenceRecord(AbsenceKind.STUDY, *days)))
    leaves_on = draw(st.none() | days)
    form = draw(st.sampled_from(["NFC", "NFD"]))
    name = unicodedata.normalize(form, draw(names))
    return PersonRecord(code, name, None, draw(st.none() | st.just("a@hue.gov.vn")), tuple(held.values()), absence,
                        draw(st.none() | days), leaves_on)  # fmt: skip


@st.composite
def registers(draw: st.DrawFn) -> Register:
    units = [UnitRecord("TTH", "Huế", "Huế", UnitKind.PROVINCE, 0, None, date(2020, 1, 1), None)]
    for code, level, parent in (("A", 1, "TTH"), ("B", 1, "TTH"), ("A1", 2, "A")):
        end = draw(st.sampled_from([None, None, None, TODAY - timedelta(days=1), TODAY + timedelta(days=9)]))
        short = draw(st.sampled_from([code, f"{code} mới"]))
        start = draw(st.sampled_from([date(2020, 1, 1), TODAY - timedelta(days=20)]))
        if draw(st.integers(0, 9)):
            units.append(UnitRecord(code, f"Sở {code}", short, UnitKind.DEPARTMENT, level, parent, start, end))
    codes = draw(st.lists(st.sampled_from([f"CB{n}" for n in range(6)]), unique=True))
    members = tuple(draw(people(code)) for code in codes)
    bad = draw(st.lists(st.sampled_from([f"CB{n}" for n in range(6)]), max_size=2))
    quarantined = tuple(Quarantined("so.csv", 2, "tên", "?", Message("name-missing"), code) for code in bad)
    return Register(tuple(units), members, quarantined, len(members) + len(bad), "0" * 64)


def reached(*editions: Register) -> Current:
    """The directory after these editions, one a month, starting from nothing."""
    current = EMPTY
    for edition in editions:
        current = after(current, make_plan(edition, current, TODAY).actions, TODAY)
    return current


@settings(max_examples=150, deadline=None)
@given(registers(), registers())
def test_a_second_plan_is_empty(first: Register, second: Register) -> None:
    current = reached(first)
    plan = make_plan(second, current, TODAY)
    assert not again(plan, second, current).actions


@settings(max_examples=100, deadline=None)
@given(registers(), registers())
def test_whoever_is_quarantined_is_not_touched(first: Register, second: Register) -> None:
    frozen = {bad.officer_code for bad in second.quarantined}
    actions = make_plan(second, reached(first), TODAY).actions
    assert not [action for action in actions if hasattr(action, "who") and action.who.officer_code in frozen]


@settings(max_examples=100, deadline=None)
@given(registers(), registers())
def test_only_a_last_day_that_lies_behind_locks(first: Register, second: Register) -> None:
    current, later = reached(first), TODAY + timedelta(days=30)
    last_days = {known.officer_code: known.facts.leaves_on for known in current.people}
    last_days |= {record.officer_code: record.leaves_on for record in second.people}
    locked = {
        action.who.officer_code
        for action in make_plan(second, current, later).actions
        if isinstance(action, LockAccount)
    }
    assert locked <= {code for code, last_day in last_days.items() if last_day is not None and last_day < later}


@settings(max_examples=100, deadline=None)
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


@settings(max_examples=100, deadline=None)
@given(registers(), registers(), registers())
def test_an_account_belongs_to_one_person_for_ever(first: Register, second: Register, third: Register) -> None:
    early, late = reached(first, second), reached(first, second, third)
    given_before = {p.officer_code: p.account.localpart for p in early.people if p.account}
    given_after = {p.officer_code: p.account.localpart for p in late.people if p.account}
    assert given_before.items() <= given_after.items()
    assert max(Counter(given_after.values()).values(), default=1) == 1


@settings(max_examples=100, deadline=None)
@given(registers(), registers())
def test_every_action_expects_what_it_finds_and_only_once(first: Register, second: Register) -> None:
    current = reached(first)
    plan = make_plan(second, current, TODAY)
    done = after(current, plan.actions, TODAY)
    assert [unmet(action, current) for action in plan.actions] == [None] * len(plan.actions)
    assert all(unmet(action, done) for action in plan.actions)


@settings(max_examples=100, deadline=None)
@given(registers(), registers())
def test_the_order_of_the_rows_does_not_matter(first: Register, second: Register) -> None:
    current = reached(first)
    shuffled = replace(second, people=second.people[::-1], units=second.units[::-1])
    assert make_plan(shuffled, current, TODAY).sha256 == make_plan(second, current, TODAY).sha256


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
