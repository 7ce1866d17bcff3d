"""Who runs HueP in a state folder: one supervisor at a time, which others can find, ask and stop."""

import contextlib
import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from huep.errors import HuepError
from huep.stack.service import ServiceState, ServiceStatus
from huep.state import StateFolder, write_private

STOP_TIMEOUT_S = 120.0
POLL_S = 0.1


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
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunning(
                f"HueP already runs in {state.root}: see `huep status`, or stop it with `huep down`."
            ) from error
        yield


def announce(state: StateFolder, phase: str, services: list[ServiceStatus]) -> None:
    """Publish how everything stands."""
    content = {"pid": os.getpid(), "phase": phase, "services": [asdict(service) for service in services]}
    write_private(state.run / "status.json", json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def look(state: StateFolder) -> Presence:
    """What the supervisor last published.

    Raises:
        NotRunning: nobody holds the folder now.
    """
    state.server_name()
    with contextlib.suppress(AlreadyRunning), hold(state):
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
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while time.monotonic() < deadline:
        with contextlib.suppress(AlreadyRunning), hold(state):
            return
        time.sleep(POLL_S)
    raise DidNotStop(f"HueP (process {presence.pid}) still runs after {STOP_TIMEOUT_S:.0f} s: see {state.logs}.")
