"""What a supervised process is, and what its states are."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from signal import Signals


class ServiceState(StrEnum):
    """A service goes waiting -> starting -> ready; an unexpected end brings backing_off, then starting again."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    RUNNING = "running"
    """A task that goes on."""
    BACKING_OFF = "backing off"
    DONE = "done"
    """A task that ended well; it is not started again."""
    STOPPED = "stopped"


@dataclass(frozen=True)
class Service:
    """A process that HueP keeps running."""

    name: str
    title: str
    """What the status table calls it."""
    command: tuple[str, ...]
    log: Path
    ready: Callable[[], Awaitable[bool]]
    where: str = ""
    """Address, for the status table."""
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: Signals = Signals.SIGTERM
    stop_timeout_s: float = 30.0
    start_timeout_s: float = 120.0
    before_start: Callable[[], object] = lambda: None
    """Done before each start, the first and any other."""
    has_children: bool = False
    """Its own processes would outlive it where it was killed, and keep its ports: they are ended with it."""
    once: bool = False
    """A task: it is done when it exits with 0."""


@dataclass(frozen=True)
class ServiceStatus:
    """How a service stands, as the status table shows it."""

    name: str
    title: str
    state: ServiceState
    where: str
    pid: int | None
    restarts: int
    since: float
    """Unix time of the last change of state, in seconds."""
    log: str
    note: str = ""


BACKOFF_FIRST_S = 1.0
BACKOFF_LONGEST_S = 60.0
STEADY_AFTER_S = 60.0
"""A process that held this long starts again from the shortest back-off."""


def backoff_s(failures: int) -> float:
    """How long to wait before the next start, after so many failures in a row (1 or more)."""
    return min(BACKOFF_FIRST_S * 2.0 ** min(failures - 1, 16), BACKOFF_LONGEST_S)
