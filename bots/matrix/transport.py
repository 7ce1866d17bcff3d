"""JSON requests to the homeserver: typed errors, bounded waiting, no secret in any message."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import quote

import aiohttp
import structlog

from bots.matrix import json_reading
from bots.matrix.errors import (
    AccountLocked,
    BadAnswer,
    FileRefused,
    RateLimited,
    RequestRefused,
    ServerUnreachable,
    SessionEnded,
    SessionExpired,
    WrongPassword,
)
from bots.matrix.signing import Json

log = structlog.get_logger(__name__)

REQUEST_TIMEOUT_S = 60.0
LONGEST_WAIT_S = 30.0
"""How long one request may be put off by 429 altogether."""
UNNAMED_WAIT_S = 1.0
"""After a 429 that does not say how long to wait."""
RETRY_PAUSES_S = (0.1, 0.5, 1.5)
BUSY_PAUSES_S = (0.2, 0.5, 1.0, 2.0, 4.0, 4.0)
"""While Synapse answers that it cannot now: long enough for its PostgreSQL to come back."""
CHUNK_BYTES = 65_536
CLIENT_API = "/_matrix/client/v3"

LOCKED_ERRCODES = frozenset({"M_USER_LOCKED", "ORG_MATRIX_EXPIRED_ACCOUNT", "M_USER_DEACTIVATED"})
SERVER_BUSY = frozenset({500, 502, 503, 504})

Body = Mapping[str, Any] | bytes
Renewal = Callable[[], Awaitable[None]]
"""Logs the same device in again, and so puts a new `access_token` into the transport."""


@dataclass(frozen=True)
class _Answer:
    status: int
    content: Json
    retry_after: str | None
    """The header of that name."""


@dataclass
class Transport:
    """One homeserver, one access token, one pool of connections."""

    homeserver: str
    access_token: str = field(default="", repr=False)
    renewal: Renewal | None = None
    """Called when the server says that the session expired (soft logout); without it, SessionExpired is raised."""

    def __post_init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._renewing = asyncio.Lock()

    async def request(
        self,
        method: str,
        path: str,
        body: Body | None = None,
        *,
        kind: str = "application/json",
        timeout_s: float = REQUEST_TIMEOUT_S,
        retries: bool = True,
        accept: tuple[int, ...] = (),
    ) -> Json:
        """The JSON object that the server answers with; a list comes as `{"chunk": [...]}`.

        Args:
            method: HTTP method; everything sent is safe to repeat (transaction IDs).
            path: with its query, percent-encoded (see `path_of`).
            body: sent as JSON, or as it is where it is bytes.
            kind: media type of the body.
            timeout_s: for one attempt.
            retries: whether to try again when the server cannot be reached, or cannot answer now.
            accept: error statuses whose body is wanted as the answer, 401 for user-interactive authentication.

        Raises:
            ServerUnreachable, RateLimited, AccountLocked, SessionEnded, RequestRefused, BadAnswer.
        """
        patience = _Patience(RETRY_PAUSES_S if retries else (), BUSY_PAUSES_S if retries else ())
        renewed = False
        while True:
            token = self.access_token
            try:
                answer = await self._attempt(method, path, body, kind, timeout_s)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                if not await patience.after_no_answer():
                    raise ServerUnreachable(self.homeserver) from error
                continue
            if 200 <= answer.status < 300 or answer.status in accept:
                return answer.content
            if await patience.after(answer.status, answer.content, answer.retry_after):
                continue
            expired = _is_expired(answer.content) and not path.endswith("/login")
            if self.renewal is not None and expired and not renewed:
                await self._renew(self.renewal, token)
                renewed = True
                continue
            _refuse(method, path, answer.status, answer.content)

    async def _renew(self, renewal: Renewal, expired_token: str) -> None:
        """Log in again, once for all requests that found the token expired."""
        async with self._renewing:
            if self.access_token == expired_token:
                log.info("the session has expired, logging in again")
                await renewal()

    async def download(self, path: str, most_bytes: int) -> bytes:
        """The body of a GET, refused beyond `most_bytes`: by its announced length before a byte is read, or on the way.

        Raises:
            FileRefused: it is larger; and whatever `request` raises.
        """
        patience = _Patience(RETRY_PAUSES_S, BUSY_PAUSES_S)
        while True:
            try:
                async with self._pool().get(
                    self.homeserver + path,
                    headers=self._headers(),
                    timeout=aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_S),
                ) as response:
                    if response.status == 200:
                        return await _bounded(response, most_bytes)
                    status, content = response.status, await _object(response)
                    retry_after = response.headers.get("Retry-After")
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                if not await patience.after_no_answer():
                    raise ServerUnreachable(self.homeserver) from error
                continue
            if not await patience.after(status, content, retry_after):
                _refuse("GET", path, status, content)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _attempt(self, method: str, path: str, body: Body | None, kind: str, timeout_s: float) -> _Answer:
        data = body if body is None or isinstance(body, bytes) else _encoded(body)
        async with self._pool().request(
            method,
            self.homeserver + path,
            data=data,
            headers=self._headers() | {"Content-Type": kind},
            timeout=aiohttp.ClientTimeout(total=timeout_s),
        ) as response:
            return _Answer(response.status, await _object(response), response.headers.get("Retry-After"))

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access_token}"} if self.access_token else {}

    def _pool(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session


class _Patience:
    """How often, and how long altogether, one request is put off."""

    def __init__(self, unreachable_pauses_s: tuple[float, ...], busy_pauses_s: tuple[float, ...]) -> None:
        self._unreachable = iter(unreachable_pauses_s)
        self._busy = iter(busy_pauses_s)
        self._waited_s = 0.0

    async def after_no_answer(self) -> bool:
        """Wait before the next attempt; False where there is none."""
        return await self._paused(next(self._unreachable, None))

    async def after(self, status: int, answer: Json, retry_after: str | None) -> bool:
        """Wait as that answer asks; False where it is final."""
        if status == 429:
            waiting_s = _asked_wait_s(answer, retry_after)
            if self._waited_s + waiting_s > LONGEST_WAIT_S:
                return False
            self._waited_s += waiting_s
            return await self._paused(waiting_s)
        return status in SERVER_BUSY and await self._paused(next(self._busy, None))

    async def _paused(self, pause_s: float | None) -> bool:
        if pause_s is not None:
            await asyncio.sleep(pause_s)
        return pause_s is not None


def _asked_wait_s(answer: Json, retry_after: str | None) -> float:
    """Seconds that a 429 asks for, in its body (Synapse) or its header (a proxy)."""
    asked_ms = answer.get("retry_after_ms")
    if isinstance(asked_ms, int | float) and not isinstance(asked_ms, bool) and asked_ms >= 0:
        return float(asked_ms) / 1000
    return float(retry_after) if retry_after is not None and retry_after.isdecimal() else UNNAMED_WAIT_S


def path_of(*segments: str, api: str = CLIENT_API) -> str:
    """A path of the client-server API with every segment percent-encoded."""
    return "/".join((api, *(quote(segment, safe="") for segment in segments)))


def _encoded(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


async def _bounded(response: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    if (response.content_length or 0) > most_bytes:
        raise FileRefused.larger_than(most_bytes)
    content = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
        content += chunk
        if len(content) > most_bytes:
            raise FileRefused.larger_than(most_bytes)
    return bytes(content)


async def _object(response: aiohttp.ClientResponse) -> Json:
    try:
        answer = json_reading.parse(await response.read())
    except ValueError:
        answer = None
    if isinstance(answer, list):
        return {"chunk": answer}
    if isinstance(answer, dict):
        return answer
    if response.status < 300:
        raise BadAnswer(f"What answers at {response.url.origin()} is not a Matrix homeserver.")
    return {}


def _is_expired(answer: Json) -> bool:
    """A soft logout: the token is no longer good, while device and keys are (specification, "Soft logout")."""
    return answer.get("errcode") == "M_UNKNOWN_TOKEN" and answer.get("soft_logout") is True


def _refuse(method: str, path: str, status: int, answer: Json) -> NoReturn:
    errcode, reason = str(answer.get("errcode", "")), str(answer.get("error", "")).rstrip(".")
    what = f"{method} {path.split('?')[0]}"
    kind = RequestRefused
    if errcode in LOCKED_ERRCODES:
        kind = AccountLocked
    elif _is_expired(answer):
        kind = SessionExpired
    elif errcode in ("M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"):
        kind = SessionEnded
    elif status == 429:
        kind = RateLimited
    elif path.endswith("/login") and errcode == "M_FORBIDDEN":
        kind = WrongPassword
    raise kind(status, errcode, reason, what)
