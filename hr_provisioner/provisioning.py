"""The whole way from a register to a province: what the `huep hr` commands do, without a word to the screen."""

import asyncio
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Engine, text

from hr_provisioner import guard, journal
from hr_provisioner.apply import Applier, Progress, Report, exclusively, is_running
from hr_provisioner.current import Current, find_drift
from hr_provisioner.directory_store import read_current
from hr_provisioner.guard import Remark
from hr_provisioner.joins import JOINS_LOCK, Joins, ProgressFile, Tally
from hr_provisioner.journal import Interrupted
from hr_provisioner.plan import Plan, make_plan
from hr_provisioner.records import Register
from huep import clock
from huep.database import Role, connect_as
from huep.settings import Settings, load_settings
from huep.stack.accounts import open_admin
from huep.state import StateFolder


@dataclass(frozen=True)
class Workplace:
    """A running HueP as the provisioner reaches it."""

    state: StateFolder
    settings: Settings
    hr: Engine
    audit: Engine

    async def plan(self, register: Register, today: date) -> Plan:
        """What `register` would change today, in the directory or on the homeserver; nothing is written."""
        async with open_admin(self.settings, self.state) as homeserver:
            users = await homeserver.users()
        current = await asyncio.to_thread(self._read_current, today)
        return make_plan(register, replace(current, drift=find_drift(current.people, users)), today)

    def _read_current(self, today: date) -> Current:
        with self.hr.connect() as connection:
            return read_current(connection, today)

    def interrupted(self) -> tuple[Interrupted, ...]:
        """Runs that were cut off and that no apply has followed; none while one is at work."""
        with self.hr.connect() as connection:
            return () if is_running(connection) else journal.interrupted(connection)


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


@dataclass(frozen=True)
class Applied:
    """What an apply did."""

    plan: Plan
    remarks: tuple[Remark, ...]
    report: Report
    urgent_memberships: int


Confirm = Callable[[Plan, tuple[Remark, ...]], None]
"""Shown the plan before it runs; raises to stop it."""


async def apply_register(
    place: Workplace,
    register: Register,
    *,
    actor: str,
    urgent: Collection[str],
    confirm: Confirm,
    progress: Progress,
) -> Applied:
    """Plan, guard, confirm, carry out, and bring the `urgent` (officer codes) into their rooms.

    The other memberships are left to `run_joins`.

    Raises:
        AlreadyRunning: another apply is at work.
        TooManyLocks: the guard refuses the plan.
        BreakerOpen: too many actions failed in a row.
        NotAsPlanned: reading back found something else.
    """
    with exclusively(place.hr):
        plan = await place.plan(register, clock.today())
        remarks = guard.check(plan)
        confirm(plan, remarks)
        async with open_admin(place.settings, place.state) as homeserver:
            await homeserver.lift_rate_limits(place.settings.user_id(place.settings.accounts.service))
            report = await Applier(place.settings, place.hr, place.audit, homeserver, actor).carry_out(plan, progress)
            joined = 0
            if plan.actions or urgent:
                joined = await Joins(place.settings, place.hr, place.audit, homeserver).serve_urgent(urgent)
    return Applied(plan, remarks, report, joined)


async def run_joins(place: Workplace, tell: Callable[[Tally], None]) -> int | None:
    """Make all rooms and bring about all memberships; None when another process is at it already.

    Raises:
        JoinsFailed: what is left cannot be done.
    """
    with place.hr.connect() as connection:
        got = connection.execute(text("select pg_try_advisory_lock(:key)"), {"key": JOINS_LOCK}).scalar_one()
        connection.commit()
        if not got:
            return None
        try:
            file = ProgressFile(place.state)

            def report(tally: Tally) -> None:
                file.write(tally)
                tell(tally)

            async with open_admin(place.settings, place.state) as homeserver:
                changed = await Joins(place.settings, place.hr, place.audit, homeserver).run(report)
            file.finish()
            return changed
        finally:
            connection.execute(text("select pg_advisory_unlock(:key)"), {"key": JOINS_LOCK})
            connection.commit()
