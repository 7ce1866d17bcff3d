"""SCIM over HTTP: a Starlette application to mount below any path. It writes to its own table, never to Synapse."""

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import ValidationError
from scim2_models import (
    Context,
    Error,
    InvalidSyntaxException,
    NotFoundException,
    NotImplementedException,
    PayloadTooLargeException,
    Resource,
    ResourceType,
    Schema,
    SCIMException,
    UnauthorizedException,
)
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from hr_provisioner.scim.exchange import Answer, Asked, Changed, Exchange
from hr_provisioner.scim.model import CONFIG, LARGEST_BODY_BYTES, PROVIDER
from huep import clock
from huep.clock import Clock

MEDIA_TYPE = "application/scim+json"


def app(engine: Engine, token: str, changed: Changed, now: Clock = clock.now) -> Starlette:
    """The SCIM service on `engine` (the role `huep_hr`), open to whoever carries `token`.

    `changed` is called in a worker thread after each write was committed: with the officer code that it concerned, or
    with None when units changed and the register as a whole is to be looked at.
    """
    exchange = Exchange(engine, changed, now)
    routes = [
        Route("/ServiceProviderConfig", _static(lambda _: _plain(CONFIG))),
        *_discovery("/ResourceTypes", PROVIDER.resource_types, "name"),
        *_discovery("/Schemas", PROVIDER.schemas, "id"),
        Route("/.search", _endpoint(exchange.search, "User", "Group"), methods=["POST"]),
        Route("/Me", _not_implemented, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
        Route("/Bulk", _not_implemented, methods=["POST"]),
    ]
    for kind in ("User", "Group"):
        routes += [
            Route(f"/{kind}s", _endpoint(exchange.list, kind), methods=["GET"]),
            Route(f"/{kind}s", _endpoint(exchange.create, kind), methods=["POST"]),
            Route(f"/{kind}s/.search", _endpoint(exchange.search, kind), methods=["POST"]),
            Route(f"/{kind}s/{{id}}", _endpoint(exchange.read, kind), methods=["GET"]),
            Route(f"/{kind}s/{{id}}", _endpoint(exchange.replace, kind), methods=["PUT"]),
            Route(f"/{kind}s/{{id}}", _endpoint(exchange.patch, kind), methods=["PATCH"]),
            Route(f"/{kind}s/{{id}}", _endpoint(exchange.delete, kind), methods=["DELETE"]),
        ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(_BearerToken, token=token)],
        exception_handlers=dict.fromkeys((SCIMException, ValidationError, HTTPException), _failed),
    )


def _endpoint(act: Callable[[Asked], Answer], *kinds: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        asked = Asked(
            kinds=kinds,
            resource_id=request.path_params.get("id", ""),
            base_url=str(request.base_url).rstrip("/"),
            parameters=dict(request.query_params),
            body=await _body(request),
            if_match=request.headers.get("if-match"),
            if_none_match=request.headers.get("if-none-match"),
        )
        answer = await run_in_threadpool(act, asked)
        return _response(answer)

    return endpoint


async def _body(request: Request) -> bytes:
    """The body, as far as it is not larger than LARGEST_BODY_BYTES. Raises PayloadTooLargeException."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY_BYTES:
            raise PayloadTooLargeException
    return body


def _discovery(path: str, described: Any, key: str) -> list[Route]:
    by_key: dict[str, Resource[Any]] = {str(getattr(one, key)): one for one in described}

    def every(request: Request) -> dict[str, object]:
        if "filter" in request.query_params:
            raise HTTPException(403, f"{path} takes no filter")
        resources = [_plain(one) for one in by_key.values()]
        return {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": len(resources),
            "startIndex": 1,
            "itemsPerPage": len(resources),
            "Resources": resources,
        }

    def single(request: Request) -> dict[str, object]:
        found = by_key.get(request.path_params["id"])
        if found is None:
            raise NotFoundException(detail=f"{path} has no {request.path_params['id']}")
        return _plain(found)

    return [Route(path, _static(every)), Route(f"{path}/{{id}}", _static(single))]


def _static(content: Callable[[Request], dict[str, object]]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return _response(Answer(200, content(request)))

    return endpoint


def _plain(described: Resource[Any]) -> dict[str, object]:
    content: dict[str, object] = described.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)
    if isinstance(described, ResourceType | Schema):
        kind = type(described).__name__
        content["meta"] = {"resourceType": kind, "location": f"/{kind}s/{described.id}"}
    return content


async def _not_implemented(request: Request) -> Response:
    raise NotImplementedException(detail=f"{request.url.path} is not offered")


def _response(answer: Answer) -> Response:
    headers = {"Cache-Control": "no-store"}
    if answer.etag is not None:
        headers["ETag"] = answer.etag
    if answer.location is not None:
        headers["Location" if answer.status == 201 else "Content-Location"] = answer.location
    return Response(answer.text, status_code=answer.status, headers=headers, media_type=MEDIA_TYPE)


def _error(error: Error, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(error.model_dump_json(), status_code=status, media_type=MEDIA_TYPE, headers=headers)


def _failed(_: Request, error: Exception) -> Response:
    match error:
        case SCIMException():
            return _error(error.to_error(), error.status)
        case ValidationError():
            first = Error.from_validation_errors(error)[0]
            return _error(first, first.status or InvalidSyntaxException.status)
        case HTTPException():
            headers = dict(error.headers) if error.headers else None
            return _error(Error(status=error.status_code, detail=error.detail), error.status_code, headers)
        case _:
            raise error


class _BearerToken:
    """Lets nobody in without the token; how much of it was right cannot be told from how long the answer took."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._wanted = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            given = dict(scope["headers"]).get(b"authorization", b"")
            if not hmac.compare_digest(given, self._wanted):
                refusal = _error(UnauthorizedException().to_error(), 401, {"WWW-Authenticate": "Bearer"})
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)
