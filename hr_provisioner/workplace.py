"""A running HueP as the provisioner reaches it: its databases, and everything that a plan starts from."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Engine

from hr_provisioner.advisory import Work, is_held
from hr_provisioner.applying import journal
from hr_provisioner.applying.journal import Interrupted
from hr_provisioner.current import Current, find_drift
from hr_provisioner.directory.reader import read_current
from hr_provisioner.directory.shards import account_digests
from hr_provisioner.planning.policy import PlanPolicy
from hr_provisioner.planning.twin_decisions import decided
from hr_provisioner.reach import Reach
from hr_provisioner.snapshots.missing import missing_people
from huep import clock
from huep.clock import Clock
from huep.database import Role, connect_as
from huep.names import localpart_of
from huep.settings import Settings, load_settings
from huep.stack.accounts import open_admin
from huep.state import StateFolder
from huep.synapse_admin import SynapseAdmin
from huep.synapse_model import HomeserverUser, Roll


@dataclass(frozen=True)
class Workplace:
    """Settings, and engines with the rights of the provisioner and of the audit's writer."""

    state: StateFolder
    settings: Settings
    hr: Engine
    audit: Engine
    now: Clock = clock.now

    @property
    def today(self) -> date:
        """The calendar day in the province."""
        return clock.today(self.now)

    @property
    def policy(self) -> PlanPolicy:
        """What `[hr]` says of planning, at this moment. Raises BadDisplayForm."""
        return PlanPolicy.of(self.settings.hr, self.now())

    async def current(self, actor: str) -> Current:
        """The directory today, what the homeserver lacks of it, and whose accounts nobody touches.

        `actor`, who runs it, is among these: by user ID, account name or officer code.
        """
        digests = await asyncio.to_thread(self._account_digests)
        async with open_admin(self.settings, self.state) as homeserver:
            roll = await homeserver.roll_of_differing(digests)
        return await asyncio.to_thread(self._current, roll, actor)

    def reach(self, homeserver: SynapseAdmin) -> Reach:
        """What whoever carries something out takes, `homeserver` being a client with the service token."""
        return Reach(self.settings, self.hr, self.audit, homeserver, self.now)

    def read_directory(self) -> Current:
        """The directory today, and nothing else."""
        with self.hr.connect() as connection:
            return read_current(connection, self.today)

    def _account_digests(self) -> dict[str, str]:
        with self.hr.connect() as connection:
            return account_digests(connection)

    def _current(self, roll: Roll, actor: str) -> Current:
        with self.hr.connect() as connection:
            current = read_current(connection, self.today)
            return replace(
                current,
                drift=find_drift(current.people, roll),
                protected=self.protected(current, roll.users, actor),
                missing=missing_people(connection),
                twins_decided=decided(connection),
            )

    def protected(self, current: Current, users: Iterable[HomeserverUser], actor: str) -> frozenset[str]:
        """Localparts out of HR's reach: services, break-glass accounts, administrators, and whoever runs it."""
        runner = current.by_code.get(actor)
        found = set(self.settings.own_localparts)
        found |= {localpart_of(user.user_id) for user in users if user.admin}
        found.add(localpart_of(actor) if actor.startswith("@") else actor)
        if runner is not None and runner.account is not None:
            found.add(runner.account.localpart)
        return frozenset(found)

    def interrupted(self) -> tuple[Interrupted, ...]:
        """Runs that were cut off and that no apply has followed; none while one is at work."""
        with self.hr.connect() as connection:
            return () if is_held(connection, Work.APPLY) else journal.interrupted(connection)


@contextmanager
def open_workplace(state: StateFolder) -> Iterator[Workplace]:
    """Engines with the rights of the provisioner, and of the audit's writer."""
    settings = load_settings(state)
    hr, audit = connect_as(settings, state, Role.HR), connect_as(settings, state, Role.AUDIT)
    try:
        yield Workplace(state, settings, hr, audit)
    finally:
        hr.dispose()
        audit.dispose()
