"""Announcements to three hundred rooms by a bot that is killed at random points: each room has each of them once."""

import asyncio
import random
from pathlib import Path

import pytest

from tests.clients.many_rooms import announce_while_killed, hall
from tests.clients.own_bot import own_bot
from tests.conftest import Province

KILLS = 5


@pytest.mark.timeout(900)
async def test_a_delivery_to_three_hundred_rooms_is_gone_on_with_after_every_kill_and_never_done_twice(
    stack: Province, tmp_path: Path
) -> None:
    async with own_bot(stack, tmp_path / "bot", "broadcasts") as bot, hall(bot) as rooms:
        await announce_while_killed(rooms, bot, KILLS, random.Random(20_260_606))
        assert await asyncio.to_thread(bot.stop) == 0
