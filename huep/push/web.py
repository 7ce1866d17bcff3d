"""The gateway's HTTP door: Synapse writes, ntfy apps listen by JSON stream, WebSocket or poll."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

from aiohttp import web

from huep.push.addresses import NOTIFY_PATH
from huep.push.callers import Callers, TooMuch, address_of
from huep.push.protocol import (
    DISCOVERY,
    ENDPOINT,
    MOST_BODY_BYTES,
    MOST_NOTIFICATION_BYTES,
    NotUnderstood,
    Since,
    event,
    read_notification,
    read_since,
    read_topics,
)
from huep.push.topics import Full, Queue, Topics

KEEPALIVE_S = 45.0
"""ntfy's own; telephone networks close silent connections after a few minutes."""
MOST_UNSENT_BYTES = 8_192
"""Of one connection that takes nothing: the rest waits among what is kept for all."""
_LATER = {"Retry-After": "60"}
_TRUE = ("1", "yes", "true")
_Send = Callable[[str], Awaitable[None]]


def application(
    topics: Topics, own_url: str, now_s: Callable[[], int], keepalive_s: float = KEEPALIVE_S
) -> web.Application:
    """The whole application.

    Args:
        topics: what waits for phones.
        own_url: scheme, host and port by which phones know the gateway.
        now_s: Unix time.
        keepalive_s: how often a silent connection says that it is there.
    """
    door = _Door(topics, own_url, now_s, keepalive_s)
    app = web.Application(client_max_size=MOST_NOTIFICATION_BYTES)
    app.on_shutdown.append(door.end)
    app.add_routes(
        [
            web.get("/health", door.health),
            web.get("/v1/health", door.health),
            web.get(NOTIFY_PATH, door.discovery),
            web.post(NOTIFY_PATH, door.notify),
            web.get("/{topics}/json", door.stream),
            web.get("/{topics}/ws", door.web_socket),
            web.get("/{topics}/auth", door.permitted),
            web.get("/{topics}", door.endpoint),
            web.post("/{topics}", door.publish),
            web.put("/{topics}", door.publish),
        ]
    )
    return app


class _Door:
    def __init__(self, topics: Topics, own_url: str, now_s: Callable[[], int], keepalive_s: float) -> None:
        self._topics = topics
        self._own_url = own_url
        self._now_s = now_s
        self._keepalive_s = keepalive_s
        self._callers = Callers(now_s)

    async def end(self, _app: web.Application) -> None:
        """Let go of every phone when the process stops."""
        self._topics.end()

    async def health(self, _request: web.Request) -> web.Response:
        return web.json_response({"healthy": True})

    async def discovery(self, _request: web.Request) -> web.Response:
        """How an app finds that this server is a Matrix gateway (UnifiedPush, Matrix gateway)."""
        return web.json_response(DISCOVERY)

    async def permitted(self, request: web.Request) -> web.Response:
        """The app asks whether it may listen; whoever knows the topic may."""
        _topics_of(request)
        return web.json_response({"success": True})

    async def endpoint(self, request: web.Request) -> web.Response:
        """How an application server finds that it may write here (UnifiedPush)."""
        _one_topic(request)
        return web.json_response(ENDPOINT)

    async def notify(self, request: web.Request) -> web.Response:
        """Synapse tells of something new."""
        body = await request.read()
        try:
            notification = read_notification(json.loads(body), self._own_url)
        except (ValueError, RecursionError) as error:
            raise _bad(str(error)) from error
        if len(body) > MOST_BODY_BYTES:
            # Synapse would try for a day; an app that wants so much with each message gets none.
            return web.json_response({"rejected": list(notification.keys)})
        with self._admitted(request, notification.topics):
            for topic in notification.topics:
                self._topics.publish(topic, body)
        return web.json_response({"rejected": list(notification.rejected)})

    async def publish(self, request: web.Request) -> web.Response:
        """Whoever knows a topic writes to it, as UnifiedPush has it."""
        topic = _one_topic(request)
        body = await request.read()
        if len(body) > MOST_BODY_BYTES:
            raise web.HTTPRequestEntityTooLarge(MOST_BODY_BYTES, len(body))
        with self._admitted(request, (topic,)):
            message = self._topics.publish(topic, body)
        return web.Response(text=message.as_json(self._topics.keep_s) + "\n", content_type="application/json")

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """One JSON object a line, until the phone goes; with `poll=1` what was missed, and the end."""
        topics, since, poll = self._asked(request)
        with self._connected(request):
            if poll:
                response = await _begin(request)
                await self._send_kept(self._topics.missed(topics, since), _lines_to(request, response))
                return response
            with self._listening(request, topics) as queue:
                missed = self._topics.missed(topics, since)
                response = await _begin(request)
                try:
                    await self._tell(queue, topics, missed, _lines_to(request, response))
                except ConnectionError:
                    pass  # the phone went while it took nothing: no news for the log
                finally:
                    _break_off(request)
        return response

    async def web_socket(self, request: web.Request) -> web.WebSocketResponse:
        """The same lines, each a text frame."""
        topics, since, _ = self._asked(request)
        socket = web.WebSocketResponse(
            heartbeat=self._keepalive_s,
            max_msg_size=MOST_BODY_BYTES,
            compress=False,  # it would take more memory than all else of a connection
            writer_limit=MOST_UNSENT_BYTES,
        )
        with self._connected(request), self._listening(request, topics) as queue:
            missed = self._topics.missed(topics, since)
            await socket.prepare(request)
            _hold_little(request)
            telling = asyncio.create_task(self._tell(queue, topics, missed, socket.send_str))
            # The app says nothing here; reading is how its going is noticed.
            reading = asyncio.create_task(_read_to_the_end(socket))
            try:
                await asyncio.wait((telling, reading), return_when=asyncio.FIRST_COMPLETED)
            finally:
                telling.cancel()
                reading.cancel()
                await asyncio.gather(telling, reading, return_exceptions=True)
                _break_off(request)
        return socket

    async def _tell(self, queue: Queue, topics: tuple[str, ...], missed: Sequence[str], send: _Send) -> None:
        await send(event("open", topics, self._now_s()))
        await self._send_kept(missed, send)
        while True:
            message_or_end = await self._next(queue)
            if message_or_end is None:
                return
            if isinstance(message_or_end, str):
                await self._send_kept([message_or_end], send)
            else:
                await send(event("keepalive", topics, self._now_s()))

    async def _send_kept(self, ids: Sequence[str], send: _Send) -> None:
        for message_id in ids:
            if (message := self._topics.message(message_id)) is not None:
                await send(message.as_json(self._topics.keep_s))

    async def _next(self, queue: Queue) -> str | bool | None:
        """The ID of a message; True when it is time to say that one is there; None when it is over."""
        try:
            async with asyncio.timeout(self._keepalive_s):
                return await queue.get()
        except TimeoutError:
            return True

    def _asked(self, request: web.Request) -> tuple[tuple[str, ...], Since, bool]:
        topics = _topics_of(request)
        poll = request.query.get("poll", "") in _TRUE
        try:
            return topics, read_since(request.query.get("since"), poll, self._now_s()), poll
        except NotUnderstood as error:
            raise _bad(str(error)) from error

    @contextmanager
    def _connected(self, request: web.Request) -> Iterator[None]:
        try:
            with self._callers.connected(address_of(request)):
                yield
        except TooMuch as error:
            raise _too_much(error) from error

    @contextmanager
    def _listening(self, request: web.Request, topics: tuple[str, ...]) -> Iterator[Queue]:
        with self._admitted(request, topics), self._topics.listening(topics) as queue:
            yield queue

    @contextmanager
    def _admitted(self, request: web.Request, topics: tuple[str, ...]) -> Iterator[None]:
        try:
            self._callers.bring_topics(address_of(request), self._topics.unknown(topics))
            yield
        except TooMuch as error:
            raise _too_much(error) from error
        except Full as error:
            raise web.HTTPServiceUnavailable(headers=_LATER) from error


async def _begin(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={
            "Content-Type": "application/x-ndjson; charset=utf-8",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",  # nginx would hold lines back
        }
    )
    await response.prepare(request)
    _hold_little(request)
    return response


def _lines_to(request: web.Request, response: web.StreamResponse) -> _Send:
    async def send(line: str) -> None:
        await response.write(line.encode() + b"\n")
        await request.writer.drain()

    return send


def _hold_little(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.set_write_buffer_limits(MOST_UNSENT_BYTES)


def _break_off(request: web.Request) -> None:
    """End the connection without a farewell: ntfy comes back after a failure, and not after an end in good order."""
    if request.transport is not None:
        request.transport.abort()


async def _read_to_the_end(socket: web.WebSocketResponse) -> None:
    async for _ in socket:
        pass


def _topics_of(request: web.Request) -> tuple[str, ...]:
    try:
        return read_topics(request.match_info["topics"])
    except NotUnderstood as error:
        raise web.HTTPNotFound(text=json.dumps({"error": str(error)}), content_type="application/json") from error


def _one_topic(request: web.Request) -> str:
    topics = _topics_of(request)
    if len(topics) != 1:
        raise _bad("one topic at a time")
    return topics[0]


def _too_much(error: TooMuch) -> web.HTTPTooManyRequests:
    text = json.dumps({"error": str(error)})
    return web.HTTPTooManyRequests(text=text, content_type="application/json", headers=_LATER)


def _bad(reason: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=json.dumps({"error": reason}), content_type="application/json")
