"""The service's fast lane: people whom a hint names are read again, and locked or let in at once."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import select

from hr_provisioner.applying.fast_lane import FastLane, Urgent
from hr_provisioner.approvals import plan_store
from hr_provisioner.current import Current
from hr_provisioner.lanes import part_of
from hr_provisioner.planning.actions import LockAccount, PersonAction
from hr_provisioner.planning.guard import PlanParked
from hr_provisioner.service import hints
from hr_provisioner.service.belief import Belief
from hr_provisioner.service.hints import LOCKED, Hint, HintState, Settled
from hr_provisioner.service.rereading import Reread, door_admission, reread
from hr_provisioner.sources import Source
from hr_provisioner.sources.source import SourceAway
from hr_provisioner.workplace import Workplace
from huep.directory.tables import accounts, people
from huep.errors import HuepError
from huep.names import localpart_of
from huep.synapse_admin import SynapseAdmin

ACTOR = "huep hr serve"
HINTS_AT_ONCE = 200
UNLOCKED, NOTHING, WAITS, LATER = "unlocked", "nothing to do", "waits for officers", "slow lane"
FAILED, AWAY = "failed: ", "failed, the register is away: "
"""Begin the outcomes that are tried again for a while; the reason follows."""
TRIED_FOR = {FAILED: timedelta(minutes=5), AWAY: timedelta(hours=24)}
"""From the coming in of the hint; what has passed by then would be done, and what has not needs a look."""


class SomeFailed(HuepError):
    """Some people could not be locked or let in, or not be read; their hints stay open for another try."""


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
        self._lane = FastLane(place.reach(homeserver), ACTOR)
        self._belief = Belief(place)

    async def work_off(self) -> bool:
        """Handle the oldest hints; False when none waits.

        Raises:
            SomeFailed: some hints stay open; the others are settled.
            HuepError: source, database or homeserver is away; the hints stay open.
        """
        waiting = await asyncio.to_thread(self._waiting)
        if not waiting:
            return False
        codes = {hint.about for hint in waiting}
        protected = await self._read_protected(codes)
        read = await asyncio.to_thread(self._reread, codes, protected)
        outcomes = await self._carry_out(read)
        if read.others or WAITS in outcomes.values():
            self._follow_up()
        said = {code: outcomes.get(code, LATER if code in read.others else NOTHING) for code in codes}
        said |= {code: f"{AWAY if isinstance(why, SourceAway) else FAILED}{why}" for code, why in read.unread.items()}
        again = await asyncio.to_thread(self._settle, waiting, said)
        if again:
            raise SomeFailed(f"{len(again)} hints are tried again; {again[0].about}: {said[again[0].about]}")
        return True

    def _waiting(self) -> Sequence[Hint]:
        with self._place.hr.connect() as connection:
            return hints.about_people(connection, HINTS_AT_ONCE)

    async def _read_protected(self, codes: Collection[str]) -> frozenset[str]:
        """Who of these is an administrator now, and the accounts that nobody ever touches."""
        localparts = await asyncio.to_thread(self._localparts, codes)
        users = await self._homeserver.roll(localparts)
        return self._place.protected(Current((), ()), users, ACTOR)

    def _localparts(self, codes: Collection[str]) -> frozenset[str]:
        query = select(accounts.c.user_id).join(people, people.c.person_key == accounts.c.person_key)
        with self._place.hr.connect() as connection:
            found = connection.execute(query.where(people.c.officer_code.in_(codes))).scalars()
            return frozenset(map(localpart_of, found))

    def _reread(self, codes: Collection[str], protected: frozenset[str]) -> Reread:
        source = self._open_source()
        read = reread(self._place, source, codes, protected)
        return read if self._belief.holds(source) else read.dismissals_only()

    async def _carry_out(self, read: Reread) -> dict[str, str]:
        """What came of each officer code."""
        approved = await asyncio.to_thread(self._approved)
        plan, doors = read.plan, read.doors
        covered = [place for place, action in enumerate(doors) if approved.get(_about(action)) == action]
        free = [place for place in range(len(doors)) if place not in set(covered)]
        outcomes = _outcomes(await self._lane.carry_out([part_of(plan, covered)], approved=True))
        rest = part_of(plan, free)
        try:
            admit = door_admission(self._place, rest, read.current)
            return outcomes | _outcomes(await self._lane.carry_out([rest], admit=admit))
        except PlanParked as over:
            # The whole register's plan is parked instead, once, for officers to see it in its context.
            cannot_wait = part_of(rest, over.verdict.runs)
            outcomes |= {doors[place].who.officer_code: WAITS for place in free}
            return outcomes | _outcomes(await self._lane.carry_out([cannot_wait]))

    def _approved(self) -> Mapping[tuple[str, str], PersonAction]:
        """Every action that two officers let through and that is not carried out yet."""
        with self._place.hr.connect() as connection:
            plans = plan_store.approved_plans(connection, self._place.settings.server_name, self._place.now())
        return {_about(action): action for plan in plans for action in plan.actions if isinstance(action, PersonAction)}

    def _settle(self, waiting: Sequence[Hint], outcomes: Mapping[str, str]) -> list[Hint]:
        """Write down what came of the hints; returns those that stay open."""
        now = self._place.now()
        failed = {hint: begins for hint in waiting for begins in TRIED_FOR if outcomes[hint.about].startswith(begins)}
        again = [hint for hint, begins in failed.items() if now - hint.received_at < TRIED_FOR[begins]]
        settled = [
            Settled(hint.event_id, HintState.FAILED if hint in failed else HintState.DONE, outcomes[hint.about])
            for hint in waiting
            if hint not in again
        ]
        with self._place.hr.begin() as connection:
            hints.settle(connection, settled, now)
        return again


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
                outcomes[failure.action.who.officer_code] = f"{FAILED}{failure.error}"
    return outcomes
