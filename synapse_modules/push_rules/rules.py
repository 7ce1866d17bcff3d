"""Through which gateway a phone may be told that there is something new: values in, values out."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from huep.push.addresses import gateway_address

IDS_ALONE = "event_id_only"
"""Matrix client-server API: a pusher of this format is sent IDs and a count, neither names nor text."""
OUTSIDE = (
    "Chưa bật được thông báo: ứng dụng này gửi thông báo qua máy chủ bên ngoài ({host}), "
    "mà mạng nội bộ không cho phép. Trên máy Android, xin cài ứng dụng ntfy theo hướng dẫn của đơn vị."
)
NOT_BY_MAIL = "Chưa bật được thông báo: ở đây không gửi thông báo qua thư điện tử."
NO_ADDRESS = "Chưa bật được thông báo: ứng dụng không cho biết máy chủ thông báo."


@dataclass(frozen=True)
class Policy:
    """Which gateways there are, each as `gateway_address` gives it."""

    own: str | None = None
    """HueP's own, as apps know it."""
    own_listens_on: str | None = None
    """Where Synapse reaches it, whatever names and proxies lie between it and the phones."""
    inside: Set[str] = frozenset()
    declared: Set[str] = frozenset()
    """Outside, and the operator's declared exceptions."""


@dataclass(frozen=True)
class Refusal:
    """Why a pusher is not taken."""

    sentence: str
    """For the person."""
    why: str
    """For the log."""


@dataclass(frozen=True)
class Route:
    """How a pusher that is taken sends."""

    data: Mapping[str, Any]
    """What is kept of it."""
    url: str
    """Where it is sent to."""
    inside: bool
    """Reached without Synapse's wall against addresses of the building, and without a proxy."""


def judge(kind: object, data: object, policy: Policy) -> Route | Refusal:
    """What becomes of a pusher, new or kept from earlier.

    Args:
        kind: of the pusher; `http` is the only one that can be taken.
        data: its `data`, as the client sent it.
        policy: which gateways there are.
    """
    if kind != "http":
        return Refusal(NOT_BY_MAIL, f"kind {kind!r}")
    given = data.get("url") if isinstance(data, Mapping) else None
    try:
        address = gateway_address(given)
    except ValueError as error:
        return Refusal(_outside(given), str(error))
    assert isinstance(data, Mapping)  # noqa: S101 - it has just given an address
    kept = {**data, "url": address, "format": IDS_ALONE}
    if address == policy.own:
        return Route(kept, policy.own_listens_on or address, inside=True)
    if address in policy.inside or address in policy.declared:
        return Route(kept, address, inside=address in policy.inside)
    return Refusal(_outside(given), f"gateway {address} is not allowed")


def _outside(given: object) -> str:
    try:
        host = urlsplit(given).hostname if isinstance(given, str) else None
    except ValueError:
        host = None
    return OUTSIDE.format(host=host) if host else NO_ADDRESS
