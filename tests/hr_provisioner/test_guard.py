"""Where a plan stops being believable, exactly at the border."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from hr_provisioner import guard
from hr_provisioner.actions import LockAccount
from hr_provisioner.current import HR, Current, Drift
from hr_provisioner.language import speaking
from hr_provisioner.outcome import after
from hr_provisioner.plan import Plan, make_plan
from hr_provisioner.records import PersonRecord, PostRecord, Register, UnitRecord
from huep.catalogue import Locale
from huep.directory.model import PostKind, Standing, UnitKind

TODAY = date(2026, 3, 10)


def register(people: int, leavers: int = 0) -> Register:
    post = PostRecord("TTH", "CV", "Chuyên viên", Standing.STAFF, "01.003", PostKind.MAIN, date(2024, 1, 1), None)
    left = TODAY - timedelta(days=1)
    members = tuple(
        PersonRecord(f"CB{n:05}", f"Người {n}", None, None, (post,), None, None, left if n < leavers else None)
        for n in range(people)
    )
    unit = UnitRecord("TTH", "Huế", "Huế", UnitKind.PROVINCE, 0, None, date(2020, 1, 1), None)
    return Register((unit,), members, (), people, "0" * 64)


def plan_locking(leavers: int, of: int) -> Plan:
    empty = Current((), ())
    everyone = after(empty, make_plan(register(of), empty, TODAY).actions, TODAY)
    return make_plan(register(of, leavers), everyone, TODAY)


@pytest.mark.parametrize(("accounts", "most"), [(30, 25), (2_000, 25), (5_200, 26), (6_000, 30)])
def test_a_plan_at_the_limit_runs_and_one_more_lock_is_refused(accounts: int, most: int) -> None:
    guard.check(plan_locking(most, accounts))
    with pytest.raises(guard.TooManyLocks) as refusal:
        guard.check(plan_locking(most + 1, accounts))
    assert (refusal.value.locks, refusal.value.limit, refusal.value.open_accounts) == (most + 1, most, accounts)


@pytest.mark.parametrize(
    ("locale", "figures"), [(Locale.VI, "khóa 26 trên 2.000 tài khoản"), (Locale.EN, "lock 26 of 2,000 open accounts")]
)
def test_the_refusal_states_the_figures_in_one_line_of_the_officers_language(locale: Locale, figures: str) -> None:
    with pytest.raises(guard.TooManyLocks) as refusal, speaking(locale):
        guard.check(plan_locking(26, 2_000))
    sentence = str(refusal.value)
    assert figures in sentence
    assert " 25 " in sentence or " 25:" in sentence
    assert "\n" not in sentence


def test_locks_that_the_homeserver_lost_are_not_counted() -> None:
    empty = Current((), ())
    everyone = after(empty, make_plan(register(60), empty, TODAY).actions, TODAY)
    gone = replace(
        everyone,
        people=tuple(
            replace(known, account=replace(known.account, locked=True, lock_owner=HR))
            for known in everyone.people
            if known.account is not None
        ),
    )
    plan = make_plan(register(60, 60), replace(gone, drift=Drift(reopened=gone.localparts)), TODAY)
    assert sum(isinstance(action, LockAccount) for action in plan.actions) == 60
    guard.check(plan)


def test_leavers_announced_earlier_and_listed_no_more_are_counted() -> None:
    empty = Current((), ())
    announced = after(empty, make_plan(register(60, 30), empty, TODAY - timedelta(days=1)).actions, TODAY)
    with pytest.raises(guard.TooManyLocks) as refusal:
        guard.check(make_plan(replace(register(60), people=()), announced, TODAY))
    assert refusal.value.locks == 30


def test_a_first_register_passes_without_remarks() -> None:
    assert guard.check(make_plan(register(300), Current((), ()), TODAY)) == ()


def test_many_people_missing_from_the_register_are_remarked_on() -> None:
    empty = Current((), ())
    everyone = after(empty, make_plan(register(300), empty, TODAY).actions, TODAY)
    remarks = guard.check(make_plan(register(250), everyone, TODAY))
    assert [(remark.what, remark.count) for remark in remarks] == [(guard.Unusual.ABSENT, 50)]
