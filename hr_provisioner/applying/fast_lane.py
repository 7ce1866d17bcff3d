"""The fast lane: single people locked or let in again at once, many at a time, whatever the slow lane is doing.

It takes no lock of the apply. It holds on to the people concerned, so that no other lane opens what it shuts; where the
other lane has hold of somebody for too long, a lock goes ahead all the same, for a shut door is the safe side.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from hr_provisioner import advisory
from hr_provisioner.applying import journal
from hr_provisioner.applying.apply import Admit, Failure, everything
from hr_provisioner.applying.batch import Batches
from hr_provisioner.applying.journal import Deed, Outcome, Progress
from hr_provisioner.applying.read_back import NotAsPlanned
from hr_provisioner.planning.actions import Action, LockAccount, UnlockAccount
from hr_provisioner.planning.plan import Plan
from hr_provisioner.reach import Reach
from huep.errors import HuepError
from huep.synapse_admin import AccountRequest, AccountVerb

PATIENCE = timedelta(seconds=3)
"""How long a lock waits for a lane that has hold of the person; afterwards it goes ahead."""


class NotUrgent(HuepError):
    """A plan for the fast lane holds something else than locks and unlocks."""


class StillInHand(HuepError):
    """Somebody is to be let in, and the other lane has hold of them."""


@dataclass(frozen=True)
class Urgent:
    """What became of one plan in the fast lane."""

    plan: Plan
    run_id: UUID
    done: tuple[Action, ...]
    stood: tuple[Action, ...]
    """Of these nothing was left to do."""
    failed: tuple[Failure, ...]
    in_force_at: datetime
    """When Synapse had confirmed it: from then on no door of a locked account opened."""


class FastLane:
    """Locks, and lets in, single people.

    Args:
        reach: the homeserver and its directory.
        actor: who answers for it; goes into journal and audit.
    """

    def __init__(self, reach: Reach, actor: str) -> None:
        self._reach = reach
        self._actor = actor
        self._batches = Batches(reach, actor)

    async def carry_out(
        self, plans: Sequence[Plan], *, approved: bool = False, admit: Admit = everything
    ) -> tuple[Urgent, ...]:
        """Carry out plans of locks and unlocks, all in one go, and read back what came of it; one run each.

        Args:
            plans: each for one person or a few.
            approved: whether two officers approved them; the guard then counts nothing of them.
            admit: asked in the transaction that writes the runs down; raises to stop them before anything is done.

        Raises:
            NotUrgent: one of them holds something else; nothing was done.
            StillInHand: somebody is to be let in while the slow lane has hold of them; nothing was done.
            SynapseUnreachable, SynapseRefused: Synapse is away; the journal says failed, and a later call does it.
            NotAsPlanned: reading back found something else.
        """
        plans = [plan for plan in plans if plan.actions]
        if not plans:
            return ()
        urgent = [
            action for plan in plans for action in plan.actions if isinstance(action, LockAccount | UnlockAccount)
        ]
        if len(urgent) != sum(len(plan.actions) for plan in plans):
            raise NotUrgent("Only locks and unlocks run in the fast lane: the rest of a plan goes the slow way.")
        async with advisory.holding_people(self._reach.hr, {action.who.key for action in urgent}, PATIENCE) as held:
            if not held and any(isinstance(action, UnlockAccount) for action in urgent):
                raise StillInHand("The slow lane is opening or shutting one of these accounts: try again in a minute.")
            run_ids = await asyncio.to_thread(self._begin, plans, approved, admit)
            deeds = [
                Deed(run_id, plan.sha256, number, action)
                for run_id, plan in zip(run_ids, plans, strict=True)
                for number, action in enumerate(plan.actions)
            ]
            settled = await self._batches.carry_out(deeds, plans[0].today, undisturbed=held)
            await asyncio.to_thread(self._finish, run_ids)
            if settled.away is not None:
                raise settled.away
            await self._read_back([outcome for outcome in settled.outcomes if outcome.progress is Progress.DONE])
        by_run = {run_id: list(group) for run_id, group in groupby(settled.outcomes, lambda one: one.deed.run_id)}
        return tuple(
            _urgent(plan, run_id, by_run[run_id], settled.answered_at)
            for plan, run_id in zip(plans, run_ids, strict=True)
        )

    def _begin(self, plans: Sequence[Plan], approved: bool, admit: Admit) -> tuple[UUID, ...]:
        with self._reach.hr.begin() as connection:
            admit(connection)
            return journal.begin(connection, plans, self._actor, self._reach.now(), approved=approved)

    def _finish(self, run_ids: Sequence[UUID]) -> None:
        with self._reach.hr.begin() as connection:
            journal.finish(connection, run_ids, self._reach.now())

    async def _read_back(self, done: Sequence[Outcome]) -> None:
        """Asked for once more, what stands is answered with "nothing changed": one look-up for two hundred people."""
        asked = [
            AccountRequest(str(number), _verb(outcome.deed.action), outcome.deed.action.localpart)
            for number, outcome in enumerate(done)
            if isinstance(outcome.deed.action, LockAccount | UnlockAccount)
        ]
        for request, result in zip(asked, await self._reach.homeserver.act_on_accounts(asked), strict=True):
            if result.changed or not result.ok:
                raise NotAsPlanned.any_more(request.verb, request.localpart)


def _verb(action: Action) -> AccountVerb:
    return AccountVerb.LOCK if isinstance(action, LockAccount) else AccountVerb.UNLOCK


def _urgent(plan: Plan, run_id: UUID, outcomes: Sequence[Outcome], at: datetime) -> Urgent:
    return Urgent(
        plan,
        run_id,
        tuple(outcome.deed.action for outcome in outcomes if outcome.progress is Progress.DONE),
        tuple(outcome.deed.action for outcome in outcomes if outcome.progress is Progress.STOOD),
        tuple(Failure(outcome.deed.action, outcome.error) for outcome in outcomes if outcome.error is not None),
        at,
    )
