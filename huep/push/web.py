"""The gateway's HTTP door: Synapse writes, ntfy apps listen by JSON stream, WebSocket or poll."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from huep.push.addresses import NOTIFY_PATH
from huep.push.protocol import (
    DISCOVERY,
    ENDPOINT,
    MOST_BODY_BYTES,
    MOST_NOTIFICATION_BYTES,
    Message,
    NotUnderstood,
    Since,
    event,
    read_notification,
    read_since,
    read_topics,
)
from huep.push.topics import Queue, Topics

KEEPALIVE_S = 45.0
"""ntfy's own; telephone networks close silent connections after a few minutes."""
_TRUE = ("1", "yes", "true")


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
        except ValueError as error:
            raise _bad(str(error)) from error
        if len(body) > MOST_BODY_BYTES:
            # Synapse would try for a day; an app that wants so much with each message gets none.
            return web.json_response({"rejected": [*notification.rejected, *_push_keys(body)]})
        for topic in notification.topics:
            self._topics.publish(topic, body)
        return web.json_response({"rejected": list(notification.rejected)})

    async def publish(self, request: web.Request) -> web.Response:
        """Whoever knows a topic writes to it, as UnifiedPush has it."""
        topic = _one_topic(request)
        body = await request.read()
        if len(body) > MOST_BODY_BYTES:
            raise web.HTTPRequestEntityTooLarge(MOST_BODY_BYTES, len(body))
        message = self._topics.publish(topic, body)
        return web.Response(text=message.as_json(self._topics.keep_s) + "\n", content_type="application/json")

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """One JSON object a line, until the phone goes; with `poll=1` what was missed, and the end."""
        topics, since, poll = self._asked(request)
        response = web.StreamResponse(
            headers={
                "Content-Type": "application/x-ndjson; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",  # nginx would hold lines back
            }
        )
        await response.prepare(request)

        async def send(line: str) -> None:
            await response.write(line.encode() + b"\n")

        if poll:
            for message in self._topics.missed(topics, since):
                await send(message.as_json(self._topics.keep_s))
            return response
        try:
            await self._tell(topics, since, send)
        finally:
            _break_off(request)
        return response

    async def web_socket(self, request: web.Request) -> web.WebSocketResponse:
        """The same lines, each a text frame."""
        topics, since, _ = self._asked(request)
        socket = web.WebSocketResponse(heartbeat=self._keepalive_s, max_msg_size=MOST_BODY_BYTES)
        await socket.prepare(request)
        telling = asyncio.create_task(self._tell(topics, since, socket.send_str))
        try:
            # The app says nothing here; reading is how its going is noticed.
            reading = asyncio.create_task(_read_to_the_end(socket))
            await asyncio.wait((telling, reading), return_when=asyncio.FIRST_COMPLETED)
        finally:
            telling.cancel()
            reading.cancel()
            await asyncio.gather(telling, reading, return_exceptions=True)
            _break_off(request)
        return socket

    async def _tell(self, topics: tuple[str, ...], since: Since, send: Callable[[str], Awaitable[None]]) -> None:
        with self._topics.listening(topics) as queue:
            await send(event("open", topics, self._now_s()))
            for message in self._topics.missed(topics, since):
                await send(message.as_json(self._topics.keep_s))
            while True:
                message_or_end = await self._next(queue)
                if message_or_end is None:
                    return
                if isinstance(message_or_end, Message):
                    await send(message_or_end.as_json(self._topics.keep_s))
                else:
                    await send(event("keepalive", topics, self._now_s()))

    async def _next(self, queue: Queue) -> Message | bool | None:
        """A message; True when it is time to say that one is there; None when it is over."""
        try:
            return await asyncio.wait_for(queue.get(), self._keepalive_s)
        except TimeoutError:
            return True

    def _asked(self, request: web.Request) -> tuple[tuple[str, ...], Since, bool]:
        topics = _topics_of(request)
        poll = request.query.get("poll", "") in _TRUE
        try:
            return topics, read_since(request.query.get("since"), poll, self._now_s()), poll
        except NotUnderstood as error:
            raise _bad(str(error)) from error


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


def _push_keys(body: bytes) -> list[str]:
    return [device["pushkey"] for device in json.loads(body)["notification"]["devices"] if "pushkey" in device]


def _bad(reason: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=json.dumps({"error": reason}), content_type="application/json")
