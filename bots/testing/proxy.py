"""An HTTP proxy on loopback between a bot and its homeserver, which breaks what `Network` says."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp import web
from yarl import URL

from bots.testing.faults import SYNC, Fault, Network

LARGEST_BODY = 64 * 1024 * 1024
ANSWER_WITHIN_S = 120.0
NOT_PASSED_ON = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding"})
NOT_PASSED_BACK = frozenset({"content-length", "transfer-encoding", "connection", "content-encoding"})

LIMITED_BODY = {"errcode": "M_LIMIT_EXCEEDED", "error": "Too many requests"}
FAILED_BODY = {"errcode": "M_UNKNOWN", "error": "Internal server error"}


@dataclass(frozen=True)
class Whole:
    """A whole answer of the homeserver."""

    status: int
    headers: dict[str, str]
    body: bytes


class FaultProxy:
    """One homeserver behind one port; made by `fault_proxy`."""

    def __init__(self, homeserver: str, network: Network, session: aiohttp.ClientSession) -> None:
        self.network = network
        self.port = 0
        self._homeserver = homeserver.rstrip("/")
        self._session = session
        self._latest_syncs: dict[str, Whole] = {}
        """By access token."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def pass_on(self, request: web.Request) -> web.StreamResponse:
        """Answer one request as the network lets it be answered."""
        path = request.path
        fault = self.network.meets(path)
        body = await request.read()
        match fault:
            case Fault.LIMITED:
                return web.json_response(LIMITED_BODY | {"retry_after_ms": self.network.retry_after_ms}, status=429)
            case Fault.FAILED:
                return web.json_response(FAILED_BODY, status=500)
            case Fault.CUT:
                return _cut(request)
        latest = self._latest_syncs.get(_token(request))
        if fault is Fault.REPEATED and latest is not None:
            return _given(latest)
        try:
            answer = await self._ask(request, body)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return _cut(request)
        if path.endswith(SYNC) and answer.status == 200:
            if fault is Fault.GAP:
                answer = _without_messages_to_the_device(answer)
            self._latest_syncs[_token(request)] = answer
        match fault:
            case Fault.LOST:
                return _cut(request)
            case Fault.SPOILT:
                return web.Response(status=502, text="Bad Gateway")
            case Fault.DELAYED:
                await asyncio.sleep(self.network.delay_s)
        return _given(answer)

    async def _ask(self, request: web.Request, body: bytes) -> Whole:
        async with self._session.request(
            request.method,
            URL(self._homeserver + request.raw_path, encoded=True),
            data=body or None,
            headers={name: value for name, value in request.headers.items() if name.lower() not in NOT_PASSED_ON},
            timeout=aiohttp.ClientTimeout(total=ANSWER_WITHIN_S),
            allow_redirects=False,
        ) as response:
            headers = {name: value for name, value in response.headers.items() if name.lower() not in NOT_PASSED_BACK}
            return Whole(response.status, headers, await response.read())


@asynccontextmanager
async def fault_proxy(homeserver: str, network: Network) -> AsyncIterator[FaultProxy]:
    """A proxy before `homeserver`, on a free port, until the end of the block."""
    async with aiohttp.ClientSession(auto_decompress=True) as session:
        proxy = FaultProxy(homeserver, network, session)
        application = web.Application(client_max_size=LARGEST_BODY)
        application.router.add_route("*", "/{path:.*}", proxy.pass_on)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            proxy.port = int(runner.addresses[0][1])
            yield proxy
        finally:
            await runner.cleanup()


def _token(request: web.Request) -> str:
    return request.headers.get("Authorization", "")


def _given(answer: Whole) -> web.Response:
    return web.Response(status=answer.status, headers=answer.headers, body=answer.body)


def _cut(request: web.Request) -> web.Response:
    """End the connection without a word; the response that is returned goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=502)


def _without_messages_to_the_device(answer: Whole) -> Whole:
    content = json.loads(answer.body)
    content.pop("to_device", None)
    return Whole(answer.status, answer.headers, json.dumps(content).encode())
