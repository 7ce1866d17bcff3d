"""What our modules cost: logins, messages and syncs beside a Synapse without any modules, in the same run.

Each figure is taken in 15 pairs, the two in turn, each pair on processes of its own (`twins`); its ratio is the median
of the pairs' ratios, with the interval that holds the true one with 96.5%. `_cpu_ms` counts only the processor time of
the Synapse in question, for one operation: a busy machine spoils it least.
"""

import asyncio
import secrets
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import fmean, harmonic_mean, median
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp

from benchmarks.figures import Figure
from benchmarks.pairs import PAIRS, Pair, compared, in_turn
from benchmarks.twins import Twin, furnished
from huep.settings import Settings
from huep.synapse_admin import (
    AccountRequest,
    AccountVerb,
    JoinRule,
    MembershipRequest,
    MembershipVerb,
    PublishedPerson,
    RoomSpec,
    SynapseAdmin,
)
from tests.clients.sealed import sealed

BASELINE = "synapse_without_modules"
MESSAGES = {10: 150, 100: 90, 1_000: 24}
"""By members of the room, the service account among them: how many one side of a pair sends."""
LOGINS = 48
"""By one side of a pair, each of another person; with the warm-up below what one address may do at once."""
SYNCS = 30
TURNS = 6
"""In so many turns of each side everything of a pair is done."""
WARM_UP_SHARE = 3
"""Before that the same is done one in so many times as often: caches fill, code is specialised."""
IN_PARALLEL = 4
SENDER, LISTENER, OTHERS = "sender", "listener", tuple(f"person-{number}" for number in range(max(MESSAGES) - 3))
PASSWORD = "mat-khau-dai-2026"
WORDS = "x" * 240
"""As long as an ordinary message with what Matrix adds to it."""
LISTENING_AFTER_S = 0.03
SYNC_TIMEOUT_MS = 30_000
LAZY = '{"room":{"state":{"lazy_load_members":true}}}'
"""The filter of every client of today."""
MS = 1_000.0
_CLIENT = "/_matrix/client/v3"


@dataclass
class Furniture:
    """What both homeservers have in them."""

    rooms: dict[int, str] = field(default_factory=dict)
    """Room ID by number of members."""
    tokens: dict[str, str] = field(default_factory=dict)
    """Of the sender and the listener."""
    not_seen: defaultdict[str, Iterator[str]] = field(default_factory=lambda: defaultdict(lambda: iter(OTHERS)))
    """By database: who has not logged in there yet."""

    async def bring(self, admin: SynapseAdmin, settings: Settings) -> None:
        """1,000 people, three rooms, two sessions."""
        people = (SENDER, LISTENER, *OTHERS)
        await admin.publish_people([PublishedPerson(name, "active") for name in people])
        await admin.act_on_accounts([AccountRequest(name, AccountVerb.CREATE, name, name) for name in people])
        for size in MESSAGES:
            # Any but a public room of 1,000 takes a million rows of the user directory; messages know no difference.
            room = await admin.create_room(RoomSpec(f"{size}", encrypted=True, join_rule=JoinRule.PUBLIC))
            joins = [MembershipRequest(name, MembershipVerb.JOIN, name, room) for name in people[: size - 1]]
            if not all(result.ok for result in await admin.act_on_memberships(joins)):
                raise RuntimeError("a join failed")
            self.rooms[size] = room
        async with SynapseAdmin(settings.synapse.local_url) as anyone:
            for name in (SENDER, LISTENER):
                await admin.set_password(settings.user_id(name), PASSWORD)
                await admin.lift_rate_limits(settings.user_id(name))
                self.tokens[name] = (await anyone.log_in(name, PASSWORD, "benchmark")).access_token


@dataclass
class Client:
    """Speaks to one of the two homeservers."""

    twin: Twin
    http: aiohttp.ClientSession
    furniture: Furniture
    since: str | None = None
    """Up to where the listener has synced."""

    async def ask(self, method: str, path: str, token: str | None = None, body: object = None) -> Any:
        """The JSON that answers.

        Raises:
            RuntimeError: the homeserver refuses.
        """
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self.http.request(method, f"{self.twin.url}{path}", json=body, headers=headers) as answer:
            content = await answer.json()
            if not answer.ok:
                raise RuntimeError(f"{method} {path}: {answer.status} {content}")
            return content

    async def log_in(self) -> None:
        """Somebody who was never here, on a new device."""
        identifier = {"type": "m.id.user", "user": next(self.furniture.not_seen[self.twin.database])}
        body = {"type": "m.login.password", "identifier": identifier, "password": PASSWORD}
        await self.ask("POST", f"{_CLIENT}/login", body=body)

    async def send(self, size: int) -> None:
        """One message into the room of so many."""
        room, transaction = quote(self.furniture.rooms[size]), secrets.token_hex(8)
        path = f"{_CLIENT}/rooms/{room}/send/m.room.encrypted/{transaction}"
        await self.ask("PUT", path, self.furniture.tokens[SENDER], sealed(WORDS))

    async def sync(self, timeout_ms: int) -> set[str]:
        """Wait so long for what is new to the listener; returns the rooms that have something new."""
        query = {"timeout": str(timeout_ms), "filter": LAZY, **({"since": self.since} if self.since else {})}
        answer = await self.ask("GET", f"{_CLIENT}/sync?{urlencode(query)}", self.furniture.tokens[LISTENER])
        self.since = answer["next_batch"]
        return set(answer.get("rooms", {}).get("join", {}))

    async def hear_of(self, room: str) -> None:
        """Return when a sync has brought something new of this room."""
        while room not in await self.sync(SYNC_TIMEOUT_MS):
            pass


@dataclass
class Half:
    """One side of a pair: everything that was measured of it."""

    values: list[float] = field(default_factory=list)
    """One of each turn."""
    cpu_s: float = 0.0
    """Of the homeserver."""


@dataclass(frozen=True)
class Measurement:
    """One figure: what is done, how often by one side of a pair, and what comes out."""

    name: str
    unit: str
    operations: int
    work: Callable[[Client, int], Awaitable[float]]
    """So many operations on one side; returns the figure."""
    higher_is_better: bool = True

    async def pair(self, ours: Client, plain: Client, *, plain_first: bool) -> Pair[Half]:
        """Both warmed up, then in short turns: what disturbs the machine for seconds disturbs both."""
        count = self.operations // TURNS
        for client in (plain, ours):
            await self.work(client, self.operations // WARM_UP_SHARE)
        taken = Pair(Half(), Half())
        for number in range(TURNS):
            turn = await in_turn(
                ours, plain, lambda client: self._turn(client, count), plain_first=plain_first == (number % 2 == 0)
            )
            for half, (value, cpu_s) in ((taken.ours, turn.ours), (taken.plain, turn.plain)):
                half.values.append(value)
                half.cpu_s += cpu_s
        return taken

    async def _turn(self, client: Client, count: int) -> tuple[float, float]:
        before = client.twin.cpu_s()
        value = await self.work(client, count)
        return value, client.twin.cpu_s() - before

    def figures(self, pairs: Sequence[Pair[Half]]) -> Iterator[Figure]:
        """The figure, and the processor time of one operation."""
        mean = harmonic_mean if self.higher_is_better else fmean
        values = [Pair(mean(pair.ours.values), mean(pair.plain.values)) for pair in pairs]
        yield _figure(self.name, self.unit, values, higher_is_better=self.higher_is_better)
        cpu = [Pair(pair.ours.cpu_s * MS / self.operations, pair.plain.cpu_s * MS / self.operations) for pair in pairs]
        yield _figure(f"{self.name}_cpu_ms", "ms", cpu, higher_is_better=False)


def measure() -> Iterator[Figure]:
    """`modules_login`, `modules_send_10`, `_100`, `_1000` and `modules_sync`, each followed by its `_cpu_ms`."""
    for measurement, pairs in asyncio.run(_pairs()).items():
        yield from measurement.figures(pairs)


async def _pairs() -> dict[Measurement, list[Pair[Half]]]:
    furniture = Furniture()
    pairs: dict[Measurement, list[Pair[Half]]] = {measurement: [] for measurement in MEASUREMENTS}
    async with furnished(furniture.bring, same_password_as=SENDER) as databases, aiohttp.ClientSession() as http:
        for number in range(PAIRS):
            async with databases.begin(exchanged=number % 2 == 1) as both:
                ours, plain = Client(both.ours, http, furniture), Client(both.plain, http, furniture)
                for measurement, taken in pairs.items():
                    taken.append(await measurement.pair(ours, plain, plain_first=number // 2 % 2 == 1))
            print(f"# pair {number + 1} of {PAIRS}", flush=True)
    return pairs


async def _log_in(client: Client, count: int) -> float:
    return await _a_second(count, client.log_in)


def _sending(size: int) -> Callable[[Client, int], Awaitable[float]]:
    async def send(client: Client, count: int) -> float:
        return await _a_second(count, lambda: client.send(size))

    return send


async def _a_second(count: int, work: Callable[[], Awaitable[None]]) -> float:
    """How many of `count` a second, several at a time."""
    waiting = iter(range(count))

    async def worker() -> None:
        for _ in waiting:
            await work()

    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(IN_PARALLEL)))
    return count / (time.perf_counter() - started)


async def _sync_latency(client: Client, count: int) -> float:
    """Median milliseconds from sending until it has arrived in a sync that was waiting."""
    taken = []
    await client.sync(0)
    size = min(MESSAGES)
    for _ in range(count):
        waiting = asyncio.create_task(client.hear_of(client.furniture.rooms[size]))
        await asyncio.sleep(LISTENING_AFTER_S)
        started = time.perf_counter()
        sent = asyncio.create_task(client.send(size))
        await waiting
        taken.append((time.perf_counter() - started) * MS)
        await sent
    return median(taken)


def _figure(name: str, unit: str, pairs: Sequence[Pair[float]], *, higher_is_better: bool) -> Figure:
    said = compared(pairs, higher_is_better=higher_is_better)
    return Figure(name, said.ours, unit, said.ratio, BASELINE, said.between)


MEASUREMENTS = (
    Measurement("modules_login", "logins/s", LOGINS, _log_in),
    *(Measurement(f"modules_send_{size}", "messages/s", count, _sending(size)) for size, count in MESSAGES.items()),
    Measurement("modules_sync", "ms", SYNCS, _sync_latency, higher_is_better=False),
)
"""Sends from the smallest room to the largest, which leaves the most behind."""
