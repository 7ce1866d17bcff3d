"""The whole way from a register to a province: what the `huep hr` commands do, without a word to the screen."""

import asyncio
import gc
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from hr_provisioner import intake
from hr_provisioner.advisory import Work, exclusively, trying
from hr_provisioner.applying.apply import Progress, Report
from hr_provisioner.applying.run_history import Run, done_actions, find_run
from hr_provisioner.approvals import plan_store
from hr_provisioner.approvals import signatures as approvals
from hr_provisioner.approvals.plan_store import ParkedPlan
from hr_provisioner.approvals.signing import Matter
from hr_provisioner.current import Current
from hr_provisioner.directory.publishing import publish
from hr_provisioner.intake import Reading, SnapshotParked
from hr_provisioner.lanes import Lanes
from hr_provisioner.language import OfficerError
from hr_provisioner.planning.actions import Action
from hr_provisioner.planning.guard import PlanParked
from hr_provisioner.planning.inverse import undo_plan
from hr_provisioner.planning.plan import Plan
from hr_provisioner.proposal import Proposal, judged, propose
from hr_provisioner.rooms.joins import Joins, ProgressFile, Tally
from hr_provisioner.snapshots import store as snapshot_store
from hr_provisioner.snapshots.content import SnapshotExpired, content_of
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
    """Of the plan; where it was parked, of what ran all the same: dismissals, and guests whose time is over."""
    parked: PlanParked | None
    """Where the rest waits for two officers."""
    urgent_memberships: int
    """Of the people who were to be in their rooms first."""


async def preview(place: Workplace, source: Source, actor: str) -> tuple[Reading, Proposal]:
    """What an apply of `source` would do today; nothing is written.

    Raises:
        SourceError, SnapshotRefused: see `hr_provisioner.intake.read_and_judge`.
    """
    with _without_collector():
        reading, current = await _read(place, source, actor)
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

    The other memberships are left to `run_joins`. Over a limit the plan is parked, and only urgent dismissals run,
    and locks of guests whose time is over.

    Raises:
        AlreadyRunning: another apply is at work.
        SourceError, SnapshotRefused: the register cannot be acted upon; nothing was done.
        SnapshotParked: two officers must approve the register first; nothing was done.
        BreakerOpen: too many actions failed in a row.
        NotAsPlanned: reading back found something else.
    """
    with exclusively(place.hr):
        with _without_collector():
            reading, current = await _read(place, source, actor)
            snapshot_id = await asyncio.to_thread(intake.keep, place, source, reading)
            if reading.doubts:
                raise SnapshotParked(reading.sha256, reading.doubts)
            foreseen = await asyncio.to_thread(intake.foresee, place, reading, current)
            proposal = await asyncio.to_thread(propose, place, reading, foreseen)
        confirm(proposal)
        accept = intake.acceptance(place, snapshot_id, reading.register, current)
        if not proposal.plan.actions:
            await asyncio.to_thread(intake.accept_alone, place, accept)
        something_to_do = bool(proposal.plan.actions or urgent)
        async with open_admin(place.settings, place.state) as homeserver:
            if something_to_do:
                await homeserver.lift_rate_limits(place.settings.user_id(place.settings.accounts.service))
            lanes = Lanes(place, homeserver, actor, progress)
            report, parked = await lanes.run(proposal, foreseen, along=accept, snapshot_id=snapshot_id)
            joined = 0
            if something_to_do:
                await _publish(place, homeserver)
                joined = await _joins(place, homeserver).serve_urgent(urgent)
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
                applier = Lanes(place, homeserver, actor, progress).applier()
                reports.append(await applier.carry_out(plan, progress, approved=True, undoes=waiting.undoes))
                await asyncio.to_thread(_mark_done, place, plan)
                await _publish(place, homeserver)
                await _joins(place, homeserver).serve_urgent(())
    return tuple(reports)


def approved_snapshots(place: Workplace) -> tuple[Source, ...]:
    """Parked registers that two officers let through, oldest export first, exactly as they were read.

    One whose content has been deleted meanwhile can be acted upon no more, and stands in nobody's way.
    """
    now, server_name = place.now(), place.settings.server_name
    found: list[Source] = []
    with place.hr.connect() as connection:
        for stored in snapshot_store.parked(connection):
            if approvals.is_approved(connection, server_name, Matter.SNAPSHOT, stored.hash, now):
                with suppress(SnapshotExpired):
                    found.append(content_of(connection, stored.snapshot_id))
    return tuple(found)


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
        names = {unit.code: unit.short_name for unit in current.units}
        proposal = await asyncio.to_thread(judged, place, plan, current, names)
        confirm(proposal)
        async with open_admin(place.settings, place.state) as homeserver:
            lanes = Lanes(place, homeserver, actor, progress)
            report, parked = await lanes.run(proposal, current, undoes=run.run_id)
            await _publish(place, homeserver)
            await _joins(place, homeserver).serve_urgent(())
    return Applied(proposal, report, parked, 0)


async def renew_publication(place: Workplace) -> None:
    """Tell Synapse what it lacks, and that all is fresh: what nobody renews counts as stale after two days."""
    async with open_admin(place.settings, place.state) as homeserver:
        await _publish(place, homeserver, renew=True)


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
            changed = await _joins(place, homeserver).run(report)
        file.finish()
        return changed


async def _read(place: Workplace, source: Source, actor: str) -> tuple[Reading, Current]:
    """The register, and beside it what it is compared with: homeserver and database work while the file is read."""
    current = asyncio.create_task(place.current(actor))
    try:
        return await asyncio.to_thread(intake.read_and_judge, place, source), await current
    finally:
        current.cancel()


@contextmanager
def _without_collector() -> Iterator[None]:
    """Hundreds of thousands of records that stay: looking for cycles among them costs a third of the time.

    They hold no cycles, and afterwards the collector's rounds leave them out, until the next time.
    """
    gc.unfreeze()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _joins(place: Workplace, homeserver: SynapseAdmin) -> Joins:
    return Joins(place.reach(homeserver))


async def _publish(place: Workplace, homeserver: SynapseAdmin, *, renew: bool = False) -> None:
    current = await asyncio.to_thread(place.read_directory)
    await publish(place.hr, place.audit, homeserver, current, place.now(), place.today, renew=renew)


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
