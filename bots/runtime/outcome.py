"""What dealing with one event comes to: changes of the database, and messages to send; nothing is done by saying so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import Connection

from huep.errors import HuepError

MOST_ENCLOSED_BYTES = 20 * 1024 * 1024


class Priority(IntEnum):
    """Whose room is served first; within a room the order stays."""

    URGENT = 0
    REPLY = 1
    ANNOUNCEMENT = 2
    DIGEST = 3


class EnclosureTooLarge(HuepError):
    """A file to be sent is larger than the outbox takes."""

    def __init__(self, name: str, size_bytes: int) -> None:
        super().__init__(f"The file {name} has {size_bytes} bytes; at most {MOST_ENCLOSED_BYTES} can be sent.")
        self.name = name
        self.size_bytes = size_bytes


@dataclass(frozen=True)
class Enclosure:
    """A file that a message carries, at most MOST_ENCLOSED_BYTES; it is uploaded when the message is sent."""

    name: str
    """What people see: `tien-do.png`."""
    kind: str
    """Its media type; `image/…` is shown as a picture."""
    data: bytes = field(repr=False)
    picture_px: tuple[int, int] | None = None
    """Width and height of a picture."""


@dataclass(frozen=True)
class Outgoing:
    """One event to send."""

    room_id: str
    """Or a person's user ID: then into their direct room with the bot (`direct`)."""
    event_type: str
    content: Mapping[str, Any]
    priority: Priority = Priority.REPLY
    not_before: datetime | None = None
    """Until then it is held back, such as over night, and nothing waits for it; `WorkingCalendar.next_working_moment`
    computes it for what is no answer and not urgent."""
    enclosure: Enclosure | None = None
    """Makes an `m.room.message` a picture or file; `content` is then what `text_content` makes of the caption, or
    empty."""


@dataclass(frozen=True)
class Outcome:
    """Committed in one transaction with the event that it answers."""

    outgoing: tuple[Outgoing, ...] = ()
    writes: tuple[Callable[[Connection], None], ...] = ()
    """Run in order on one connection; whatever one of them raises undoes them all."""
