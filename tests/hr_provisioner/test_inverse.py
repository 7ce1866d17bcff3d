"""Taking back: each deed, a whole run, and what has moved on since."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given

from hr_provisioner.current import HR, Current, KnownPerson, PersonFacts
from hr_provisioner.planning import identity
from hr_provisioner.planning.actions import CreateAccount, LockReason, MovePerson, Subject, UpdatePerson
from hr_provisioner.planning.inverse import inverse, undo_plan
from hr_provisioner.planning.outcome import after, unmet
from hr_provisioner.planning.plan import Plan, PlanKind
from hr_provisioner.records import AbsenceRecord, PostRecord
from huep.directory.model import AbsenceKind, PostKind, Standing

from .registers import TODAY, Situation, situations


def undo(plan: Plan, done: Current) -> Plan:
    return undo_plan(plan.actions, done, TODAY, plan_sha256=plan.sha256)


def as_undone(person: KnownPerson) -> KnownPerson:
    """Somebody whose account was made, once that is taken back."""
    assert person.account is not None
    return replace(
        person,
        posts=(),
        account=replace(person.account, locked=True, lock_owner=HR, lock_reason=LockReason.UNDONE.value),
    )


@given(situations())
def test_undo_restores_everything_but_made_accounts(situation: Situation) -> None:
    before, plan = situation.current, situation.plan()
    done = after(before, plan.actions, TODAY)
    undoing = undo(plan, done)
    undone = after(done, undoing.actions, TODAY)
    made = {action.who.key for action in plan.actions if isinstance(action, CreateAccount)}
    assert undoing.kind is PlanKind.UNDO
    assert undoing.left_alone.moved_on == ()
    assert undone.unit_by_code == before.unit_by_code
    assert set(undone.by_key) == set(before.by_key) | made
    for key, person in undone.by_key.items():
        assert person == (as_undone(done.by_key[key]) if key in made else before.by_key[key])


@given(situations())
def test_a_deed_taken_back_expects_what_the_deed_left(situation: Situation) -> None:
    plan = situation.plan()
    done = after(situation.current, plan.actions, TODAY)
    for action in plan.actions:
        assert [unmet(back, done) for back in inverse(action, TODAY)] == [None] * len(inverse(action, TODAY))


@given(situations())
def test_an_undoing_can_be_taken_back_too(situation: Situation) -> None:
    plan = situation.plan()
    done = after(situation.current, plan.actions, TODAY)
    undoing = undo(plan, done)
    undone = after(done, undoing.actions, TODAY)
    again = undo(undoing, undone)
    redone = after(undone, again.actions, TODAY)
    assert redone.unit_by_code == done.unit_by_code
    assert redone.by_key == done.by_key


@given(situations())
def test_nothing_is_taken_back_twice(situation: Situation) -> None:
    plan = situation.plan()
    done = after(situation.current, plan.actions, TODAY)
    undone = after(done, undo(plan, done).actions, TODAY)
    assert not undo(plan, undone).actions


@given(situations())
def test_whoever_is_protected_by_then_is_not_touched(situation: Situation) -> None:
    plan = situation.plan()
    done = after(situation.current, plan.actions, TODAY)
    guarded = replace(done, protected=done.localparts)
    undone = after(guarded, undo(plan, guarded).actions, TODAY)
    assert undone.by_key == guarded.by_key


@given(situations())
def test_a_day_later_whatever_is_taken_back_still_fits(situation: Situation) -> None:
    tomorrow = TODAY + timedelta(days=1)
    plan = situation.plan()
    done = after(situation.current, plan.actions, TODAY)
    undoing = undo_plan(plan.actions, done, tomorrow, plan_sha256=plan.sha256)
    assert all(unmet(action, done) is None for action in undoing.actions)


def test_a_post_that_never_was_goes_and_one_that_was_stands_as_before() -> None:
    earlier = TODAY - timedelta(days=40)
    old = PostRecord("A", "CV", "Chuyên viên", Standing.STAFF, "01.003", PostKind.MAIN, earlier, None)
    backdated = replace(old, unit_code="B", valid_from=TODAY - timedelta(days=20))
    who = Subject(identity.person_key("CB1"), "CB1", "Lê Hoa", "B")
    (back,) = inverse(MovePerson(who, (old,), (backdated,), TODAY), TODAY)
    assert isinstance(back, MovePerson)
    assert (back.before, back.after) == ((backdated,), (old,))
    assert back.on <= backdated.valid_from


def test_a_leave_that_never_was_goes() -> None:
    begun = AbsenceRecord(AbsenceKind.STUDY, TODAY - timedelta(days=20), None)
    facts = PersonFacts("Lê Hoa", None, None, None, None, None)
    who = Subject(identity.person_key("CB1"), "CB1", "Lê Hoa", "B")
    (back,) = inverse(UpdatePerson(who, facts, replace(facts, absence=begun), TODAY), TODAY)
    assert isinstance(back, UpdatePerson)
    assert (back.after, back.on) == (facts, begun.valid_from)
