"""From a person's encrypted question to the bot's encrypted answer, beside a bare nio echo bot in the same run."""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.figures import Figure, lower_is_better, p95
from benchmarks.province import RunningProvince, province, wait_for_joins
from bots.matrix.connection import MatrixConnection, connect
from bots.matrix.port import Text
from huep.stack.accounts import open_admin
from huep.stack.demo import cast
from huep.synapse_admin import AccountRequest, AccountVerb, PublishedPerson

QUESTION = "tôi là ai"
ROUNDS, WARM_UP = 100, 10
ANSWER_TIMEOUT_S = 60.0
MS = 1_000.0
BASELINE = "bare_nio_echo"
ECHO, PASSWORD = "benchmark-echo-1a", "benchmark-password-1a"


def measure() -> Iterator[Figure]:
    """`bot_reply_p50_ms` and `bot_reply_p95_ms`, over 100 questions to each bot in turn."""
    with province("--demo", "--people", "200") as running:
        wait_for_joins(running)
        ours, echo = asyncio.run(_talk(running))
    yield lower_is_better("bot_reply_p50_ms", median(ours), "ms", median(echo), BASELINE)
    yield lower_is_better("bot_reply_p95_ms", p95(ours), "ms", p95(echo), BASELINE)


async def _talk(running: RunningProvince) -> tuple[list[float], list[float]]:
    officer = await _make_accounts(running)
    url = running.settings.synapse.local_url
    with tempfile.TemporaryDirectory() as folder:
        echo_folder = Path(folder) / "echo"
        async with _device(running, ECHO, echo_folder):
            pass  # made and cross-signed once, so that the asker shares keys with it
        async with _device(running, officer, Path(folder) / "asker") as asker:
            await asker.commit(await asker.next_batch())
            with _echo_bot(url, echo_folder):
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


def _device(running: RunningProvince, localpart: str, folder: Path) -> AbstractAsyncContextManager[MatrixConnection]:
    return connect(
        running.settings.synapse.local_url,
        folder,
        running.settings.user_id(localpart),
        lambda: PASSWORD,
        device_id=f"BENCHMARK-{localpart.upper()}",
        display_name="benchmark",
    )


async def _make_accounts(running: RunningProvince) -> str:
    """The echo bot's account, and the password of a person of the province who will ask; returns that person."""
    officer = next(member for member in cast(running.settings, running.state) if member.part == "officer")
    async with open_admin(running.settings, running.state) as admin:
        await admin.publish_people([PublishedPerson(ECHO, "active")])
        await admin.act_on_accounts([AccountRequest("1", AccountVerb.CREATE, ECHO, "Echo")])
        for localpart in (ECHO, officer.localpart):
            await admin.set_password(running.settings.user_id(localpart), PASSWORD)
            await admin.lift_rate_limits(running.settings.user_id(localpart))
    return officer.localpart


@contextmanager
def _echo_bot(url: str, folder: Path) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.echo_bot", url, str(folder)], stdout=subprocess.PIPE, text=True
    )
    try:
        if process.stdout is None or process.stdout.readline().strip() != "ready":
            raise RuntimeError("the echo bot did not start")
        yield
    finally:
        process.terminate()
        process.wait()
