"""What can be put right about a device without asking anybody: its keys, its signature, invitations it missed."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, urlencode

import structlog

from bots.matrix.client import CryptoClient
from bots.matrix.signing import Json
from bots.matrix.transport import path_of

log = structlog.get_logger(__name__)

INVITATIONS_ALONE: Json = {
    "presence": {"types": []},
    "account_data": {"types": []},
    "room": {
        "timeline": {"types": [], "limit": 1},
        "state": {"types": []},
        "ephemeral": {"types": []},
        "account_data": {"types": []},
    },
}
"""Invitations come whole whatever a filter says of rooms."""


class Establish(Protocol):
    """Makes our device cross-signed, as `cross_signing.establish` does."""

    def __call__(self, *, reset: bool = False, renew: bool = False) -> Awaitable[None]: ...


@dataclass(frozen=True)
class Mended:
    """What was done to one device."""

    one_time_keys: int
    """So many the server has now."""
    signed: bool
    """Whether the device's signature was missing."""
    invitations: int
    """So many had been missed; they are answered now."""


async def sign_again(client: CryptoClient, is_signed: Callable[[], bool], establish: Establish | None) -> bool:
    """Bring our signatures back; True where our device was not signed before."""
    await client.query_keys([client.user_id])
    was_signed = is_signed()
    if establish is not None:
        await establish(renew=True)
    return not was_signed and is_signed()


async def invitations(client: CryptoClient) -> dict[str, Any]:
    """All invitations that stand now, as a sync brings them."""
    query = urlencode({"filter": json.dumps(INVITATIONS_ALONE), "timeout": 0}, quote_via=quote)
    answer = await client.transport.request("GET", f"{path_of('sync')}?{query}")
    invited = (answer.get("rooms") or {}).get("invite")
    return invited if isinstance(invited, dict) else {}
