"""Requests to Synapse: typed errors, and retries that are bounded and never repeat what may have been done."""

import asyncio
from collections.abc import Mapping
from typing import Any, Self

import httpx

from huep.errors import HuepError

MOST_ATTEMPTS = 6
LONGEST_WAIT_S = 20.0
"""Seconds between two attempts, whatever Synapse asks for."""
REQUEST_TIMEOUT_S = 120.0
"""A batch of 200 joins into one room takes up to 30 s on a quiet machine."""

_ADVICE = {
    "M_UNKNOWN_TOKEN": "the access token is not valid any more: log the service account in again",
    "M_MISSING_TOKEN": "no access token was sent",
    "M_FORBIDDEN": "the account that asked has not the right to do this",
    "M_USER_LOCKED": "the account that asked is locked",
    "M_NOT_FOUND": "what was asked for does not exist",
    "M_USER_IN_USE": "choose another localpart",
    "M_LIMIT_EXCEEDED": "too many requests: lift the limits of the service account, or wait",
    "M_UNRECOGNIZED": "this Synapse has no such endpoint: is the module account_lifecycle in homeserver.yaml?",
    "M_TOO_LARGE": "send less in one request",
}


class SynapseRefused(HuepError):
    """Synapse answered, and the answer is no.

    Attributes:
        status: HTTP status.
        errcode: Matrix error code, such as `M_FORBIDDEN`.
        said: Synapse's own words.
    """

    def __init__(self, what: str, status: int, errcode: str, said: str) -> None:
        self.status = status
        self.errcode = errcode
        self.said = said
        advice = _ADVICE.get(errcode)
        super().__init__(
            f"Synapse refused to {what} ({status} {errcode}: {said})" + (f"; {advice}." if advice else ".")
        )


class SynapseUnreachable(HuepError):
    """Synapse did not answer, or answered with nonsense, for all attempts."""


def open_http(
    base_url: str, timeout: float | httpx.Timeout, transport: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    """A client for one address of HueP's own; no proxy of the environment stands between its processes.

    Certificates are loaded where there are any to verify: httpx needs longer for them than for a request on one host.
    """
    secure = not base_url.startswith("http://")
    return httpx.AsyncClient(base_url=base_url, timeout=timeout, trust_env=False, transport=transport, verify=secure)


class SynapseHttp:
    """JSON over HTTP with one bearer token, which never shows in errors or representations."""

    def __init__(
        self,
        base_url: str,
        timeout_s: float = REQUEST_TIMEOUT_S,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._client = open_http(self._base_url, httpx.Timeout(timeout_s, connect=5.0), transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._client.aclose()

    async def request(
        self,
        what: str,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
    ) -> dict[str, Any]:
        """The JSON object that answers.

        Args:
            what: completes "Synapse refused to ..." in an error.
            method: HTTP method.
            path: absolute, with its variables quoted.
            token: sent as bearer token.
            body: sent as JSON.
            query: sent in the URL.
            repeatable: whether doing it twice is the same as doing it once; by default all but POST. What is not
                repeatable is tried again only where Synapse cannot have begun it.

        Raises:
            SynapseRefused: the answer is no.
            SynapseUnreachable: there is no answer, or none that can be read.
        """
        may_repeat = method != "POST" if repeatable is None else repeatable
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        problem = "no attempt was made"
        for attempt in range(1, MOST_ATTEMPTS + 1):
            wait_s = min(0.25 * 2**attempt, LONGEST_WAIT_S)
            try:
                response = await self._client.request(method, path, headers=headers, json=body, params=query)
            except httpx.ConnectError:
                problem = "nothing listens there"
            except httpx.TransportError as error:
                problem = f"the connection failed ({type(error).__name__})"
                if not may_repeat:
                    break
            else:
                answer = _json_object(response)
                if response.is_success:
                    return answer
                errcode, said = str(answer.get("errcode", "M_UNKNOWN")), str(answer.get("error", ""))
                limited = response.status_code == httpx.codes.TOO_MANY_REQUESTS and errcode == "M_LIMIT_EXCEEDED"
                if limited:
                    wait_s = min(float(answer.get("retry_after_ms", 1000)) / 1000 + 0.05, LONGEST_WAIT_S)
                failed = response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR and may_repeat
                if not (limited or failed) or attempt == MOST_ATTEMPTS:
                    raise SynapseRefused(what, response.status_code, errcode, said)
                problem = f"it answered {response.status_code} {errcode}"
            if attempt < MOST_ATTEMPTS:
                await asyncio.sleep(wait_s)
        raise SynapseUnreachable(
            f"Synapse at {self._base_url} cannot be asked to {what}: {problem}. See `huep status` and logs/synapse.log."
        )


def _json_object(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
