"""Trợ lý HueP once more, under an account of its own and in this process, with a network that can be broken."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from prometheus_client import CollectorRegistry

from bots.assistant.package import ASSISTANT
from bots.matrix.errors import ServerUnreachable
from bots.process.living import Life
from bots.runtime.jobs import JobBook
from bots.runtime.metrics import CommandMetrics
from bots.runtime.preferences import DatabasePreferences
from bots.runtime.tools import Tools
from bots.sealing import Seal
from bots.testing.faults import Network
from bots.testing.synapse import SynapseWorld
from huep import clock
from huep.database import Role, connect_as
from huep.directory.reader import Directory
from tests.conftest import Province

READY_WITHIN_S = 120.0
START_AGAIN_S = 0.5


@dataclass(frozen=True)
class SecondBot:
    """A bot behind a proxy; `province` is the one whose assistant it is, for whoever talks to it."""

    province: Province
    network: Network


@asynccontextmanager
async def second_bot(stack: Province, folder: Path) -> AsyncIterator[SecondBot]:
    """An assistant that is started anew whenever the network ends it, as its keeper would."""
    localpart = f"tro-ly-{uuid4().hex[:8]}"
    accounts = stack.settings.accounts.model_copy(update={"assistant": localpart})
    settings = stack.settings.model_copy(update={"accounts": accounts})
    world = SynapseWorld(stack.settings, stack.state, folder / "bot")
    engine = connect_as(stack.settings, stack.state, Role.BOTS)
    user_id = ASSISTANT.user_id(settings)
    tools = Tools(
        settings,
        engine,
        Directory(engine),
        DatabasePreferences(engine),
        clock.now,
        user_id,
        Seal(b"of a test"),
        ASSISTANT.name,
        stack.state.read_secret,
    )
    book = JobBook({ASSISTANT.name: ASSISTANT.jobs})
    stop, ready = asyncio.Event(), asyncio.Event()

    async def run() -> None:
        while not stop.is_set():
            try:
                async with world.bot_port(user_id) as port:
                    life = Life(ASSISTANT, tools, book, CommandMetrics(CollectorRegistry()))
                    await life.live(port, stop, ready.set)
            except ServerUnreachable:
                await asyncio.sleep(START_AGAIN_S)

    running = asyncio.create_task(run())
    waiting = asyncio.create_task(ready.wait())
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        assert ready.is_set(), running.exception()
        yield SecondBot(replace(stack, settings=settings), world.network)
    finally:
        stop.set()
        waiting.cancel()
        await running
        engine.dispose()
