"""Joining the rooms of units: in batches across rooms beside the admin API, one join after the other."""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import chain
from statistics import median
from time import perf_counter
from urllib.parse import quote

from benchmarks.applies import admin_client, make_accounts
from benchmarks.figures import Figure, higher_is_better
from benchmarks.province import RunningProvince, province
from huep.stack.accounts import open_admin
from huep.synapse_admin import (
    JoinRule,
    MembershipRequest,
    MembershipVerb,
    PublishedUnit,
    RoomSpec,
    SynapseAdmin,
)

ROUNDS = 3
UNITS, PEOPLE_A_UNIT, ROOMS_A_UNIT = 8, 12, 3
ONE_AFTER_THE_OTHER = 48
"""Joins of the plain loop in a round."""
BATCH, BATCHES_IN_FLIGHT = 200, 2

_Join = tuple[str, str]
"""Localpart and room."""


def measure() -> Iterator[Figure]:
    """`hr_join_rate`: 96 people move into eight units, each a public space with two rooms restricted to it."""
    with province() as running:
        ours, plain = asyncio.run(_rounds(running))
    yield higher_is_better("hr_join_rate", median(ours), "joins/s", median(plain), "plain_admin_api_one_by_one")


async def _rounds(running: RunningProvince) -> tuple[list[float], list[float]]:
    ours: list[float] = []
    plain: list[float] = []
    async with open_admin(running.settings, running.state) as admin:
        await admin.lift_rate_limits(running.settings.user_id(running.settings.accounts.service))
        for number in range(ROUNDS):
            ours.append(await _in_batches(admin, await _moves(running, admin, f"ours-{number}")))
            plain.append(await _one_by_one(running, await _moves(running, admin, f"plain-{number}")))
    return ours, plain


async def _moves(running: RunningProvince, admin: SynapseAdmin, prefix: str) -> list[_Join]:
    """New people and rooms, not measured: who is to join what, spaces first, taking turns across rooms."""
    people = [[f"{prefix}-{unit}-{one}" for one in range(PEOPLE_A_UNIT)] for unit in range(UNITS)]
    await make_accounts(running, [name for names in people for name in names])
    rooms: list[list[str]] = []
    for unit in range(UNITS):
        space = await admin.create_room(RoomSpec(f"{prefix} {unit}", space=True, join_rule=JoinRule.PUBLIC))
        inside = RoomSpec(f"{prefix} {unit}", join_rule=JoinRule.RESTRICTED, restricted_to=space)
        rooms.append([space] + [await admin.create_room(inside) for _ in range(ROOMS_A_UNIT - 1)])
    # By the admin API people come by themselves, and only the province's own space takes everybody.
    await admin.publish_people((), units=[PublishedUnit(prefix, prefix, None, 0, rooms=tuple(chain(*rooms)))])
    return [
        (people[unit][one], rooms[unit][room])
        for room in range(ROOMS_A_UNIT)
        for one in range(PEOPLE_A_UNIT)
        for unit in range(UNITS)
    ]


async def _in_batches(admin: SynapseAdmin, joins: Sequence[_Join]) -> float:
    actions = [MembershipRequest(str(number), MembershipVerb.JOIN, *join) for number, join in enumerate(joins)]
    turn = asyncio.Semaphore(BATCHES_IN_FLIGHT)

    async def one(batch: Sequence[MembershipRequest]) -> None:
        async with turn:
            if not all(result.changed for result in await admin.act_on_memberships(batch)):
                raise RuntimeError("a join failed")

    started = perf_counter()
    await asyncio.gather(*(one(actions[start : start + BATCH]) for start in range(0, len(actions), BATCH)))
    return len(actions) / (perf_counter() - started)


async def _one_by_one(running: RunningProvince, joins: Sequence[_Join]) -> float:
    """As many joins of each kind of room as ours has, in proportion."""
    some = joins[:: len(joins) // ONE_AFTER_THE_OTHER]
    async with admin_client(running) as http:
        started = perf_counter()
        for name, room in some:
            path = f"/_synapse/admin/v1/join/{quote(room, safe='')}"
            (await http.post(path, json={"user_id": running.settings.user_id(name)})).raise_for_status()
        return len(some) / (perf_counter() - started)
