"""Requests to a small homeserver on a real socket, which limits, fails, expires and locks."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web

from bots.matrix import transport as transports
from bots.matrix.errors import (
    AccountLocked,
    BadAnswer,
    FileRefused,
    RateLimited,
    RequestRefused,
    ServerUnreachable,
    SessionEnded,
    SessionExpired,
)
from bots.matrix.transport import Transport, path_of

WHO = path_of("account", "whoami")
EXPIRED = {"errcode": "M_UNKNOWN_TOKEN", "error": "Access token has expired", "soft_logout": True}


class Homeserver:
    """Gives the answers that a test puts in, then `{}`."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any, dict[str, str]]] = []
        self.seen: list[web.Request] = []
        self.good_token: str | None = None

    def then(self, status: int, body: Any = None, **headers: str) -> None:
        self.answers.append((status, {} if body is None else body, headers))

    async def answer(self, request: web.Request) -> web.Response:
        self.seen.append(request)
        await request.read()
        if self.good_token is not None and request.headers.get("Authorization") != f"Bearer {self.good_token}":
            return web.json_response(EXPIRED, status=401)
        status, body, headers = self.answers.pop(0) if self.answers else (200, {}, {})
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return web.Response(status=status, body=content, headers={k.replace("_", "-"): v for k, v in headers.items()})


@pytest.fixture
async def server() -> Homeserver:
    return Homeserver()


@pytest.fixture
async def transport(server: Homeserver) -> AsyncIterator[Transport]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    found = Transport(f"http://127.0.0.1:{port}", "secret-token")
    yield found
    await found.close()
    await runner.cleanup()


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits that were asked for, none of which takes place."""
    found: list[float] = []

    async def sleep(seconds: float) -> None:
        found.append(seconds)

    monkeypatch.setattr(transports.asyncio, "sleep", sleep)
    return found


async def test_a_rate_limit_is_obeyed_as_the_server_words_it(
    transport: Transport, server: Homeserver, slept: list[float]
) -> None:
    server.then(429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 1500})
    server.then(429, b"<html>", Retry_After="3")
    server.then(429, {"retry_after_ms": "soon"})
    server.then(200, {"user_id": "@a:b"})
    assert await transport.request("GET", WHO) == {"user_id": "@a:b"}
    assert slept == [1.5, 3.0, transports.UNNAMED_WAIT_S]


async def test_a_rate_limit_is_not_waited_for_without_end(
    transport: Transport, server: Homeserver, slept: list[float]
) -> None:
    for _ in range(9):
        server.then(429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 10_000})
    with pytest.raises(RateLimited):
        await transport.request("GET", WHO)
    assert sum(slept) <= transports.LONGEST_WAIT_S
    server.answers.clear()
    server.then(429, {"retry_after_ms": 3_600_000})
    with pytest.raises(RateLimited):
        await transport.request("GET", WHO)


async def test_a_server_that_is_coming_back_is_asked_again(
    transport: Transport, server: Homeserver, slept: list[float]
) -> None:
    for status in (500, 502, 503, 504):
        server.then(status)
    assert await transport.request("GET", WHO) == {}
    assert len(slept) == 4
    server.then(503)
    with pytest.raises(RequestRefused):
        await transport.request("GET", WHO, retries=False)


async def test_nobody_there_is_told_so(slept: list[float]) -> None:
    transport = Transport("http://127.0.0.1:9", "secret-token")
    with pytest.raises(ServerUnreachable, match="huep up"):
        await transport.request("GET", WHO)
    assert slept == list(transports.RETRY_PAUSES_S)
    await transport.close()


def renewing(transport: Transport, server: Homeserver) -> Callable[[], int]:
    """The server takes a new token only; returns how often it was asked for."""
    logins: list[int] = []
    server.good_token = "new-token"

    async def log_in() -> None:
        logins.append(1)
        transport.access_token = "new-token"

    transport.renewal = log_in
    return lambda: len(logins)


async def test_an_expired_session_is_renewed_once_for_all_who_ask(transport: Transport, server: Homeserver) -> None:
    import asyncio

    renewed = renewing(transport, server)
    assert await asyncio.gather(*(transport.request("GET", WHO) for _ in range(5))) == [{}] * 5
    assert renewed() == 1


async def test_an_expired_session_that_cannot_be_renewed_ends_and_asks_no_more(
    transport: Transport, server: Homeserver
) -> None:
    with_new_token = renewing(transport, server)
    server.good_token = "another-token"
    with pytest.raises(SessionExpired):
        await transport.request("GET", WHO)
    assert with_new_token() == 1
    transport.renewal = None
    with pytest.raises(SessionExpired):
        await transport.request("GET", WHO)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"errcode": "M_USER_LOCKED", "soft_logout": True}, AccountLocked),
        ({"errcode": "ORG_MATRIX_EXPIRED_ACCOUNT"}, AccountLocked),
        ({"errcode": "M_UNKNOWN_TOKEN", "soft_logout": False}, SessionEnded),
    ],
)
async def test_a_locked_account_and_a_removed_device_are_out_for_good(
    transport: Transport, server: Homeserver, answer: Any, kind: type[Exception]
) -> None:
    async def never() -> None:
        raise AssertionError("nothing to log in again for")

    transport.renewal = never
    server.then(401, answer)
    with pytest.raises(kind):
        await transport.request("GET", WHO)


async def test_no_error_nor_repr_shows_the_token(transport: Transport, server: Homeserver) -> None:
    server.then(403, {"errcode": "M_FORBIDDEN", "error": "No"})
    with pytest.raises(RequestRefused) as refused:
        await transport.request("GET", f"{WHO}?access_token=secret-token")
    assert "secret-token" not in f"{refused.value!r} {refused.value} {transport!r}"


async def test_what_is_no_homeserver_is_told_so(transport: Transport, server: Homeserver) -> None:
    server.then(200, b"<html>It works!</html>")
    with pytest.raises(BadAnswer, match="not a Matrix homeserver"):
        await transport.request("GET", WHO)


async def test_an_answer_nested_too_deeply_is_read_as_far_as_anybody_speaks(
    transport: Transport, server: Homeserver
) -> None:
    deep = b'{"next_batch":"s","rooms":' + b'{"a":[' * 50_000 + b'"]\\"}"' + b"]}" * 50_000 + b',"after":[1,{"b":2}]}'
    server.then(200, deep)
    answer = await transport.request("GET", WHO)
    assert answer["next_batch"] == "s"
    assert answer["after"] == [1, {"b": 2}]


async def test_a_file_is_refused_by_its_announced_length_before_it_is_read(
    transport: Transport, server: Homeserver
) -> None:
    server.then(200, b"x" * 1001)
    with pytest.raises(FileRefused, match="1000 bytes"):
        await transport.download(WHO, 1000)
    server.then(200, b"x" * 1000)
    assert await transport.download(WHO, 1000) == b"x" * 1000


async def test_a_file_of_unannounced_length_is_refused_on_the_way(transport: Transport, server: Homeserver) -> None:
    async def stream(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b"x" * 100_000)
        return response

    app = web.Application()
    app.router.add_get("/file", stream)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    other = Transport(f"http://127.0.0.1:{runner.addresses[0][1]}")
    with pytest.raises(FileRefused):
        await other.download("/file", 250_000)
    await other.close()
    await runner.cleanup()


async def test_a_download_waits_as_requests_do(transport: Transport, server: Homeserver, slept: list[float]) -> None:
    server.then(429, {"retry_after_ms": 500})
    server.then(502)
    server.then(200, b"x")
    assert await transport.download(WHO, 10) == b"x"
    server.then(404, {"errcode": "M_NOT_FOUND"})
    with pytest.raises(RequestRefused):
        await transport.download(WHO, 10)
