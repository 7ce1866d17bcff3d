"""How far a device has read, and what it must not forget on the way: values that are kept in one transaction a batch.

What a sync brings is handed on first, then all of this is kept together (`Progress`). After a crash between the two the
same sync comes again, and whoever was handed its events knows them by `RoomEvent.handling_id`.
"""

from dataclasses import dataclass, replace
from typing import Protocol


@dataclass(frozen=True)
class WaitingEvent:
    """An encrypted event whose key has not come yet."""

    event_id: str
    room_id: str
    source: str
    """The event as JSON."""
    since_ms: int
    """When it came."""
    told: bool = False
    """Whether it was handed on as unreadable."""


@dataclass(frozen=True)
class Gap:
    """A stretch of a room's timeline that the server left out of a sync and that is still to be read, forwards."""

    room_id: str
    position: str
    """Token behind the last event that was handed on."""
    until: str
    """Token at which this stretch ends."""
    reached: str
    """Token up to which syncs have gone on meanwhile; what lies between `until` and it is read as the next stretch."""
    entering: bool = False
    """Whether our own joining lies in it: what was said before our invitation is not for us."""

    def next_stretch(self) -> "Gap | None":
        """What is to be read once `until` is reached; None at the end."""
        return None if self.until == self.reached else replace(self, position=self.until, until=self.reached)


@dataclass(frozen=True)
class OpenInvite:
    """An invitation of which no sync has shown that it was accepted or turned down; the server tells of it once."""

    room_id: str
    inviter: str
    since: str | None
    """Token before the sync that brought it: what was said to us since then lies behind it."""


@dataclass(frozen=True)
class Progress:
    """What dealing with one batch changes; written as a whole or not at all."""

    token: str
    waiting: tuple[WaitingEvent, ...] = ()
    """New, or told of since."""
    no_longer_waiting: tuple[str, ...] = ()
    """Event IDs."""
    gaps: tuple[Gap, ...] = ()
    """Opened, or read further."""
    filled: tuple[str, ...] = ()
    """IDs of rooms whose gap is closed."""
    invites: tuple[OpenInvite, ...] = ()
    settled: tuple[str, ...] = ()
    """IDs of rooms whose invitation is settled."""


@dataclass(frozen=True)
class Kept:
    """Everything that earlier starts have left, oldest first."""

    token: str | None = None
    waiting: tuple[WaitingEvent, ...] = ()
    gaps: tuple[Gap, ...] = ()
    invites: tuple[OpenInvite, ...] = ()


class Keeping(Protocol):
    """Where progress is kept."""

    def kept(self) -> Kept:
        """What earlier starts have left."""
        ...

    async def advance(self, progress: Progress) -> None:
        """Keep all of `progress`, or after a crash nothing of it."""
        ...
