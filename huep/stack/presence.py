"""Who runs HueP in a state folder: one supervisor at a time, which others can find, ask and stop."""

import contextlib
import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import IO

from huep.errors import HuepError
from huep.stack.service import ServiceState, ServiceStatus
from huep.state import StateFolder, write_private

STOP_TIMEOUT_S = 120.0
POLL_S = 0.1
LOOK_S = 1.0


class AlreadyRunning(HuepError):
    """Another supervisor holds this state folder."""


class NotRunning(HuepError):
    """No supervisor holds this state folder."""

    exit_code = 3


class DidNotStop(HuepError):
    """The supervisor was asked to stop and is still there."""


@dataclass(frozen=True)
class Presence:
    """What the running supervisor says of itself."""

    pid: int
    phase: str
    """starting, ready or stopping."""
    services: tuple[ServiceStatus, ...]


@contextlib.contextmanager
def hold(state: StateFolder) -> Iterator[None]:
    """Be the one who runs, or changes, this state folder; the lock ends with the process, whatever ends it.

    Raises:
        AlreadyRunning: somebody else is.
    """
    state.run.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (state.run / "lock").open("a") as lock:
        # Whoever only looks holds the lock for a moment.
        if not any(_taken(lock) for _ in _pauses(LOOK_S)):
            raise AlreadyRunning(f"HueP already runs in {state.root}: see `huep status`, or stop it with `huep down`.")
        (state.run / "status.json").unlink(missing_ok=True)
        yield


def is_held(state: StateFolder) -> bool:
    """Whether somebody runs, or changes, this state folder now."""
    if not state.run.is_dir():
        return False
    with (state.run / "lock").open("a") as lock:
        return not _taken(lock)


def _taken(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _pauses(within_s: float) -> Iterator[None]:
    deadline = time.monotonic() + within_s
    yield
    while time.monotonic() < deadline:
        time.sleep(POLL_S)
        yield


def announce(state: StateFolder, phase: str, services: list[ServiceStatus]) -> None:
    """Publish how everything stands; on a full disk nothing is published, and everything goes on."""
    content = {"pid": os.getpid(), "phase": phase, "services": [asdict(service) for service in services]}
    with contextlib.suppress(OSError):
        write_private(state.run / "status.json", json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def look(state: StateFolder) -> Presence:
    """What the supervisor last published.

    Raises:
        NotRunning: nobody holds the folder now.
    """
    state.server_name()
    if not is_held(state):
        raise NotRunning(f"HueP does not run in {state.root}: start it with `huep up`.")
    try:
        content = json.loads((state.run / "status.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise NotRunning(f"HueP is just starting in {state.root}, or another command holds it: ask again.") from error
    services = tuple(
        ServiceStatus(**{**service, "state": ServiceState(service["state"])}) for service in content["services"]
    )
    return Presence(content["pid"], content["phase"], services)


def stop(state: StateFolder) -> None:
    """Ask the running supervisor to stop all, and wait until it has.

    Raises:
        NotRunning: there is none.
        DidNotStop: it is still there after two minutes.
    """
    presence = look(state)
    os.kill(presence.pid, signal.SIGTERM)
    if any(not is_held(state) for _ in _pauses(STOP_TIMEOUT_S)):
        return
    raise DidNotStop(f"HueP (process {presence.pid}) still runs after {STOP_TIMEOUT_S:.0f} s: see {state.logs}.")
