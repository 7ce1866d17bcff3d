"""From a person's encrypted question to the bot's encrypted answer, beside a bare nio echo bot in the same run."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.echoes import BASELINE, ECHO, device, echo_bot, make_accounts, make_echo_device
from benchmarks.figures import Figure, lower_is_better, p95
from benchmarks.province import RunningProvince, province, wait_for_joins
from bots.matrix.connection import MatrixConnection
from bots.matrix.port import Text
from huep.stack.demo import cast

QUESTION = "tôi là ai"
ROUNDS, WARM_UP = 100, 10
ANSWER_TIMEOUT_S = 60.0
MS = 1_000.0


def measure() -> Iterator[Figure]:
    """`bot_reply_p50_ms` and `bot_reply_p95_ms`, over 100 questions to each bot in turn."""
    with province("--demo", "--people", "200") as running:
        wait_for_joins(running)
        ours, echo = asyncio.run(_talk(running))
    yield lower_is_better("bot_reply_p50_ms", median(ours), "ms", median(echo), BASELINE)
    yield lower_is_better("bot_reply_p95_ms", p95(ours), "ms", p95(echo), BASELINE)


async def _talk(running: RunningProvince) -> tuple[list[float], list[float]]:
    officer = next(member for member in cast(running.settings, running.state) if member.part == "officer").localpart
    await make_accounts(running, officer)
    with tempfile.TemporaryDirectory() as folder:
        echo_folder = Path(folder) / "echo"
        await make_echo_device(running, echo_folder)
        async with device(running, officer, Path(folder) / "asker") as asker:
            await asker.commit(await asker.next_batch())
            with echo_bot(running.settings.synapse.local_url, echo_folder):
                bots = [running.settings.user_id(name) for name in (running.settings.accounts.assistant, ECHO)]
                rooms = [await asker.direct_room_with(bot) for bot in bots]
                taken: tuple[list[float], list[float]] = ([], [])
                for number in range(WARM_UP + ROUNDS):
                    for bot, room, times in zip(bots, rooms, taken, strict=True):
                        elapsed = await _ask(asker, room, bot)
                        if number >= WARM_UP:
                            times.append(elapsed * MS)
                return taken


async def _ask(asker: MatrixConnection, room: str, bot: str) -> float:
    started = perf_counter()
    await asker.send_text(room, Text(QUESTION))
    async with asyncio.timeout(ANSWER_TIMEOUT_S):
        while True:
            batch = await asker.next_batch()
            await asker.commit(batch)
            if any(getattr(event, "sender", None) == bot for event in batch.events):
                return perf_counter() - started
