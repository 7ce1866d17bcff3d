"""Carries a plan out in the slow lane, stage by stage, and reads back what came of it.

A plan whose run was cut off goes on where it stopped. After any other run that was cut off, Synapse is first brought
back to the directory (`hr_provisioner.applying.aftermath`), which says what was done; the next plan starts from it.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from itertools import groupby
from uuid import UUID

from sqlalchemy import Connection

from hr_provisioner import advisory
from hr_provisioner.applying import journal
from hr_provisioner.applying.aftermath import aftermath
from hr_provisioner.applying.batch import Batches
from hr_provisioner.applying.breaker import Breaker
from hr_provisioner.applying.journal import Deed, Outcome, Unsettled
from hr_provisioner.applying.read_back import NotAsPlanned, astray, differing
from hr_provisioner.current import Current
from hr_provisioner.directory.reader import read_concerned, read_current
from hr_provisioner.planning.actions import AccountAction, Action, Stage, UnlockAccount
from hr_provisioner.planning.plan import Plan
from hr_provisioner.reach import Reach
from huep import audit
from huep.audit import Act
from huep.directory.model import PersonKey
from huep.errors import HuepError

ACTIONS_A_BATCH = 200
BATCHES_IN_FLIGHT = 2
READ_BACK_ATTEMPTS = 5
READ_BACK_PAUSE_S = 0.5
"""The other lane may stand between homeserver and directory at the moment of looking."""


@dataclass(frozen=True)
class Failure:
    """One action that could not be carried out, and why."""

    action: Action
    error: str


@dataclass
class Report:
    """What became of a plan."""

    run_id: UUID | None = None
    done: list[Action] = field(default_factory=list)
    stood: list[Action] = field(default_factory=list)
    """Of these nothing was left to do."""
    failed: list[Failure] = field(default_factory=list)
    resumed: int = 0
    """So many actions were settled already, before the run was cut off."""


Progress = Callable[[Stage, int, int], None]
"""Told (stage, actions settled now, actions of this stage in all)."""

Admit = Callable[[Connection], None]
"""Says no by raising."""


def everything(_connection: Connection) -> None:
    """Admits every run."""


class Applier:
    """Runs plans against one homeserver and its directory.

    Args:
        reach: the homeserver and its directory.
        actor: who answers for the run; goes into journal and audit.
    """

    def __init__(self, reach: Reach, actor: str) -> None:
        self._reach = reach
        self._actor = actor
        self._batches = Batches(reach, actor)

    async def carry_out(
        self,
        plan: Plan,
        progress: Progress,
        *,
        approved: bool = False,
        undoes: UUID | None = None,
        admit: Admit = everything,
    ) -> Report:
        """Run `plan`, or what is left of it, and read back what came of it. The caller holds `advisory.exclusively`.

        Args:
            plan: what to do; where a run of the same hash was cut off, that run goes on.
            progress: told how far it came.
            approved: whether two officers approved this very plan; the guard then counts nothing of it.
            undoes: the run that is taken back.
            admit: asked in the transaction that writes the run down; raises to stop it before anything is done.

        Raises:
            BreakerOpen: ten actions in a row failed; the journal holds what was done before.
            NotAsPlanned: directory or homeserver do not show what was confirmed.
        """
        report = Report()
        cut_off = await asyncio.to_thread(self._resumable, plan)
        await self._bring_back(plan, cut_off.run_id if cut_off else None)
        if not plan.actions:
            return report
        began, settled, earlier = self._reach.now(), frozenset[int](), frozenset[int]()
        if cut_off is None:
            report.run_id = await asyncio.to_thread(self._begin, plan, began, approved, undoes, admit)
        else:
            report.run_id, report.resumed = cut_off.run_id, len(cut_off.settled)
            began, settled, earlier = cut_off.started_at, cut_off.settled, cut_off.done
        breaker = Breaker()
        deeds = [Deed(report.run_id, plan.sha256, number, action) for number, action in enumerate(plan.actions)]
        for stage, group in groupby(deeds, key=lambda deed: deed.action.stage):
            of_stage = list(group)
            left = [deed for deed in of_stage if deed.number not in settled]
            progress(stage, len(of_stage) - len(left), len(of_stage))
            await self._run_stage(stage, left, breaker, report, plan.today, partial(_tell, progress, len(of_stage)))
        await self._verify(plan, began, report, [plan.actions[number] for number in sorted(earlier)])
        await asyncio.to_thread(self._finish, plan, report)
        return report

    def _resumable(self, plan: Plan) -> journal.Resumable | None:
        with self._reach.hr.connect() as connection:
            return journal.resumable(connection, plan.sha256)

    async def _bring_back(self, plan: Plan, resumed: UUID | None) -> None:
        """Undo what an earlier run did on Synapse and did not write down; what is not there needs nothing."""
        suspects, cut_off = await asyncio.to_thread(self._read_suspects, resumed)
        async with advisory.holding_people(self._reach.hr, {deed.key for deed in suspects}):
            # The fast lane holds on to its people while it is at work: what it was doing is settled by now.
            unsettled = suspects & (await asyncio.to_thread(self._read_suspects, resumed))[0]
            if unsettled:
                current = await asyncio.to_thread(self._read_current, plan.today)
                repair = aftermath(unsettled, current, plan.actions)
                if repair.people:
                    await self._reach.homeserver.publish_people(repair.people)
                results = await self._reach.homeserver.act_on_accounts(repair.requests)
                acts = [
                    Act(self._actor, "account.bring_back", asked.localpart, {"did": asked.verb, "plan": plan.sha256})
                    for asked, result in zip(repair.requests, results, strict=True)
                    if result.changed
                ]
                await asyncio.to_thread(audit.record, self._reach.audit, acts)
            await asyncio.to_thread(self._close, cut_off)

    def _read_suspects(self, resumed: UUID | None) -> tuple[frozenset[Unsettled], frozenset[UUID]]:
        with self._reach.hr.connect() as connection:
            return journal.unsettled(connection, resumed), journal.unfinished(connection) - {resumed}

    def _read_current(self, today: date) -> Current:
        with self._reach.hr.connect() as connection:
            return read_current(connection, today)

    def _close(self, run_ids: frozenset[UUID]) -> None:
        with self._reach.hr.begin() as connection:
            journal.finish(connection, run_ids, self._reach.now())

    def _begin(self, plan: Plan, began: datetime, approved: bool, undoes: UUID | None, admit: Admit) -> UUID:
        with self._reach.hr.begin() as connection:
            admit(connection)
            (run_id,) = journal.begin(connection, [plan], self._actor, began, approved=approved, undoes=undoes)
            return run_id

    def _finish(self, plan: Plan, report: Report) -> None:
        assert report.run_id is not None  # noqa: S101 - set by carry_out before anything runs
        details = {
            "plan": plan.sha256,
            "register": plan.register_sha256,
            "done": len(report.done),
            "stood": len(report.stood),
            "failed": len(report.failed),
            "resumed": report.resumed,
        }
        with self._reach.hr.begin() as connection:
            journal.finish(connection, [report.run_id], self._reach.now())
            audit.record(self._reach.audit, [Act(self._actor, "register.apply", str(report.run_id), details)])

    async def _run_stage(
        self,
        stage: Stage,
        deeds: Sequence[Deed],
        breaker: Breaker,
        report: Report,
        today: date,
        tell: Callable[[Stage, int], None],
    ) -> None:
        batches = [deeds[start : start + ACTIONS_A_BATCH] for start in range(0, len(deeds), ACTIONS_A_BATCH)]
        # A unit's parent may stand in the batch before: units go one batch after the other.
        one_by_one = stage in (Stage.UNITS, Stage.CLOSE_UNITS)
        turn = asyncio.Semaphore(1 if one_by_one else BATCHES_IN_FLIGHT)

        async def one(batch: Sequence[Deed]) -> None:
            async with turn:
                if stage is not Stage.LOCK:
                    # Every lock is tried, whatever became of the others.
                    breaker.check()
                outcomes = await self._carry_out_batch(batch, today)
                for outcome in outcomes:
                    breaker.note(outcome)
                    _take(report, outcome)
                tell(stage, len(batch))

        try:
            async with asyncio.TaskGroup() as tasks:
                for batch in batches:
                    tasks.create_task(one(batch))
        except* HuepError as errors:
            raise errors.exceptions[0] from None
        breaker.check()

    async def _carry_out_batch(self, batch: Sequence[Deed], today: date) -> tuple[Outcome, ...]:
        """Nobody locks a person while the account is being opened: afterwards it would be open, lock or no lock."""
        opened = {deed.action.who.key for deed in batch if isinstance(deed.action, UnlockAccount)}
        async with advisory.holding_people(self._reach.hr, opened):
            return (await self._batches.carry_out(batch, today)).outcomes

    async def _verify(self, plan: Plan, began: datetime, report: Report, earlier: Sequence[Action]) -> None:
        """Compare whom the run concerned, once more where the other lane may have been in the midst of it.

        Only who differs is looked at again: somebody else is always being locked while two hundred are.
        """
        done = [*earlier, *report.done]
        doubtful = [action for action in done if isinstance(action, AccountAction)]
        wrong: dict[str, str] = {}
        for attempt in range(READ_BACK_ATTEMPTS):
            if attempt:
                await asyncio.sleep(READ_BACK_PAUSE_S)
            stands, moved_on = await asyncio.to_thread(self._read_back, plan, began, report, done)
            codes = astray(stands, done, plan.today, moved_on)
            if codes:
                raise NotAsPlanned(
                    f"The directory does not hold what was written to it of {', '.join(codes[:10])}: "
                    "run `huep hr plan` to see what."
                )
            wrong = await differing(self._reach.settings, self._reach.homeserver, doubtful, stands)
            doubtful = [action for action in doubtful if action.localpart in wrong]
            if not doubtful:
                return
        raise NotAsPlanned(wrong[doubtful[0].localpart])

    def _read_back(
        self, plan: Plan, began: datetime, report: Report, done: Sequence[Action]
    ) -> tuple[Current, frozenset[PersonKey]]:
        assert report.run_id is not None  # noqa: S101 - set by carry_out before anything runs
        with self._reach.hr.connect() as connection:
            stands = read_concerned(connection, plan.today, done, self._reach.settings.server_name)
            return stands, journal.lock_changes_since(connection, began, report.run_id)


def _tell(progress: Progress, in_all: int, stage: Stage, now: int) -> None:
    progress(stage, now, in_all)


def _take(report: Report, outcome: Outcome) -> None:
    action = outcome.deed.action
    match outcome.progress:
        case journal.Progress.FAILED:
            report.failed.append(Failure(action, outcome.error or ""))
        case journal.Progress.STOOD:
            report.stood.append(action)
        case _:
            report.done.append(action)
