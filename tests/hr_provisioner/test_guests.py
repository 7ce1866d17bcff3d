"""Guests: what may be entered, and the accounts that follow from sponsorships; values alone."""

import hashlib
from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

import pytest

from hr_provisioner.current import HR, Account, Current, Drift, Guest, KnownPerson, PersonFacts
from hr_provisioner.guests import rules
from hr_provisioner.guests.rules import BadDay, EntryNeeded, GuestState, NotAnExtension, NotASponsor, StrangeCharacters
from hr_provisioner.language import speaking
from hr_provisioner.planning import guard
from hr_provisioner.planning.actions import (
    Action,
    CreateAccount,
    LockAccount,
    LockReason,
    RenameAccount,
    UnlockAccount,
    UpdatePerson,
)
from hr_provisioner.planning.guard import Recent
from hr_provisioner.planning.identity import guest_display_name, guest_localpart, person_key
from hr_provisioner.planning.inverse import undo_plan
from hr_provisioner.planning.outcome import after
from hr_provisioner.planning.plan import Plan, make_plan
from hr_provisioner.records import PersonRecord, PostRecord, Register, UnitRecord
from hr_provisioner.snapshots.presence import presence_of
from huep.catalogue import Locale
from huep.directory import model
from huep.directory.model import PostKind, UnitKind
from huep.hr_settings import LimitSettings

TODAY = date(2026, 3, 10)
DAY = timedelta(days=1)
LONGEST = 90
HEAD, DEPUTY, STAFF = model.Standing.HEAD, model.Standing.DEPUTY, model.Standing.STAFF
OFFICE = UnitRecord("SVH", "Sở Văn hóa", "SVH", UnitKind.DEPARTMENT, 1, None, date(2020, 1, 1), None)
CODE = "K-7QX2MN"


def post(standing: model.Standing = HEAD, valid_to: date | None = None) -> PostRecord:
    return PostRecord("SVH", "GD", "Giám đốc", standing, "", PostKind.MAIN, date(2024, 1, 1), valid_to)


def officer(
    *posts: PostRecord, code: str = "CB1", locked: bool = False, owner: str = HR, leaves_on: date | None = None
) -> KnownPerson:
    account = Account("le-an-k1", "Lê An · SVH", locked, owner if locked else None, "left" if locked else None)
    facts = PersonFacts("Lê An", None, None, None, leaves_on, None)
    return KnownPerson(person_key(code), code, facts, posts or (post(),), account)


def guest(sponsor: KnownPerson | None = None, **changed: object) -> Guest:
    running = Guest("Báo Huế", sponsor or officer(), TODAY - 5 * DAY, TODAY + 5 * DAY)
    return replace(running, **changed)  # type: ignore[arg-type]


def visitor(of: Guest, account: Account | None = None) -> KnownPerson:
    facts = PersonFacts("Trần Thị B", None, None, None, of.last_day, None)
    return KnownPerson(person_key(CODE), CODE, facts, (), account)


def account(*, locked: bool = False, owner: str = HR, reason: str = "sponsorship") -> Account:
    shown = guest_display_name("Trần Thị B", "Báo Huế")
    return Account("khach-tran-thi-b-k2", shown, locked, owner if locked else None, reason if locked else None)


def directory(of: Guest, person: KnownPerson, **options: object) -> Current:
    return Current((OFFICE,), (of.sponsor, person), guests={person.key: of}, **options)  # type: ignore[arg-type]


def register(*people: PersonRecord) -> Register:
    return Register((OFFICE,), people, (), len(people), hashlib.sha256(b"so").hexdigest())


def record_of(person: KnownPerson, **changed: object) -> PersonRecord:
    facts = person.facts
    listed = PersonRecord(person.officer_code, facts.full_name, None, None, person.posts, None, None, facts.leaves_on)
    return replace(listed, **changed)  # type: ignore[arg-type]


def planned(of: Guest, person: KnownPerson, listed: PersonRecord | None = None, **options: object) -> Plan:
    edition = register(listed or record_of(of.sponsor))
    return make_plan(edition, directory(of, person, **options), TODAY)


def upon(plan: Plan, person: KnownPerson) -> list[Action]:
    return [action for action in plan.actions if getattr(action, "who", None) and action.who.key == person.key]  # type: ignore[union-attr]


# ---- The plan


def test_a_sponsored_guest_gets_an_account_with_a_mark_and_no_unit() -> None:
    of = guest()
    (made,) = upon(planned(of, visitor(of)), visitor(of))
    assert isinstance(made, CreateAccount)
    assert made.localpart.startswith("khach-tran-thi-b-")
    assert made.display_name == "Trần Thị B (khách, Báo Huế)"
    assert (made.posts, made.facts.leaves_on) == ((), of.ends_on)


@pytest.mark.parametrize(
    "of",
    [
        guest(starts_on=TODAY + DAY),
        guest(ends_on=TODAY - DAY),
        guest(ended_on=TODAY),
        guest(officer(post(STAFF))),
        guest(officer(post(valid_to=TODAY))),
        guest(officer(leaves_on=TODAY - DAY)),
        guest(officer(locked=True, leaves_on=TODAY - DAY)),
        guest(officer(locked=True, owner="Trần An")),
    ],
    ids=["to come", "over", "ended", "staff", "post over", "left", "locked", "security lock"],
)
def test_without_a_running_sponsorship_by_a_leader_there_is_no_account_and_no_open_one(of: Guest) -> None:
    assert upon(planned(of, visitor(of)), visitor(of)) == []
    (lock,) = upon(planned(of, visitor(of, account())), visitor(of))
    assert isinstance(lock, LockAccount)
    assert lock.reason is LockReason.SPONSORSHIP
    assert upon(planned(of, visitor(of, account(locked=True))), visitor(of)) == []


@pytest.mark.parametrize("of", [guest(), guest(starts_on=TODAY), guest(ends_on=TODAY), guest(officer(post(DEPUTY)))])
def test_on_the_first_and_the_last_day_the_account_is_open(of: Guest) -> None:
    assert upon(planned(of, visitor(of, account())), visitor(of)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"leaves_on": TODAY - DAY},
        {"dismissed": True},
        {"posts": (post(STAFF),)},
    ],
    ids=["leaves", "dismissed", "no longer a leader"],
)
def test_who_loses_the_sponsor_is_locked_by_the_same_plan(change: dict[str, object]) -> None:
    of = guest()
    person = visitor(of, account())
    (lock,) = upon(planned(of, person, record_of(of.sponsor, **change)), person)
    assert isinstance(lock, LockAccount)


def test_who_gets_the_sponsor_back_is_let_in_by_the_same_plan() -> None:
    of = guest(officer(locked=True))
    person = visitor(of, account(locked=True))
    (unlock,) = upon(planned(of, person), person)
    assert isinstance(unlock, UnlockAccount)
    assert unlock.was is LockReason.SPONSORSHIP


def test_a_security_lock_on_a_guest_is_lifted_by_nobody_here() -> None:
    of = guest()
    person = visitor(of, account(locked=True, owner="Trần An", reason="điều tra"))
    assert upon(planned(of, person), person) == []


def test_no_register_misses_a_guest_and_none_may_name_one() -> None:
    of = guest()
    person = visitor(of, account())
    current = directory(of, person)
    assert presence_of(register(record_of(of.sponsor)), current).missed == frozenset()
    plan = make_plan(register(record_of(of.sponsor)), current, TODAY)
    assert plan.actions == ()
    assert plan.left_alone.absent == ()
    claimed = PersonRecord(CODE, "Người Khác", None, None, (post(STAFF),), None, None, None)
    plan = make_plan(register(record_of(of.sponsor), claimed), current, TODAY)
    assert plan.actions == ()
    assert plan.left_alone.frozen == (CODE,)


def test_a_second_plan_is_empty_and_a_run_can_be_taken_back() -> None:
    of = guest()
    current = directory(of, visitor(of))
    plan = planned(of, visitor(of))
    stands = after(current, plan.actions, TODAY)
    assert make_plan(register(record_of(of.sponsor)), stands, TODAY).actions == ()
    (undone,) = undo_plan(plan.actions, stands, TODAY, plan_sha256=plan.sha256).actions
    assert isinstance(undone, LockAccount)
    assert undone.reason is LockReason.UNDONE
    again = make_plan(register(record_of(of.sponsor)), after(stands, [undone], TODAY), TODAY)
    assert [type(action) for action in again.actions] == [UnlockAccount]


@pytest.mark.parametrize(
    ("drift", "expected"),
    [
        (Drift(missing=frozenset({"khach-tran-thi-b-k2"})), CreateAccount),
        (Drift(misnamed=frozenset({"khach-tran-thi-b-k2"})), RenameAccount),
    ],
)
def test_what_the_homeserver_lost_of_a_guest_is_brought_back(drift: Drift, expected: type[Action]) -> None:
    of = guest()
    person = visitor(of, account())
    assert [type(action) for action in upon(planned(of, person, drift=drift), person)] == [expected]


def test_a_lost_lock_of_a_guest_comes_back() -> None:
    of = guest(ended_on=TODAY)
    person = visitor(of, account(locked=True))
    (lock,) = upon(planned(of, person, drift=Drift(reopened=frozenset({"khach-tran-thi-b-k2"}))), person)
    assert isinstance(lock, LockAccount)
    assert (lock.again, lock.reason) == (True, LockReason.SPONSORSHIP)


def test_the_last_day_in_the_directory_follows_the_sponsorship() -> None:
    of = guest()
    person = visitor(replace(of, ends_on=TODAY + DAY), account())
    (update,) = upon(planned(of, person), person)
    assert isinstance(update, UpdatePerson)
    assert update.after.leaves_on == of.ends_on


def test_a_protected_account_is_not_touched() -> None:
    of = guest(ended_on=TODAY)
    person = visitor(of, account())
    assert upon(planned(of, person, protected=frozenset({"khach-tran-thi-b-k2"})), person) == []


def test_the_guard_counts_no_guest() -> None:
    of = guest(ended_on=TODAY)
    people = [replace(visitor(of, account()), key=person_key(f"K-{n}"), officer_code=f"K-{n}") for n in range(60)]
    people = [replace(one, account=replace(account(), localpart=f"khach-{n}")) for n, one in enumerate(people)]
    current = Current((OFFICE,), (of.sponsor, *people), guests={one.key: of for one in people})
    plan = make_plan(register(record_of(of.sponsor)), current, TODAY)
    assert len(plan.actions) == 60
    assert not guard.judge(plan, Recent(), LimitSettings(), {}, founding=False).parked


def parked_with_leavers(of: Guest, listed: PersonRecord | None = None, *, dismissals: int = 5) -> list[str]:
    """What runs of a plan of 60 leavers and one guest, by officer code."""
    leavers = [officer(code=f"NN{n}") for n in range(60)]
    leavers = [replace(one, account=replace(account(), localpart=f"nn-{n}")) for n, one in enumerate(leavers)]
    rows = [record_of(one, leaves_on=TODAY - DAY) for one in leavers]
    person = visitor(of, account())
    current = Current((OFFICE,), (of.sponsor, *leavers, person), guests={person.key: of})
    plan = make_plan(register(listed or record_of(of.sponsor), *rows), current, TODAY)
    assert any(isinstance(action, LockAccount) and action.who.key == person.key for action in plan.actions)
    limits = LimitSettings(dismissals_a_day=dismissals)
    verdict = guard.judge(plan, Recent(), limits, {}, founding=False, current=current)
    assert verdict.parked
    runs = [plan.actions[at] for at in verdict.runs]
    assert all(isinstance(action, LockAccount) for action in runs)
    return sorted(action.who.officer_code for action in runs if isinstance(action, LockAccount))


@pytest.mark.parametrize(
    "of",
    [
        guest(ends_on=TODAY - DAY),
        guest(ended_on=TODAY),
        guest(officer(leaves_on=TODAY - DAY)),
        guest(officer(post(STAFF))),
        guest(officer(locked=True, owner="Trần An")),
    ],
    ids=["over", "ended", "sponsor gone", "sponsor leads nothing", "sponsor locked"],
)
def test_a_guest_whose_time_is_over_waits_for_no_parked_plan(of: Guest) -> None:
    assert parked_with_leavers(of) == [CODE]


def test_a_guest_goes_with_a_dismissed_sponsor_and_waits_with_one_who_waits() -> None:
    of = guest()
    dismissed = record_of(of.sponsor, dismissed=True)
    assert parked_with_leavers(of, dismissed) == ["CB1", CODE]
    assert parked_with_leavers(of, dismissed, dismissals=0) == []
    assert parked_with_leavers(of, record_of(of.sponsor, posts=(post(STAFF),))) == []
    assert parked_with_leavers(of, record_of(of.sponsor, leaves_on=TODAY - DAY)) == []


def test_the_directorys_hash_knows_of_guests() -> None:
    of = guest()
    longer = replace(of, ends_on=of.ends_on + DAY)
    hashes = {directory(one, visitor(of)).sha256() for one in (of, longer)}
    assert len(hashes) == 2
    assert Current((OFFICE,), (of.sponsor, visitor(of))).sha256() not in hashes


def test_a_long_organisation_leaves_the_mark_in_the_name() -> None:
    shown = guest_display_name("Trần Thị B", "x" * 300)
    assert len(shown) == 256
    assert shown.startswith("Trần Thị B (khách, x")
    assert shown.endswith("x)")


def test_account_names_of_guests_are_never_anybody_elses() -> None:
    key = person_key(CODE)
    first = guest_localpart("Trần Thị B", key, ())
    assert guest_localpart("Trần Thị B", key, {first}) != first


# ---- What officers enter


def entered(starts_on: date = TODAY, ends_on: date = TODAY + 30 * DAY, **changed: str) -> rules.Invited:
    texts = {"full_name": "Trần  Thị B", "organisation": "Báo Huế", "reason": "hội thảo", "by": "Lê Nga"} | changed
    return rules.invited(starts_on=starts_on, ends_on=ends_on, today=TODAY, longest=LONGEST, **texts)


def test_an_entry_is_brought_into_one_form() -> None:
    assert entered().full_name == "Trần Thị B"


@pytest.mark.parametrize("missing", ["full_name", "organisation", "reason", "by"])
def test_every_entry_is_needed_and_not_endless(missing: str) -> None:
    for text in ("", "  ", "a" * 201 if missing != "full_name" else "Anh " * 60):
        with pytest.raises((EntryNeeded, StrangeCharacters)):
            entered(**{missing: text})


@pytest.mark.parametrize("name", ["<b>An</b>", "=1+1", "An\u202eB"])
def test_a_name_of_strange_characters_is_refused(name: str) -> None:
    with pytest.raises(StrangeCharacters):
        entered(full_name=name)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "allowed"),
    [
        (TODAY, TODAY, True),
        (TODAY, TODAY + LONGEST * DAY, True),
        (TODAY, TODAY + (LONGEST + 1) * DAY, False),
        (TODAY + 30 * DAY, TODAY + (30 + LONGEST) * DAY, True),
        (TODAY + 30 * DAY, TODAY + (31 + LONGEST) * DAY, False),
        (TODAY, TODAY - DAY, False),
        (TODAY + 2 * DAY, TODAY + DAY, False),
    ],
)
def test_a_sponsorship_has_an_end_that_is_not_far(starts_on: date, ends_on: date, allowed: bool) -> None:
    if allowed:
        assert entered(starts_on, ends_on).ends_on == ends_on
    else:
        with pytest.raises(BadDay):
            entered(starts_on, ends_on)


@pytest.mark.parametrize(
    ("sponsor", "sentence"),
    [
        (officer(), None),
        (officer(post(DEPUTY)), None),
        (officer(leaves_on=TODAY), None),
        (officer(post(STAFF)), "không giữ chức cấp trưởng"),
        (officer(leaves_on=TODAY - DAY), "đã thôi việc"),
        (officer(locked=True), "đã thôi việc hoặc đang bị khóa"),
    ],
)
def test_only_a_leader_in_service_sponsors(sponsor: KnownPerson, sentence: str | None) -> None:
    if sentence is None:
        rules.check_sponsor(sponsor, TODAY)
        return
    with pytest.raises(NotASponsor) as refused, speaking(Locale.VI):
        rules.check_sponsor(sponsor, TODAY)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("of", "ends_on", "refusal"),
    [
        (guest(), TODAY + 6 * DAY, None),
        (guest(), TODAY + LONGEST * DAY, None),
        (guest(), TODAY + (LONGEST + 1) * DAY, BadDay),
        (guest(), TODAY + 5 * DAY, NotAnExtension),
        (guest(), TODAY - DAY, BadDay),
        (guest(ended_on=TODAY), TODAY + DAY, None),
        (guest(ends_on=TODAY - 2 * DAY), TODAY, None),
    ],
)
def test_an_extension_leads_further_and_not_too_far(of: Guest, ends_on: date, refusal: type[Exception] | None) -> None:
    if refusal is None:
        rules.check_extension(of, ends_on, today=TODAY, longest=LONGEST)
        return
    with pytest.raises(refusal):
        rules.check_extension(of, ends_on, today=TODAY, longest=LONGEST)


def test_another_leader_may_take_a_guest_over_until_the_same_day_and_no_earlier_one() -> None:
    rules.check_extension(guest(), TODAY + 5 * DAY, today=TODAY, longest=LONGEST, handed_on=True)
    with pytest.raises(NotAnExtension):
        rules.check_extension(guest(), TODAY + 4 * DAY, today=TODAY, longest=LONGEST, handed_on=True)


def standings() -> Collection[tuple[Guest, Account | None, GuestState]]:
    return (
        (guest(), account(), GuestState.OPEN),
        (guest(), None, GuestState.DUE),
        (guest(starts_on=TODAY + DAY), None, GuestState.COMING),
        (guest(ends_on=TODAY - DAY), account(locked=True), GuestState.OVER),
        (guest(ended_on=TODAY), account(locked=True), GuestState.ENDED),
        (guest(officer(post(STAFF))), account(locked=True), GuestState.SPONSORLESS),
        (guest(), account(locked=True, owner="Trần An"), GuestState.LOCKED),
    )


@pytest.mark.parametrize(("of", "held", "expected"), standings())
def test_the_list_says_how_each_stands(of: Guest, held: Account | None, expected: GuestState) -> None:
    assert rules.standing(visitor(of, held), of, TODAY) is expected


@pytest.mark.parametrize("text", ["", "mai", "31/02/2026"])
def test_what_is_no_day_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(BadDay, match="is not understood"):
        rules.read_day(text)
