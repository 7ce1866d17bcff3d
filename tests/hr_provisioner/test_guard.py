"""Where a plan stops being believable, exactly at the border; and what runs of it all the same."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from hr_provisioner.current import PersonFacts
from hr_provisioner.language import speaking
from hr_provisioner.planning import guard
from hr_provisioner.planning.actions import (
    Action,
    ChangeUnit,
    CloseUnit,
    CreateAccount,
    LockAccount,
    LockReason,
    MovePerson,
    OpenUnit,
    RenameAccount,
    Subject,
    UnlockAccount,
    UpdatePerson,
    WithdrawUnit,
)
from hr_provisioner.planning.guard import Counted, PlanParked, Recent, Trip, Unusual, judge, remarks
from hr_provisioner.planning.left_alone import Absent, LeftAlone
from hr_provisioner.planning.plan import Plan, PlanKind
from hr_provisioner.records import UnitRecord
from huep.catalogue import Locale
from huep.directory.model import UnitKind
from huep.hr_settings import LimitSettings
from tests.hr_provisioner.plans import TODAY, plan_of, subject

LIMITS = LimitSettings()
QUIET = Recent()
FACTS = PersonFacts("Lê Thị Thử", None, None, None, None, None)


def who(number: int, unit: str | None = "SNV") -> Subject:
    return subject(f"CB{number:05}", f"Người {number}", unit)


def locks(count: int, unit: str | None = "SNV", reason: LockReason = LockReason.LEFT, first: int = 0) -> list[Action]:
    return [
        LockAccount(who(n, unit), f"nguoi-{n}", TODAY - timedelta(days=1), reason=reason)
        for n in range(first, first + count)
    ]


def unlocks(count: int) -> list[Action]:
    return [UnlockAccount(who(n), f"nguoi-{n}") for n in range(count)]


def creates(count: int) -> list[Action]:
    return [CreateAccount(who(n), f"nguoi-{n}", f"Người {n}", FACTS, ()) for n in range(count)]


def renames(count: int) -> list[Action]:
    return [RenameAccount(who(n), f"nguoi-{n}", "Trước", "Sau") for n in range(count)]


def moves(count: int) -> list[Action]:
    return [MovePerson(who(n), (), (), TODAY) for n in range(count)]


def plan(actions: Sequence[Action], accounts: int = 2_000, kind: PlanKind = PlanKind.REGISTER) -> Plan:
    return plan_of(actions, accounts, kind=kind)


def trips(proposal: Plan, recent: Recent = QUIET, *, founding: bool = False, **sizes: int) -> tuple[Trip, ...]:
    return judge(proposal, recent, LIMITS, sizes, founding=founding).trips


@pytest.mark.parametrize(
    ("make", "what", "accounts", "most"),
    [
        (locks, Counted.LOCKS, 30, 25),
        (locks, Counted.LOCKS, 5_199, 25),
        (locks, Counted.LOCKS, 5_200, 26),
        (locks, Counted.LOCKS, 6_000, 30),
        (unlocks, Counted.UNLOCKS, 2_000, 25),
        (renames, Counted.RENAMES, 2_000, 50),
        (renames, Counted.RENAMES, 5_100, 51),
        (moves, Counted.MOVES, 2_000, 100),
        (moves, Counted.MOVES, 5, 1),
        (creates, Counted.CREATES, 2_000, 100),
        (lambda count: updates(count), Counted.UPDATES, 300, 50),
        (lambda count: updates(count), Counted.UPDATES, 4_000, 200),
    ],
)
def test_a_plan_at_the_limit_runs_whole_and_one_act_more_parks_it(make, what, accounts, most) -> None:
    verdict = judge(plan(make(most), accounts), Recent(), LIMITS, {}, founding=False)
    assert (verdict.parked, verdict.runs) == (False, tuple(range(most)))
    verdict = judge(plan(make(most + 1), accounts), Recent(), LIMITS, {}, founding=False)
    assert verdict.trips == (Trip(what, most + 1, most),)
    assert verdict.runs == ()


@pytest.mark.parametrize("kind", PlanKind)
def test_a_plan_of_every_kind_meets_the_same_limit(kind: PlanKind) -> None:
    assert trips(plan(locks(26), kind=kind)) == (Trip(Counted.LOCKS, 26, 25),)


@pytest.mark.parametrize(
    ("make", "what", "limit"),
    [(locks, Counted.LOCKS, 25), (unlocks, Counted.UNLOCKS, 25), (renames, Counted.RENAMES, 50)],
)
def test_what_ran_in_the_last_day_counts_too(make, what, limit) -> None:
    assert trips(plan(make(1)), Recent({what: limit - 1})) == ()
    assert trips(plan(make(1)), Recent({what: limit})) == (Trip(what, limit + 1, limit),)


def test_a_limit_used_up_stops_only_plans_that_need_it() -> None:
    assert trips(plan(renames(1)), Recent({Counted.LOCKS: 500})) == ()


def test_creations_let_through_do_not_raise_the_limit_for_more() -> None:
    # 2,000 accounts a day ago gave room for 100; the 100 that were made do not make it 105.
    assert trips(plan(creates(1), 2_100), Recent({Counted.CREATES: 100})) == (Trip(Counted.CREATES, 101, 100),)


def test_a_fifth_of_a_unit_may_be_locked_and_not_one_more() -> None:
    assert trips(plan(locks(6)), SNV=30) == ()
    assert trips(plan(locks(7)), SNV=30) == (Trip(Counted.LOCKS, 7, 6, "SNV"),)


def test_a_unit_of_twenty_has_no_limit_of_its_own() -> None:
    assert trips(plan(locks(20)), SNV=20) == ()
    assert trips(plan(locks(5)), SNV=21) == (Trip(Counted.LOCKS, 5, 4, "SNV"),)


def test_a_unit_does_not_shrink_out_of_its_limit_over_a_day() -> None:
    recent = Recent({Counted.LOCKS: 5}, {"SNV": 5})
    assert trips(plan(locks(1)), recent, SNV=20) == (Trip(Counted.LOCKS, 6, 5, "SNV"),)


def test_founding_makes_any_number_of_accounts_and_nothing_else_without_limit() -> None:
    assert trips(plan(creates(60_000), 0), founding=True) == ()
    assert trips(plan([*creates(300), *locks(26)], 0), founding=True) == (Trip(Counted.LOCKS, 26, 25),)
    assert trips(plan(creates(300), 0)) == (Trip(Counted.CREATES, 300, 1),)


def test_what_only_repairs_the_homeserver_is_not_counted() -> None:
    lost_locks = [replace(lock, again=True) for lock in locks(60)]
    lost_accounts = [replace(create, again=True) for create in creates(500)]
    lost_names = [replace(rename, before="Sau") for rename in renames(100)]
    assert trips(plan([*lost_locks, *lost_accounts, *lost_names]), SNV=60) == ()


UNIT = UnitRecord("X", "Sở X", "X", UnitKind.DEPARTMENT, 1, "H57", date(2020, 1, 1), None)


def closures(count: int) -> list[Action]:
    return [CloseUnit(replace(UNIT, code=f"X{n}"), TODAY) for n in range(count)]


def test_new_units_are_never_limited() -> None:
    assert trips(plan([OpenUnit(UNIT) for _ in range(700)])) == ()


@pytest.mark.parametrize(("standing", "most"), [(41, 5), (299, 5), (700, 14)])
def test_a_register_in_which_every_unit_ends_is_parked(standing: int, most: int) -> None:
    def found(actions: Sequence[Action], recent: Recent = QUIET) -> tuple[Trip, ...]:
        return judge(plan(actions), recent, LIMITS, {}, founding=False, units=standing).trips

    assert found(closures(most)) == ()
    assert found(closures(standing)) == (Trip(Counted.UNITS, standing, most),)
    changes = [ChangeUnit(UNIT, replace(UNIT, name="Sở khác")), WithdrawUnit(UNIT, None)]
    assert found([*changes, *closures(most - 1)]) == (Trip(Counted.UNITS, most + 1, most),)
    assert found(closures(1), Recent({Counted.UNITS: most})) == (Trip(Counted.UNITS, most + 1, most),)


def updates(count: int) -> list[Action]:
    return [UpdatePerson(who(n), FACTS, replace(FACTS, birth_date=TODAY), TODAY) for n in range(count)]


def dismissals(count: int) -> list[Action]:
    return locks(count, reason=LockReason.DISMISSED, first=10_000)


@pytest.mark.parametrize(("already", "runs"), [(0, 5), (3, 2), (5, 0), (9, 0)])
def test_of_a_parked_plan_up_to_five_urgent_dismissals_a_day_run(already: int, runs: int) -> None:
    proposal = plan([*locks(26), *dismissals(8), *renames(3)])
    verdict = judge(proposal, Recent({Counted.LOCKS: already}, {}, already), LIMITS, {}, founding=False)
    assert verdict.parked
    assert verdict.runs == tuple(range(26, 26 + runs))
    assert all(guard.is_dismissal(proposal.actions[place]) for place in verdict.runs)


def test_a_lost_lock_of_somebody_dismissed_waits_with_the_rest() -> None:
    again = [replace(lock, again=True) for lock in dismissals(3)]
    assert judge(plan([*locks(26), *again]), Recent(), LIMITS, {}, founding=False).runs == ()


@pytest.mark.parametrize(
    ("locale", "figures"),
    [
        (Locale.VI, "Khóa 1.200 tài khoản trong 24 giờ (ngưỡng 25); Khóa 7 tài khoản của đơn vị SNV"),
        (Locale.EN, "1,200 accounts locked in 24 hours (limit 25); 7 accounts of the unit SNV"),
    ],
)
def test_the_refusal_states_the_figures_in_one_line_of_the_officers_language(locale: Locale, figures: str) -> None:
    found = (Trip(Counted.LOCKS, 1_200, 25), Trip(Counted.LOCKS, 7, 6, "SNV"))
    with pytest.raises(PlanParked) as refusal, speaking(locale):
        raise PlanParked("ab" * 32, found)
    assert figures in str(refusal.value)
    assert "abababababab" in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert refusal.value.exit_code == 3


@pytest.mark.parametrize("what", Counted)
@pytest.mark.parametrize("locale", Locale)
def test_every_trip_can_be_said(what: Counted, locale: Locale) -> None:
    with speaking(locale):
        assert "3" in str(PlanParked("ab" * 32, [Trip(what, 3, 1)]))


def test_unusual_figures_are_remarked_on_and_stop_nothing() -> None:
    many = tuple(Absent(f"CB{n}", None, 0) for n in range(50))
    lost = [replace(lock, again=True) for lock in locks(26)]
    proposal = replace(plan(lost, 300), quarantined_rows=40, left_alone=LeftAlone(absent=many))
    assert trips(proposal) == ()
    found = {remark.what: (remark.count, remark.usual) for remark in remarks(proposal)}
    assert found == {Unusual.QUARANTINED: (40, 3), Unusual.ABSENT: (50, 1), Unusual.REPAIRS: (26, 25)}


def test_a_quiet_plan_has_no_remarks() -> None:
    assert remarks(plan(creates(300))) == ()


def test_a_share_is_taken_as_it_is_written() -> None:
    # In binary, 0.29 of 100 is 28.999…
    assert guard.share_of(100, 0.29) == 29
