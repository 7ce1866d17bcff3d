"""Pure: how each deed is taken back, and the plan that takes back a whole run.

Taken back means exactly as before, with one exception: an account that was made stays, because accounts and their
names are for ever; it is locked, and its person keeps the facts and loses the posts.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import assert_never

from hr_provisioner.current import Current, PersonFacts
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
    UnitAction,
    UnlockAccount,
    UpdatePerson,
    WithdrawUnit,
    subject_of,
)
from hr_provisioner.planning.left_alone import LeftAlone
from hr_provisioner.planning.outcome import after, unmet
from hr_provisioner.planning.plan import Plan, PlanKind, in_order
from hr_provisioner.posts import over, post_identity
from hr_provisioner.records import PostRecord


def inverse(action: Action, today: date) -> tuple[Action, ...]:
    """What takes `action` back on `today`; nothing where it only mended the homeserver.

    Each expects the directory as `action` left it. Posts and absences that `action` added are removed, as if they had
    never been; those that it ended are open again.
    """
    match action:
        case LockAccount(again=True) | CreateAccount(again=True):
            return ()
        case LockAccount():
            return (UnlockAccount(action.who, action.localpart, action.reason),)
        case UnlockAccount():
            return (LockAccount(action.who, action.localpart, None, reason=action.was or LockReason.UNDONE),)
        case CreateAccount():
            lock = LockAccount(action.who, action.localpart, None, reason=LockReason.UNDONE)
            posts = _open(action.posts, today)
            return (lock, _move(MovePerson(action.who, posts, (), today))) if posts else (lock,)
        case RenameAccount():
            return (replace(action, before=action.after, after=action.before),)
        case MovePerson():
            return (_move(replace(action, before=_open(action.after, today), after=action.before, on=today)),)
        case UpdatePerson():
            return (_update(replace(action, before=_present(action.after, today), after=action.before, on=today)),)
        case OpenUnit(unit):
            return (WithdrawUnit(unit, None),)
        case ChangeUnit(before, now) if now.valid_from == before.valid_from:
            return (ChangeUnit(now, before),)
        case ChangeUnit(before, now):
            return (WithdrawUnit(now, before),)
        case CloseUnit(before, valid_to, successors):
            return (ChangeUnit(replace(before, valid_to=valid_to, successors=successors), before),)
        case WithdrawUnit(unit, None):
            return (OpenUnit(unit),)
        case WithdrawUnit(unit, restores) if restores is not None:
            return (ChangeUnit(restores, unit),)
        case _:
            assert_never(action)  # type: ignore[arg-type]  # mypy does not narrow by a case's condition


def _open(posts: tuple[PostRecord, ...], today: date) -> tuple[PostRecord, ...]:
    return tuple(post for post in posts if not over(post.valid_to, today))


def _present(facts: PersonFacts, today: date) -> PersonFacts:
    gone = facts.absence is not None and over(facts.absence.valid_to, today)
    return replace(facts, absence=None) if gone else facts


def _move(move: MovePerson) -> MovePerson:
    """With the day so early that what goes was never held."""
    stays = {post_identity(post) for post in move.after}
    return replace(move, on=min([move.on, *(p.valid_from for p in move.before if post_identity(p) not in stays)]))


def _update(update: UpdatePerson) -> UpdatePerson:
    away = update.before.absence
    return replace(update, on=min(update.on, away.valid_from)) if away is not None else update


def undo_plan(done: Sequence[Action], current: Current, today: date, *, plan_sha256: str) -> Plan:
    """What takes back the actions `done` by the run of that plan, in the reverse order within each stage.

    What has changed since that run is left as it is, and listed in `left_alone.moved_on`; so is a unit in which
    somebody holds a post by then. Protected accounts are never touched.
    """
    fitting: list[Action] = []
    protected: set[str] = set()
    moved_on: set[str] = set()
    for deed in (deed for action in reversed(done) for deed in inverse(action, today)):
        if _is_protected(deed, current):
            protected.add(subject_of(deed))
        elif unmet(deed, current) is not None:
            moved_on.add(subject_of(deed))
        else:
            fitting.append(deed)
    in_use = _units_in_use(after(current, fitting, today), fitting)
    return Plan(
        today=today,
        register_sha256=plan_sha256,
        current_sha256=current.sha256(),
        rows=0,
        quarantined_rows=0,
        open_accounts=current.open_accounts,
        actions=in_order(deed for deed in fitting if _vanishing(deed) not in in_use),
        left_alone=LeftAlone(protected=tuple(sorted(protected)), moved_on=tuple(sorted(moved_on | in_use))),
        kind=PlanKind.UNDO,
    )


def _is_protected(deed: Action, current: Current) -> bool:
    if isinstance(deed, UnitAction):
        return False
    person = current.by_key.get(deed.who.key)
    return person is not None and person.account is not None and person.account.localpart in current.protected


def _vanishing(deed: Action) -> str | None:
    """Code of the unit that nobody will know after `deed`."""
    return deed.unit.code if isinstance(deed, WithdrawUnit) and deed.restores is None else None


def _units_in_use(undone: Current, deeds: Sequence[Action]) -> set[str]:
    """Which of the units that would vanish somebody still sits in, or another unit still lies below."""
    parent_of = {deed.unit.code: deed.unit.parent_code for deed in deeds if isinstance(deed, WithdrawUnit)}
    vanishing = {code for deed in deeds if (code := _vanishing(deed)) is not None}
    needed = {post.unit_code for person in undone.people for post in person.posts}
    needed |= {unit.parent_code for unit in undone.units if unit.parent_code is not None}
    in_use: set[str] = set()
    while found := (needed & vanishing) - in_use:
        in_use |= found
        needed = {parent for code in found if (parent := parent_of[code]) is not None}
    return in_use
