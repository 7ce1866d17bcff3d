"""Truyền thông as it serves a province, with its device, outbox and jobs, in this process and beside a lone Synapse."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NoReturn

from prometheus_client import CollectorRegistry

from benchmarks.lone_synapse import LoneSynapse
from bots.broadcasts.package import BROADCASTS
from bots.matrix.connection import connect
from bots.matrix.device import opened
from bots.matrix.store.postgres import PostgresShelf
from bots.process.living import Life
from bots.runtime.jobs import JobBook
from bots.runtime.metrics import CommandMetrics
from bots.runtime.preferences import DatabasePreferences
from bots.runtime.tools import BotsDirectory, Tools
from bots.sealing import Seal
from huep import clock
from huep.state import SecretMissing

PASSWORD = "benchmark-password-1a"


def tools_of(lone: LoneSynapse, directory: BotsDirectory) -> Tools:
    """What the bot works with; the directory may be one in memory."""
    return Tools(
        settings=lone.settings,
        engine=lone.engine,
        directory=directory,
        preferences=DatabasePreferences(lone.engine),
        clock=clock.now,
        user_id=BROADCASTS.user_id(lone.settings),
        seal=Seal(b"a secret of the benchmark"),
        bot=BROADCASTS.name,
        secret=_no_secret,
    )


def _no_secret(name: str) -> NoReturn:
    raise SecretMissing(name)  # no source of news is declared, and nothing else asks for one


@asynccontextmanager
async def alive(lone: LoneSynapse, tools: Tools) -> AsyncIterator[None]:
    """From its first login on; in the block it is ready, and ends with it."""
    await lone.admin.set_password(tools.user_id, PASSWORD)
    life = Life(BROADCASTS, tools, JobBook({BROADCASTS.name: BROADCASTS.jobs}), CommandMetrics(CollectorRegistry()))
    stop, ready = asyncio.Event(), asyncio.Event()
    with tempfile.TemporaryDirectory() as folder:
        shelf = PostgresShelf(lone.engine, Path(folder) / "key")
        async with (
            opened(shelf, tools.user_id) as device,
            connect(lone.url, device, lambda: PASSWORD, device_id="BENCHMARK", display_name="benchmark") as port,
            asyncio.TaskGroup() as tasks,
        ):
            tasks.create_task(life.live(port, stop, ready.set))
            await ready.wait()
            yield
            stop.set()
