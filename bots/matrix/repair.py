"""Olm sessions that no longer work: a new one is begun, and made known by an `m.dummy` (specification, "Recovering from
undecryptable messages").
"""

from datetime import datetime, timedelta
from typing import Any

import structlog
from nio.event_builders import DummyMessage

from bots.matrix.olm_channel import OlmChannel
from bots.matrix.olm_sessions import peer_of
from bots.matrix.trust import Peer
from huep import clock

log = structlog.get_logger(__name__)

NOT_AGAIN_WITHIN = timedelta(hours=1)
"""Whoever sends a device rubbish would else use up its one-time keys."""


class Repairs:
    """Begins sessions anew with devices that nio could not decrypt, each at most once an hour.

    Args:
        olm: nio's `Olm`, which collects such devices.
        channel: the way to them.
    """

    def __init__(self, olm: Any, channel: OlmChannel, now: clock.Clock = clock.now) -> None:
        self._olm = olm
        self._channel = channel
        self._now = now
        self._last: dict[Peer, datetime] = {}

    def ask_for(self, user_id: str, curve25519: str) -> None:
        """The device itself says that there is no session between us."""
        device = self._olm.device_store.device_from_sender_key(user_id, curve25519)
        if device is not None and device not in self._olm.wedged_devices:
            self._olm.wedged_devices.append(device)

    async def repair(self) -> None:
        """Begin new sessions where they are wanted, and send the dummies.

        Raises:
            MatrixError: the server is away; what was not repaired waits for the next hour's attempt.
        """
        now = self._now()
        self._last = {peer: at for peer, at in self._last.items() if now - at < NOT_AGAIN_WITHIN}
        devices, self._olm.wedged_devices = self._olm.wedged_devices, []
        due = {peer: device for device in devices if (peer := peer_of(device)) not in self._last}
        if not due:
            return
        self._last |= dict.fromkeys(due, now)
        broken = {peer: self._channel.session_with(peer) for peer in due}
        await self._channel.begin_sessions(list(due))
        begun = [peer for peer, session in broken.items() if self._channel.session_with(peer) is not session]
        reached = await self._channel.deliver(begun, "m.dummy", {})
        for peer in reached:
            # nio asks for the keys that were lost with the old session.
            message = DummyMessage("m.room.encrypted", peer.user_id, peer.device_id, {})
            self._olm.outgoing_to_device_messages.append(message)
            self._olm._mark_to_device_message_as_sent(message)
        log.info("broken Olm sessions were begun anew", devices=len(reached))
