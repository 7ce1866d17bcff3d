"""The bots' process killed again and again while people ask: each question answered once, by the same device."""

import asyncio
import random
from pathlib import Path

import pytest

from huep.settings import load_settings
from huep.state import StateFolder
from tests.clients.lent_people import lend_person
from tests.conftest import Province, start_huep, stop_huep
from tests.real.test_stack import bot_identity
from tests.soak.asking import QUESTIONS, Asker, asking
from tests.soak.conftest import Tell
from tests.soak.processes import all_ready, kill, restarts, services, until

PEOPLE = 200
ASKERS = 2
QUESTIONS_EACH = 110
KILLS = 20
LONGEST_LIFE_S = 7.0
LONGEST_THINKING_S = 2.5
ANSWERED_WITHIN_S = 120.0
NOTHING_MORE_S = 6.0

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]


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
            tell(f"{killed} kills, {restarts(state, 'bots')} restarts counted, {asked} questions")
            assert restarts(state, "bots") >= killed >= KILLS
            for asker in askers:
                assert len(asker.asked) >= QUESTIONS_EACH
                asker.check_answers()
                assert {len(asker.answers[event_id]) for event_id in asker.asked} == {1}
                assert await asker.replies_on_server() == dict.fromkeys(asker.asked, 1)
        assert bot_identity(province.url, province) == identity
    finally:
        assert stop_huep(process) == 0


async def kill_the_bot(state: StateFolder, dice: random.Random) -> int:
    """Let it live for a random while, whether it has come up by then or not; returns how often it died of that."""
    killed = 0
    while killed < KILLS:
        await asyncio.sleep(dice.uniform(0, LONGEST_LIFE_S))
        killed += kill(state, "bots")
        await until("the bot runs", lambda: services(state)["bots"]["pid"] is not None)
    return killed


async def ask_much(asker: Asker, killing: "asyncio.Task[int]", dice: random.Random) -> None:
    """Ask until enough was asked and nobody kills any more."""
    while len(asker.asked) < QUESTIONS_EACH or not killing.done():
        await asker.ask(dice.choice(QUESTIONS))
        await asyncio.sleep(dice.uniform(0, LONGEST_THINKING_S))
