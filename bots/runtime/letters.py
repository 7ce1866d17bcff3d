"""Messages on their way, as values: what lies in the outbox, what the sender holds, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bots.runtime.outcome import Priority


class LetterState(StrEnum):
    """See the table of `outbox`."""

    WAITING = "waiting"
    TAKEN = "taken"
    SENT = "sent"
    DEAD = "dead"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Letter:
    """One message on its way; `sealed` is opened by `Outbox.content_of`."""

    outbox_id: int
    room_id: str
    transaction_id: str
    event_type: str
    sealed: bytes
    priority: Priority
    """The most urgent in its room when it was taken."""
    attempts: int
    give_up_at: datetime
    tried_at: datetime | None
    """When it may first have reached the homeserver; None before the first try."""
    encloses: bool = False
    """Whether `Outbox.enclosure_of` has a file for it."""


@dataclass(frozen=True)
class Posted:
    """What became of the answers to one event: in the sender's hands, or waiting behind others in their rooms."""

    letters: tuple[Letter, ...]
    waiting: int


@dataclass(frozen=True)
class Claim:
    """Letters that are now in the sender's hands, and what is left."""

    letters: tuple[Letter, ...]
    waiting: int
    next_due_at: datetime | None
    """When the next of those that are not due yet will be."""


@dataclass(frozen=True)
class Settlement:
    """What became of one letter."""

    outbox_id: int
    state: LetterState
    attempts: int
    event_id: str | None = None
    due_at: datetime | None = None
    tried_at: datetime | None = None
    error: str | None = None


@dataclass(frozen=True)
class BatchProgress:
    """How far the messages of one batch have come."""

    waiting: int
    sent: int
    dead: int
    dropped: int

    @property
    def total(self) -> int:
        return self.waiting + self.sent + self.dead + self.dropped

    @property
    def finished(self) -> bool:
        return self.waiting == 0
