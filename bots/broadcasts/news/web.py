"""The webhook's door on loopback: signed calls of other systems become announcements while they wait for the answer."""

import asyncio
from collections.abc import Callable, Mapping

import structlog
from aiohttp import web

from bots.broadcasts.news.intake import Intake
from bots.broadcasts.news.model import ItemState, NewsNotAnnounced, Receipt
from bots.broadcasts.news.payload import BadCall, read_call
from bots.runtime.patience import is_passing
from bots.threads import in_thread
from huep import signed_calls
from huep.clock import Clock
from huep.news_settings import WebhookSettings
from huep.signed_calls import NotSigned

log = structlog.get_logger(__name__)

MOST_BODY_BYTES = 131_072
BODY_WITHIN_S = 10.0
TOLERANCE_S = 300
"""How far the clock of the caller may be from ours."""


class NewsDoor:
    """`POST /news/NAME`.

    Args:
        sources: the webhooks that huep.toml declares.
        intake: takes their items in.
        secret: what a source signs with; None while there is none.
        clock: the present moment.
    """

    def __init__(
        self,
        sources: tuple[WebhookSettings, ...],
        intake: Intake,
        secret: Callable[[str], str | None],
        clock: Clock,
    ) -> None:
        self._sources: Mapping[str, WebhookSettings] = {source.name: source for source in sources}
        self._intake = intake
        self._secret = secret
        self._clock = clock

    def application(self) -> web.Application:
        """The whole application."""
        app = web.Application(client_max_size=MOST_BODY_BYTES)
        app.router.add_post("/news/{name}", self._told)
        return app

    async def _told(self, request: web.Request) -> web.Response:
        source = self._sources.get(request.match_info["name"])
        if source is None:
            return _refused(404, "huep.toml declares no such webhook")
        if "Content-Encoding" in request.headers:
            return _refused(415, "the body must not be packed")
        try:
            async with asyncio.timeout(BODY_WITHIN_S):
                body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _refused(413, f"at most {MOST_BODY_BYTES} bytes")
        except TimeoutError:
            return _refused(408, f"the body must come within {BODY_WITHIN_S:.0f} s")
        secret = await asyncio.to_thread(self._secret, source.name)
        if secret is None:
            log.warning("a webhook has no secret of 32 characters", source=source.name)
            return _refused(503, "this webhook has no secret yet")
        try:
            event_id = signed_calls.check(secret, request.headers, body, self._clock(), TOLERANCE_S)
        except NotSigned as refusal:
            log.warning("a call was refused", source=source.name, reason=str(refusal))
            return _refused(401, "not signed, or not in time")
        return await self._taken(source, event_id, body)

    async def _taken(self, source: WebhookSettings, event_id: str, body: bytes) -> web.Response:
        try:
            item = read_call(body, event_id, source, self._clock())
            receipt = await in_thread(lambda: self._intake.take(source, item))
        except BadCall as error:
            return _refused(422, str(error))
        except NewsNotAnnounced as error:
            log.warning("news told by a webhook are not announced", source=source.name, reason=str(error))
            return _refused(503, str(error))
        except Exception as error:
            if not is_passing(error):
                raise
            return _refused(503, "the database is away; tell it again")
        return _answer(event_id, receipt)


def _answer(event_id: str, receipt: Receipt) -> web.Response:
    content = {"event": event_id, "number": receipt.number, "waiting": receipt.state is ItemState.WAITING}
    if not receipt.new:
        return web.json_response({**content, "error": "this event was told before"}, status=409)
    return web.json_response(content, status=202)


def _refused(status: int, said: str) -> web.Response:
    return web.json_response({"error": said}, status=status)
