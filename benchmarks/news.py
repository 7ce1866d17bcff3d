"""A storm warning to everybody: from another system's signed call to the last of fifty clients that wait for it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from statistics import median

import httpx
from sqlalchemy import Engine, create_engine, text

from benchmarks.crowd import log_in
from benchmarks.figures import Figure
from benchmarks.province import RunningProvince, province, wait_for_joins
from hr_provisioner.demo_data.tree import ROOT_CODE
from huep import secret_names
from huep.database import SYNAPSE_DATABASE, Role, connect_as, database_url
from huep.settings import load_settings
from huep.signed_calls import EVENT, SIGNATURE, TIMESTAMP, sign
from huep.state import StateFolder, new_secret
from tests.clients.registers import small_province
from tests.clients.running import free_port
from tests.clients.syncing import Style, Syncing

PEOPLE, CLIENTS = 100, 50
ROUNDS = 5
"""After one that warms up."""
WITHIN_S = 60.0
SYNC_MS = 30_000
DECLARED = """
[broadcasts]
webhook_port = {port}
[[broadcasts.webhooks]]
name = "pctt"
title = "Ban Chỉ huy phòng thủ dân sự"
unit = "{unit}"
audience = "toàn tỉnh"
level = "urgent"
approval = false
most_per_hour = 100
"""
_ROOMS = text("select room_id from directory.unit_rooms where purpose = 'announcements' and closed_on is null")
_IN_THEM = text(
    "select distinct user_id from local_current_membership where room_id = any(:rooms) and membership = 'join' "
    "and user_id <> all(:services) order by user_id limit :clients"
)


def measure() -> Iterator[Figure]:
    """`news_webhook_rooms`, `news_webhook_first_client_s`, `news_webhook_last_client_s`: medians of five warnings."""
    with province("--demo", furnish=_furnish) as running:
        wait_for_joins(running)
        yield from asyncio.run(_measure(running))


def _furnish(state: StateFolder) -> None:
    state.create(load_settings(state).server_name)
    small_province(state.registers, PEOPLE)
    state.write_secret(secret_names.news_secret("pctt"), new_secret())
    with state.config_file.open("a", encoding="utf-8") as settings:
        settings.write(DECLARED.format(port=free_port(), unit=ROOT_CODE))


async def _measure(running: RunningProvince) -> list[Figure]:
    url = database_url(running.settings, running.state, Role.SYNAPSE, SYNAPSE_DATABASE)
    synapse = create_engine(url.set(drivername="postgresql+psycopg"))
    rooms = _rooms(running)
    async with AsyncExitStack() as opened:
        opened.callback(synapse.dispose)
        clients = await opened.enter_async_context(_clients(running, synapse, rooms))
        taken = [await _warn(running, clients, f"bao-{number}") for number in range(1 + ROUNDS)][1:]
    return [
        Figure("news_webhook_rooms", len(rooms), "rooms"),
        Figure("news_webhook_first_client_s", median(map(min, taken)), "s"),
        Figure("news_webhook_last_client_s", median(map(max, taken)), "s"),
    ]


async def _warn(running: RunningProvince, clients: list[Syncing], event: str) -> list[float]:
    """Seconds from the call until each client has it."""
    await asyncio.gather(*(client.settle() for client in clients))
    waiting = [asyncio.create_task(_hears(client, event)) for client in clients]
    await asyncio.sleep(1)  # until all of them hang on Synapse
    body = json.dumps({"title": f"Bão số 5 đổ bộ ({event})", "text": "Sơ tán ngay."}, ensure_ascii=False).encode()
    stamp, secret = int(time.time()), running.state.read_secret(secret_names.news_secret("pctt"))
    headers = {TIMESTAMP: str(stamp), EVENT: event, SIGNATURE: sign(secret, stamp, event, body)}
    door = f"http://127.0.0.1:{running.settings.broadcasts.webhook_port}/news/pctt"
    async with httpx.AsyncClient(trust_env=False, timeout=WITHIN_S) as system, asyncio.timeout(WITHIN_S):
        began = time.monotonic()
        (await system.post(door, content=body, headers=headers)).raise_for_status()
        return [heard - began for heard in await asyncio.gather(*waiting)]


async def _hears(client: Syncing, words: str) -> float:
    """When an answer to the client has these words."""
    while words not in (await client.next(SYNC_MS)).raise_for_status().text:
        continue
    return time.monotonic()


@asynccontextmanager
async def _clients(running: RunningProvince, synapse: Engine, rooms: list[str]) -> AsyncIterator[list[Syncing]]:
    """People of the rooms, each with a client."""
    settings = running.settings
    services = [settings.user_id(localpart) for localpart in settings.accounts.model_dump().values()]
    with synapse.begin() as connection:
        found = connection.execute(_IN_THEM, {"rooms": rooms, "services": services, "clients": CLIENTS})
        people = list(found.scalars())
        driver = connection.connection.driver_connection
        logins = log_in(driver, [(user_id, "BENCHMARK") for user_id in people])  # type: ignore[arg-type]
    if len(logins) < CLIENTS:
        raise RuntimeError(f"only {len(logins)} people are in rooms")
    limits = httpx.Limits(max_connections=2 * CLIENTS)
    async with httpx.AsyncClient(
        base_url=settings.synapse.local_url, trust_env=False, timeout=WITHIN_S, limits=limits
    ) as http:
        yield [Syncing(http, login.token, Style.V2) for login in logins]


def _rooms(running: RunningProvince) -> list[str]:
    engine = connect_as(running.settings, running.state, Role.BOTS)
    try:
        with engine.connect() as connection:
            return list(connection.execute(_ROOMS).scalars())
    finally:
        engine.dispose()
