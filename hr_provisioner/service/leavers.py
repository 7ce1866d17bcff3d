"""Leavers whose last day the directory knows are locked when it is over, whether or not a register is accepted.

For this nothing is read but the directory: a register that cannot be read, is refused, or waits for officers would
otherwise keep the doors of those open whose leaving was announced long before. So are guests when their time is over,
and whomever a leaver sponsors.
"""

import asyncio
import hashlib
from dataclasses import dataclass, replace

import structlog
from sqlalchemy import select, text

from hr_provisioner.applying.fast_lane import FastLane, Urgent
from hr_provisioner.approvals import plan_store
from hr_provisioner.current import Current
from hr_provisioner.directory.reader import read_some
from hr_provisioner.lanes import part_of
from hr_provisioner.planning.actions import LockAccount
from hr_provisioner.planning.guard import PlanParked
from hr_provisioner.planning.plan import Plan, PlanKind, make_plan
from hr_provisioner.records import Register
from hr_provisioner.service.rereading import door_admission
from hr_provisioner.workplace import Workplace
from huep.directory.tables import accounts, people
from huep.synapse_admin import SynapseAdmin

log = structlog.get_logger(__name__)

NO_REGISTER = Register((), (), (), 0, hashlib.sha256(b"the directory alone").hexdigest())


@dataclass(frozen=True)
class Leavers:
    """Shuts the accounts of those who have left.

    Args:
        place: databases and settings.
        homeserver: client with the service token.
        actor: who answers for it; goes into journal and audit.
    """

    place: Workplace
    homeserver: SynapseAdmin
    actor: str

    async def lock(self) -> tuple[Urgent, ...]:
        """Lock everybody whose last day lies behind; over a limit officers wait for two others, guests for nobody.

        Whether a guest's time is over is in the directory alone, and no limit counts them.

        Raises:
            HuepError: database or homeserver is away.
        """
        plan, gone = await self._made()
        lane = FastLane(self.place.reach(self.homeserver), self.actor)
        try:
            return await lane.carry_out([plan], admit=door_admission(self.place, plan, gone))
        except PlanParked as over:
            ran = await lane.carry_out([part_of(plan, over.verdict.runs)])
            if ran:
                # As it is made of the directory from now on: so it is parked once, not again with the next look.
                plan, _ = await self._made()
            log.warning("leavers wait for two officers", plan=plan.sha256[:12], reason=str(over))
            await asyncio.to_thread(self._park, plan, over)
            return ran

    async def _made(self) -> tuple[Plan, Current]:
        """The plan, and the directory that it was made of."""
        gone = await asyncio.to_thread(self._gone)
        if gone.people:
            localparts = {person.account.localpart for person in gone.people if person.account is not None}
            users = await self.homeserver.roll(localparts)
            gone = replace(gone, protected=self.place.protected(gone, users, self.actor))
        return await asyncio.to_thread(self._plan, gone), gone

    def _gone(self) -> Current:
        """Whose last day lies behind, with an open account."""
        query = (
            select(people.c.officer_code)
            .join(accounts, accounts.c.person_key == people.c.person_key)
            .where(people.c.leaves_on < self.place.today, accounts.c.locked.is_(False))
        )
        with self.place.hr.connect() as connection:
            codes = connection.execute(query).scalars().all()
            return read_some(connection, self.place.today, codes) if codes else Current((), ())

    def _plan(self, gone: Current) -> Plan:
        plan = make_plan(NO_REGISTER, gone, self.place.today, self.place.policy)
        with self.place.hr.connect() as connection:
            query = text("select count(*) from register.accounts where not locked")
            open_accounts = connection.execute(query).scalar_one()
        locks = tuple(action for action in plan.actions if isinstance(action, LockAccount))
        return replace(plan, kind=PlanKind.PERSON, open_accounts=open_accounts, actions=locks)

    def _park(self, plan: Plan, over: PlanParked) -> None:
        place = self.place
        with place.hr.begin() as connection:
            plan_store.park(
                connection,
                place.audit,
                plan,
                over.verdict.trips,
                actor=self.actor,
                now=place.now(),
                hours=place.settings.hr.approval_hours,
            )
