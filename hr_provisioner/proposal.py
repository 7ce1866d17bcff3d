"""A plan with the guard's verdict on it: what an officer looks at before anything is done."""

from dataclasses import dataclass

from sqlalchemy import Connection

from hr_provisioner.applying import recent
from hr_provisioner.current import Current
from hr_provisioner.intake import Reading
from hr_provisioner.planning import guard
from hr_provisioner.planning.actions import LockAccount
from hr_provisioner.planning.guard import Remark, Verdict
from hr_provisioner.planning.plan import Plan, PlanKind, make_plan
from hr_provisioner.posts import holds
from hr_provisioner.workplace import Workplace


@dataclass(frozen=True)
class Proposal:
    """What would be done, and whether it may be."""

    plan: Plan
    verdict: Verdict
    remarks: tuple[Remark, ...]
    unit_names: dict[str, str]
    """Short names by code, of the units that the directory and the register know."""


def propose(place: Workplace, reading: Reading, current: Current) -> Proposal:
    """The plan that `reading` makes of `current` today, judged."""
    plan = make_plan(reading.register, current, place.today, place.policy)
    names = {unit.code: unit.short_name for unit in (*current.units, *reading.register.units)}
    return judged(place, plan, current, names)


def judged(place: Workplace, plan: Plan, current: Current, unit_names: dict[str, str]) -> Proposal:
    """`plan`, of whatever kind, with the guard's verdict of this moment."""
    with place.hr.connect() as connection:
        verdict = judge_now(connection, place, plan, current)
    settings = place.settings.hr
    return Proposal(plan, verdict, guard.remarks(plan, settings.limits, settings.snapshots), unit_names)


def judge_now(connection: Connection, place: Workplace, plan: Plan, current: Current) -> Verdict:
    """The guard's verdict, with what ran until now."""
    locks = any(isinstance(action, LockAccount) for action in plan.actions)
    return guard.judge(
        plan,
        recent.read_recent(connection, place.now(), beside_apply=plan.kind is PlanKind.PERSON),
        place.settings.hr.limits,
        recent.unit_sizes(current, place.today) if locks else {},
        founding=recent.is_founding(connection, current, plan.register_sha256),
        units=sum(holds(unit, place.today) for unit in current.units),
        current=current,
    )
