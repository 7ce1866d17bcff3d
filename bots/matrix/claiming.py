"""Claiming one-time keys, so that an Olm session with another device begins."""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from nio.crypto import OutboundSession

from bots.matrix.algorithms import SIGNED_KEY
from bots.matrix.batches import patiently, refused_of
from bots.matrix.keyless import Keyless
from bots.matrix.olm_sessions import OlmSessions
from bots.matrix.signing import Json, is_signed
from bots.matrix.slices import in_slices
from bots.matrix.transport import Transport, path_of
from bots.matrix.trust import Identities, Peer

log = structlog.get_logger(__name__)


class Claims:
    """Makes Olm sessions; a device that gives no usable key is noted in `keyless`."""

    def __init__(
        self, olm: Any, transport: Transport, identities: Identities, sessions: OlmSessions, keyless: Keyless
    ) -> None:
        self._olm = olm
        self._transport = transport
        self._identities = identities
        self._sessions = sessions
        self._keyless = keyless
        self._under_way: dict[Peer, asyncio.Event] = {}

    async def claim(self, peers: Sequence[Peer]) -> tuple[Peer, ...]:
        """Make sessions with these devices, at most a batch; returns those that are newly known to have no keys.

        A device for which somebody else is claiming just now is waited for instead.

        Raises:
            MatrixError: nothing is known of the others; they may be claimed for again.
        """
        elsewhere = {self._under_way[peer] for peer in peers if peer in self._under_way}
        ours = [peer for peer in peers if peer not in self._under_way]
        done = asyncio.Event()
        self._under_way |= dict.fromkeys(ours, done)
        keyless: list[Peer] = []
        try:
            if ours:
                for peer in await refused_of(ours, lambda some: self._ask(some, keyless)):
                    self._note_keyless(peer, keyless)
        finally:
            for peer in ours:
                del self._under_way[peer]
            done.set()
        for event in elsewhere:
            await event.wait()
        return tuple(keyless)

    async def _ask(self, peers: Sequence[Peer], keyless: list[Peer]) -> None:
        wanted: dict[str, dict[str, str]] = {}
        for peer in peers:
            wanted.setdefault(peer.user_id, {})[peer.device_id] = SIGNED_KEY
        path, body = path_of("keys", "claim"), {"one_time_keys": wanted}
        answer = await patiently(lambda: self._transport.request("POST", path, body))
        async for peer in in_slices(peers):
            if not self._begin_session(peer, answer):
                self._note_keyless(peer, keyless)

    def _note_keyless(self, peer: Peer, keyless: list[Peer]) -> None:
        if self._keyless.note(peer):
            keyless.append(peer)
            log.warning("a device has no one-time keys", user_id=peer.user_id, device_id=peer.device_id)

    def _begin_session(self, peer: Peer, answer: Json) -> bool:
        key = _key_in(answer, peer)
        device = self._identities[peer.user_id].devices.get(peer.device_id)
        if key is None or device is None or device.curve25519 != peer.curve25519:
            return False
        if not is_signed(key, peer.user_id, peer.device_id, device.ed25519):
            log.warning("a one-time key is not signed", user_id=peer.user_id, device_id=peer.device_id)
            return False
        try:
            session = OutboundSession(self._olm.account, peer.curve25519, key["key"])
        except (KeyError, TypeError, ValueError) as error:
            reason = type(error).__name__
            log.warning("a one-time key is no key", user_id=peer.user_id, device_id=peer.device_id, error=reason)
            return False
        self._sessions.add(peer, session)
        return True


def _key_in(answer: Json, peer: Peer) -> Json | None:
    """The one-time or fallback key that the server gave for this device."""
    found: Any = answer.get("one_time_keys")
    for name in (peer.user_id, peer.device_id):
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, dict):
        return None
    for name, key in found.items():
        if name.startswith(f"{SIGNED_KEY}:") and isinstance(key, dict):
            return key
    return None
