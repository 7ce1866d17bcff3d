"""The chairman's announcement to everybody, from his yes to the last room, in a province of 2,000 accounts."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, text

from benchmarks.commands import bots_process
from benchmarks.echoes import device, make_accounts
from benchmarks.figures import Figure, peak_mb
from benchmarks.province import RunningProvince, province, wait_for_joins
from bots.matrix.connection import MatrixConnection
from bots.matrix.port import Text, TextMessage
from huep.database import SYNAPSE_DATABASE, Role, connect_as, database_url
from huep.stack.demo import cast

PEOPLE = 2_000
WORDS = "Bão số 5 đổ bộ chiều nay, các đơn vị trực 24/24."
QUESTION = f"thông báo khẩn tới toàn tỉnh: {WORDS}"
LOOK_EVERY_S = 0.05
PATIENCE_S = 300.0
MS = 1_000.0
_ROOMS = text("select room_id from directory.unit_rooms where purpose = 'announcements' and closed_on is null")
_ARRIVED = text(
    "select count(distinct room_id), coalesce(min(received_ts), 0), coalesce(max(received_ts), 0) from events "
    "where sender = :bot and type = 'm.room.message' and room_id = any(:rooms)"
)


def measure() -> Iterator[Figure]:
    """`broadcast_last_room_s`, `broadcast_first_room_s`, `broadcast_rooms`, and `broadcast_peak_mb` of all bots."""
    with province("--demo", "--people", str(PEOPLE)) as running:
        wait_for_joins(running)
        yield from asyncio.run(_measure(running))


async def _measure(running: RunningProvince) -> list[Figure]:
    rooms, bot = _rooms(running), running.settings.user_id(running.settings.accounts.broadcasts)
    url = database_url(running.settings, running.state, Role.SYNAPSE, SYNAPSE_DATABASE)
    synapse = create_engine(url.set(drivername="postgresql+psycopg"))
    try:
        async with _chairman(running) as chairman:
            room_id = await chairman.direct_room_with(bot)
            await chairman.send_text(room_id, Text(QUESTION))
            await _asked(chairman, bot)
            await chairman.send_text(room_id, Text("đồng ý"))
            said_ms = time.time() * MS
            first_ms, last_ms = await _arrived(synapse, bot, rooms)
    finally:
        synapse.dispose()
    return [
        Figure("broadcast_rooms", len(rooms), "rooms"),
        Figure("broadcast_first_room_s", (first_ms - said_ms) / MS, "s"),
        Figure("broadcast_last_room_s", (last_ms - said_ms) / MS, "s"),
        Figure("broadcast_peak_mb", peak_mb(bots_process(running.state)), "MB"),
    ]


@asynccontextmanager
async def _chairman(running: RunningProvince) -> AsyncIterator[MatrixConnection]:
    localpart = next(member for member in cast(running.settings, running.state) if member.part == "chair").localpart
    await make_accounts(running, localpart)
    with tempfile.TemporaryDirectory() as folder:
        async with device(running, localpart, Path(folder) / "chairman") as chairman:
            await chairman.commit(await chairman.next_batch())
            yield chairman


async def _asked(chairman: MatrixConnection, bot: str) -> None:
    """Until the bot has shown what will be seen, and asked for a yes."""
    heard = 0
    async with asyncio.timeout(PATIENCE_S):
        while heard < 2:  # the preview, and the question
            batch = await chairman.next_batch()
            await chairman.commit(batch)
            heard += sum(isinstance(event, TextMessage) and event.sender == bot for event in batch.events)


async def _arrived(synapse: Engine, bot: str, rooms: list[str]) -> tuple[float, float]:
    """When the homeserver took it in the first room and in the last, in milliseconds since 1970."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        count, first_ms, last_ms = await asyncio.to_thread(_look, synapse, bot, rooms)
        if count == len(rooms):
            return first_ms, last_ms
        if time.monotonic() > deadline:
            raise RuntimeError(f"{len(rooms) - count} of {len(rooms)} rooms got nothing")
        await asyncio.sleep(LOOK_EVERY_S)


def _look(synapse: Engine, bot: str, rooms: list[str]) -> tuple[int, float, float]:
    with synapse.connect() as connection:
        row = connection.execute(_ARRIVED, {"bot": bot, "rooms": rooms}).one()
        return int(row[0]), float(row[1]), float(row[2])


def _rooms(running: RunningProvince) -> list[str]:
    engine = connect_as(running.settings, running.state, Role.BOTS)
    try:
        with engine.connect() as connection:
            return list(connection.execute(_ROOMS).scalars())
    finally:
        engine.dispose()
