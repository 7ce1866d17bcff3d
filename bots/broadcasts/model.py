"""What the bot Truyền thông talks about, as values that know neither Matrix's events nor a database."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bots.matrix.port import MediaFile
from huep.directory.audience import Audience
from huep.directory.model import PersonKey


class Level(StrEnum):
    """How much an announcement asks of who reads it."""

    INFORMATION = "information"
    """Để biết: nothing is asked; no phone rings."""
    IMPORTANT = "important"
    """Quan trọng: to be acknowledged before a deadline."""
    URGENT = "urgent"
    """Khẩn: to be acknowledged at once; repeated, and passed on to those who answer for the missing."""

    @property
    def asks(self) -> bool:
        """Whether people have to acknowledge it."""
        return self is not Level.INFORMATION


class State(StrEnum):
    """How far an announcement has come."""

    AWAITING = "awaiting"
    """Waits for the person responsible to approve it."""
    RETURNED = "returned"
    """Sent back with a reason."""
    SENT = "sent"
    """In the outbox, or in its rooms already; who has to acknowledge it may."""
    CLOSED = "closed"
    """Its deadline is over and the last word to its sender said."""
    WITHDRAWN = "withdrawn"
    """Taken back everywhere."""


@dataclass(frozen=True)
class AttachedFile:
    """A file or picture as its sender gave it to the bot: it lies in the media store already, and is shown again."""

    file: MediaFile
    name: str
    picture: bool = False


@dataclass(frozen=True)
class Content:
    """What an announcement says."""

    body: str
    html: str | None = None
    """The same formatted, of the few tags that `bots.broadcasts.markup` lets through."""
    files: tuple[AttachedFile, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """Who is meant, and in which words."""

    audience: Audience
    words: str
    """As it was understood, for people to read: `Chủ tịch các xã, phường, trừ A Lưới`."""


@dataclass(frozen=True)
class Author:
    """Who speaks, in which post, at the time of speaking."""

    key: PersonKey
    user_id: str
    full_name: str
    position: str
    unit_code: str
    unit_name: str


@dataclass(frozen=True)
class Draft:
    """An announcement before it has a number."""

    level: Level
    content: Content
    wanted: Wanted
    author: Author
    room_id: str
    """The sender's chat with the bot: where its progress is told."""
    deadline: datetime | None = None
    """None exactly where nothing is asked."""
    origin: str | None = None
    """The declared source of automatic news; None for what a person wrote."""


@dataclass(frozen=True)
class Broadcast:
    """An announcement (thông báo) that has a number."""

    number: int
    draft: Draft
    state: State
    made_at: datetime
    sent_at: datetime | None = None
    version: int = 1
    """Grows with each edit after sending."""
    approver: PersonKey | None = None
    """Who is asked, or has approved."""
    reason: str | None = None
    """Why it was sent back."""


@dataclass(frozen=True)
class Addressee:
    """One person who is reached, in the post through which they are, and the room through which it goes."""

    key: PersonKey
    user_id: str
    full_name: str
    unit_code: str
    position_code: str
    position: str
    standing: str
    room_id: str | None
    """The announcement room in which the people of the unit are; None where it is not open yet."""


@dataclass(frozen=True)
class Reach:
    """Whom a draft would reach today; what its preview says and its right is judged by."""

    people: tuple[Addressee, ...]
    bystanders: int
    """Others in the same rooms, who can read it too."""
    mixed: frozenset[str] = frozenset()
    """The rooms that they are in."""
    room_units: frozenset[str] = frozenset()
    """The units whose rooms it goes through."""

    @property
    def units(self) -> frozenset[str]:
        return frozenset(person.unit_code for person in self.people)

    @property
    def rooms(self) -> frozenset[str]:
        return frozenset(person.room_id for person in self.people if person.room_id is not None)

    @property
    def without_room(self) -> int:
        return sum(person.room_id is None for person in self.people)


class Means(StrEnum):
    """How somebody acknowledged."""

    REACTION = "reaction"
    WORD = "word"


@dataclass(frozen=True)
class Tally:
    """How far one unit with all below it has come."""

    unit_code: str
    name: str
    parent_code: str | None
    level: int
    owed: int
    """People who have, or had, to acknowledge and were not released."""
    acknowledged: int
    late: int = 0
    """Of those acknowledged, after the deadline."""
    seen: int = 0
    """People whose read receipt stands behind it: a lower bound, for receipts may be switched off."""

    @property
    def missing(self) -> int:
        return self.owed - self.acknowledged

    @property
    def percent(self) -> float:
        """0 to 100; 100 where nobody owes anything."""
        return 100.0 if self.owed == 0 else 100.0 * self.acknowledged / self.owed


@dataclass(frozen=True)
class Missing:
    """Somebody who has not acknowledged."""

    key: PersonKey
    user_id: str
    full_name: str
    position: str
    unit_code: str
    unit_name: str
    room_id: str | None
    away: bool = field(default=False)
    """On long leave today."""
