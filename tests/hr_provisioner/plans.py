"""Plans made by hand, of actions on people who stand in no register."""

from collections.abc import Iterable
from datetime import date

from hr_provisioner.planning.actions import Action, Subject
from hr_provisioner.planning.identity import person_key
from hr_provisioner.planning.left_alone import LeftAlone
from hr_provisioner.planning.plan import Plan, PlanKind

TODAY = date(2026, 3, 10)


def subject(code: str, name: str, unit: str | None = "SNV") -> Subject:
    return Subject(person_key(code), code, name, unit)


def plan_of(
    actions: Iterable[Action],
    accounts: int,
    *,
    left_alone: LeftAlone = LeftAlone(),  # noqa: B008 - frozen
    kind: PlanKind = PlanKind.REGISTER,
) -> Plan:
    """`accounts`: so many are open, and as many rows the register has."""
    return Plan(TODAY, "0" * 64, "1" * 64, accounts, 0, accounts, tuple(actions), left_alone, kind=kind)
