"""The processes of one province: what the supervisor says of them, which there are, and how they die."""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from huep.stack.service import ServiceState
from huep.state import StateFolder

POLL_S = 0.1
READY_AGAIN_S = 180.0


def services(state: StateFolder) -> dict[str, dict[str, object]]:
    """What the supervisor publishes, by the service's name."""
    published = json.loads((state.run / "status.json").read_text("utf-8"))
    return {service["name"]: service for service in published["services"]}


def restarts(state: StateFolder, name: str) -> int:
    return int(str(services(state)[name]["restarts"]))


def kill(state: StateFolder, name: str) -> bool:
    """End a service as a crash does; False when it does not run just now."""
    pid = services(state)[name]["pid"]
    if pid is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(int(str(pid)), signal.SIGKILL)
        return True
    return False


def all_ready(state: StateFolder) -> bool:
    kept = [service for service in services(state).values() if service["name"] != "joins"]
    return all(service["state"] == ServiceState.READY for service in kept)


async def until(what: str, true: Callable[[], bool], within_s: float = READY_AGAIN_S) -> float:
    """Wait until `true`; returns after how many seconds it was."""
    began = time.monotonic()
    while not await asyncio.to_thread(true):
        if time.monotonic() - began > within_s:
            raise AssertionError(f"after {within_s:.0f} s still not: {what}")
        await asyncio.sleep(POLL_S)
    return time.monotonic() - began


def processes_of(state: StateFolder) -> dict[int, str]:
    """Every process that was told of this state folder, by its command line or its environment."""
    sign = str(state.root).encode()
    found = {}
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or int(process.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_bytes()
            if sign in command or sign in (process / "environ").read_bytes():
                found[int(process.name)] = command.replace(b"\0", b" ").decode(errors="replace")
    return found
