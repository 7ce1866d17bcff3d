"""What dealing with one event comes to: changes of the database, and messages to send; nothing is done by saying so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import Connection


class Priority(IntEnum):
    """Whose room is served first; within a room the order stays."""

    URGENT = 0
    REPLY = 1
    ANNOUNCEMENT = 2
    DIGEST = 3


@dataclass(frozen=True)
class Outgoing:
    """One event to send."""

    room_id: str
    event_type: str
    content: Mapping[str, Any]
    priority: Priority = Priority.REPLY
    not_before: datetime | None = None
    """Until then it is held back, such as over night, and nothing waits for it; `WorkingCalendar.next_working_moment`
    computes it for what is no answer and not urgent."""


@dataclass(frozen=True)
class Outcome:
    """Committed in one transaction with the event that it answers."""

    outgoing: tuple[Outgoing, ...] = ()
    writes: tuple[Callable[[Connection], None], ...] = ()
    """Run in order on one connection; whatever one of them raises undoes them all."""
