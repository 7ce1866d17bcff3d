"""What every run set out to do, and how far it came: one row a run, one row an action."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update

from hr_provisioner.planning.actions import (
    Action,
    ChangeUnit,
    CloseUnit,
    LockAccount,
    OpenUnit,
    UnlockAccount,
    WithdrawUnit,
    as_json,
    canonical,
)
from hr_provisioner.planning.plan import Plan, PlanKind
from hr_provisioner.tables import run_actions, runs
from huep.directory.model import PersonKey


class Progress(StrEnum):
    """How far an action came."""

    OPEN = "open"
    """Not tried, or tried and cut off: it is carried out again where the run is resumed."""
    DONE = "done"
    STOOD = "stood"
    """Nothing was left to do: the other lane, or somebody else, had brought it about."""
    FAILED = "failed"


@dataclass(frozen=True)
class Deed:
    """One action of one run."""

    run_id: UUID
    plan_sha256: str
    number: int
    """Its place in the plan, from 0."""
    action: Action


@dataclass(frozen=True)
class Outcome:
    """How a deed ended."""

    deed: Deed
    error: str | None = None
    stood: bool = False
    refused: bool = False
    """It failed because it does not fit the directory, or may not be: neither Synapse nor the database is at fault."""

    @property
    def progress(self) -> Progress:
        if self.error is not None:
            return Progress.FAILED
        return Progress.STOOD if self.stood else Progress.DONE


@dataclass(frozen=True)
class Interrupted:
    """An earlier run that never came to its end."""

    run_id: UUID
    actor: str
    started_at: datetime
    done: int
    open: int


@dataclass(frozen=True)
class Resumable:
    """A run that was cut off and can go on."""

    run_id: UUID
    started_at: datetime
    done: frozenset[int]
    """Numbers of its actions that are done."""
    stood: frozenset[int]

    @property
    def settled(self) -> frozenset[int]:
        """Numbers of the actions that are not tried again."""
        return self.done | self.stood


@dataclass(frozen=True)
class Unsettled:
    """An action upon an account of which nobody knows whether it was carried out."""

    run_id: UUID
    do: str
    """The action's name."""
    key: PersonKey
    localpart: str


def idempotency_key(plan_sha256: str, run_id: UUID, number: int) -> str:
    """Names one act for ever, in hex; the database refuses a second row of it."""
    return hashlib.sha256(f"{plan_sha256} {run_id} {number}".encode()).hexdigest()


def begin(
    connection: Connection,
    plans: Sequence[Plan],
    actor: str,
    now: datetime,
    *,
    approved: bool = False,
    undoes: UUID | None = None,
) -> tuple[UUID, ...]:
    """Write down whole plans before any of them is carried out: one run each."""
    run_ids = tuple(uuid4() for _ in plans)
    heads = [
        {
            "run_id": run_id,
            "plan_hash": plan.sha256,
            "register_sha256": plan.register_sha256,
            "actor": actor,
            "started_at": now,
            "kind": plan.kind.value,
            "approved": approved,
            "undoes": undoes,
        }
        for run_id, plan in zip(run_ids, plans, strict=True)
    ]
    rows = [
        {
            "run_id": run_id,
            "number": number,
            "action": canonical(as_json(action)),
            "state": Progress.OPEN.value,
            "name": action.name,
            "unit_code": _unit_of(action),
            "idempotency_key": idempotency_key(plan.sha256, run_id, number),
        }
        for run_id, plan in zip(run_ids, plans, strict=True)
        for number, action in enumerate(plan.actions)
    ]
    if heads:
        connection.execute(insert(runs), heads)
    if rows:
        connection.execute(insert(run_actions), rows)
    return run_ids


def note(connection: Connection, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Write down how some deeds ended, in the transaction that also changes the directory."""
    if not outcomes:
        return
    statement = (
        update(run_actions)
        .where(run_actions.c.run_id == bindparam("of"), run_actions.c.number == bindparam("at"))
        .values(state=bindparam("to"), error=bindparam("because"), settled_at=bindparam("then"))
    )
    rows = [
        {
            "of": outcome.deed.run_id,
            "at": outcome.deed.number,
            "to": outcome.progress.value,
            "because": outcome.error,
            "then": now,
        }
        for outcome in outcomes
    ]
    connection.execute(statement, rows)


def finish(connection: Connection, run_ids: Collection[UUID], now: datetime) -> None:
    """The runs came to their end, whatever of them failed, or another one holds what they left open."""
    ends = update(runs).where(runs.c.run_id.in_(run_ids), runs.c.finished_at.is_(None))
    connection.execute(ends.values(finished_at=now))


def resumable(connection: Connection, plan_hash: str) -> Resumable | None:
    """The run of this very plan that was cut off; None where there is none. The caller holds the lock of the apply.

    Plans of single people are not resumed: one may be at work in the fast lane, and what it did stands.
    """
    query = (
        select(runs.c.run_id, runs.c.started_at)
        .where(runs.c.plan_hash == plan_hash, runs.c.finished_at.is_(None), runs.c.kind != PlanKind.PERSON.value)
        .order_by(runs.c.started_at.desc())
        .limit(1)
    )
    found = connection.execute(query).one_or_none()
    if found is None:
        return None
    numbers: dict[str, set[int]] = {Progress.DONE.value: set(), Progress.STOOD.value: set()}
    states = select(run_actions.c.state, run_actions.c.number).where(
        run_actions.c.run_id == found.run_id, run_actions.c.state.in_(list(numbers))
    )
    for state, number in connection.execute(states):
        numbers[state].add(number)
    return Resumable(found.run_id, found.started_at, *map(frozenset, numbers.values()))


def interrupted(connection: Connection) -> tuple[Interrupted, ...]:
    """Runs outside the fast lane that have not come to their end, the latest first."""
    done = func.count().filter(run_actions.c.state.in_((Progress.DONE.value, Progress.STOOD.value)))
    left = func.count().filter(run_actions.c.state == Progress.OPEN.value)
    query = (
        select(runs.c.run_id, runs.c.actor, runs.c.started_at, done, left)
        .outerjoin(run_actions, run_actions.c.run_id == runs.c.run_id)
        .where(runs.c.finished_at.is_(None), runs.c.kind != PlanKind.PERSON.value)
        .group_by(runs.c.run_id, runs.c.actor, runs.c.started_at)
        .order_by(runs.c.started_at.desc())
    )
    return tuple(Interrupted(*row) for row in connection.execute(query))


def unsettled(connection: Connection, resumed: UUID | None = None) -> frozenset[Unsettled]:
    """What earlier runs may have done to accounts on the homeserver without writing it down.

    What they left open when they were cut off, and what the latest run, and those in the fast lane since, took for
    failed. The run that is `resumed` tries its own again.
    """
    latest = (
        select(func.max(runs.c.started_at))
        .where(runs.c.kind != PlanKind.PERSON.value)
        .correlate(None)
        .scalar_subquery()
    )
    query = (
        select(run_actions.c.run_id, run_actions.c.action)
        .join(runs, runs.c.run_id == run_actions.c.run_id)
        .where(
            run_actions.c.state.in_((Progress.OPEN.value, Progress.FAILED.value)),
            or_(runs.c.finished_at.is_(None), runs.c.started_at >= func.coalesce(latest, runs.c.started_at)),
            runs.c.run_id.is_distinct_from(resumed),
        )
    )
    asked = [(run_id, json.loads(action)) for run_id, action in connection.execute(query)]
    return frozenset(
        Unsettled(run_id, action["do"], PersonKey(action["who"]["key"]), action["localpart"])
        for run_id, action in asked
        if "localpart" in action
    )


def unfinished(connection: Connection) -> frozenset[UUID]:
    """Runs that are at work or were cut off."""
    return frozenset(connection.execute(select(runs.c.run_id).where(runs.c.finished_at.is_(None))).scalars())


def lock_changes_since(connection: Connection, began: datetime, besides: UUID) -> frozenset[PersonKey]:
    """Whose account some other run has opened or shut since `began`."""
    query = select(run_actions.c.action).where(
        run_actions.c.settled_at >= began,
        run_actions.c.run_id != besides,
        run_actions.c.state == Progress.DONE.value,
        run_actions.c.name.in_((LockAccount.name, UnlockAccount.name)),
    )
    return frozenset(PersonKey(json.loads(action)["who"]["key"]) for action in connection.execute(query).scalars())


def _unit_of(action: Action) -> str | None:
    match action:
        case OpenUnit() | ChangeUnit() | CloseUnit() | WithdrawUnit():
            return None
        case _:
            return action.who.unit_code
