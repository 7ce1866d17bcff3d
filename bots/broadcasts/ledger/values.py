"""What the ledger answers with, beside the values of `bots.broadcasts.model`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bots.broadcasts.model import Addressee, Broadcast, State
from huep.directory.model import PersonKey
from huep.errors import HuepError


class Moved(HuepError):
    """An announcement is no longer where somebody thought: another was quicker. Nothing was changed."""

    def __init__(self, number: int, among: Collection[State]) -> None:
        super().__init__(f"Announcement {number} is no longer {' or '.join(sorted(among))}: look at it again.")
        self.number = number


class NoSuchBroadcast(HuepError):
    """No announcement of this bot has the number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"There is no announcement {number}: see `huep bots announcements list`.")


class LedgerBroken(HuepError):
    """Rows and chain of an announcement do not agree: the database was changed from outside."""


@dataclass(frozen=True)
class RoomPost:
    """One announcement room in which an announcement is posted."""

    room_id: str
    unit_code: str
    """Whose room it is."""
    unit_name: str
    people: tuple[tuple[str, str], ...]
    """User ID and full name of those in it who are meant, by name."""
    everybody: bool
    """Whether that is all who are in the room through the register."""


@dataclass(frozen=True)
class Owed:
    """What somebody has not acknowledged yet."""

    broadcast: Broadcast
    since: datetime
    successor_of: PersonKey | None = None
    """Whose obligation it was, where it passed on with the post."""


@dataclass(frozen=True)
class Digest:
    """What one person is told of one day, all together."""

    user_id: str
    broadcasts: tuple[Broadcast, ...]


class Released(StrEnum):
    """Why somebody need not acknowledge any more."""

    LEFT = "left"
    """Locked, or without any post."""
    SUCCESSOR = "successor"
    """The announcement was meant for the post, and somebody else holds it now."""


@dataclass(frozen=True)
class Release:
    """One person need not acknowledge any more."""

    key: PersonKey
    why: Released


@dataclass(frozen=True)
class Newcomer:
    """Somebody whom an announcement concerns only since it was sent."""

    addressee: Addressee
    successor_of: PersonKey | None = None


@dataclass(frozen=True)
class Drift:
    """How the people of an announcement have changed since the ledger last looked."""

    newcomers: tuple[Newcomer, ...] = ()
    """To be sent it by direct message."""
    released: tuple[Release, ...] = ()
    away: frozenset[PersonKey] = frozenset()
    """Who still owes, and is on long leave today: neither reminded nor escalated."""

    def __bool__(self) -> bool:
        """Whether there is anything for `Ledger.follow` to write."""
        return bool(self.newcomers or self.released)


@dataclass(frozen=True)
class Checked:
    """An announcement whose rows and chain agree."""

    entries: int
    head: str
    """Hash of the last entry, in hex: kept elsewhere, it proves all that came before."""
    unwritten: int
    """Acknowledgements so young that no entry holds them yet."""
