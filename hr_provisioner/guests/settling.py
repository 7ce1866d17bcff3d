"""The accounts of guests brought to what their sponsorships say, at once and without a register.

The nightly run does the same; this is for whoever does not want to wait for it. Doors go through the fast lane, the
rest through the slow one, if nobody else is in it.
"""

import asyncio
from dataclasses import replace

from hr_provisioner.advisory import AlreadyRunning, exclusively
from hr_provisioner.applying.apply import Applier, Failure
from hr_provisioner.applying.fast_lane import FastLane
from hr_provisioner.current import Current
from hr_provisioner.directory.publishing import publish
from hr_provisioner.directory.reader import read_guests
from hr_provisioner.lanes import part_of
from hr_provisioner.planning.actions import LockAccount, UnlockAccount
from hr_provisioner.planning.plan import Plan, make_plan
from hr_provisioner.service.leavers import NO_REGISTER
from hr_provisioner.workplace import Workplace
from huep.errors import HuepError
from huep.stack.accounts import open_admin
from huep.synapse_admin import SynapseAdmin


class GuestsFailed(HuepError):
    """Synapse or the directory refused something of a guest's; the next run does it again."""

    def __init__(self, failed: tuple[Failure, ...]) -> None:
        super().__init__(f"{failed[0].error}: the next run tries it again; look at logs/synapse.log if this stays.")


async def settle(place: Workplace, actor: str, *, published_anew: bool = False) -> bool:
    """Open, shut and make what is to be, and publish it; False where another apply is at work and does the rest.

    Args:
        place: databases and settings.
        actor: who answers for it; goes into journal and audit.
        published_anew: publish also where no account changes, since a sponsorship did.

    Raises:
        GuestsFailed: something was refused.
        SynapseUnreachable, SynapseRefused: Synapse is away.
        NotAsPlanned: reading back found something else.
    """
    current = await asyncio.to_thread(_read, place)
    if not current.people:
        return True
    async with open_admin(place.settings, place.state) as homeserver:
        plan = await _planned(place, homeserver, current, actor)
        doors = {at for at, action in enumerate(plan.actions) if isinstance(action, LockAccount | UnlockAccount)}
        failed = await _through_the_fast_lane(place, homeserver, part_of(plan, doors), actor)
        rest = part_of(plan, set(range(len(plan.actions))) - doors)
        all_done = True
        if rest.actions:
            try:
                with exclusively(place.hr):
                    applier = Applier(place.reach(homeserver), actor)
                    failed += tuple((await applier.carry_out(rest, lambda *_: None)).failed)
            except AlreadyRunning:
                all_done = False
        if plan.actions or published_anew:
            known = await asyncio.to_thread(place.read_directory)
            await publish(place.hr, place.audit, homeserver, known, place.now(), place.today)
    if failed:
        raise GuestsFailed(failed)
    return all_done


def _read(place: Workplace) -> Current:
    with place.hr.connect() as connection:
        return read_guests(connection, place.today)


async def _planned(place: Workplace, homeserver: SynapseAdmin, current: Current, actor: str) -> Plan:
    localparts = {person.account.localpart for person in current.people if person.account is not None}
    users = await homeserver.roll(localparts) if localparts else ()
    current = replace(current, protected=place.protected(current, users, actor))
    return make_plan(NO_REGISTER, current, place.today, place.policy)


async def _through_the_fast_lane(
    place: Workplace, homeserver: SynapseAdmin, doors: Plan, actor: str
) -> tuple[Failure, ...]:
    ran = await FastLane(place.reach(homeserver), actor).carry_out([doors])
    return tuple(failure for one in ran for failure in one.failed)
