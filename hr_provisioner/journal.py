"""What every run set out to do, and how far it came: one row a run, one row an action."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import Connection, bindparam, func, insert, select, update

from hr_provisioner.actions import as_json, canonical
from hr_provisioner.plan import Plan
from huep.directory.tables import run_actions, runs


class Progress(StrEnum):
    """How far an action came."""

    OPEN = "open"
    """Not tried, or tried and cut off: the next plan says whether it is still to be done."""
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """How the action of this number in its plan ended."""

    number: int
    error: str | None

    @property
    def progress(self) -> Progress:
        return Progress.DONE if self.error is None else Progress.FAILED


@dataclass(frozen=True)
class Interrupted:
    """An earlier run that never came to its end."""

    run_id: UUID
    actor: str
    started_at: datetime
    done: int
    open: int


@dataclass(frozen=True)
class Unsettled:
    """An action upon an account of which nobody knows whether it was carried out."""

    do: str
    """The action's name."""
    localpart: str


def begin(connection: Connection, plan: Plan, actor: str, now: datetime) -> UUID:
    """Write down the whole plan before any of it is carried out."""
    run_id = uuid4()
    connection.execute(
        insert(runs),
        {
            "run_id": run_id,
            "plan_hash": plan.sha256,
            "register_sha256": plan.register_sha256,
            "actor": actor,
            "started_at": now,
        },
    )
    rows = [
        {"run_id": run_id, "number": number, "action": canonical(as_json(action)), "state": Progress.OPEN.value}
        for number, action in enumerate(plan.actions)
    ]
    if rows:
        connection.execute(insert(run_actions), rows)
    return run_id


def note(connection: Connection, run_id: UUID, outcomes: Sequence[Outcome]) -> None:
    """Write down how some actions ended, in the transaction that also changes the directory."""
    if not outcomes:
        return
    statement = (
        update(run_actions)
        .where(run_actions.c.run_id == run_id, run_actions.c.number == bindparam("of"))
        .values(state=bindparam("to"), error=bindparam("because"))
    )
    connection.execute(
        statement,
        [{"of": outcome.number, "to": outcome.progress.value, "because": outcome.error} for outcome in outcomes],
    )


def finish(connection: Connection, run_id: UUID, now: datetime) -> None:
    """The run came to its end, whatever of it failed."""
    connection.execute(update(runs).where(runs.c.run_id == run_id).values(finished_at=now))


def interrupted(connection: Connection) -> tuple[Interrupted, ...]:
    """Runs that have not come to their end, the latest first."""
    done = func.count().filter(run_actions.c.state == Progress.DONE.value)
    left = func.count().filter(run_actions.c.state == Progress.OPEN.value)
    query = (
        select(runs.c.run_id, runs.c.actor, runs.c.started_at, done, left)
        .outerjoin(run_actions, run_actions.c.run_id == runs.c.run_id)
        .where(runs.c.finished_at.is_(None))
        .group_by(runs.c.run_id, runs.c.actor, runs.c.started_at)
        .order_by(runs.c.started_at.desc())
    )
    return tuple(Interrupted(*row) for row in connection.execute(query))


def unsettled(connection: Connection) -> frozenset[Unsettled]:
    """What earlier runs may have done to accounts on the homeserver without writing it down.

    What they left open when they were cut off, and what the latest of them took for failed.
    """
    latest = select(runs.c.run_id).order_by(runs.c.started_at.desc()).limit(1).scalar_subquery()
    query = (
        select(run_actions.c.action)
        .join(runs, runs.c.run_id == run_actions.c.run_id)
        .where(run_actions.c.state != Progress.DONE.value, runs.c.finished_at.is_(None) | (runs.c.run_id == latest))
    )
    asked = map(json.loads, connection.execute(query).scalars())
    return frozenset(Unsettled(action["do"], action["localpart"]) for action in asked if "localpart" in action)


def supersede(connection: Connection, now: datetime) -> None:
    """Close runs that were cut off: a new plan holds what they left open. The caller holds the lock of the apply."""
    connection.execute(update(runs).where(runs.c.finished_at.is_(None)).values(finished_at=now))
