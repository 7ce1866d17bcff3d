"""What the doctor knows of one bot, as values; where a place could not be asked, None."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bots.health.vitals import Backlog
from bots.matrix.trust import Identity
from bots.process.runs import LastCrash


class AccountState(StrEnum):
    """Of the bot's account on the homeserver."""

    OPEN = "open"
    LOCKED = "locked"
    MISSING = "missing"


class StoredIdentity(StrEnum):
    """What lies in the account's secret storage, opened with the recovery key among the secrets."""

    SOUND = "sound"
    """The identity that people see."""
    NO_KEY = "no recovery key"
    DAMAGED_KEY = "damaged recovery key"
    CLOSED = "closed"
    """There is none, it is under another key, or a secret is damaged."""
    OTHER = "another identity"


@dataclass(frozen=True)
class ServerKeys:
    """What the homeserver has of one device's keys to give out."""

    one_time: int
    fallback: bool
    """Whether there is a fallback key that nobody used."""


@dataclass(frozen=True)
class RunningBot:
    """What the bot's process says of it."""

    state: str
    note: str
    device_id: str | None
    synced_at: datetime | None
    devices_without_keys: int


@dataclass(frozen=True)
class RoomCount:
    """The rooms that the bot is in."""

    joined: int
    encrypted: int
    invitations: int


@dataclass(frozen=True)
class BotFacts:
    """One bot."""

    name: str
    user_id: str
    device_id: str
    """How its device is called, or how it is called that serves now."""
    running: RunningBot | None
    """None where no process of it answers."""
    account: AccountState | None
    identity: Identity
    keys: Mapping[str, ServerKeys] | None = None
    """By device."""
    stored: StoredIdentity | None = None
    rooms: RoomCount | None = None
    backlog: Backlog | None = None
    last_crash: LastCrash | None = None
