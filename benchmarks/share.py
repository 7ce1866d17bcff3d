"""Sharing a room's keys with many devices, beside stock nio on the same homeserver, with the same devices.

Both sides begin with a device that nobody knows, their own way of storing, and the room's members known; the keys of
all others are asked for, verified, claimed, and the first message is sent: `share_first`. Then the session is thrown
away and the next message sent: `share_rotation`. Ours gives keys to cross-signed devices only and verifies each chain;
nio is told to give them to everybody, unverified.
"""

import asyncio
import logging
import tempfile
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Protocol

import nio
from sqlalchemy import Engine, text

from benchmarks.crowd import Login, bring_keys, log_in
from benchmarks.figures import Figure, lower_is_better
from benchmarks.lone_synapse import LoneSynapse, lone_synapse
from benchmarks.pairs import Pair, compared
from bots.matrix.client import CryptoClient
from bots.matrix.device import Device, Session
from bots.matrix.store.postgres import PostgresShelf
from bots.matrix.transport import Transport, path_of
from tests.clients.stalls import watched

BASELINE = "stock_nio"
DEVICES = (100, 500, 2_000)
DEVICES_A_PERSON = 2
ROUNDS, ROTATIONS = 3, 3
ONE_TIME_KEYS = 20
"""More than the rounds of both sides claim of a device that is in all rooms."""
OURS, STOCK = "benchmark-ours-1a", "benchmark-stock-1a"
CONTENT = {"msgtype": "m.text", "body": "Họp giao ban lúc 14 giờ, hội trường tầng 2."}
MS = 1_000.0
_FORGET = text("delete from bots.device_rows using bots.devices where device = number and user_id = :user_id")


@dataclass(frozen=True)
class Taken:
    """What one side took for one room."""

    first_s: float
    rotations_s: tuple[float, ...]
    stall_s: float
    """The longest for which its event loop stood still."""
    stall_cpu_s: float
    """The longest that the loop's own thread worked meanwhile: what else runs on the machine does not count."""


class Sender(Protocol):
    """One of the two sides."""

    async def know_room(self, room_id: str) -> None: ...

    async def send(self, room_id: str) -> int:
        """Send a message, sharing what must be shared; returns how many devices have the key."""
        ...

    def forget_session(self, room_id: str) -> None: ...

    async def close(self) -> None: ...


class Ours:
    """A device as the bots have it, kept in HueP's PostgreSQL."""

    def __init__(self, url: str, login: Login, engine: Engine, key_file: Path) -> None:
        with engine.begin() as connection:
            connection.execute(_FORGET, {"user_id": login.user_id})
        self._device = Device.open(PostgresShelf(engine, key_file), login.user_id)
        session = Session(login.user_id, login.device_id, login.token)
        self._client = CryptoClient(Transport(url, login.token), self._device, session)

    async def know_room(self, room_id: str) -> None:
        await self._client.upload_keys()
        await self._client.complete_room(room_id)

    async def send(self, room_id: str) -> int:
        content = await self._client.encrypt_for(room_id, "m.room.message", dict(CONTENT))
        path = path_of("rooms", room_id, "send", "m.room.encrypted", f"{perf_counter()}")
        await self._client.transport.request("PUT", path, content)
        return self._client.sharing.holders(room_id)

    def forget_session(self, room_id: str) -> None:
        self._client.sharing.drop(room_id)

    async def close(self) -> None:
        await self._client.close()
        self._device.close()


class Stock:
    """nio as it comes, with its SQLite store."""

    def __init__(self, url: str, login: Login, folder: Path) -> None:
        folder.mkdir()
        logging.getLogger("nio").setLevel(
            logging.CRITICAL
        )  # a line for every device costs time, and drowns the figures
        config = nio.AsyncClientConfig(store=nio.store.SqliteStore, store_name="crypto.db", pickle_key="key")
        self._client = nio.AsyncClient(url, login.user_id, login.device_id, str(folder), config)
        self._client.restore_login(login.user_id, login.device_id, login.token)

    async def know_room(self, room_id: str) -> None:
        await self._client.keys_upload()
        await self._client.sync(timeout=0, full_state=True)
        await self._client.joined_members(room_id)

    async def send(self, room_id: str) -> int:
        if self._client.should_query_keys:
            await self._client.keys_query()
        answer = await self._client.room_send(room_id, "m.room.message", dict(CONTENT), ignore_unverified_devices=True)
        if not isinstance(answer, nio.RoomSendResponse):
            raise TypeError(f"stock nio could not send: {answer}")
        return len(self._client.olm.outbound_group_sessions[room_id].users_shared_with)

    def forget_session(self, room_id: str) -> None:
        self._client.invalidate_outbound_session(room_id)

    async def close(self) -> None:
        await self._client.close()


@dataclass
class Hall:
    """A homeserver with one room for each number of devices, and sessions for the two sides."""

    url: str
    engine: Engine
    """Of the bots' role."""
    rooms: dict[int, str] = field(default_factory=dict)
    logins: dict[str, list[Login]] = field(default_factory=dict)
    """By side; each is used once."""

    async def take(self, side: str, devices: int) -> Taken:
        """One side in one room, on a new device that is gone afterwards."""
        login, room_id = self.logins[side].pop(), self.rooms[devices]
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "device"
            sender: Sender = (
                Ours(self.url, login, self.engine, place) if side == OURS else Stock(self.url, login, place)
            )
            try:
                await sender.know_room(room_id)
                async with watched() as watchdog:
                    first_s = await _timed(sender, room_id, devices)
                    rotations_s = []
                    for _ in range(ROTATIONS):
                        sender.forget_session(room_id)
                        rotations_s.append(await _timed(sender, room_id, devices))
            finally:
                await sender.close()
        transport = Transport(self.url, login.token)
        await transport.request("POST", path_of("logout"), {})
        await transport.close()
        return Taken(first_s, tuple(rotations_s), watchdog.longest_s, watchdog.longest_cpu_s)


async def _timed(sender: Sender, room_id: str, devices: int) -> float:
    started = perf_counter()
    reached = await sender.send(room_id)
    taken = perf_counter() - started
    if reached != devices:
        raise RuntimeError(f"{type(sender).__name__} reached {reached} of {devices} devices")
    return taken


def measure() -> Iterator[Figure]:
    """`share_first_N` and `share_rotation_N` for 100, 500 and 2,000 devices, `share_stall_ms`, `share_stall_cpu_ms`."""
    with asyncio.Runner() as runner:
        figures = _figures()
        try:
            while (figure := runner.run(anext(figures, None))) is not None:
                yield figure
        finally:
            runner.run(figures.aclose())


async def _figures() -> AsyncGenerator[Figure, None]:
    async with lone_synapse() as lone:
        hall = await _furnish(lone)
        for devices in DEVICES:
            pairs = [await _pair(hall, devices, number) for number in range(ROUNDS)]
            for figure in _figures_of(devices, pairs):
                yield figure


async def _pair(hall: Hall, devices: int, number: int) -> Pair[Taken]:
    if number % 2:
        plain = await hall.take(STOCK, devices)
        return Pair(await hall.take(OURS, devices), plain)
    ours = await hall.take(OURS, devices)
    return Pair(ours, await hall.take(STOCK, devices))


def _figures_of(devices: int, pairs: list[Pair[Taken]]) -> Iterator[Figure]:
    first = [Pair(pair.ours.first_s, pair.plain.first_s) for pair in pairs]
    yield _figure(f"share_first_{devices}", first)
    rotations = [
        Pair(ours, plain)
        for pair in pairs
        for ours, plain in zip(pair.ours.rotations_s, pair.plain.rotations_s, strict=True)
    ]
    yield _figure(f"share_rotation_{devices}", rotations)
    if devices == max(DEVICES):
        yield _longest("share_stall_ms", [Pair(pair.ours.stall_s, pair.plain.stall_s) for pair in pairs])
        yield _longest("share_stall_cpu_ms", [Pair(pair.ours.stall_cpu_s, pair.plain.stall_cpu_s) for pair in pairs])


def _figure(name: str, pairs: list[Pair[float]]) -> Figure:
    said = compared(pairs, higher_is_better=False, rank=1)
    return Figure(name, said.ours, "s", said.ratio, BASELINE, said.between)


def _longest(name: str, stalls_s: list[Pair[float]]) -> Figure:
    ours_s, plain_s = max(stall.ours for stall in stalls_s), max(stall.plain for stall in stalls_s)
    return lower_is_better(name, ours_s * MS, "ms", plain_s * MS, BASELINE)


async def _furnish(lone: LoneSynapse) -> Hall:
    hall, settings = Hall(lone.url, lone.engine), lone.settings
    people = [f"benchmark-{number}-1a" for number in range(max(DEVICES) // DEVICES_A_PERSON)]
    await lone.make_people([OURS, STOCK, *people])
    for devices in DEVICES:
        members = [OURS, STOCK, *people[: devices // DEVICES_A_PERSON]]
        hall.rooms[devices] = await lone.make_room(f"{devices}", members, encrypted=True)
    for side in (OURS, STOCK):
        await lone.admin.lift_rate_limits(settings.user_id(side))
        names = [f"DEVICE{number}" for number in range(ROUNDS * len(DEVICES))]
        hall.logins[side] = log_in(lone.database, [(settings.user_id(side), name) for name in names])
    phones = [(settings.user_id(name), f"PHONE{number}") for name in people for number in range(DEVICES_A_PERSON)]
    await bring_keys(hall.url, log_in(lone.database, phones), ONE_TIME_KEYS)
    return hall
