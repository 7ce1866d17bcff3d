"""A judged plan carried out: the whole of it in the slow lane, or what cannot wait of it, with the rest parked."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Connection

from hr_provisioner.applying import recent
from hr_provisioner.applying.apply import Applier, Progress, Report, everything
from hr_provisioner.applying.fast_lane import FastLane
from hr_provisioner.approvals import plan_store
from hr_provisioner.current import Current
from hr_provisioner.planning.guard import PlanParked, Verdict, is_dismissal
from hr_provisioner.planning.left_alone import LeftAlone
from hr_provisioner.planning.plan import Plan, PlanKind
from hr_provisioner.proposal import Proposal, judge_now
from hr_provisioner.workplace import Workplace
from huep.synapse_admin import SynapseAdmin

Along = Callable[[Connection], None]
"""Written in the transaction that writes a run down, or parks its plan: after a crash both stand, or neither."""


def nothing(_connection: Connection) -> None:
    """Writes nothing along."""


def part_of(plan: Plan, places: Collection[int]) -> Plan:
    """The actions at these places of `plan`, as a plan of its own."""
    actions = tuple(plan.actions[place] for place in sorted(places))
    return replace(plan, kind=PlanKind.PERSON, actions=actions, left_alone=LeftAlone())


@dataclass(frozen=True)
class Lanes:
    """Both lanes for one actor.

    Args:
        place: databases and settings.
        homeserver: client with the service token.
        actor: who answers for it; goes into journal and audit.
        progress: told how far the slow lane came.
    """

    place: Workplace
    homeserver: SynapseAdmin
    actor: str
    progress: Progress

    async def run(
        self,
        proposal: Proposal,
        current: Current,
        *,
        along: Along = nothing,
        snapshot_id: UUID | None = None,
        undoes: UUID | None = None,
    ) -> tuple[Report, PlanParked | None]:
        """Carry `proposal` out, or park it.

        Args:
            proposal: as it was shown.
            current: what the plan was made of.
            along: what must stand together with the run, or with the parked plan; not asked for an empty plan.
            snapshot_id: of the register that the plan comes from.
            undoes: the run that is taken back.

        Returns:
            What was done, and where the rest was parked why.
        """
        plan, verdict = proposal.plan, proposal.verdict
        if not verdict.parked:

            def admit(connection: Connection) -> None:
                """Judged once more, so that no two plans share what is left of a limit."""
                recent.one_judgement_at_a_time(connection)
                again = judge_now(connection, self.place, plan, current)
                if again.parked:
                    raise PlanParked(plan.sha256, again.trips, again.runs)
                along(connection)

            try:
                return await self.applier().carry_out(plan, self.progress, undoes=undoes, admit=admit), None
            except PlanParked as over:
                # Another lane used up what was left of a limit while somebody looked at the plan.
                verdict = over.verdict
        await asyncio.to_thread(self._park, plan, verdict, along, snapshot_id, undoes)
        return await self._what_cannot_wait(plan, verdict), PlanParked(plan.sha256, verdict.trips)

    def applier(self) -> Applier:
        """The slow lane; whoever uses it holds `advisory.exclusively`."""
        return Applier(self.place.reach(self.homeserver), self.actor)

    def _park(self, plan: Plan, verdict: Verdict, along: Along, snapshot_id: UUID | None, undoes: UUID | None) -> None:
        place = self.place
        with place.hr.begin() as connection:
            along(connection)
            plan_store.park(
                connection,
                place.audit,
                plan,
                verdict.trips,
                actor=self.actor,
                now=place.now(),
                hours=place.settings.hr.approval_hours,
                snapshot_id=snapshot_id,
                undoes=undoes,
            )

    async def _what_cannot_wait(self, plan: Plan, verdict: Verdict) -> Report:
        """Urgent dismissals, and guests whose time is over; those are counted by no limit."""
        place, report = self.place, Report()
        dismissals = sum(is_dismissal(plan.actions[at]) for at in verdict.runs)
        guests = [at for at in verdict.runs if not is_dismissal(plan.actions[at])]

        def admit(connection: Connection) -> None:
            recent.one_judgement_at_a_time(connection)
            today = recent.read_recent(connection, place.now(), beside_apply=True).dismissals
            if today + dismissals > place.settings.hr.limits.dismissals_a_day:
                raise PlanParked(plan.sha256, verdict.trips)

        lane = FastLane(place.reach(self.homeserver), self.actor)
        try:
            ran = await lane.carry_out([part_of(plan, verdict.runs)], admit=admit if dismissals else everything)
        except PlanParked:
            # A webhook's dismissals came in between: these wait with the rest.
            ran = await lane.carry_out([part_of(plan, guests)])
        for one in ran:
            report.run_id = one.run_id
            report.done += one.done
            report.stood += one.stood
            report.failed += one.failed
        return report
