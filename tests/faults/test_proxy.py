"""The proxy breaks what it is told to and nothing else: what the homeserver saw, and what came back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from bots.testing.faults import FOUL, SYNC_FAULTS, TREACHEROUS, Fault, Network
from bots.testing.proxy import FaultProxy, fault_proxy

SEND = "/_matrix/client/v3/rooms/%21r%3Ahue/send/m.room.message/t1"
SYNC = "/_matrix/client/v3/sync"
UNTOUCHED = 1_000


class Homeserver:
    """Counts what it is asked, and numbers its syncs."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.seen.append(f"{request.method} {request.raw_path}")
        if request.path.endswith("/sync"):
            number = sum("/sync" in seen for seen in self.seen)
            return web.json_response({"next_batch": f"s{number}", "to_device": {"events": [{"type": "m.room_key"}]}})
        return web.json_response({"event_id": "$1", "said": (await request.read()).decode()})


@asynccontextmanager
async def between(network: Network) -> AsyncIterator[tuple[Homeserver, FaultProxy, aiohttp.ClientSession]]:
    homeserver = Homeserver()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", homeserver.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with (
            fault_proxy(f"http://127.0.0.1:{runner.addresses[0][1]}", network) as proxy,
            aiohttp.ClientSession(proxy.url) as client,
        ):
            yield homeserver, proxy, client
    finally:
        await runner.cleanup()


async def put(client: aiohttp.ClientSession, path: str = SEND) -> tuple[int, dict[str, Any]]:
    async with client.put(URL(path, encoded=True), json={"body": "chào"}) as response:
        return response.status, await response.json(content_type=None) if response.status != 502 else {}


async def sync(client: aiohttp.ClientSession, token: str = "a") -> dict[str, Any]:
    async with client.get(SYNC, headers={"Authorization": f"Bearer {token}"}) as response:
        return dict(await response.json())


async def test_a_fair_network_passes_everything_on_as_it_is() -> None:
    async with between(Network()) as (homeserver, _, client):
        status, answer = await put(client)
        assert (status, answer["said"]) == (200, r'{"body": "ch\u00e0o"}')
        assert homeserver.seen == [f"PUT {SEND}"], "with every character as the client wrote it"


@pytest.mark.parametrize(("fault", "status"), [(Fault.LIMITED, 429), (Fault.FAILED, 500)])
async def test_a_refused_request_never_reaches_the_homeserver(fault: Fault, status: int) -> None:
    network = Network(retry_after_ms=40)
    network.breaks(fault)
    async with between(network) as (homeserver, _, client):
        got, answer = await put(client)
        assert got == status
        assert answer.get("retry_after_ms") == (40 if status == 429 else None)
        assert homeserver.seen == []
        assert (await put(client))[0] == 200, "once is once"


@pytest.mark.parametrize(("fault", "reaches"), [(Fault.CUT, False), (Fault.LOST, True)])
async def test_a_cut_connection_hides_whether_it_was_done(fault: Fault, reaches: bool) -> None:
    network = Network()
    network.breaks(fault, "/send/")
    async with between(network) as (homeserver, _, client):
        with pytest.raises(aiohttp.ClientError):
            await client.post(SEND)  # a PUT is tried again by aiohttp itself, once
        assert len(homeserver.seen) == reaches


async def test_a_spoilt_answer_comes_after_the_deed() -> None:
    network = Network()
    network.breaks(Fault.SPOILT)
    async with between(network) as (homeserver, _, client):
        assert (await put(client))[0] == 502
        assert len(homeserver.seen) == 1


async def test_a_gap_loses_what_was_sent_to_the_device_and_nothing_else() -> None:
    network = Network()
    network.breaks(Fault.GAP, "/sync")
    async with between(network) as (_, _, client):
        assert await sync(client) == {"next_batch": "s1"}
        assert "to_device" in await sync(client)


async def test_a_repeated_sync_is_the_latest_of_that_device() -> None:
    network = Network()
    async with between(network) as (homeserver, _, client):
        await sync(client, "a")
        await sync(client, "b")
        network.breaks(Fault.REPEATED, "/sync")
        assert (await sync(client, "a"))["next_batch"] == "s1"
        assert len(homeserver.seen) == 2


async def test_who_is_down_answers_nothing_until_it_is_up() -> None:
    network = Network(down=True)
    async with between(network) as (homeserver, _, client):
        with pytest.raises(aiohttp.ClientError):
            await sync(client)
        network.down = False
        assert (await sync(client))["next_batch"] == "s1"
        assert len(homeserver.seen) == 1


async def test_a_delayed_answer_is_the_answer() -> None:
    network = Network(delay_s=0.2)
    network.breaks(Fault.DELAYED)
    async with between(network) as (_, _, client):
        began = asyncio.get_running_loop().time()
        assert (await put(client))[0] == 200
        assert asyncio.get_running_loop().time() - began >= 0.2


@pytest.mark.parametrize("shares", [FOUL, TREACHEROUS])
def test_shares_are_kept_and_syncs_alone_are_repeated(shares: dict[Fault, float]) -> None:
    network = Network(Random(1), shares=shares)
    for _ in range(UNTOUCHED):
        assert network.meets("/send/x") not in SYNC_FAULTS
    sends = dict(network.met)
    for fault, share in shares.items():
        expected = 0 if fault in SYNC_FAULTS else share * UNTOUCHED
        assert abs(sends[fault] - expected) <= max(5, expected * 0.5), fault
    assert network.requests == UNTOUCHED
