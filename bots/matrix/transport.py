"""JSON requests to the homeserver: typed errors, bounded waiting, no secret in any message."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import quote

import aiohttp

from bots.matrix.errors import (
    AccountLocked,
    BadAnswer,
    RateLimited,
    RequestRefused,
    ServerUnreachable,
    SessionEnded,
    WrongPassword,
)
from bots.matrix.signing import Json

REQUEST_TIMEOUT_S = 60.0
LONGEST_WAIT_S = 30.0
"""How long one request may be put off by 429 altogether."""
RETRY_PAUSES_S = (0.1, 0.5, 1.5)
BUSY_PAUSES_S = (0.2, 0.5, 1.0, 2.0, 4.0, 4.0)
"""While Synapse answers that it cannot now: long enough for its PostgreSQL to come back."""
CLIENT_API = "/_matrix/client/v3"

LOCKED_ERRCODES = frozenset({"M_USER_LOCKED", "ORG_MATRIX_EXPIRED_ACCOUNT", "M_USER_DEACTIVATED"})
SERVER_BUSY = frozenset({500, 502, 503, 504})


@dataclass
class Transport:
    """One homeserver, one access token, one pool of connections."""

    homeserver: str
    access_token: str = ""

    def __post_init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        timeout_s: float = REQUEST_TIMEOUT_S,
        retries: bool = True,
        accept: tuple[int, ...] = (),
    ) -> Json:
        """The JSON object that the server answers with; a list comes as `{"chunk": [...]}`.

        Args:
            method: HTTP method; everything sent is safe to repeat (transaction IDs).
            path: with its query, percent-encoded (see `path_of`).
            body: sent as JSON.
            timeout_s: for one attempt.
            retries: whether to try again when the server cannot be reached, or cannot answer now.
            accept: error statuses whose body is wanted as the answer, 401 for user-interactive authentication.

        Raises:
            ServerUnreachable, RateLimited, AccountLocked, SessionEnded, RequestRefused, BadAnswer.
        """
        pauses = iter(RETRY_PAUSES_S if retries else ())
        busy_pauses = iter(BUSY_PAUSES_S if retries else ())
        waited_s = 0.0
        while True:
            try:
                status, answer = await self._attempt(method, path, body, timeout_s)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                if (pause := next(pauses, None)) is None:
                    raise ServerUnreachable(self.homeserver) from error
                await asyncio.sleep(pause)
                continue
            if status in SERVER_BUSY and (pause := next(busy_pauses, None)) is not None:
                await asyncio.sleep(pause)
                continue
            if status == 429:
                waiting_s = float(answer.get("retry_after_ms") or 1000) / 1000
                if waited_s + waiting_s > LONGEST_WAIT_S:
                    _refuse(method, path, status, answer)
                waited_s += waiting_s
                await asyncio.sleep(waiting_s)
                continue
            if 200 <= status < 300 or status in accept:
                return answer
            _refuse(method, path, status, answer)

    async def download(self, path: str, most_bytes: int) -> bytes:
        """The body of a GET, refused beyond `most_bytes`."""
        try:
            async with self._pool().get(
                self.homeserver + path,
                headers=self._headers(),
                timeout=aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_S),
            ) as response:
                if response.status != 200:
                    _refuse("GET", path, response.status, await _object(response))
                content = bytearray()
                async for chunk in response.content.iter_chunked(65_536):
                    content += chunk
                    if len(content) > most_bytes:
                        raise BadAnswer(f"The file is larger than {most_bytes} bytes, so it was not fetched.")
                return bytes(content)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ServerUnreachable(self.homeserver) from error

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _attempt(
        self, method: str, path: str, body: Mapping[str, Any] | None, timeout_s: float
    ) -> tuple[int, Json]:
        data = None if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        async with self._pool().request(
            method,
            self.homeserver + path,
            data=data,
            headers=self._headers(),
            timeout=aiohttp.ClientTimeout(total=timeout_s),
        ) as response:
            return response.status, await _object(response)

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        if self.access_token:
            headers["Authorization"] = f"Bearer {self.access_token}"
        return headers

    def _pool(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session


def path_of(*segments: str, api: str = CLIENT_API) -> str:
    """A path of the client-server API with every segment percent-encoded."""
    return "/".join((api, *(quote(segment, safe="") for segment in segments)))


async def _object(response: aiohttp.ClientResponse) -> Json:
    try:
        answer = json.loads(await response.read())
    except ValueError:
        answer = None
    if isinstance(answer, list):
        return {"chunk": answer}
    if isinstance(answer, dict):
        return answer
    if response.status < 300:
        raise BadAnswer(f"What answers at {response.url.origin()} is not a Matrix homeserver.")
    return {}


def _refuse(method: str, path: str, status: int, answer: Json) -> NoReturn:
    errcode, reason = str(answer.get("errcode", "")), str(answer.get("error", "")).rstrip(".")
    what = f"{method} {path.split('?')[0]}"
    kind = RequestRefused
    if errcode in LOCKED_ERRCODES:
        kind = AccountLocked
    elif errcode in ("M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"):
        kind = SessionEnded
    elif status == 429:
        kind = RateLimited
    elif path.endswith("/login") and errcode == "M_FORBIDDEN":
        kind = WrongPassword
    raise kind(status, errcode, reason, what)
