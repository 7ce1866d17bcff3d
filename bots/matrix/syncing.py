"""The long poll: asked again for as long as it takes, through restarts of the server."""

import asyncio
import json
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import structlog

from bots.matrix.errors import MatrixError, RateLimited, RequestRefused, ServerUnreachable
from bots.matrix.signing import Json
from bots.matrix.transport import SERVER_BUSY, Transport, path_of

log = structlog.get_logger(__name__)

LONG_POLL_MS = 30_000
GRACE_S = 30
TIMELINE_LIMIT = 50
RECONNECT_PAUSES_S = (0.2, 0.5, 1.0, 2.0, 5.0)

FILTER: Json = {
    "presence": {"types": []},
    "account_data": {"types": []},
    "room": {
        "timeline": {"limit": TIMELINE_LIMIT},
        "state": {"lazy_load_members": False},
        "account_data": {"types": []},
        "include_leave": False,
    },
}


def filter_for(*, receipts: bool) -> Json:
    """What a sync is to bring; who types is never asked for, who has read what where `receipts` are wanted."""
    return FILTER | {"room": FILTER["room"] | {"ephemeral": {"types": ["m.receipt"] if receipts else []}}}


async def sync(transport: Transport, since: str | None, wait_ms: int, *, receipts: bool = False) -> Json:
    """One answer of `/sync`, not tried again."""
    asked = json.dumps(filter_for(receipts=receipts))
    query = {"filter": asked, "timeout": wait_ms} | ({} if since is None else {"since": since})
    path = f"{path_of('sync')}?{urlencode(query, quote_via=quote)}"
    return await transport.request("GET", path, timeout_s=LONG_POLL_MS / 1000 + GRACE_S, retries=False)


class Reconnecting:
    """The pauses between attempts while the server is away."""

    def __init__(self) -> None:
        self._pauses: Iterator[float] = iter(RECONNECT_PAUSES_S)

    async def after(self, error: MatrixError) -> None:
        """Wait before the next attempt.

        Raises:
            MatrixError: the error itself, where another attempt would be answered no differently.
        """
        passing = isinstance(error, ServerUnreachable | RateLimited) or (
            isinstance(error, RequestRefused) and error.status in SERVER_BUSY
        )
        if not passing:
            raise error
        log.warning("the homeserver is away, asking again", error=type(error).__name__)
        await asyncio.sleep(next(self._pauses, RECONNECT_PAUSES_S[-1]))
