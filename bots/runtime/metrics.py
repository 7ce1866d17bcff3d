"""What is counted of commands: names and results, never who asked or what was written."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram

UNKNOWN = "none"
"""The command of a message that asked for none, or for one that its sender may not use."""
SECONDS_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


@dataclass
class Trace:
    """What became of one event; filled in on its way through the middleware."""

    command: str = UNKNOWN
    result: str = "ignored"
    """ignored, refused (device), stranger, heard (beside commands), unknown, asked, stopped, answered, acted or
    failed."""


class CommandMetrics:
    """Counters of one process; the bots in it share them."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._events = Counter(
            "huep_bot_events_total",
            "Events that a bot dealt with, by what was asked and what became of it",
            ("bot", "command", "result"),
            registry=registry,
        )
        self._seconds = Histogram(
            "huep_bot_dispatch_seconds",
            "From a decrypted event to what follows from it, the sending not counted",
            ("bot",),
            buckets=SECONDS_BUCKETS,
            registry=registry,
        )

    def count(self, bot: str, trace: Trace, seconds: float) -> None:
        """One event was dealt with in so many seconds."""
        self._events.labels(bot, trace.command, trace.result).inc()
        self._seconds.labels(bot).observe(seconds)
