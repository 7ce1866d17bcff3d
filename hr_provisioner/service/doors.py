"""The service's fast lane: people whom a hint names are read again, and locked or let in at once."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence

from hr_provisioner.applying.fast_lane import FastLane, Urgent
from hr_provisioner.approvals import plan_store
from hr_provisioner.planning.actions import LockAccount, PersonAction
from hr_provisioner.planning.guard import PlanParked
from hr_provisioner.provisioning import part_of
from hr_provisioner.service import hints
from hr_provisioner.service.hints import Hint, HintState, Settled
from hr_provisioner.service.rereading import Reread, door_admission, reread
from hr_provisioner.sources import Source
from hr_provisioner.workplace import Workplace
from huep.names import localpart_of
from huep.synapse_admin import SynapseAdmin

ACTOR = "huep hr serve"
HINTS_AT_ONCE = 200
LOCKED, UNLOCKED, NOTHING, WAITS, LATER = "locked", "unlocked", "nothing to do", "waits for officers", "slow lane"


class Doors:
    """Works off the hints about single people.

    Args:
        place: databases and settings.
        homeserver: client with the service token.
        open_source: opens the register's source anew, for each reading.
        follow_up: told that the whole register must be looked at: what changed is more than a lock.
    """

    def __init__(
        self,
        place: Workplace,
        homeserver: SynapseAdmin,
        open_source: Callable[[], Source],
        follow_up: Callable[[], None],
    ) -> None:
        self._place = place
        self._homeserver = homeserver
        self._open_source = open_source
        self._follow_up = follow_up
        self._lane = FastLane(place.settings, place.hr, place.audit, homeserver, ACTOR, place.now)
        self._protected: frozenset[str] | None = None

    async def work_off(self) -> bool:
        """Handle the oldest hints; False when none waits.

        Raises:
            HuepError: source, database or homeserver is away; the hints stay open.
        """
        waiting = await asyncio.to_thread(self._waiting)
        if not waiting:
            return False
        if self._protected is None:
            self._protected = await self._read_protected()
        codes = {hint.about for hint in waiting}
        read = await asyncio.to_thread(self._reread, codes)
        outcomes = await self._carry_out(read)
        if read.others or WAITS in outcomes.values():
            self._follow_up()
        said = {code: outcomes.get(code, LATER if code in read.others else NOTHING) for code in codes}
        await asyncio.to_thread(self._settle, waiting, said)
        return True

    def _waiting(self) -> Sequence[Hint]:
        with self._place.hr.connect() as connection:
            return hints.about_people(connection, HINTS_AT_ONCE)

    async def _read_protected(self) -> frozenset[str]:
        """Administrators are few and seldom change: asked once; Synapse's module refuses them anyway."""
        accounts = self._place.settings.accounts
        admins = {localpart_of(user.user_id) for user in await self._homeserver.roll() if user.admin}
        return frozenset({accounts.service, accounts.assistant, *self._place.settings.hr.protected, *admins})

    def _reread(self, codes: Collection[str]) -> Reread:
        return reread(self._place, self._open_source(), codes, self._protected or frozenset())

    async def _carry_out(self, read: Reread) -> dict[str, str]:
        """What came of each officer code."""
        approved = await asyncio.to_thread(self._approved)
        plan, doors = read.plan, read.doors
        covered = [place for place, action in enumerate(doors) if approved.get(_about(action)) == action]
        free = [place for place in range(len(doors)) if place not in set(covered)]
        outcomes = _outcomes(await self._lane.carry_out([part_of(plan, covered)], approved=True))
        rest = part_of(plan, free)
        try:
            return outcomes | _outcomes(await self._lane.carry_out([rest], admit=door_admission(self._place, rest)))
        except PlanParked as over:
            # The whole register's plan is parked instead, once, for officers to see it in its context.
            dismissals = part_of(rest, over.verdict.runs)
            outcomes |= {doors[place].who.officer_code: WAITS for place in free}
            return outcomes | _outcomes(await self._lane.carry_out([dismissals]))

    def _approved(self) -> Mapping[tuple[str, str], PersonAction]:
        """Every action that two officers let through and that is not carried out yet."""
        with self._place.hr.connect() as connection:
            plans = plan_store.approved_plans(connection, self._place.settings.server_name, self._place.now())
        return {_about(action): action for plan in plans for action in plan.actions if isinstance(action, PersonAction)}

    def _settle(self, waiting: Sequence[Hint], outcomes: Mapping[str, str]) -> None:
        settled = [
            Settled(hint.event_id, HintState.FAILED if outcomes[hint.about].startswith("failed") else HintState.DONE,
                    outcomes[hint.about])
            for hint in waiting
        ]  # fmt: skip
        with self._place.hr.begin() as connection:
            hints.settle(connection, settled, self._place.now())


def _about(action: PersonAction) -> tuple[str, str]:
    return action.name, action.who.officer_code


def _outcomes(ran: Collection[Urgent]) -> dict[str, str]:
    outcomes: dict[str, str] = {}
    for one in ran:
        for action in (*one.done, *one.stood):
            if isinstance(action, PersonAction):
                outcomes[action.who.officer_code] = LOCKED if isinstance(action, LockAccount) else UNLOCKED
        for failure in one.failed:
            if isinstance(failure.action, PersonAction):
                outcomes[failure.action.who.officer_code] = f"failed: {failure.error}"
    return outcomes
