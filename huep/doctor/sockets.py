"""Connections of HueP's own processes, as /proc shows them: who talks to whom, and who listens where.

`/proc/<pid>/net/tcp` has one line a socket: addresses in hexadecimal, 32 bits a word in the host's byte order.
"""

import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from huep.doctor.building import Building, is_loopback
from huep.doctor.finding import Finding, declared, fail, note

_LISTENING = "0A"
_OPEN = {"01", "02", "04", "05", "08"}
"""Established, being opened, being closed by us or by the other side."""
_WORD = 8
"""Hexadecimal digits."""
_IPV4_BYTES = 4
_COLUMNS = 10
"""The inode is the tenth."""


@dataclass(frozen=True)
class Socket:
    """One line: both ends, and the inode by which a process holds it."""

    local: str
    local_port: int
    peer: str
    peer_port: int
    listening: bool
    inode: int


@dataclass(frozen=True)
class Held:
    """A socket and the process that holds it."""

    process: str
    """Its name and number, for the reader."""
    socket: Socket


def parse(table: str, datagrams: bool = False) -> Iterator[Socket]:
    """The sockets of one of `tcp`, `tcp6`, `udp`, `udp6` that listen, or are connected to somebody."""
    for line in table.splitlines()[1:]:
        columns = line.split()
        if len(columns) < _COLUMNS:
            continue
        local, local_port = _end(columns[1])
        peer, peer_port = _end(columns[2])
        listening = columns[3] == _LISTENING and not datagrams
        if listening or (peer_port and (datagrams or columns[3] in _OPEN)):
            yield Socket(local, local_port, peer, peer_port, listening, int(columns[9]))


def _end(text: str) -> tuple[str, int]:
    words, _, port = text.partition(":")
    swap = -1 if sys.byteorder == "little" else 1
    packed = b"".join(bytes.fromhex(words[at : at + _WORD])[::swap] for at in range(0, len(words), _WORD))
    four = IPv4Address(packed) if len(packed) == _IPV4_BYTES else IPv6Address(packed).ipv4_mapped
    address = four or IPv6Address(packed)
    return str(address), int(port, 16)


def read_sockets(
    held: Iterable[Held], building: Building, database_port: int, declared_addresses: Collection[str] = ()
) -> Iterator[Finding]:
    """Who is talked to, by whom.

    Args:
        held: sockets of HueP's own processes.
        building: what is inside.
        database_port: PostgreSQL's, which no other host may reach.
        declared_addresses: of hosts that huep.toml declares.
    """
    every = list(held)
    doors = {one.socket.local_port for one in every if one.socket.listening}
    for one in every:
        end = one.socket
        if end.listening:
            if is_loopback(end.local):
                continue
            if end.local_port == database_port:
                yield fail(one.process, f"the database listens on {end.local}:{end.local_port}; bind it to 127.0.0.1.")
            else:
                yield note(one.process, f"listens on {end.local}:{end.local_port}, for other hosts too.")
        elif end.local_port in doors or is_loopback(end.peer):
            continue
        elif end.peer in declared_addresses:
            yield declared(one.process, f"is connected to {end.peer}:{end.peer_port}, which huep.toml declares.")
        elif building.holds_address(end.peer):
            yield note(one.process, f"is connected to {end.peer}:{end.peer_port}, another host of the building.")
        else:
            yield fail(one.process, f"is connected to {end.peer}:{end.peer_port}, outside.")
