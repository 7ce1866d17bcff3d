"""Megolm sessions to write with, kept over a restart together with who has them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bots.matrix.store.shelf import Kind
from bots.matrix.store.vault import Vault

Receiver = tuple[str, str, str]
"""User ID, device ID and Curve25519 key."""


@dataclass(frozen=True)
class KeptOutbound:
    """The session of one room as of its last message.

    It must be flushed before that message is sent: two messages of one ratchet state would share their key.
    """

    room_id: str
    session_id: str
    pickle: bytes | str
    """By vodozemac, under the passphrase of the store (`pickle_key`)."""
    created_at_ms: int
    messages: int
    """How many it has encrypted."""
    shared_with: frozenset[Receiver]
    tried: frozenset[Receiver] = frozenset()
    """Devices to which it was sent without an answer that says so: they may have it."""

    def __repr__(self) -> str:
        return f"KeptOutbound({self.room_id}, {self.session_id}, messages={self.messages})"


class KeptOutbounds:
    """One a room. Whom it was shared with is a row of its own, written when it changes and not with each message."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        shared = {row["session_id"]: row for row in map(json.loads, vault.read(Kind.SHARED))}
        self._kept = {
            row["room_id"]: KeptOutbound(
                row["room_id"],
                row["session_id"],
                row["pickle"].encode(),
                row["created_at_ms"],
                row["messages"],
                _receivers(shared.get(row["session_id"], {}), "shared_with"),
                _receivers(shared.get(row["session_id"], {}), "tried"),
            )
            for row in map(json.loads, vault.read(Kind.OUTBOUND))
        }

    def __iter__(self) -> Iterator[KeptOutbound]:
        return iter(self._kept.values())

    def keep(self, kept: KeptOutbound) -> None:
        """Note the session of a room, in place of the one before."""
        before = self._kept.get(kept.room_id)
        if before is None or _sharing(before) != _sharing(kept):
            # Made at the flush: of many changes to a session with thousands of devices only the last is written.
            self._vault.put(Kind.SHARED, (kept.room_id,), partial(_shared_row, kept))
        content = {
            "room_id": kept.room_id,
            "session_id": kept.session_id,
            "pickle": kept.pickle if isinstance(kept.pickle, str) else kept.pickle.decode(),
            "created_at_ms": kept.created_at_ms,
            "messages": kept.messages,
        }
        self._vault.put(Kind.OUTBOUND, (kept.room_id,), json.dumps(content).encode())
        self._kept[kept.room_id] = kept

    def drop_all(self) -> None:
        """Begin anew in every room."""
        for room_id in list(self._kept):
            self.drop(room_id)

    def drop(self, room_id: str) -> None:
        if self._kept.pop(room_id, None) is not None:
            self._vault.drop(Kind.OUTBOUND, (room_id,))
            self._vault.drop(Kind.SHARED, (room_id,))


def _sharing(kept: KeptOutbound) -> tuple[str, frozenset[Receiver], frozenset[Receiver]]:
    return kept.session_id, kept.shared_with, kept.tried


def _shared_row(kept: KeptOutbound) -> bytes:
    shared = {"session_id": kept.session_id, "shared_with": list(kept.shared_with), "tried": list(kept.tried)}
    return json.dumps(shared).encode()


def _receivers(row: Mapping[str, Any], which: str) -> frozenset[Receiver]:
    """Nobody where the row is of a HueP that did not write this yet."""
    return frozenset((user, device, key) for user, device, key in row.get(which, ()))
