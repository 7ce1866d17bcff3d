"""A bot killed at random points of a thousand commands: none unanswered, none answered twice."""

import asyncio
import random
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.clients.lent_people import lend_person
from tests.clients.own_bot import OwnBot, own_bot
from tests.clients.waiting import until
from tests.conftest import Province
from tests.soak.asking import QUESTIONS, Asker, asking

COMMANDS = 1_000
KILLS = 10
ASKERS = 5
OPEN_AT_ONCE = 10
"""Questions of one asker that wait for their answers."""
ANSWERED_WITHIN_S = 240.0
NOTHING_MORE_S = 3.0


async def ask_much_while_killed(
    askers: list[Asker], bot: OwnBot, commands: int, kills: int, dice: random.Random
) -> None:
    """Ask so much while the bot is killed so often; each question is answered once, and rightly.

    The kills are spread over all of it: at work the bot is killed some time after so many more answers.
    """

    def answered() -> int:
        return sum(len(told) for asker in askers for told in asker.answers.values()) // (commands // kills)

    async def ask(asker: Asker) -> None:
        while len(asker.asked) < commands // len(askers) or not killing.done():
            await until(lambda: len(asker.unanswered()) < OPEN_AT_ONCE, ANSWERED_WITHIN_S)
            await asker.ask(dice.choice(QUESTIONS))

    async with asyncio.TaskGroup() as together:
        killing = together.create_task(bot.be_killed(kills, dice, answered))
        for asker in askers:
            together.create_task(ask(asker))
    for asker in askers:
        await asker.all_answered(ANSWERED_WITHIN_S)
    await asyncio.sleep(NOTHING_MORE_S)
    assert bot.kills == kills
    for asker in askers:
        assert {len(asker.answers[event_id]) for event_id in asker.asked} == {1}
        assert await asker.replies_on_server() == dict.fromkeys(asker.asked, 1)
        asker.check_answers()


@pytest.mark.timeout(900)
async def test_a_bot_killed_amidst_a_thousand_commands_answers_each_once(stack: Province, tmp_path: Path) -> None:
    async with AsyncExitStack() as devices:
        bot = await devices.enter_async_context(own_bot(stack, tmp_path / "bot"))
        askers = [
            await devices.enter_async_context(asking(bot.province, await lend_person(stack), tmp_path / str(number)))
            for number in range(ASKERS)
        ]
        await ask_much_while_killed(askers, bot, COMMANDS, KILLS, random.Random(20_260_601))
        assert await asyncio.to_thread(bot.stop) == 0
