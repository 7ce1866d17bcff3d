"""Whatever the network does between the bot and Synapse: each question is answered, once.

`make test` asks a little, `make soak` much.
"""

import asyncio
import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from bots.matrix.trust import Origin
from bots.testing.faults import FOUL, TREACHEROUS, Fault
from tests.clients.lent_people import lend_person
from tests.conftest import Province
from tests.faults.second_bot import SecondBot, second_bot
from tests.soak.asking import QUESTIONS, Asker, asking

ANSWERED_WITHIN_S = 120.0
NOTHING_MORE_S = 3.0
A_FEW, MANY = 15, 500
ASKERS, IN_A_ROW = 2, 5
SEED = 20_261_122


async def ask_through(bot: SecondBot, tmp_path: Path, questions: int) -> None:
    """Some people ask so much altogether, some questions behind each other without waiting; all is answered once."""
    people = [await lend_person(bot.province) for _ in range(ASKERS)]
    async with (
        asking(bot.province, people[0], tmp_path / "0") as first,
        asking(bot.province, people[1], tmp_path / "1") as second,
    ):
        askers = (first, second)
        await asyncio.gather(*(ask(asker, questions // ASKERS) for asker in askers))
        await asyncio.sleep(NOTHING_MORE_S)
        for asker in askers:
            asker.check_answers()
            assert await asker.replies_on_server() == dict.fromkeys(asker.asked, 1)


async def ask(asker: Asker, questions: int) -> None:
    for number in range(questions):
        await asker.ask(QUESTIONS[number % len(QUESTIONS)])
        if number % IN_A_ROW == 0:
            await asker.all_answered(ANSWERED_WITHIN_S)
    await asker.all_answered(ANSWERED_WITHIN_S)


@pytest.mark.parametrize("shares", [FOUL, TREACHEROUS], ids=["foul", "treacherous"])
@pytest.mark.parametrize("questions", [A_FEW, pytest.param(MANY, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])])
async def test_every_question_is_answered_once(
    stack: Province, tmp_path: Path, shares: Mapping[Fault, float], questions: int
) -> None:
    async with second_bot(stack, tmp_path) as bot:
        network = bot.network
        network.dice, network.shares = random.Random(SEED), shares
        try:
            await ask_through(bot, tmp_path, questions)
        finally:
            network.shares = {}
        met = {fault: network.met[fault] for fault in shares}
        assert sum(met.values()) > questions // 4, met


async def test_an_answer_whose_acceptance_was_lost_is_no_second_answer(stack: Province, tmp_path: Path) -> None:
    async with (
        second_bot(stack, tmp_path) as bot,
        asking(bot.province, await lend_person(stack), tmp_path / "d") as asker,
    ):
        await asker.answered(await asker.ask(QUESTIONS[0]), ANSWERED_WITHIN_S)
        bot.network.breaks(Fault.LOST, "/send/", times=3)
        asked = await asker.ask(QUESTIONS[0])
        await asker.answered(asked, ANSWERED_WITHIN_S)
        await asyncio.sleep(NOTHING_MORE_S)
        assert bot.network.met[Fault.LOST] >= 2
        assert await asker.replies_on_server() == dict.fromkeys(asker.asked, 1)


async def test_a_homeserver_that_is_away_for_a_while_costs_a_wait(stack: Province, tmp_path: Path) -> None:
    async with (
        second_bot(stack, tmp_path) as bot,
        asking(bot.province, await lend_person(stack), tmp_path / "d") as asker,
    ):
        await asker.answered(await asker.ask(QUESTIONS[0]), ANSWERED_WITHIN_S)
        bot.network.down = True
        asked = [await asker.ask(question) for question in QUESTIONS]
        await asyncio.sleep(NOTHING_MORE_S)
        assert not any(asker.answers[event_id] for event_id in asked)
        bot.network.down = False
        await asker.all_answered(ANSWERED_WITHIN_S)
        await asyncio.sleep(NOTHING_MORE_S)
        assert await asker.replies_on_server() == dict.fromkeys(asker.asked, 1)


async def test_who_lost_a_key_on_the_way_is_told_and_everybody_else_is_answered(
    stack: Province, tmp_path: Path
) -> None:
    """A gap in the messages to the bot's device: what needs them waits for its key, what does not goes on."""
    async with (
        second_bot(stack, tmp_path) as bot,
        asking(bot.province, await lend_person(stack), tmp_path / "0") as heard,
        asking(bot.province, await lend_person(stack), tmp_path / "1") as unheard,
    ):
        await heard.answered(await heard.ask(QUESTIONS[0]), ANSWERED_WITHIN_S)
        bot.network.shares = {Fault.GAP: 1.0}
        lost = await unheard.ask(QUESTIONS[0])
        while not bot.network.met[Fault.GAP]:
            await asyncio.sleep(0.05)
        await heard.answered(await heard.ask(QUESTIONS[0]), ANSWERED_WITHIN_S)
        bot.network.shares = {}
        told = await unheard.answered(lost, ANSWERED_WITHIN_S)
        assert told.origin is Origin.CROSS_SIGNED, "said encrypted: this device is verified, and reads it"
        heard.check_answers()
        assert await heard.replies_on_server() == dict.fromkeys(heard.asked, 1)
        told_once, answered_once = (
            sum(answer.notice is said for answer in unheard.answers[lost]) for said in (True, False)
        )
        assert told_once <= 1, "and should the key still come, answered"
        assert answered_once <= 1
