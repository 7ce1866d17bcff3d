"""How many commands of many people at once one bot answers, beside a bare nio echo bot in the same run.

What is timed is the bot and not the askers: it is stopped (SIGSTOP) while they ask, each in a room of their own, and
from the moment when it goes on until Synapse has its last answer nobody else does anything.
"""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, create_engine, text

from benchmarks.echoes import BASELINE, ECHO, device, echo_bot, make_accounts, make_echo_device
from benchmarks.figures import Figure
from benchmarks.pairs import PAIRS, Pair, compared, in_turn
from benchmarks.province import RunningProvince, province, wait_for_joins
from bots.matrix.connection import MatrixConnection
from bots.matrix.port import Text
from huep.database import SYNAPSE_DATABASE, Role, connect_as, database_url
from huep.names import localpart_of
from huep.state import StateFolder
from tests.soak.processes import services

QUESTION = "tôi là ai"
ASKERS, QUESTIONS_EACH = 20, 5
"""Below the 10 events of a room that nio's sync takes at once, or the echo bot would lose some."""
IN_PARALLEL = 4
LOOK_EVERY_S = 0.1
PATIENCE_S = 180.0
MS = 1_000.0


@dataclass(frozen=True)
class Side:
    """One bot, its process, and the rooms that it shares with each asker."""

    user_id: str
    pid: int
    rooms: tuple[tuple[MatrixConnection, str], ...]


def measure() -> Iterator[Figure]:
    """`commands_per_s`: 20 people have asked five times each when the bot begins; medians of 15 pairs."""
    with province("--demo", "--people", "200") as running:
        wait_for_joins(running)
        url = database_url(running.settings, running.state, Role.SYNAPSE, SYNAPSE_DATABASE)
        synapse = create_engine(url.set(drivername="postgresql+psycopg"))
        try:
            pairs = asyncio.run(_measure(running, synapse))
        finally:
            synapse.dispose()
    result = compared(pairs, higher_is_better=True)
    yield Figure("commands_per_s", result.ours, "commands/s", result.ratio, BASELINE, result.between)


async def _measure(running: RunningProvince, synapse: Engine) -> list[Pair[float]]:
    people = _people(running)
    await make_accounts(running, *people)
    with tempfile.TemporaryDirectory() as folder:
        await make_echo_device(running, Path(folder) / "echo")
        async with AsyncExitStack() as devices:
            askers = []
            for name in people:
                askers.append(await devices.enter_async_context(device(running, name, Path(folder) / name)))
                await askers[-1].commit(await askers[-1].next_batch())
            with echo_bot(running.settings.synapse.local_url, Path(folder) / "echo") as echo:
                assistant = running.settings.user_id(running.settings.accounts.assistant)
                ours = await _side(askers, assistant, bots_process(running.state), synapse)
                plain = await _side(askers, running.settings.user_id(ECHO), echo.pid, synapse)
                for side in (plain, ours):
                    await _commands_per_s(side, synapse)
                return [
                    await in_turn(ours, plain, lambda side: _commands_per_s(side, synapse), plain_first=number % 2 == 1)
                    for number in range(PAIRS)
                ]


def _people(running: RunningProvince) -> list[str]:
    """Localparts of people in service."""
    engine = connect_as(running.settings, running.state, Role.HR)
    try:
        with engine.connect() as connection:
            rows = connection.execute(
                text(
                    "select user_id from register.accounts a where not locked and exists (select from register.posts p "
                    "where p.person_key = a.person_key and p.valid_to is null) order by user_id limit :askers"
                ),
                {"askers": ASKERS},
            )
            return [localpart_of(row.user_id) for row in rows]
    finally:
        engine.dispose()


def bots_process(state: StateFolder) -> int:
    return int(str(services(state)["bots"]["pid"]))


async def _side(askers: list[MatrixConnection], bot: str, pid: int, synapse: Engine) -> Side:
    """The rooms with this bot, in each of which it has answered once: nio has keys for some 25 people at a time."""
    side = Side(bot, pid, tuple([(asker, await asker.direct_room_with(bot)) for asker in askers]))
    for asker, room_id in side.rooms:
        before, _ = _answers(side, synapse)
        await asker.send_text(room_id, Text(QUESTION))
        await _answered(side, synapse, before + 1)
    return side


async def _commands_per_s(side: Side, synapse: Engine) -> float:
    before, _ = _answers(side, synapse)
    os.kill(side.pid, signal.SIGSTOP)
    try:
        turns = asyncio.Semaphore(IN_PARALLEL)
        await asyncio.gather(*(_ask(asker, room_id, turns) for asker, room_id in side.rooms))
    finally:
        began_ms = time.time() * MS
        os.kill(side.pid, signal.SIGCONT)
    commands = ASKERS * QUESTIONS_EACH
    latest_ms = await _answered(side, synapse, before + commands)
    return commands / ((latest_ms - began_ms) / MS)


async def _answered(side: Side, synapse: Engine, wanted: int) -> int:
    """Until Synapse has so many messages of the bot; when it took the latest, in milliseconds since 1970."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        count, latest_ms = await asyncio.to_thread(_answers, side, synapse)
        if count >= wanted:
            return latest_ms
        if time.monotonic() > deadline:
            raise RuntimeError(f"{side.user_id} left {wanted - count} questions without an answer")
        await asyncio.sleep(LOOK_EVERY_S)


async def _ask(asker: MatrixConnection, room_id: str, turns: asyncio.Semaphore) -> None:
    for _ in range(QUESTIONS_EACH):
        async with turns:
            await asker.send_text(room_id, Text(QUESTION))


def _answers(side: Side, synapse: Engine) -> tuple[int, int]:
    """How many messages of the bot Synapse has, and when it took the latest, in milliseconds since 1970."""
    with synapse.connect() as connection:
        row = connection.execute(
            text(
                "select count(*), coalesce(max(received_ts), 0) from events "
                "where sender = :bot and type = 'm.room.encrypted'"
            ),
            {"bot": side.user_id},
        ).one()
        return int(row[0]), int(row[1])
