"""From the acceptance of a lock to the last event that its person is given, while all sync and their rooms talk."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count, cycle
from statistics import median, quantiles
from urllib.parse import quote

import bcrypt
import httpx

from benchmarks.applies import admin_client, make_accounts
from benchmarks.figures import Figure
from benchmarks.province import RunningProvince, province
from huep.stack.accounts import open_admin
from huep.synapse_admin import (
    AccountRequest,
    AccountVerb,
    MembershipRequest,
    MembershipVerb,
    RoomSpec,
    SynapseAdmin,
)
from tests.clients.syncing import Style, Syncing, events_in
from tests.real.homeserver import synapse_database

PEOPLE, ROOMS, A_BATCH = 200, 4, 10
TALKS_EVERY_S = 3.0
"""To one room after the other: each message goes to PEOPLE / ROOMS, 17 syncs a second."""
LOCKS_EVERY_S = 0.5
AFTER_S = 5.0
"""How long the rooms talk after the last lock."""
PATIENCE_S = 120.0
"""How long they may talk before the first, until everybody has heard something."""
REST_S = 12.0
"""From everybody's first news to the first lock: what has gathered of first syncs is worked off."""
LOGINS_AT_ONCE = 8
PASSWORD = "mat-khau-cua-phep-do"
MS = 1000.0


@dataclass
class Person:
    """Somebody who syncs until refused."""

    name: str
    client: Syncing
    heard: dict[str, float] = field(default_factory=dict)
    """When each event came, by its ID."""
    locked_at: float | None = None
    """When the lock was accepted: the answer of the batch endpoint."""
    refused_at: float | None = None
    failures: list[int] = field(default_factory=list)
    """Answers that are neither news nor the lock."""

    async def listen(self) -> None:
        """Until the lock."""
        while True:
            answer = await self.client.next(30_000)
            now = time.perf_counter()
            if answer.status_code == HTTPStatus.UNAUTHORIZED:
                self.refused_at = now
                return
            if answer.status_code != HTTPStatus.OK:
                self.failures.append(answer.status_code)
                return
            for event_id in events_in(answer.json()):
                self.heard.setdefault(event_id, now)


def measure() -> Iterator[Figure]:
    """`lock_leak_p50_ms`, `_p99_ms`, `lock_leaked_events` and the same by style; 200 people are locked by tens."""
    with province() as running:
        people, said = asyncio.run(_measure(running))
    late = [_late_ms(person) for person in people]
    yield Figure("lock_leak_p50_ms", median(late), "ms")
    yield Figure("lock_leak_p99_ms", quantiles(late, n=100, method="inclusive")[98], "ms")
    leaked = Counter(dict.fromkeys(Style, 0))
    for person in people:
        assert person.locked_at is not None
        leaked[person.client.style] += sum(said[event] > person.locked_at for event in person.heard if event in said)
    yield Figure("lock_leaked_events", leaked.total(), "events")
    for style in Style:
        yield Figure(f"lock_leaked_events_{style}", leaked[style], "events")
    ended = [(person.refused_at or 0.0) - (person.locked_at or 0.0) for person in people]
    yield Figure("lock_sync_ended_p50_ms", median(ended) * MS, "ms")
    yield Figure("lock_sync_ended_p99_ms", quantiles(ended, n=100, method="inclusive")[98] * MS, "ms")


def _late_ms(person: Person) -> float:
    """Until the last event came; 0 where it came before the acceptance."""
    assert person.locked_at is not None and person.heard
    return max(0.0, max(person.heard.values()) - person.locked_at) * MS


async def _measure(running: RunningProvince) -> tuple[list[Person], dict[str, float]]:
    """Everybody, and when each event began to be sent, by its ID."""
    names = [f"leak-{number}" for number in range(PEOPLE)]
    limits = httpx.Limits(max_connections=2 * PEOPLE, max_keepalive_connections=2 * PEOPLE)
    url = running.settings.synapse.local_url
    async with (
        open_admin(running.settings, running.state) as admin,
        httpx.AsyncClient(base_url=url, limits=limits, trust_env=False, timeout=90) as http,
    ):
        await admin.lift_rate_limits(running.settings.user_id(running.settings.accounts.service))
        rooms = await _rooms(running, admin, names)
        tokens = await _logged_in(running, http, names)
        people = [
            Person(name, Syncing(http, token, style))
            for (name, token), style in zip(tokens.items(), cycle(Style), strict=False)
        ]
        for start in range(0, PEOPLE, LOGINS_AT_ONCE):
            await asyncio.gather(*(person.client.settle() for person in people[start : start + LOGINS_AT_ONCE]))
        listening = [asyncio.create_task(person.listen()) for person in people]
        said: dict[str, float] = {}
        talking = asyncio.create_task(_talk(running, rooms, said))
        async with asyncio.timeout(PATIENCE_S):
            while not all(person.heard for person in people):  # noqa: ASYNC110 - looked at, not waited for
                await asyncio.sleep(TALKS_EVERY_S)
        await asyncio.sleep(REST_S)
        await _lock_in_batches(admin, people)
        await asyncio.sleep(AFTER_S)
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)
        done, waiting = await asyncio.wait(listening, timeout=1)
        if waiting or any(person.failures for person in people):
            raise RuntimeError(f"{len(waiting)} syncs of locked people go on; failures {[p.failures for p in people]}")
        await asyncio.gather(*done)
    return people, said


async def _rooms(running: RunningProvince, admin: SynapseAdmin, names: Sequence[str]) -> list[str]:
    """Announcement rooms; person n is in room n mod ROOMS, so that each batch and each style is in all of them."""
    await make_accounts(running, names)
    rooms = [await admin.create_room(RoomSpec(f"Phòng {number}")) for number in range(ROOMS)]
    joins = [
        MembershipRequest(name, MembershipVerb.JOIN, name, rooms[number % ROOMS]) for number, name in enumerate(names)
    ]
    if not all(result.changed for result in await admin.act_on_memberships(joins)):
        raise RuntimeError("a join failed")
    return rooms


async def _logged_in(running: RunningProvince, http: httpx.AsyncClient, names: Sequence[str]) -> dict[str, str]:
    """Access tokens by name; a cheap hash of one password for all, for logins are not what is measured."""
    cheap = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    with synapse_database(running) as connection:
        user_ids = [running.settings.user_id(name) for name in names]
        connection.execute("UPDATE users SET password_hash = %s WHERE name = ANY(%s)", (cheap, user_ids))
    turn = asyncio.Semaphore(LOGINS_AT_ONCE)

    async def log_in(name: str) -> str:
        body = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": name},
            "password": PASSWORD,
        }
        async with turn:
            answer = await http.post("/_matrix/client/v3/login", json=body)
        return str(answer.raise_for_status().json()["access_token"])

    return dict(zip(names, await asyncio.gather(*map(log_in, names)), strict=True))


async def _talk(running: RunningProvince, rooms: Sequence[str], said: dict[str, float]) -> None:
    async with admin_client(running) as http:
        for number, room in zip(count(), cycle(rooms), strict=False):
            path = f"/_matrix/client/v3/rooms/{quote(room, safe='')}/send/m.room.message/leak-{number}"
            begun = time.perf_counter()
            answer = await http.put(path, json={"msgtype": "m.text", "body": "Tin"})
            said[answer.raise_for_status().json()["event_id"]] = begun
            await asyncio.sleep(TALKS_EVERY_S)


async def _lock_in_batches(admin: SynapseAdmin, people: Sequence[Person]) -> None:
    for start in range(0, len(people), A_BATCH):
        batch = people[start : start + A_BATCH]
        results = await admin.act_on_accounts(
            [AccountRequest(person.name, AccountVerb.LOCK, person.name) for person in batch]
        )
        accepted = time.perf_counter()
        if not all(result.changed for result in results):
            raise RuntimeError("a lock failed")
        for person in batch:
            person.locked_at = accepted
        await asyncio.sleep(LOCKS_EVERY_S)
