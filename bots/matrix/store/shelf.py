"""Where the sealed rows of one device lie, and who may write them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class Kind(StrEnum):
    """What a row is about."""

    SEAL = "seal"
    """Shows whether the key at hand is the one of these rows."""
    LOGIN = "login"
    """User ID, device ID and access token."""
    SEEDS = "seeds"
    """The private halves of the cross-signing keys."""
    ACCOUNT = "account"
    """The Olm account: the device's own keys and its one-time keys."""
    OLM = "olm"
    """A session with one other device."""
    INBOUND = "inbound"
    """A Megolm session to read with."""
    OUTBOUND = "outbound"
    """The Megolm session with which we write in a room."""
    SHARED = "shared"
    """Which devices have that one; apart, since it is long and seldom changes."""
    PEER = "peer"
    """The public keys of one device of somebody."""
    ENCRYPTED_ROOM = "encrypted_room"
    KEY_REQUEST = "key_request"
    """What we asked others for."""
    TOKEN = "token"  # noqa: S105 - a kind
    """How far we have read."""
    WAITING = "waiting"
    """An event whose key has not come."""
    GAP = "gap"
    """What the server left out of a sync and is still to be read."""
    INVITE = "invite"


@dataclass(frozen=True)
class Row:
    """A row as it lies there."""

    kind: Kind
    name: bytes
    sealed: bytes
    written_at: datetime


@dataclass(frozen=True)
class Change:
    """A row to write; without `sealed` it is dropped."""

    kind: Kind
    name: bytes
    sealed: bytes | None


class Shelf(Protocol):
    """The rows of one device. All of it blocks; only `find` may run beside the others, from another thread."""

    @property
    def place(self) -> str:
        """How messages to the operator call it."""
        ...

    @property
    def key_file(self) -> Path: ...

    @property
    def restored(self) -> bool:
        """Whether the rows came out of a backup since they were last settled."""
        ...

    def settle_restored(self) -> None:
        """The rows were made fit for that: they may be used as if they had never been away."""
        ...

    def open(self, user_id: str) -> None:
        """Become the one owner of the device of `user_id`.

        Raises:
            DeviceInUse: somebody else is.
            DatabaseUnreachable: PostgreSQL does not answer.
        """
        ...

    def key(self, *, make: bool) -> bytes:
        """The 32 bytes of `key_file`; a new one if there is none and `make`.

        Raises:
            StoreKeyMissing, StoreKeyWrong.
        """
        ...

    def read(self, kind: Kind) -> list[Row]:
        """All rows of a kind."""
        ...

    def find(self, kind: Kind, names: Collection[bytes]) -> list[Row]:
        """Those of `names` that exist."""
        ...

    def write(self, changes: Sequence[Change]) -> None:
        """All of it or nothing, durable on return.

        Raises:
            DeviceTaken: we are no longer the owner; nothing was written.
            DatabaseUnreachable: PostgreSQL does not answer.
        """
        ...

    def prune(self, kind: Kind, days: int) -> None:
        """Drop the rows of a kind that were written longer ago."""
        ...

    def close(self) -> None:
        """Be the owner no more."""
        ...
