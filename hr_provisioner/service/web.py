"""The service's HTTP door: webhook, health and metrics, SCIM mounted beside them.

A webhook is answered when its hint lies in the database, and handled after: the sender never waits for Synapse.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from hr_provisioner.service import hints, metrics
from hr_provisioner.service.hints import EVERYBODY
from hr_provisioner.sources.cells import Fault, read_code
from huep import signed_calls
from huep.clock import Clock, now
from huep.database import DatabaseUnreachable
from huep.hr_settings import ServiceSettings
from huep.signed_calls import NotSigned

log = structlog.get_logger(__name__)

FROM_OUTSIDE = "webhook:"
"""Begins the ID of an event that a caller named, so that no caller can take the ID of an event of the service's own."""
MOST_BODY_BYTES = 65_536
MOST_CODES = 500
"""Officer codes in one call; whoever has more to tell says `"everybody": true`."""


@dataclass(frozen=True)
class Door:
    """What the routes need of the service.

    Args:
        engine: of the provisioner's role.
        settings: `[hr.service]`.
        secret: shared with whoever calls the webhook.
        wake: called when a hint came in.
        approval_hours: `[hr] approval_hours`, for the figures of what waits.
        clock: the present moment.
    """

    engine: Engine
    settings: ServiceSettings
    secret: str
    wake: Callable[[], None]
    approval_hours: int = 72
    clock: Clock = now


def application(door: Door, scim: ASGIApp | None = None) -> ASGIApp:
    """The whole application: `/health`, `/metrics`, `/webhook`, and `/scim/v2` where there is one."""

    async def health(_: Request) -> Response:
        try:
            waiting = await asyncio.to_thread(_waiting, door.engine)
        except (DatabaseUnreachable, DBAPIError):
            return JSONResponse({"status": "database unreachable"}, 503)
        return JSONResponse({"status": "ok", "hints_open": waiting})

    async def figures(_: Request) -> Response:
        page = await asyncio.to_thread(metrics.exposition, door.engine, door.approval_hours, door.clock)
        return Response(page, media_type=metrics.CONTENT_TYPE)

    async def webhook(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return JSONResponse({"error": f"at most {MOST_BODY_BYTES} bytes"}, 413)
        try:
            event_id = signed_calls.check(
                door.secret, request.headers, body, door.clock(), door.settings.webhook_tolerance_s
            )
        except NotSigned as refusal:
            log.warning("webhook refused", address=_address(request.scope), reason=str(refusal))
            return JSONResponse({"error": "not signed, or not in time"}, 401)
        about = _about(body)
        if isinstance(about, str):
            return JSONResponse({"error": about}, 400)
        new = await asyncio.to_thread(_take_in, door, event_id, about)
        door.wake()
        return JSONResponse({"event": event_id, "accepted": len(about), "new": new}, 202)

    async def event(request: Request) -> Response:
        found = await asyncio.to_thread(_find, door.engine, request.path_params["event_id"])
        return JSONResponse({"error": "no such event"}, 404) if found is None else JSONResponse(found)

    routes: list[BaseRoute] = [
        Route("/health", health),
        Route("/metrics", figures),
        Route("/webhook", webhook, methods=["POST"]),
        Route("/webhook/{event_id}", event),
    ]
    if scim is not None:
        routes.append(Mount("/scim/v2", scim))
    return _Allowed(Starlette(routes=routes), door.settings.webhook_addresses)


class _Allowed:
    """Lets in only callers from the addresses of huep.toml."""

    def __init__(self, app: ASGIApp, addresses: Sequence[str]) -> None:
        self._app = app
        self._networks = [ip_network(address, strict=False) for address in addresses]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._lets_in(_address(scope)):
            log.warning("call refused", address=_address(scope), path=scope.get("path"))
            await JSONResponse({"error": "not from this address"}, 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _lets_in(self, address: str) -> bool:
        try:
            caller = ip_address(address)
        except ValueError:
            return False
        return any(caller in network for network in self._networks)


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


async def _body(request: Request) -> bytes | None:
    """The body; None for one that is too large."""
    content = bytearray()
    try:
        async for chunk in request.stream():
            content += chunk
            if len(content) > MOST_BODY_BYTES:
                return None
    except ClientDisconnect:
        return None
    return bytes(content)


def _about(body: bytes) -> list[str] | str:
    """The officer codes that a call names, EVERYBODY alone, or what is wrong with it."""
    try:
        content = json.loads(body)
    except ValueError:
        return "the body is not JSON"
    if not isinstance(content, dict):
        return 'the body must be an object such as {"officer_codes": ["CB000001"]}'
    if content.get("everybody") is True:
        return [EVERYBODY]
    listed = content.get("officer_codes")
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST_CODES:
        return f"officer_codes must be a list of 1 to {MOST_CODES} codes"
    codes = [read_code(item) if isinstance(item, str) else None for item in listed]
    wrong = [str(item) for item, code in zip(listed, codes, strict=True) if code is None or isinstance(code, Fault)]
    if wrong:
        return f"not an officer code: {wrong[0][:60]!r}"
    return sorted({code for code in codes if isinstance(code, str)})


def _take_in(door: Door, event_id: str, about: Sequence[str]) -> bool:
    """One hint a person; the event's id stands for all of them together."""
    stored_id = f"{FROM_OUTSIDE}{event_id}"
    with door.engine.begin() as connection:
        moment = door.clock()
        new = [
            hints.take_in(connection, stored_id if len(about) == 1 else f"{stored_id}/{code}", code, moment)
            for code in about
        ]
        return any(new)


def _find(engine: Engine, event_id: str) -> dict[str, str | None] | None:
    with engine.connect() as connection:
        found = hints.state_of(connection, f"{FROM_OUTSIDE}{event_id}")
    return None if found is None else {"event": event_id, "state": found[0].value, "outcome": found[1]}


def _waiting(engine: Engine) -> int:
    with engine.connect() as connection:
        return hints.open_count(connection)
