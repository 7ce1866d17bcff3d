"""`m.room_key.withheld`: what we tell devices that get no key, and what others tell us (specification, "Reporting that
decryption keys are withheld").

Such a notice is not encrypted and anybody may send one: it explains, and decides nothing.
"""

from collections import OrderedDict
from enum import StrEnum
from typing import Any

from bots.matrix.algorithms import MEGOLM
from bots.matrix.signing import Json

WITHHELD = "m.room_key.withheld"
MOST_KEPT = 2_000
"""Notices of others; the oldest are forgotten."""


class Code(StrEnum):
    """Why a key is withheld."""

    UNVERIFIED = "m.unverified"
    """The device is not signed by its owner."""
    BLACKLISTED = "m.blacklisted"
    UNAUTHORISED = "m.unauthorised"
    UNAVAILABLE = "m.unavailable"
    NO_OLM = "m.no_olm"
    """The sender could make no Olm session: the device had no one-time keys left."""


def unverified(room_id: str, session_id: str, sender_key: str) -> Json:
    """To a device that its owner has not signed: it gets no key of this session."""
    return {
        "algorithm": MEGOLM,
        "code": Code.UNVERIFIED.value,
        "room_id": room_id,
        "session_id": session_id,
        "sender_key": sender_key,
    }


def no_olm(sender_key: str) -> Json:
    """To a device without one-time keys: it gets no keys at all until it has some; names no room, as specified."""
    return {"algorithm": MEGOLM, "code": Code.NO_OLM.value, "sender_key": sender_key}


class Refusals:
    """The notices of others, by who sent them."""

    def __init__(self) -> None:
        self._codes: OrderedDict[tuple[str, str, str], Code] = OrderedDict()

    def take_in(self, source: Json) -> str | None:
        """Remember a notice; returns the `sender_key` of one that says that we had no one-time keys."""
        sender, content = source.get("sender"), source.get("content")
        if not isinstance(sender, str) or not isinstance(content, dict):
            return None
        code = _code(content.get("code"))
        if code is Code.NO_OLM:
            sender_key = content.get("sender_key")
            return sender_key if isinstance(sender_key, str) else None
        room_id, session_id = content.get("room_id"), content.get("session_id")
        if code is not None and isinstance(room_id, str) and isinstance(session_id, str):
            self._codes[sender, room_id, session_id] = code
            while len(self._codes) > MOST_KEPT:
                self._codes.popitem(last=False)
        return None

    def code_for(self, sender: str, room_id: str, session_id: str) -> Code | None:
        """Why `sender` gave us no key of that session; None where they said nothing."""
        return self._codes.get((sender, room_id, session_id))


def _code(value: Any) -> Code | None:
    try:
        return Code(value)
    except ValueError:
        return None
