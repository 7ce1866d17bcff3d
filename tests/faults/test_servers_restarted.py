"""Synapse and PostgreSQL end and come back while people ask: each question is answered, once."""

import asyncio
from pathlib import Path

from tests.clients.lent_people import lend_person
from tests.conftest import Province
from tests.soak.asking import QUESTIONS, asking
from tests.soak.processes import all_ready, kill, restarts, until

ANSWERED_WITHIN_S = 120.0
NOTHING_MORE_S = 3.0


async def test_what_is_asked_while_servers_come_back_is_answered_once(stack: Province, tmp_path: Path) -> None:
    state = stack.state
    async with asking(stack, await lend_person(stack), tmp_path / "d") as asker:
        await asker.answered(await asker.ask(QUESTIONS[0]), ANSWERED_WITHIN_S)
        for victim in ("synapse", "postgres"):
            counted = restarts(state, victim)
            before = await asker.ask(QUESTIONS[1])
            assert kill(state, victim)
            meanwhile = asyncio.create_task(asker.ask(QUESTIONS[2]))
            await until(f"{victim} is counted", lambda v=victim, c=counted: restarts(state, v) > c)
            await until("everything is ready again", lambda: all_ready(state))
            await asker.answered(before, ANSWERED_WITHIN_S)
            await asker.answered(await meanwhile, ANSWERED_WITHIN_S)
        await asyncio.sleep(NOTHING_MORE_S)
        asker.check_answers()
        assert await asker.replies_on_server() == dict.fromkeys(asker.asked, 1)
