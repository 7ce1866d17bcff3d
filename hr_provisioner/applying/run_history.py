"""What earlier runs did, as the journal tells it: to look at, and to take back."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, String, cast, func, select

from hr_provisioner.applying.journal import Progress
from hr_provisioner.language import OfficerError
from hr_provisioner.planning.actions import Action
from hr_provisioner.planning.plan import PlanKind
from hr_provisioner.planning.plan_json import action_from_json
from hr_provisioner.tables import run_actions, runs
from huep.catalogue import Message

SHORTEST_PREFIX = 4


class RunUnknown(OfficerError):
    """No run begins with these characters."""

    def __init__(self, prefix: str) -> None:
        super().__init__(Message.of("undo-no-such-run", run=prefix))


class RunAmbiguous(OfficerError):
    """The beginning of a run's name is too short, or several begin so."""

    def __init__(self, prefix: str) -> None:
        super().__init__(Message.of("undo-several-runs", run=prefix, shortest=str(SHORTEST_PREFIX)))


@dataclass(frozen=True)
class Run:
    """One run, with how many actions of each name came how far."""

    run_id: UUID
    plan_hash: str
    kind: PlanKind
    actor: str
    started_at: datetime
    finished_at: datetime | None
    """None: at work, or cut off."""
    approved: bool
    undoes: UUID | None
    """The run that it took back."""
    counts: Mapping[Progress, Mapping[str, int]]

    @property
    def done(self) -> Mapping[str, int]:
        """How many actions it did, by the action's name."""
        return self.counts.get(Progress.DONE, {})


def runs_of(connection: Connection, limit: int = 20) -> tuple[Run, ...]:
    """The latest runs, the last one first."""
    return _read(connection, _runs().order_by(runs.c.started_at.desc()).limit(limit))


def find_run(connection: Connection, prefix: str) -> Run:
    """The run whose ID begins so.

    Raises:
        RunUnknown, RunAmbiguous: it names none, or more than one.
    """
    wanted = prefix.strip().lower()
    if len(wanted) < SHORTEST_PREFIX or not set(wanted) <= set("0123456789abcdef-"):
        raise RunUnknown(prefix)
    found = _read(connection, _runs().where(cast(runs.c.run_id, String).startswith(wanted)).limit(2))
    if not found:
        raise RunUnknown(prefix)
    if len(found) > 1:
        raise RunAmbiguous(prefix)
    return found[0]


def done_actions(connection: Connection, run_id: UUID) -> tuple[Action, ...]:
    """What a run did, in its order; what stood already, failed or was never tried is left out."""
    query = (
        select(run_actions.c.action)
        .where(run_actions.c.run_id == run_id, run_actions.c.state == Progress.DONE.value)
        .order_by(run_actions.c.number)
    )
    return tuple(map(action_from_json, connection.execute(query).scalars()))


def _runs() -> Select[Any]:
    r = runs.c
    return select(r.run_id, r.plan_hash, r.kind, r.actor, r.started_at, r.finished_at, r.approved, r.undoes)


def _read(connection: Connection, query: Select[Any]) -> tuple[Run, ...]:
    heads = connection.execute(query).all()
    a = run_actions.c
    counted = (
        select(a.run_id, a.state, a.name, func.count())
        .where(a.run_id.in_([head.run_id for head in heads]))
        .group_by(a.run_id, a.state, a.name)
    )
    counts: dict[UUID, dict[Progress, Counter[str]]] = {head.run_id: {} for head in heads}
    for run_id, state, name, count in connection.execute(counted):
        counts[run_id].setdefault(Progress(state), Counter())[name] = count
    return tuple(
        Run(run_id, plan_hash, PlanKind(kind), actor, started_at, finished_at, approved, undoes, counts[run_id])
        for run_id, plan_hash, kind, actor, started_at, finished_at, approved, undoes in heads
    )
