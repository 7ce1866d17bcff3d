"""What can go wrong on the way to the homeserver, how often, and when: the same for the fake port and the proxy."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Fault(StrEnum):
    """One way in which a request fails."""

    LIMITED = "limited"
    """Answered 429; the homeserver never saw it."""
    FAILED = "failed"
    """Answered 500; the homeserver never saw it."""
    CUT = "cut"
    """The connection ends before the homeserver saw it."""
    LOST = "lost"
    """The homeserver did what was asked, and the connection ends before its answer."""
    SPOILT = "spoilt"
    """The homeserver did what was asked, and what comes back is a 502."""
    DELAYED = "delayed"
    """The answer comes late."""
    REPEATED = "repeated"
    """A sync is answered with the answer that the sync before it got; other requests as usual."""
    GAP = "gap"
    """A sync is answered without its messages to the device, which the homeserver takes for delivered."""

    @property
    def hides_an_effect(self) -> bool:
        """Whether the homeserver did what was asked, although it looks as if not."""
        return self in (Fault.LOST, Fault.SPOILT)


SYNC_FAULTS = frozenset({Fault.REPEATED, Fault.GAP})
SYNC = "/sync"

FOUL: Mapping[Fault, float] = MappingProxyType({Fault.LIMITED: 0.1, Fault.FAILED: 0.1})
"""Every fifth request is refused."""
TREACHEROUS: Mapping[Fault, float] = MappingProxyType(
    {
        Fault.LIMITED: 0.06,
        Fault.FAILED: 0.06,
        Fault.CUT: 0.04,
        Fault.LOST: 0.04,
        Fault.SPOILT: 0.04,
        Fault.DELAYED: 0.04,
        Fault.REPEATED: 0.05,
    }
)
"""Nearly every fourth request is refused, and of those a third was carried out."""


@dataclass(frozen=True)
class Once:
    """A fault that waits for its request."""

    fault: Fault
    path: str
    """What stands in the request's path, `/send/` for instance."""


@dataclass
class Network:
    """The way between a bot and its homeserver; fair until it is told otherwise."""

    dice: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - nothing to guess
    shares: Mapping[Fault, float] = field(default_factory=dict)
    """Of all requests; together at most 1."""
    down: bool = False
    """Nobody answers at all."""
    retry_after_ms: int = 20
    delay_s: float = 0.3

    def __post_init__(self) -> None:
        self._waiting: list[Once] = []
        self.met: dict[Fault, int] = dict.fromkeys(Fault, 0)
        """How many requests met which fault."""
        self.requests = 0

    def breaks(self, fault: Fault, path: str = "/", times: int = 1) -> None:
        """The next `times` requests with `path` in their path meet `fault`."""
        self._waiting += [Once(fault, path)] * times

    def meets(self, path: str) -> Fault | None:
        """What happens to a request to `path`; counts it."""
        self.requests += 1
        fault = Fault.CUT if self.down else self._waiting_for(path) or self._by_chance(path)
        if fault is not None:
            self.met[fault] += 1
        return fault

    def _waiting_for(self, path: str) -> Fault | None:
        for once in self._waiting:
            if once.path in path:
                self._waiting.remove(once)
                return once.fault
        return None

    def _by_chance(self, path: str) -> Fault | None:
        drawn = self.dice.random()
        for fault, share in self.shares.items():
            if drawn < share:
                return None if fault in SYNC_FAULTS and not path.endswith(SYNC) else fault
            drawn -= share
        return None
