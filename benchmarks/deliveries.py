"""An announcement into 300 rooms, beside a bare loop of nio sends into the same rooms.

Both sides begin with a device that nobody knows, and the members of every room known; nio is told to give keys to every
device, unverified, while ours gives them to cross-signed devices alone. What is timed of ours is what a bot does: the
messages are put into the outbox, and each is settled there once the homeserver has it.
"""

import asyncio
import logging
import tempfile
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import nio
from sqlalchemy import Engine, text

from benchmarks.crowd import Login, bring_keys, log_in
from benchmarks.figures import Figure
from benchmarks.lone_synapse import LoneSynapse, lone_synapse
from benchmarks.pairs import Pair, compared, in_turn
from bots.matrix.algorithms import MEGOLM
from bots.matrix.client import CryptoClient
from bots.matrix.connection import MatrixConnection
from bots.matrix.device import Device, Session
from bots.matrix.store.postgres import PostgresShelf
from bots.matrix.transport import Transport
from bots.runtime.delivery import Delivery
from bots.runtime.outbox import Outbox
from bots.runtime.outcome import Outgoing, Priority
from bots.sealing import Seal
from huep.names import localpart_of

BASELINE = "stock_nio"
ROOMS, MEMBERS = 300, 8
ROUNDS = 3
"""Of each side and kind of room; every one on a device of its own."""
ONE_TIME_KEYS = 10
OURS, STOCK = "benchmark-ours-1a", "benchmark-stock-1a"
CONTENT = {"msgtype": "m.text", "body": "📢 Thông báo quan trọng: họp giao ban lúc 14 giờ, hội trường tầng 2."}
POLL_S = 0.02
WITHIN_S = 300.0
_FORGET = text("delete from bots.device_rows using bots.devices where device = number and user_id = :user_id")


@dataclass(frozen=True)
class Side:
    """One of the two, with the devices that it has still to use."""

    name: str
    logins: list[Login]


@dataclass(frozen=True)
class Rooms:
    """A homeserver with its rooms of one kind."""

    url: str
    engine: Engine
    ids: tuple[str, ...]
    encrypted: bool = False

    async def rate(self, side: Side) -> float:
        """Rooms a second, until the homeserver has the message in the last one."""
        login = side.logins.pop()
        with tempfile.TemporaryDirectory() as folder:
            taken_s = await (self._ours if side.name == OURS else self._stock)(login, Path(folder))
        return len(self.ids) / taken_s

    async def _ours(self, login: Login, folder: Path) -> float:
        async with self._client(login, folder / "key") as client:
            bot = localpart_of(login.user_id)
            outbox, batch = Outbox(bot, Seal(b"benchmark")), f"broadcast {login.device_id}"
            delivery = Delivery(MatrixConnection(client), self.engine, outbox)
            sending = asyncio.create_task(delivery.run())
            letters = {
                f"{batch} {room_id}": Outgoing(room_id, "m.room.message", CONTENT, Priority.ANNOUNCEMENT)
                for room_id in self.ids
            }

            def put() -> None:
                with self.engine.begin() as connection:
                    outbox.put(connection, letters, batch)

            def sent() -> int:
                with self.engine.connect() as connection:
                    return outbox.progress(connection, batch).sent

            started = perf_counter()
            await asyncio.to_thread(put)
            delivery.ring()
            async with asyncio.timeout(WITHIN_S):
                while await asyncio.to_thread(sent) < len(self.ids):  # noqa: ASYNC110 - looked at as an operator would
                    await asyncio.sleep(POLL_S)
            taken_s = perf_counter() - started
            await delivery.close(WITHIN_S)
            await sending
            return taken_s

    @asynccontextmanager
    async def _client(self, login: Login, key_file: Path) -> AsyncGenerator[CryptoClient, None]:
        with self.engine.begin() as connection:
            connection.execute(_FORGET, {"user_id": login.user_id})
        device = Device.open(PostgresShelf(self.engine, key_file), login.user_id)
        client = CryptoClient(
            Transport(self.url, login.token), device, Session(login.user_id, login.device_id, login.token)
        )
        try:
            await client.upload_keys()
            for room_id in self.ids:
                await client.complete_room(room_id)
            yield client
        finally:
            await client.close()
            device.close()

    async def _stock(self, login: Login, folder: Path) -> float:
        config = nio.AsyncClientConfig(store=nio.store.SqliteStore, store_name="crypto.db", pickle_key="key")
        client = nio.AsyncClient(self.url, login.user_id, login.device_id, str(folder), config)
        client.restore_login(login.user_id, login.device_id, login.token)
        try:
            await client.keys_upload()
            await client.sync(timeout=0, full_state=True)
            for room_id in self.ids:
                await client.joined_members(room_id)
            started = perf_counter()
            for room_id in self.ids:
                if self.encrypted and client.should_query_keys:
                    await client.keys_query()
                answer = await client.room_send(
                    room_id, "m.room.message", dict(CONTENT), ignore_unverified_devices=True
                )
                if not isinstance(answer, nio.RoomSendResponse):
                    raise TypeError(f"stock nio could not send: {answer}")
            return perf_counter() - started
        finally:
            await client.close()


def measure() -> Iterator[Figure]:
    """`broadcast_plain_rate`, `broadcast_encrypted_rate`: rooms a second, medians of three pairs."""
    logging.getLogger("nio").setLevel(logging.CRITICAL)  # a line for every device costs time, and drowns the figures
    with asyncio.Runner() as runner:
        yield from runner.run(_measure())


async def _measure() -> list[Figure]:
    async with lone_synapse() as lone:
        sides, rooms = await _furnish(lone)
        figures = [await _figure("broadcast_plain_rate", sides, rooms)]
        for room_id in rooms.ids:
            await lone.admin.send_state(room_id, "m.room.encryption", "", {"algorithm": MEGOLM})
        figures.append(await _figure("broadcast_encrypted_rate", sides, replace(rooms, encrypted=True)))
        return figures


async def _figure(name: str, sides: tuple[Side, Side], rooms: Rooms) -> Figure:
    pairs: list[Pair[float]] = [
        await in_turn(*sides, rooms.rate, plain_first=number % 2 == 1) for number in range(ROUNDS)
    ]
    said = compared(pairs, higher_is_better=True, rank=1)
    return Figure(name, said.ours, "rooms/s", said.ratio, BASELINE, said.between)


async def _furnish(lone: LoneSynapse) -> tuple[tuple[Side, Side], Rooms]:
    """Everybody is in one of the rooms; both sides are in all."""
    people = [f"benchmark-{number}-1a" for number in range(ROOMS * MEMBERS)]
    await lone.make_people([OURS, STOCK, *people])
    user_id = lone.settings.user_id
    sides = []
    for name in (OURS, STOCK):
        await lone.admin.lift_rate_limits(user_id(name))
        devices = [(user_id(name), f"DEVICE{number}") for number in range(2 * ROUNDS)]
        sides.append(Side(name, log_in(lone.database, devices)))
    phones = [(user_id(name), "PHONE") for name in people]
    await bring_keys(lone.url, log_in(lone.database, phones), ONE_TIME_KEYS)
    ids = []
    for number in range(ROOMS):
        members = [OURS, STOCK, *people[number * MEMBERS : (number + 1) * MEMBERS]]
        ids.append(await lone.make_room(f"{number}", members, encrypted=False))
    return (sides[0], sides[1]), Rooms(lone.url, lone.engine, tuple(ids))
