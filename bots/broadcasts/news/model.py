"""News before they are announcements, as values."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sqlalchemy import Connection

from bots.broadcasts.model import Draft, Level, Wanted
from huep.directory.model import Person, PersonKey
from huep.errors import HuepError


@dataclass(frozen=True)
class NewsItem:
    """One piece of news (tin), as a source tells it; its texts are cleaned already."""

    source: str
    """The name under which huep.toml declares it."""
    key: str
    """What the source knows it by: told again, it is the same."""
    title: str
    body: str
    """Plain."""
    level: Level
    audience: str
    """In words."""
    html: str | None = None
    """The body formatted, of the tags of `bots.broadcasts.markup`."""
    link: str | None = None
    """https, where more of it stands."""
    published_at: datetime | None = None


class ItemState(StrEnum):
    """How far a piece of news has come."""

    KNOWN = "known"
    """Was there before we first looked, or is old: never announced."""
    WAITING = "waiting"
    """Beyond what its source may say within the hour."""
    ANNOUNCED = "announced"
    """Has a number: it is out, or with whoever approves."""
    STALE = "stale"
    """Waited for so long that it is news no more."""


@dataclass(frozen=True)
class Receipt:
    """What became of one item that was handed in."""

    state: ItemState
    number: int | None = None
    """Of the announcement."""
    new: bool = True
    """False where it had been handed in before; the rest then says what became of it."""


class Announce(Protocol):
    """Makes a draft an announcement, within the caller's transaction; gives its number.

    With an approver it waits for that person; with None it goes out. Whatever it raises undoes the transaction.
    """

    def __call__(self, connection: Connection, draft: Draft, approver: PersonKey | None) -> int: ...


Understand = Callable[[str, Person], Wanted]
"""Whom words of huep.toml mean, as if this person said them; raises AudienceNotUnderstood."""


class NewsNotAnnounced(HuepError):
    """An item cannot become an announcement as things stand; it is tried again."""


class AudienceRefused(NewsNotAnnounced):
    """Nothing that a source says to these people can be announced as things stand, whichever item it is."""


class AudienceNotUnderstood(AudienceRefused):
    """Words of huep.toml mean nobody, or may mean several."""

    def __init__(self, words: str) -> None:
        super().__init__(f"huep.toml, [broadcasts]: the audience {words!r} is not understood; ask the bot with it.")


class NoSuchUnit(AudienceRefused):
    """A source speaks for a unit that the directory does not know."""

    def __init__(self, source: str, code: str) -> None:
        super().__init__(f"huep.toml, [broadcasts]: {source} speaks for the unit {code!r}, which there is not today.")


class NobodyAnswers(AudienceRefused):
    """Nobody who answers for the news of a source is there today."""

    def __init__(self, source: str, code: str) -> None:
        super().__init__(f"News of {source} wait: nobody leads {code} today, or any unit above it.")


class ReachesNobody(AudienceRefused):
    """The audience of a source has nobody in it today."""

    def __init__(self, words: str) -> None:
        super().__init__(f"huep.toml, [broadcasts]: nobody belongs to the audience {words!r} today.")
