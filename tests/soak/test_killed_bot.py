"""The bots' process killed again and again while people ask: each question answered once, by the same device."""

import asyncio
import random
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from huep.settings import load_settings
from huep.stack.service import ServiceState
from huep.state import StateFolder
from tests.clients.lent_people import lend_person
from tests.clients.own_bot import own_bot
from tests.clients.running import start_huep, stop_huep
from tests.conftest import Province
from tests.real.test_killed_bot import ask_much_while_killed
from tests.real.test_stack import bot_identity
from tests.soak.asking import QUESTIONS, Asker, asking
from tests.soak.conftest import Tell
from tests.soak.processes import all_ready, kill, restarts, services, until

PEOPLE = 200
ASKERS = 2
QUESTIONS_EACH = 110
KILLS = 20
MANY_KILLS = 100
COMMANDS = 1_000
KILLS_AT_WORK = 10
"""At least so many must hit a bot that was ready, or the test shows nothing."""
SHARE_AT_START = 0.3
LONGEST_START_S = 4.0
LONGEST_WORK_S = 5.0
LONGEST_THINKING_S = 2.5
ANSWERED_WITHIN_S = 120.0
NOTHING_MORE_S = 6.0


@dataclass(frozen=True)
class Kills:
    """How often the bot died, by what it was doing."""

    at_start: int
    at_work: int

    def __str__(self) -> str:
        return f"{self.at_start} kills at start and {self.at_work} at work"


pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]


async def test_a_bot_killed_at_any_moment_answers_every_question_once(
    state: StateFolder, tmp_path: Path, dice: random.Random, tell: Tell
) -> None:
    process = start_huep(
        state.root, "--demo", "--people", str(PEOPLE), log=tmp_path / "up.log", module="tests.soak.quick_restarts"
    )
    try:
        province = Province(state, load_settings(state), process)
        identity = bot_identity(province.url, province)
        people = [await lend_person(province) for _ in range(ASKERS)]
        async with (
            asking(province, people[0], tmp_path / "0") as first,
            asking(province, people[1], tmp_path / "1") as second,
        ):
            askers = (first, second)
            killing = asyncio.create_task(kill_the_bot(state, dice))
            await asyncio.gather(*(ask_much(asker, killing, dice) for asker in askers))
            killed = await killing
            await until("the bot is back", lambda: all_ready(state))
            for asker in askers:
                await asker.all_answered(ANSWERED_WITHIN_S)
            await asyncio.sleep(NOTHING_MORE_S)
            asked = sum(len(asker.asked) for asker in askers)
            tell(f"{killed}, {restarts(state, 'bots')} restarts counted, {asked} questions")
            assert killed.at_work >= KILLS_AT_WORK
            assert restarts(state, "bots") >= killed.at_start + killed.at_work >= KILLS
            for asker in askers:
                assert len(asker.asked) >= QUESTIONS_EACH
                asker.check_answers()
                assert {len(asker.answers[event_id]) for event_id in asker.asked} == {1}
                assert await asker.replies_on_server() == dict.fromkeys(asker.asked, 1)
        assert bot_identity(province.url, province) == identity
    finally:
        assert stop_huep(process) == 0


async def test_a_bot_killed_a_hundred_times_amidst_a_thousand_commands_answers_each_once(
    state: StateFolder, tmp_path: Path, dice: random.Random, tell: Tell
) -> None:
    process = start_huep(state.root, "--demo", "--people", str(PEOPLE), log=tmp_path / "up.log")
    try:
        province = Province(state, load_settings(state), process)
        async with AsyncExitStack() as devices:
            bot = await devices.enter_async_context(own_bot(province, tmp_path / "bot"))
            askers = [
                await devices.enter_async_context(
                    asking(bot.province, await lend_person(province), tmp_path / str(number))
                )
                for number in range(ASKERS)
            ]
            await ask_much_while_killed(askers, bot, COMMANDS, MANY_KILLS, dice)
            tell(f"{bot.kills} kills, {sum(len(asker.asked) for asker in askers)} questions")
            assert await asyncio.to_thread(bot.stop) == 0
    finally:
        assert stop_huep(process) == 0


async def kill_the_bot(state: StateFolder, dice: random.Random) -> Kills:
    """Let it start or work for a random while each time, then end it."""
    at_start = at_work = 0
    while at_start + at_work < KILLS:
        await until("the bot runs", lambda: services(state)["bots"]["pid"] is not None)
        if dice.random() < SHARE_AT_START:
            await asyncio.sleep(dice.uniform(0, LONGEST_START_S))
        else:
            await until("the bot is ready", lambda: services(state)["bots"]["state"] == ServiceState.READY)
            await asyncio.sleep(dice.uniform(0, LONGEST_WORK_S))
        works = services(state)["bots"]["state"] == ServiceState.READY
        counted = restarts(state, "bots")
        if kill(state, "bots"):
            at_work += works
            at_start += not works
            await until("the kill is counted", lambda c=counted: restarts(state, "bots") > c)
    return Kills(at_start, at_work)


async def ask_much(asker: Asker, killing: "asyncio.Task[Kills]", dice: random.Random) -> None:
    """Ask until enough was asked and nobody kills any more."""
    while len(asker.asked) < QUESTIONS_EACH or not killing.done():
        await asker.ask(dice.choice(QUESTIONS))
        await asyncio.sleep(dice.uniform(0, LONGEST_THINKING_S))
