"""A plan before it runs and after, as the officer at the screen meets it."""

from dataclasses import dataclass

import typer
from rich.console import Console

from hr_provisioner.approvals.plan_store import ParkedPlan
from hr_provisioner.language import OfficerError
from hr_provisioner.planning.plan import Plan
from hr_provisioner.proposal import Proposal
from hr_provisioner.provisioning import Applied
from hr_provisioner.screens import show
from huep.catalogue import Message, Voice


class NotConfirmed(OfficerError):
    """The officer looked at the plan and did not let it run."""

    def __init__(self) -> None:
        super().__init__(Message("not-confirmed"))


@dataclass(frozen=True)
class Confirmation:
    """Shows a plan and asks whether it may run; with `yes` it is shown briefly, and nobody is asked."""

    console: Console
    say: Voice
    yes: bool

    def confirm(self, proposal: Proposal) -> None:
        """Nothing is asked of a plan that does not run now. Raises NotConfirmed."""
        show.show_plan(self.console, self.say, proposal.plan, proposal.remarks, proposal.unit_names, briefly=self.yes)
        if proposal.verdict.runs:
            self._ask()

    def confirm_approved(self, stored: Plan, parked: ParkedPlan) -> None:
        """A plan that two officers approved. Raises NotConfirmed."""
        show.show_well(self.console, self.say("approved-runs", sha256=parked.sha256[:12]))
        show.show_plan(self.console, self.say, stored, (), briefly=self.yes)
        self._ask()

    def _ask(self) -> None:
        if not self.yes and not typer.confirm(self.say("confirm")):
            raise NotConfirmed


def show_applied(console: Console, say: Voice, applied: Applied) -> None:
    """The report, where something ran. Raises PlanParked where the guard held the plan back."""
    if applied.report.run_id is not None:
        show.show_report(console, say, applied.report)
    if applied.parked is not None:
        raise applied.parked
