"""The ledger: who had to take note of an announcement, in which post; who has, who is missing; what happened to it."""

from bots.broadcasts.ledger.ledger import Ledger
from bots.broadcasts.ledger.record import Line, Record
from bots.broadcasts.ledger.values import (
    Checked,
    Digest,
    Drift,
    LedgerBroken,
    Moved,
    Newcomer,
    NoSuchBroadcast,
    Owed,
    Release,
    Released,
    RoomPost,
)

__all__ = [
    "Checked",
    "Digest",
    "Drift",
    "Ledger",
    "LedgerBroken",
    "Line",
    "Moved",
    "Newcomer",
    "NoSuchBroadcast",
    "Owed",
    "Record",
    "Release",
    "Released",
    "RoomPost",
]
