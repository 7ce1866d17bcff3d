"""Encrypted events of rooms in clear, with whose device they are from: in the place of nio's `decrypt_megolm_event`.

Whoever holds a Megolm session can pass it on as their own, and may send somebody else's ciphertext again. So nothing
counts of what an event says of its maker in clear (`sender_key`, `device_id`; deprecated by the specification), nor of
a session ID alone: an event is its sender's where a device of that sender gave us the session that opens it, and once.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from nio.crypto import InboundGroupSession
from vodozemac import MegolmDecryptionException

from bots.matrix.encrypted import session_id_of
from bots.matrix.peers import Peers
from bots.matrix.signing import Json
from bots.matrix.store.inbound import KeptInbound
from bots.matrix.trust import Origin


class NoKey(Exception):
    """The session has not come, or not as far back as this event; it may come yet."""


class ForAnotherRoom(Exception):
    """What stands inside was written for another room."""


@dataclass(frozen=True)
class Opened:
    """An event in clear, and how far to trust it."""

    clear: Json
    origin: Origin


@dataclass(frozen=True)
class _Decrypted:
    session: InboundGroupSession
    plaintext: str
    index: int
    """The message's number in its session."""


class Opening:
    """Opens events for one device."""

    def __init__(self, sessions: KeptInbound, peers: Peers) -> None:
        self._sessions = sessions
        self._peers = peers

    def has_session(self, room_id: str, event: Json) -> bool:
        """Whether anybody gave us the session of this encrypted event."""
        session_id = session_id_of(event)
        return session_id is not None and bool(self._sessions.of(room_id, session_id))

    async def open(self, room_id: str, event: Json) -> Opened:
        """The event in clear, asking for the sender's keys (again) where that may help.

        Raises:
            NoKey, Replayed, ForAnotherRoom: it stays closed.
            ValueError, TypeError, KeyError, vodozemac's: it is malformed.
            MatrixError: the sender's keys cannot be asked for now.
        """
        sender, session_id = str(event["sender"]), session_id_of(event)
        sessions = self._sessions.of(room_id, session_id) if session_id is not None else ()
        if not sessions:
            raise NoKey
        await self._peers.know([sender])
        found = self._decrypted(event, sessions)
        if self._origin(sender, found.session) is not Origin.CROSS_SIGNED:
            await self._peers.ask([sender])
            found = self._decrypted(event, sessions)
        inside = json.loads(found.plaintext)
        if inside["room_id"] != room_id:
            raise ForAnotherRoom
        if self._is_of(sender, found.session):
            self._sessions.note_read(found.session, found.index, str(event["event_id"]))
        return Opened(_clear(inside, event), self._origin(sender, found.session))

    def _decrypted(self, event: Json, sessions: Iterable[InboundGroupSession]) -> _Decrypted:
        for session in self._by_trust(str(event["sender"]), sessions):
            try:
                plaintext, index = session.decrypt(event["content"]["ciphertext"])
            except MegolmDecryptionException:
                continue
            return _Decrypted(session, plaintext, index)
        raise NoKey

    def _by_trust(self, sender: str, sessions: Iterable[InboundGroupSession]) -> list[InboundGroupSession]:
        """Those first that devices of `sender` gave us, and of them those of devices that are cross-signed."""
        return sorted(
            sessions,
            key=lambda session: (
                self._origin(sender, session) is not Origin.CROSS_SIGNED,
                not self._is_of(sender, session),
            ),
        )

    def _is_of(self, sender: str, session: InboundGroupSession) -> bool:
        return self._peers.identities.has(sender, session.sender_key, session.ed25519)

    def _origin(self, sender: str, session: InboundGroupSession) -> Origin:
        if session.forwarding_chain:
            return Origin.UNSIGNED
        return self._peers.identities.origin(sender, session.sender_key, session.ed25519)


def _clear(inside: Json, event: Json) -> Json:
    """`inside` with what stands outside by specification: who wrote it and when is for the server to say."""
    content = dict(inside["content"])
    if "m.relates_to" in event["content"]:
        content.setdefault("m.relates_to", event["content"]["m.relates_to"])
    outside = {key: event[key] for key in ("event_id", "sender", "origin_server_ts")}
    return {"type": inside["type"], "content": content} | outside
