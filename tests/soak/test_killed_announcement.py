"""Truyền thông killed fifty times amidst announcements to three hundred rooms."""

import asyncio
import random
from pathlib import Path

import pytest

from huep.settings import load_settings
from huep.state import StateFolder
from tests.clients.many_rooms import announce_while_killed, hall
from tests.clients.own_bot import own_bot
from tests.clients.running import start_huep, stop_huep
from tests.conftest import Province
from tests.soak.conftest import Tell

PEOPLE = 200
KILLS = 50

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]


async def test_each_room_has_each_announcement_once_after_fifty_kills(
    state: StateFolder, tmp_path: Path, dice: random.Random, tell: Tell
) -> None:
    process = start_huep(state.root, "--demo", "--people", str(PEOPLE), log=tmp_path / "up.log")
    try:
        province = Province(state, load_settings(state), process)
        async with own_bot(province, tmp_path / "bot", "broadcasts") as bot, hall(bot) as rooms:
            await announce_while_killed(rooms, bot, KILLS, dice)
            tell(f"{bot.kills} kills, {len(rooms.said)} announcements to {len(rooms.rooms)} rooms")
            assert await asyncio.to_thread(bot.stop) == 0
    finally:
        assert stop_huep(process) == 0
