"""What is inside the building, by address: loopback, private networks, and those that huep.toml names."""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_URL = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_LOCAL_NAMES = ("localhost", ".localhost")


def nowhere(_host: str) -> Collection[str]:
    """Resolves no name."""
    return ()


@dataclass(frozen=True)
class Building:
    """Tells inside from outside."""

    own_hosts: frozenset[str] = frozenset()
    """Names under which HueP itself is reached."""
    networks: tuple[Network, ...] = ()
    """Public networks that are the province's own: `[building] networks`."""
    resolve: Callable[[str], Collection[str]] = nowhere
    """Addresses of a name; none where it has none."""

    def holds_address(self, text: str) -> bool:
        """Whether a literal address is of the building."""
        try:
            address = ip_address(text.partition("%")[0])
        except ValueError:
            return False
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        address = mapped or address
        # "Private" holds for addresses that are set aside for examples too; nothing answers there.
        return address.is_private or any(address in network for network in self.networks)

    def holds(self, host: str) -> bool:
        """Whether a host is of the building: by its address, or by all addresses of its name."""
        host = host.strip("[]").rstrip(".").lower()
        if host in self.own_hosts or host.endswith(_LOCAL_NAMES):
            return True
        try:
            ip_address(host.partition("%")[0])
        except ValueError:
            found = self.resolve(host)
            return bool(found) and all(map(self.holds_address, found))
        return self.holds_address(host)

    def holds_url(self, url: str) -> bool:
        """Whether the host of an address such as `https://host:8443/path` is of the building."""
        host = host_of(url)
        return host is not None and self.holds(host)


def host_of(url: str) -> str | None:
    """The host of a URL; None where there is none."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def urls_in(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """(path, URL) of every text in a tree of mappings and lists that is an address with a scheme."""
    if isinstance(value, str):
        if _URL.match(value):
            yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from urls_in(inner, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from urls_in(inner, f"{path}[{number}]")


def is_loopback(text: str) -> bool:
    """Whether only this host reaches an address that something listens on."""
    if text.lower().endswith(_LOCAL_NAMES):
        return True
    try:
        address = ip_address(text)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
