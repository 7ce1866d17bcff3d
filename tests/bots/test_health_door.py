"""The health door over HTTP: on loopback, patient with a port that is taken, honest when the database is silent."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import pytest
from prometheus_client import CollectorRegistry

from bots import loopback
from bots.health.vitals import Backlog, BotState, Vitals
from bots.health.web import HealthDoor, serve_health
from bots.matrix.vitals import DeviceVitals
from huep.database import DatabaseUnreachable
from tests.clients.running import free_port

NOW = datetime(2026, 2, 16, 8, 0, tzinfo=UTC)
DEVICE = DeviceVitals("HUEPBOT", signed=True, one_time_keys=50, fallback_key=True, synced_at=NOW)


def silent() -> Mapping[str, Backlog]:
    raise DatabaseUnreachable("HueP's database does not answer.")


@asynccontextmanager
async def opened(read: Callable[[], Mapping[str, Backlog]], port: int) -> AsyncIterator[httpx.AsyncClient]:
    vitals = Vitals("assistant", "@tro-ly:hue.localhost", probe=lambda: DEVICE)
    vitals.enter(BotState.READY, NOW)
    serving = asyncio.create_task(
        serve_health(HealthDoor({"assistant": vitals}, read, lambda: NOW, CollectorRegistry()), port)
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            yield http
    finally:
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving


async def answer(http: httpx.AsyncClient, path: str) -> httpx.Response:
    async with asyncio.timeout(10):
        while True:
            with contextlib.suppress(httpx.ConnectError):
                return await http.get(path)
            await asyncio.sleep(0.02)


async def test_a_sound_process_is_alive_and_ready() -> None:
    async with opened(lambda: {"assistant": Backlog()}, free_port()) as http:
        assert (await answer(http, "/live")).json() == {"status": "ok"}
        ready = await answer(http, "/ready")
        assert (ready.status_code, ready.json()["status"], ready.json()["reasons"]) == (200, "ready", [])
        figures = await answer(http, "/metrics")
        assert figures.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert 'huep_bots_up{bot="assistant"} 1.0' in figures.text
        assert (await http.post("/ready")).status_code == 405


async def test_without_a_database_it_is_alive_and_not_ready_and_says_why() -> None:
    async with opened(silent, free_port()) as http:
        assert (await answer(http, "/live")).status_code == 200
        ready = await answer(http, "/ready")
        assert ready.status_code == 503
        assert ready.json()["reasons"] == [
            {"bot": "assistant", "reason": "database", "said": "HueP's database does not answer"}
        ]
        assert (await answer(http, "/metrics")).status_code == 200


async def test_a_port_that_is_taken_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loopback, "PORT_AGAIN_S", 0.05)
    port = free_port()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        async with opened(dict, port) as http:
            await asyncio.sleep(0.3)
            other.close()
            assert (await answer(http, "/live")).status_code == 200


async def test_nobody_outside_this_host_is_told() -> None:
    port = free_port()
    async with opened(dict, port) as http:
        await answer(http, "/live")
        addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
        for address in addresses - {"127.0.0.1", "127.0.1.1"}:
            with pytest.raises(OSError), socket.create_connection((str(address), port), 2):
                pass
