"""What is known of each bot while it runs: written by those who run it, read by readiness, figures and the doctor."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bots.matrix.vitals import DeviceVitals


class BotState(StrEnum):
    """A bot goes starting -> ready; what ends it unasked brings backing_off, then starting again."""

    STARTING = "starting"
    READY = "ready"
    """Synced once, on a device that its owner has signed."""
    BACKING_OFF = "backing off"
    DOWN = "down"
    """It stays down until an operator has done what its note says."""
    STOPPED = "stopped"


@dataclass
class Vitals:
    """One bot; changed in the event loop alone."""

    name: str
    user_id: str
    state: BotState = BotState.STARTING
    since: datetime | None = None
    note: str = ""
    """Why it is down or backing off: one sentence of ours."""
    restarts: int = 0
    started_in_s: float | None = None
    """From the start of its task to its being ready, the last time."""
    probe: Callable[[], DeviceVitals] | None = field(default=None, repr=False)
    """Asks the bot's connection, while there is one."""

    def enter(self, state: BotState, now: datetime, note: str = "") -> None:
        """A new state began."""
        self.state, self.since, self.note = state, now, note

    @property
    def device(self) -> DeviceVitals | None:
        return None if self.probe is None else self.probe()

    def as_json(self) -> dict[str, Any]:
        """For files and answers; moments as ISO 8601."""
        device = self.device
        return {
            "name": self.name,
            "user_id": self.user_id,
            "state": self.state.value,
            "since": None if self.since is None else self.since.isoformat(),
            "note": self.note,
            "restarts": self.restarts,
            "started_in_s": self.started_in_s,
            "device": None if device is None else device.as_json(),
        }


@dataclass(frozen=True)
class Backlog:
    """What of one bot waits in the database."""

    inbox: int = 0
    inbox_lag_s: float = 0.0
    dead_events: int = 0
    """Set aside: they could not be dealt with."""
    outbox: int = 0
    outbox_lag_s: float = 0.0
    dead: int = 0
    """Messages that could not be sent."""
    jobs: int = 0
    jobs_lag_s: float = 0.0
    dead_jobs: int = 0
