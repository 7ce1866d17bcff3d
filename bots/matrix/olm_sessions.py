"""Olm sessions with other devices: which one is used, what is encrypted with it."""

import json
from typing import Any

from nio.crypto import OlmDevice, Session

from bots.matrix.algorithms import OLM
from bots.matrix.signing import Json, encode
from bots.matrix.trust import Peer


class OlmSessions:
    """Nio's store of sessions, with the choice that the specification asks for.

    nio takes the one that was made last or used last, whichever it sorted last; the specification wants the one on
    which a message was received last, its making counting as one.
    """

    def __init__(self, olm: Any) -> None:
        self._olm = olm

    def best(self, peer: Peer) -> Session | None:
        """The session to write on; None where there is none."""
        session: Session | None = self._olm.session_store.get(peer.curve25519)
        return session

    def add(self, peer: Peer, session: Session) -> None:
        """Keep a new session."""
        self._olm.session_store.add(peer.curve25519, session)
        self._olm.store.save_session(peer.curve25519, session)

    def encrypt(self, peer: Peer, ed25519: str, event_type: str, content: Json) -> Json:
        """The `m.room.encrypted` content that only this device can read.

        Args:
            peer: a device with which there is a session.
            ed25519: its signing key, to which the message is bound.
            event_type: of what is inside.
            content: of what is inside.
        """
        session = self.best(peer)
        if session is None:
            raise LookupError(f"there is no Olm session with {peer.user_id} {peer.device_id}")
        own = self._olm.account.identity_keys
        inside = {
            "sender": self._olm.user_id,
            "sender_device": self._olm.device_id,
            "keys": {"ed25519": own["ed25519"]},
            "recipient": peer.user_id,
            "recipient_keys": {"ed25519": ed25519},
            "type": event_type,
            "content": content,
        }
        # Not by nio's `encrypt`, which would count it as a use; a use is what was received.
        kind, ciphertext = session._session.encrypt(json.dumps(inside, separators=(",", ":")).encode()).to_parts()
        self._olm.store.save_session(peer.curve25519, session)
        return {
            "algorithm": OLM,
            "sender_key": own["curve25519"],
            "ciphertext": {peer.curve25519: {"type": kind, "body": encode(ciphertext)}},
        }


def peer_of(device: OlmDevice) -> Peer:
    """One of nio's devices, as we speak of it."""
    return Peer(device.user_id, device.device_id, device.curve25519)
