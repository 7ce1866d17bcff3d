"""Encrypted messages to devices: sessions are begun where there are none; all is encrypted, kept, and sent."""

from collections.abc import Iterable, Sequence
from typing import Any

import structlog
from nio.crypto import Session

from bots.matrix.batches import batches_of
from bots.matrix.claiming import Claims
from bots.matrix.keyless import Keyless
from bots.matrix.olm_sessions import OlmSessions
from bots.matrix.peers import Peers
from bots.matrix.signing import Json
from bots.matrix.slices import in_slices
from bots.matrix.to_device import Device, ToDevice
from bots.matrix.transport import Transport
from bots.matrix.trust import Peer
from bots.matrix.withheld import WITHHELD, no_olm

log = structlog.get_logger(__name__)


class OlmChannel:
    """What is for single devices goes through here.

    Args:
        olm: nio's `Olm` with our account, the Olm sessions and the store.
        to_device: takes the messages.
        transport: to the homeserver.
        peers: whose devices they are.
    """

    def __init__(self, olm: Any, to_device: ToDevice, transport: Transport, peers: Peers) -> None:
        self._olm = olm
        self._peers = peers
        self.keyless = Keyless()
        self._sessions = OlmSessions(olm)
        self._to_device = to_device
        self._claims = Claims(olm, transport, peers.identities, self._sessions, self.keyless)

    @property
    def sender_key(self) -> str:
        """By which others know the sender of what we send."""
        return str(self._olm.account.identity_keys["curve25519"])

    def session_with(self, peer: Peer) -> Session | None:
        """The Olm session on which this device is written to; None where there is none."""
        return self._sessions.best(peer)

    async def deliver(self, peers: Sequence[Peer], event_type: str, content: Json) -> frozenset[Peer]:
        """Send the same content to these devices, at most a batch; returns those to which the server delivers it.

        The others are in `keyless` afterwards.

        Raises:
            MatrixError: the server is away, or refuses all; nobody was sent anything that counts.
        """
        await self.begin_sessions([peer async for peer in in_slices(peers) if self.session_with(peer) is None])
        messages: dict[Device, Json] = {}
        async for peer in in_slices(peers):
            device = self._peers.identities[peer.user_id].devices.get(peer.device_id)
            if device is None or device.curve25519 != peer.curve25519 or self.session_with(peer) is None:
                continue
            encrypted = self._sessions.encrypt(peer, device.ed25519, event_type, content)
            messages[peer.user_id, peer.device_id] = encrypted
        # No ratchet is used that a crash could turn back.
        await self._olm.store.flush()
        refused = await self._to_device.send("m.room.encrypted", messages)
        for peer in peers:
            if (peer.user_id, peer.device_id) in refused:
                self.keyless.note(peer)
        sent = messages.keys() - refused
        return frozenset(peer for peer in peers if (peer.user_id, peer.device_id) in sent)

    async def begin_sessions(self, peers: Sequence[Peer]) -> None:
        """Make new Olm sessions with these devices, as far as it is worth asking for their keys now."""
        asked = [peer for peer in peers if self.keyless.may_be_asked(peer)]
        for batch in batches_of(asked):
            if keyless := await self._claims.claim(batch):
                await self.tell(keyless, no_olm(self.sender_key))

    async def tell(self, peers: Iterable[Peer], notice: Json) -> None:
        """Send a withheld notice, which is not encrypted, to these devices."""
        notices = dict.fromkeys(((peer.user_id, peer.device_id) for peer in peers), notice)
        await self._to_device.send(WITHHELD, notices)
