"""The whole way from a register to a province: what the `huep hr` commands do, without a word to the screen."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Connection

from hr_provisioner import intake
from hr_provisioner.advisory import Work, exclusively, trying
from hr_provisioner.applying import recent
from hr_provisioner.applying.apply import Admit, Applier, Progress, Report
from hr_provisioner.applying.fast_lane import FastLane
from hr_provisioner.applying.run_history import Run, done_actions, find_run
from hr_provisioner.approvals import plan_store
from hr_provisioner.approvals import signatures as approvals
from hr_provisioner.approvals.plan_store import ParkedPlan
from hr_provisioner.approvals.signing import Matter
from hr_provisioner.current import Current
from hr_provisioner.directory.publishing import publish
from hr_provisioner.intake import SnapshotParked
from hr_provisioner.language import OfficerError
from hr_provisioner.planning.actions import Action
from hr_provisioner.planning.guard import PlanParked, Verdict
from hr_provisioner.planning.inverse import undo_plan
from hr_provisioner.planning.left_alone import LeftAlone
from hr_provisioner.planning.plan import Plan, PlanKind
from hr_provisioner.proposal import Proposal, judge_now, judged, propose
from hr_provisioner.rooms.joins import Joins, ProgressFile, Tally
from hr_provisioner.snapshots import store as snapshot_store
from hr_provisioner.sources import Source
from hr_provisioner.workplace import Workplace
from huep.catalogue import Message
from huep.stack.accounts import open_admin
from huep.synapse_admin import SynapseAdmin

Confirm = Callable[[Proposal], None]
"""Shown what would be done before it runs; raises to stop it."""


class NotYetApproved(OfficerError):
    """A parked plan lacks signatures that count now."""

    exit_code = 3

    def __init__(self, sha256: str, signers: Collection[str]) -> None:
        super().__init__(
            Message.of("not-yet-approved", sha256=sha256[:12], count=len(signers), needed=approvals.NEEDED)
        )
        self.sha256 = sha256


@dataclass(frozen=True)
class Applied:
    """What an apply did."""

    proposal: Proposal
    report: Report
    """Of the plan; where it was parked, of the urgent dismissals that ran all the same."""
    parked: PlanParked | None
    """Where the rest waits for two officers."""
    urgent_memberships: int
    """Of the people who were to be in their rooms first."""


async def preview(place: Workplace, source: Source, actor: str) -> tuple[intake.Reading, Proposal]:
    """What an apply of `source` would do today; nothing is written.

    Raises:
        SourceError, SnapshotRefused: see `hr_provisioner.intake.read_and_judge`.
    """
    reading = await asyncio.to_thread(intake.read_and_judge, place, source)
    current = await place.current(actor)
    current = await asyncio.to_thread(intake.foresee, place, reading, current)
    return reading, await asyncio.to_thread(propose, place, reading, current)


async def apply_source(
    place: Workplace,
    source: Source,
    *,
    actor: str,
    urgent: Collection[str],
    confirm: Confirm,
    progress: Progress,
) -> Applied:
    """Read, judge, plan, guard, confirm, carry out, and bring the `urgent` (officer codes) into their rooms.

    The other memberships are left to `run_joins`. Over a limit the plan is parked, and only urgent dismissals run.

    Raises:
        AlreadyRunning: another apply is at work.
        SourceError, SnapshotRefused: the register cannot be acted upon; nothing was done.
        SnapshotParked: two officers must approve the register first; nothing was done.
        BreakerOpen: too many actions failed in a row.
        NotAsPlanned: reading back found something else.
    """
    with exclusively(place.hr):
        reading = await asyncio.to_thread(intake.read_and_judge, place, source)
        snapshot_id = await asyncio.to_thread(intake.keep, place, source, reading)
        if reading.doubts:
            raise SnapshotParked(reading.sha256, reading.doubts)
        current = await place.current(actor)
        foreseen = await asyncio.to_thread(intake.foresee, place, reading, current)
        proposal = await asyncio.to_thread(propose, place, reading, foreseen)
        confirm(proposal)
        await asyncio.to_thread(intake.accept, place, snapshot_id, reading.register, current)
        async with open_admin(place.settings, place.state) as homeserver:
            await homeserver.lift_rate_limits(place.settings.user_id(place.settings.accounts.service))
            lanes = _Lanes(place, homeserver, actor, progress)
            report, parked = await lanes.run(proposal, foreseen, snapshot_id=snapshot_id)
            await _publish(place, homeserver, None if proposal.plan.actions else foreseen)
            joined = 0
            if proposal.plan.actions or urgent:
                joined = await Joins(place.settings, place.hr, place.audit, homeserver).serve_urgent(urgent)
    return Applied(proposal, report, parked, joined)


async def apply_approved(
    place: Workplace, *, actor: str, confirm: Callable[[Plan, ParkedPlan], None], progress: Progress, prefix: str = ""
) -> tuple[Report, ...]:
    """Carry out what two officers approved, exactly as it was parked, the earliest first; a cut-off one goes on.

    With `prefix`, the beginning of a hash, only that one.

    Raises:
        AlreadyRunning, BreakerOpen, NotAsPlanned: see `apply_source`.
        NotWaiting, Ambiguous, NotYetApproved: of `prefix`.
    """
    reports: list[Report] = []
    with exclusively(place.hr):
        for waiting, plan in await asyncio.to_thread(_approved, place, prefix):
            confirm(plan, waiting)
            async with open_admin(place.settings, place.state) as homeserver:
                applier = Applier(place.settings, place.hr, place.audit, homeserver, actor, place.now)
                reports.append(await applier.carry_out(plan, progress, approved=True, undoes=waiting.undoes))
                await asyncio.to_thread(_mark_done, place, plan)
                await _publish(place, homeserver, None)
                await Joins(place.settings, place.hr, place.audit, homeserver).serve_urgent(())
    return tuple(reports)


def approved_snapshots(place: Workplace) -> tuple[Source, ...]:
    """Parked registers that two officers let through, oldest export first, exactly as they were read."""
    now, server_name = place.now(), place.settings.server_name
    with place.hr.connect() as connection:
        return tuple(
            snapshot_store.content_of(connection, stored.snapshot_id)
            for stored in snapshot_store.parked(connection)
            if approvals.is_approved(connection, server_name, Matter.SNAPSHOT, stored.hash, now)
        )


async def undo_run(place: Workplace, prefix: str, *, actor: str, confirm: Confirm, progress: Progress) -> Applied:
    """Take back what a run did, as far as nothing has moved on since; the guard judges it as any other plan.

    Raises:
        RunUnknown, RunAmbiguous: of `prefix`.
        AlreadyRunning, BreakerOpen, NotAsPlanned: see `apply_source`.
    """
    with exclusively(place.hr):
        current = await place.current(actor)
        run, done = await asyncio.to_thread(_done_in, place, prefix)
        plan = undo_plan(done, current, place.today, plan_sha256=run.plan_hash)
        proposal = await asyncio.to_thread(
            judged, place, plan, current, {unit.code: unit.name for unit in current.units}
        )
        confirm(proposal)
        async with open_admin(place.settings, place.state) as homeserver:
            lanes = _Lanes(place, homeserver, actor, progress)
            report, parked = await lanes.run(proposal, current, undoes=run.run_id)
            await _publish(place, homeserver, None)
            await Joins(place.settings, place.hr, place.audit, homeserver).serve_urgent(())
    return Applied(proposal, report, parked, 0)


async def renew_publication(place: Workplace) -> None:
    """Tell Synapse what it lacks, and that all is fresh: what nobody renews counts as stale after two days."""
    async with open_admin(place.settings, place.state) as homeserver:
        await _publish(place, homeserver, None, renew=True)


async def run_joins(place: Workplace, tell: Callable[[Tally], None]) -> int | None:
    """Make all rooms and bring about all memberships; None when another process is at it already.

    Raises:
        JoinsFailed: what is left cannot be done.
    """
    with trying(place.hr, Work.JOINS) as got:
        if not got:
            return None
        file = ProgressFile(place.state)

        def report(tally: Tally) -> None:
            file.write(tally)
            tell(tally)

        async with open_admin(place.settings, place.state) as homeserver:
            changed = await Joins(place.settings, place.hr, place.audit, homeserver).run(report)
        file.finish()
        return changed


@dataclass(frozen=True)
class _Lanes:
    """Runs a judged plan: the whole of it, or its urgent dismissals with the rest parked."""

    place: Workplace
    homeserver: SynapseAdmin
    actor: str
    progress: Progress

    async def run(
        self, proposal: Proposal, current: Current, *, snapshot_id: UUID | None = None, undoes: UUID | None = None
    ) -> tuple[Report, PlanParked | None]:
        plan, verdict = proposal.plan, proposal.verdict
        if not verdict.parked:
            place = self.place
            applier = Applier(place.settings, place.hr, place.audit, self.homeserver, self.actor, place.now)
            try:
                report = await applier.carry_out(
                    plan, self.progress, undoes=undoes, admit=admission(place, plan, current)
                )
            except PlanParked as over:
                # Another lane used up what was left of a limit while somebody looked at the plan.
                verdict = over.verdict
            else:
                return report, None
        await asyncio.to_thread(self._park, plan, verdict, snapshot_id, undoes)
        return await self._dismissals(plan, verdict), PlanParked(plan.sha256, verdict.trips)

    def _park(self, plan: Plan, verdict: Verdict, snapshot_id: UUID | None, undoes: UUID | None) -> None:
        place = self.place
        with place.hr.begin() as connection:
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

    async def _dismissals(self, plan: Plan, verdict: Verdict) -> Report:
        place = self.place
        urgent = part_of(plan, verdict.runs)
        lane = FastLane(place.settings, place.hr, place.audit, self.homeserver, self.actor, place.now)
        report = Report()
        for ran in await lane.carry_out([urgent]):
            report.run_id = ran.run_id
            report.done += ran.done
            report.stood += ran.stood
            report.failed += ran.failed
        return report


def part_of(plan: Plan, places: Collection[int]) -> Plan:
    """The actions at these places of `plan`, as a plan of its own."""
    actions = tuple(plan.actions[place] for place in sorted(places))
    return replace(plan, kind=PlanKind.PERSON, actions=actions, left_alone=LeftAlone())


def admission(place: Workplace, plan: Plan, current: Current) -> Admit:
    """Judges `plan` once more in the transaction that writes its run down, so that no two plans share a limit."""

    def admit(connection: Connection) -> None:
        recent.one_judgement_at_a_time(connection)
        verdict = judge_now(connection, place, plan, current)
        if verdict.parked:
            raise PlanParked(plan.sha256, verdict.trips, verdict.runs)

    return admit


async def _publish(place: Workplace, homeserver: SynapseAdmin, current: Current | None, *, renew: bool = False) -> None:
    """`current` where nothing was done since it was read."""
    if current is None:
        current = await asyncio.to_thread(place.read_directory)
    await publish(place.hr, homeserver, current, place.now(), place.today, renew=renew)


def _approved(place: Workplace, prefix: str) -> list[tuple[ParkedPlan, Plan]]:
    now, server_name = place.now(), place.settings.server_name
    with place.hr.connect() as connection:
        if not prefix:
            chosen = plan_store.approved(connection, server_name, now)
        else:
            one = plan_store.find(connection, prefix, now)
            signers = approvals.signers(connection, server_name, Matter.PLAN, one.sha256, now)
            if len(signers) < approvals.NEEDED:
                raise NotYetApproved(one.sha256, [signer.code for signer in signers])
            chosen = (one,)
        return [(one, plan_store.load(connection, one.sha256)) for one in chosen]


def _mark_done(place: Workplace, plan: Plan) -> None:
    with place.hr.begin() as connection:
        plan_store.mark_done(connection, plan.sha256)


def _done_in(place: Workplace, prefix: str) -> tuple[Run, tuple[Action, ...]]:
    with place.hr.connect() as connection:
        run = find_run(connection, prefix)
        return run, done_actions(connection, run.run_id)
