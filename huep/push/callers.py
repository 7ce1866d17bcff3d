"""How much one address may take of the gateway; an office, or a whole province behind one router, shares an address."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from aiohttp import web

MOST_CONNECTIONS = 5_000
"""Of phones that listen at the same time; each phone keeps one."""
MOST_NEW_TOPICS = 20_000
"""Within an hour; after a restart of the gateway every topic is new once."""
_WINDOW_S = 3600
_ONE_SITE_BITS = 64
"""One machine has all IPv6 addresses of such a network to itself."""


class TooMuch(Exception):
    """An address has what one address may have."""


class Callers:
    """Counts by address; None, who calls from this host, is not counted."""

    def __init__(self, now_s: Callable[[], int]) -> None:
        self._now_s = now_s
        self._connections: Counter[str] = Counter()
        self._new_topics: Counter[str] = Counter()
        self._window = 0

    @contextmanager
    def connected(self, address: str | None) -> Iterator[None]:
        """While a phone listens.

        Raises:
            TooMuch: too many do at this address.
        """
        if address is None:
            yield
            return
        if self._connections[address] >= MOST_CONNECTIONS:
            raise TooMuch("too many connections from this address")
        self._connections[address] += 1
        try:
            yield
        finally:
            self._connections[address] -= 1
            if not self._connections[address]:
                del self._connections[address]

    def bring_topics(self, address: str | None, count: int) -> None:
        """Somebody writes or listens to so many topics that the gateway does not know.

        Raises:
            TooMuch: this address brought too many within the hour.
        """
        if address is None or not count:
            return
        window = self._now_s() // _WINDOW_S
        if window != self._window:
            self._window = window
            self._new_topics.clear()
        if self._new_topics[address] + count > MOST_NEW_TOPICS:
            raise TooMuch("too many new topics from this address")
        self._new_topics[address] += count


def address_of(request: web.Request) -> str | None:
    """The address that a request is counted under; None for this host itself, where Synapse is.

    A TLS proxy on this host names the caller in the last place of X-Forwarded-For; from elsewhere that header counts
    for nothing.
    """
    peer = _ip(request.remote)
    if peer is None or not _is_this_host(peer, request):
        return _counted(peer)
    named = request.headers.getall("X-Forwarded-For", [])
    return _counted(_ip(named[-1].rpartition(",")[2].strip())) if named else None


def _is_this_host(peer: IPv4Address | IPv6Address, request: web.Request) -> bool:
    own = request.transport.get_extra_info("sockname") if request.transport is not None else None
    return peer.is_loopback or (own is not None and peer == _ip(own[0]))


def _ip(text: str | None) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text or "")
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _counted(address: IPv4Address | IPv6Address | None) -> str | None:
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address), _ONE_SITE_BITS), strict=False))
    return None if address is None else str(address)
