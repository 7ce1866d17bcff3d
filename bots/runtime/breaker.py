"""Pure: how many messages may be on their way at once, by how the homeserver takes them.

| state | may be on their way | becomes |
|---|---|---|
| closed | the window: one more after each message that arrived, half after a 429 | open after FAILURES_IN_A_ROW |
| open | none until the probe is due | half-open when it is |
| half-open | one, the probe | closed with a window of one when it arrived; open, for twice as long, when not |

So a server that comes back meets one message first, then two, and never all that waited.
"""

from enum import StrEnum

from bots.runtime.backoff import Backoff

MOST_AT_ONCE = 8
FAILURES_IN_A_ROW = 5


class BreakerState(StrEnum):
    """See the table above."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker:
    """Fed with what became of each message; asked before each. All moments are of one monotonic clock, in seconds."""

    def __init__(self, most_at_once: int = MOST_AT_ONCE, backoff: Backoff | None = None) -> None:
        self._most = most_at_once
        self._backoff = backoff or Backoff(first_s=1.0, longest_s=30.0)
        self._window = most_at_once
        self._in_a_row = 0
        self._openings = 0
        self._state = BreakerState.CLOSED
        self._probe_at_s = 0.0

    @property
    def state(self) -> BreakerState:
        return self._state

    def permits(self, now_s: float) -> int:
        """How many messages may be on their way now."""
        if self._state is BreakerState.OPEN and now_s >= self._probe_at_s:
            self._state = BreakerState.HALF_OPEN
        match self._state:
            case BreakerState.CLOSED:
                return self._window
            case BreakerState.HALF_OPEN:
                return 1
            case BreakerState.OPEN:
                return 0

    def probe_in_s(self, now_s: float) -> float | None:
        """Seconds until the next probe is due; None unless open."""
        return max(0.0, self._probe_at_s - now_s) if self._state is BreakerState.OPEN else None

    def answered(self) -> None:
        """A message arrived, or was refused for what it is: the server is there."""
        self._in_a_row = 0
        self._openings = 0
        self._window = min(self._most, self._window + 1) if self._state is BreakerState.CLOSED else 1
        self._state = BreakerState.CLOSED

    def asked_to_wait(self) -> None:
        """The server answered 429: it is there, and wants less."""
        self._in_a_row = 0
        self._openings = 0
        self._window = max(1, self._window // 2) if self._state is BreakerState.CLOSED else 1
        self._state = BreakerState.CLOSED

    def failed(self, now_s: float) -> None:
        """A message met no server, or one that cannot answer now."""
        self._in_a_row += 1
        if self._state is BreakerState.HALF_OPEN or self._in_a_row >= FAILURES_IN_A_ROW:
            if self._state is not BreakerState.OPEN:
                self._openings += 1
                self._probe_at_s = now_s + self._backoff.pause_s(self._openings)
            self._state = BreakerState.OPEN

    def heard(self, now_s: float) -> None:
        """The server answered somebody else: the next message may try at once."""
        if self._state is BreakerState.OPEN:
            self._probe_at_s = now_s
