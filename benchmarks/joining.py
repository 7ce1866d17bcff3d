"""How Truyền thông comes into a province of 700 units: into every announcement room, and through its first sync."""

import asyncio
from collections.abc import Iterator
from time import perf_counter

from benchmarks.announcer import alive, tools_of
from benchmarks.figures import Figure
from benchmarks.lone_synapse import LoneSynapse, lone_synapse
from bots.testing.province import small_province
from huep.names import localpart_of
from huep.synapse_admin import MembershipRequest, MembershipVerb, RoomSpec

ROOMS = 700
MADE_AT_ONCE = 8


def measure() -> Iterator[Figure]:
    """`broadcast_joining_700_s`, as the provisioner brings it in; `broadcast_first_start_700_s`, login to ready."""
    with asyncio.Runner() as runner:
        yield from runner.run(_measure())


async def _measure() -> list[Figure]:
    async with lone_synapse() as lone:
        rooms, tools = await _rooms(lone), tools_of(lone, small_province())
        bot = localpart_of(tools.user_id)
        started = perf_counter()
        results = await lone.admin.act_on_memberships(
            [MembershipRequest(room_id, MembershipVerb.JOIN, bot, room_id) for room_id in rooms]
        )
        joined_s = perf_counter() - started
        if not all(result.ok for result in results):
            raise RuntimeError("a join failed")
        started = perf_counter()
        async with alive(lone, tools):
            ready_s = perf_counter() - started
    return [Figure("broadcast_joining_700_s", joined_s, "s"), Figure("broadcast_first_start_700_s", ready_s, "s")]


async def _rooms(lone: LoneSynapse) -> list[str]:
    """Announcement rooms in which there is nobody yet but the service account."""
    turns = asyncio.Semaphore(MADE_AT_ONCE)

    async def make(number: int) -> str:
        async with turns:
            return await lone.admin.create_room(RoomSpec(f"Thông báo {number}"))

    return list(await asyncio.gather(*map(make, range(ROOMS))))
