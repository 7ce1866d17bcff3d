"""Runs a command where there is nothing but loopback, and counts who tried to leave: `python -m tests.clients.no_way_out`.

The first argument is the file for the figures, the rest is the command. It is to be started in a network namespace of
its own (`in_namespace` says how). Datagrams to a port where nobody listens are counted too: a resolver on loopback
would otherwise swallow the look-up of a name.
"""

import fcntl
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

OUTSIDE = (("192.0.2.1", socket.AF_INET), ("2001:db8::1", socket.AF_INET6))
"""Set aside for examples: where there is a route, packets for them are still lost."""
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1
_NAME_AND_FLAGS = "16sh"


@dataclass(frozen=True)
class Figures:
    """Attempts to leave, as the kernel counts them."""

    proof: int
    """Made on purpose: one by IPv4 and one by IPv6."""
    attempts: int
    """Made by the command."""
    exit_code: int


def in_namespace(*command: str) -> list[str]:
    """The command line that runs `command` in a network namespace of its own, with the rights to switch loopback on."""
    own_user = [] if os.geteuid() == 0 else ["--user", "--map-current-user", "--keep-caps"]
    return ["unshare", *own_user, "--net", *command]


def why_not() -> str | None:
    """Why this machine gives no network namespace; None where it does."""
    if shutil.which("unshare") is None:
        return "unshare (package util-linux) is missing"
    tried = subprocess.run(in_namespace("true"), capture_output=True, text=True, check=False)
    return tried.stderr.strip() if tried.returncode else None


def switch_loopback_on() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        asked = fcntl.ioctl(probe, _GET_FLAGS, struct.pack(_NAME_AND_FLAGS + "14x", b"lo", 0))
        flags = struct.unpack(_NAME_AND_FLAGS, asked[:18])[1]
        fcntl.ioctl(probe, _SET_FLAGS, struct.pack(_NAME_AND_FLAGS + "14x", b"lo", flags | _UP))


def attempts() -> int:
    """Packets without a route since the namespace began, and datagrams on loopback that nobody was there to take."""
    lines = [line.split() for line in Path("/proc/net/snmp").read_text().splitlines()]
    four = {
        f"{names[0]}{name}": int(value)
        for names, values in zip(lines[::2], lines[1::2], strict=True)
        for name, value in zip(names[1:], values[1:], strict=True)
    }
    six = dict(line.split() for line in Path("/proc/net/snmp6").read_text().splitlines())
    return four["Ip:OutNoRoutes"] + four["Udp:NoPorts"] + int(six["Ip6OutNoRoutes"]) + int(six["Udp6NoPorts"])


def try_to_leave() -> int:
    """How many attempts the kernel counted of one by IPv4 and one by IPv6; none of them may succeed."""
    before = attempts()
    for address, family in OUTSIDE:
        with socket.socket(family, socket.SOCK_STREAM) as probe, suppress(OSError):
            probe.settimeout(5)
            probe.connect((address, 80))
            raise SystemExit(f"{address} was reached: this is no closed network")
    return attempts() - before


def main() -> None:
    figures_file, *command = sys.argv[1:]
    switch_loopback_on()
    proof = try_to_leave()
    before = attempts()
    exit_code = subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode
    figures = Figures(proof, attempts() - before, exit_code)
    Path(figures_file).write_text(json.dumps(asdict(figures)))


if __name__ == "__main__":
    main()
