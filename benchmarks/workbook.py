"""The workbook of one announcement to everybody, made as the bot makes it: in a thread beside its event loop."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

from benchmarks.figures import Figure, peak_mb
from bots.broadcasts.ledger import Ledger
from bots.broadcasts.rendering import VOICE
from bots.broadcasts.report import record_workbook
from bots.sealing import Seal
from huep.database import Role, connect_as
from huep.directory import Directory
from huep.settings import load_settings
from huep.state import StateFolder
from tests.clients.stalls import watched

BOT, SECRET = "bench", b"a secret of the benchmark"
"""Whose announcement it is, and what seals it."""
MIB, MS = 1 << 20, 1_000.0


def figures(root: Path, number: int) -> Iterator[Figure]:
    """Of a process of its own that does nothing else, on the HueP in the state folder `root`."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        yield from process.submit(_made, root, number).result()


def _made(root: Path, number: int) -> list[Figure]:
    return asyncio.run(_make(root, number))


async def _make(root: Path, number: int) -> list[Figure]:
    state = StateFolder(root)
    engine = connect_as(load_settings(state), state, Role.BOTS)
    ledger = Ledger(engine, BOT, Seal(SECRET), Directory(engine))
    ledger.find(number)  # a bot is connected long before
    before_mb = peak_mb()
    async with watched() as loop:
        started = perf_counter()
        workbook = await asyncio.to_thread(lambda: record_workbook(ledger.record(number), VOICE))
        taken_s = perf_counter() - started
    engine.dispose()
    return [
        Figure("broadcast_workbook_s", taken_s, "s"),
        Figure("broadcast_workbook_peak_mb", peak_mb() - before_mb, "MB"),
        Figure("broadcast_workbook_file_mb", len(workbook) / MIB, "MB"),
        Figure("broadcast_workbook_stall_ms", loop.longest_s * MS, "ms"),
    ]
