"""A bot that is asked ten thousand times, and told as much that it need not answer, does not grow by it."""

import asyncio
from pathlib import Path

import pytest

from bots.assistant.package import ASSISTANT
from bots.testing.kit import Stage, kit
from bots.testing.people import Speaker
from bots.testing.worlds import MemoryWorld
from tests.clients.running import Databases
from tests.soak.conftest import Tell

PEOPLE = ("an", "binh", "giam-doc", "pho-phong")
QUESTIONS = ("tôi là ai", "đơn vị tôi", "trợ giúp", "câu này không ai hiểu")
COMMANDS = 10_000
ROUND = 500
WARM_UP = 2_000
MOST_GROWTH_MB = 12.0
PAGE_BYTES = 4096

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]


async def test_ten_thousand_commands_and_as_many_other_events_leave_the_memory_as_it_was(
    databases: Databases, tell: Tell
) -> None:
    async with kit(ASSISTANT, databases) as stage:
        people = [await stage.person(name) for name in PEOPLE]
        sizes: list[float] = []
        for _ in range(COMMANDS // ROUND):
            await asyncio.gather(*(talk(person, ROUND // len(people)) for person in people))
            await forget(stage)
            sizes.append(resident_mb())
        after_warm_up = sizes[WARM_UP // ROUND - 1]
        tell(f"{after_warm_up:.0f} MB after {WARM_UP} commands, {sizes[-1]:.0f} MB after {COMMANDS}")
        assert max(sizes[-3:]) - after_warm_up < MOST_GROWTH_MB, sizes


async def talk(person: Speaker, commands: int) -> None:
    """So many questions, each answered, and something else between two."""
    for number in range(commands):
        await person.says(QUESTIONS[number % len(QUESTIONS)])
        await person.hears()
        match number % 3:
            case 0:
                await person.reacts("👍")
            case 1:
                await person.corrects("tôi là ai ạ")
                await person.hears("không đọc tin đã sửa")
            case 2:
                await person.takes_back()


async def forget(stage: Stage) -> None:
    """What the homeserver in this process keeps is not the bot's."""
    await stage.rest()
    assert isinstance(stage.world, MemoryWorld)
    stage.world.homeserver.forget()
    for speaker in stage.speakers:
        speaker.said.clear()


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * PAGE_BYTES / 2**20
