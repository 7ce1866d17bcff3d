"""Whose invitations a bot of the house follows."""

import asyncio

from bots.broadcasts.package import BROADCASTS
from bots.matrix.port import Membership
from bots.testing.kit import kit
from bots.testing.worlds import MemoryWorld
from tests.clients.running import Databases

ANSWERED_WITHIN_S = 10.0
LOOK_EVERY_S = 0.01


async def test_a_bot_follows_the_service_account_and_people_of_the_directory_and_nobody_else(
    databases: Databases,
) -> None:
    async with kit(BROADCASTS, databases) as stage:
        assert isinstance(stage.world, MemoryWorld)
        homeserver = stage.world.homeserver
        service = databases.settings.user_id(databases.settings.accounts.service)
        followed = (service, str(stage.directory.named("an").user_id))
        strangers = (f"@la:{stage.world.server_name}", f"@huep:{stage.world.server_name}")
        rooms = {who: homeserver.rooms[homeserver.make_room(who, stage.bot)] for who in followed + strangers}
        async with asyncio.timeout(ANSWERED_WITHIN_S):
            while any(room.members[stage.bot] is Membership.INVITE for room in rooms.values()):
                await asyncio.sleep(LOOK_EVERY_S)
        assert tuple(who for who, room in rooms.items() if room.holds(stage.bot)) == followed
