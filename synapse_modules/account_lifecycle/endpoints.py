"""The endpoints below `/_synapse/client/huep/v1`, for the provisioner alone.

A request must come straight from loopback or an allowed address and carry the service token. What is wrong with a
request as a whole is a Matrix error (401, 403, 400, 413); what is wrong with one action stands in its own result.
Each request leaves one line in the log of `SERVED`: who asked, for what, how many, what came of it.
"""

import hmac
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from ipaddress import ip_address
from time import perf_counter
from typing import Any

from synapse.api.errors import Codes, SynapseError
from synapse.module_api import (
    DirectServeJsonResource,
    JsonDict,
    SynapseRequest,
    parse_json_object_from_request,
)

from synapse_modules.account_lifecycle.bodies import MalformedRequest, TooManyActions
from synapse_modules.account_lifecycle.config import Network
from synapse_modules.account_lifecycle.results import Answer

SERVED = logging.getLogger("synapse_modules.account_lifecycle.served")

BASE_PATH = "/_synapse/client/huep/v1"
LARGEST_BODY = 2 * 1024 * 1024
"""Bytes."""

Handler = Callable[[JsonDict], Awaitable[Answer]]
Reader = Callable[[], Awaitable[Answer]]


class Gate:
    """Who may ask at all."""

    def __init__(self, token: str, allowed: tuple[Network, ...]) -> None:
        self._token = token.encode()
        self._allowed = allowed

    def check(self, request: SynapseRequest) -> None:
        """Let the request through, or raise the SynapseError that answers it."""
        if request.getHeader("X-Forwarded-For") is not None or request.getHeader("Forwarded") is not None:
            # What came through a proxy came from outside, whatever address the header claims.
            raise SynapseError(HTTPStatus.FORBIDDEN, "Requests through a proxy are not served here", Codes.FORBIDDEN)
        if not self._may_come_from(address_of(request)):
            raise SynapseError(HTTPStatus.FORBIDDEN, "Requests from this address are not served here", Codes.FORBIDDEN)
        scheme, _, given = (request.getHeader("Authorization") or "").partition(" ")
        if scheme.lower() != "bearer" or not given:
            raise SynapseError(HTTPStatus.UNAUTHORIZED, "The service token is missing", Codes.MISSING_TOKEN)
        if not hmac.compare_digest(given.strip().encode(), self._token):
            raise SynapseError(HTTPStatus.UNAUTHORIZED, "The service token is wrong", Codes.UNKNOWN_TOKEN)

    def _may_come_from(self, address: str | None) -> bool:
        try:
            parsed = ip_address(address or "")
        except ValueError:
            return False
        mapped = getattr(parsed, "ipv4_mapped", None)
        source = mapped or parsed
        return source.is_loopback or any(source in network for network in self._allowed)


class Endpoint(DirectServeJsonResource):
    """One path that takes a JSON object by POST and answers with one; some answer to GET too."""

    isLeaf = True  # noqa: N815  (the name is Twisted's)

    def __init__(self, name: str, gate: Gate, post: Handler, get: Reader | None = None) -> None:
        super().__init__()
        self.name = name
        self._gate = gate
        self._post = post
        self._get = get

    async def _async_render_GET(self, request: SynapseRequest) -> tuple[int, Any]:  # noqa: N802
        return HTTPStatus.OK, await self._served(request, self._read)

    async def _async_render_POST(self, request: SynapseRequest) -> tuple[int, Any]:  # noqa: N802
        return HTTPStatus.OK, await self._served(request, self._act)

    async def _read(self, request: SynapseRequest) -> Answer:
        self._gate.check(request)
        if self._get is None:
            raise SynapseError(HTTPStatus.METHOD_NOT_ALLOWED, "Ask by POST", Codes.UNRECOGNIZED)
        return await self._get()

    async def _act(self, request: SynapseRequest) -> Answer:
        self._gate.check(request)
        content = request.content
        size = content.seek(0, 2) if content else 0
        if size > LARGEST_BODY:
            raise SynapseError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"At most {LARGEST_BODY} bytes are served", Codes.TOO_LARGE
            )
        if content:
            content.seek(0)
        body = parse_json_object_from_request(request)
        try:
            return await self._post(body)
        except TooManyActions as error:
            raise SynapseError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(error), Codes.TOO_LARGE) from error
        except MalformedRequest as error:
            raise SynapseError(HTTPStatus.BAD_REQUEST, str(error), Codes.BAD_JSON) from error

    async def _served(
        self, request: SynapseRequest, serve: Callable[[SynapseRequest], Awaitable[Answer]]
    ) -> dict[str, Any]:
        began = perf_counter()
        asked = (request.get_method(), self.name, address_of(request))
        try:
            answer = await serve(request)
        except SynapseError as error:
            SERVED.warning("%s %s from %s: refused with %d: %s", *asked, error.code, error.msg)
            raise
        except Exception as error:
            SERVED.error("%s %s from %s: failed: %s", *asked, type(error).__name__)
            raise
        SERVED.info("%s %s from %s: %s; %.3f s", *asked, answer.summary, perf_counter() - began)
        return answer.body


def address_of(request: SynapseRequest) -> str | None:
    """Where the connection comes from, whatever the headers say."""
    return getattr(request.getClientAddress(), "host", None)  # type: ignore[no-untyped-call]
