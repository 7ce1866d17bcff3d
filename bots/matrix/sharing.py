"""Sharing a room's Megolm session with the devices that may have it, and telling those that may not.

Only devices that their owner has cross-signed get keys. A device counts as having one when the server has accepted the
message that carries it; what fails is raised, and the next message tries again with who is left. That a device may have
one is durable before the message goes out: an answer can be lost, or we be killed before it comes.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import nio
import structlog

from bots.matrix.batches import batches_of, each
from bots.matrix.keyless import KeylessDevice
from bots.matrix.olm_channel import OlmChannel
from bots.matrix.outbound import Outbound, Outbounds
from bots.matrix.peers import Peers
from bots.matrix.rotation import RotationPolicy, why_rotate
from bots.matrix.signing import Json
from bots.matrix.to_device import Device
from bots.matrix.trust import Peer
from bots.matrix.withheld import unverified

log = structlog.get_logger(__name__)

ROOMS_AT_ONCE = 4
"""In how many rooms keys are being shared at the same time: each holds hundreds of messages in memory."""
ROOM_KEY = "m.room_key"


class Sharing:
    """Encrypts for rooms, sharing their sessions first where anybody lacks them.

    Args:
        own: our own device, which needs no key.
        peers: who has which devices.
        outbounds: the rooms' sessions.
        channel: the way to other devices.
    """

    def __init__(self, own: Device, peers: Peers, outbounds: Outbounds, channel: OlmChannel) -> None:
        self._own = own
        self._peers = peers
        self._outbounds = outbounds
        self._channel = channel
        self._one_by_one: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._few = asyncio.Semaphore(ROOMS_AT_ONCE)

    async def encrypt(self, room: nio.MatrixRoom, policy: RotationPolicy, event_type: str, content: Json) -> Json:
        """The `m.room.encrypted` content for all devices in the room that may read it.

        What it depends on is not durable before the store was flushed.

        Raises:
            MatrixError: not everybody who may have the key could be sent it.
        """
        room_id = str(room.room_id)
        async with self._one_by_one[room_id]:
            # What was true when sharing began need not be so when it is done: look again until nothing is left to do.
            while (outbound := await self._settled(room, policy)) is None:
                pass
            return self._outbounds.encrypt(outbound, event_type, content)

    async def _settled(self, room: nio.MatrixRoom, policy: RotationPolicy) -> Outbound | None:
        """The room's session when nobody is to be told or sent anything; None when that was done just now."""
        members = entitled_members(room)
        await self._peers.know(members)
        if entitled_members(room) != members:
            return None
        entitled = self._entitled(members)
        outbound = self._serving(str(room.room_id), policy, entitled)
        untold = self._untold(outbound, members)
        reachable = self._reachable(outbound, entitled - outbound.shared_with)
        if not untold and not reachable:
            return outbound
        async with self._few:
            await self._share(outbound, reachable)
        if untold:
            notice = unverified(outbound.room_id, outbound.session_id, self._channel.sender_key)
            await self._channel.tell(untold, notice)
            outbound.told = (outbound.told or set()) | untold
        return None

    def _serving(self, room_id: str, policy: RotationPolicy, entitled: frozenset[Peer]) -> Outbound:
        """The present session, or a new one where it has served its time."""
        outbound = self._outbounds.get(room_id)
        served = None if outbound is None else outbound.served
        reason = why_rotate(served, policy, entitled, self._outbounds.now_ms())
        if outbound is None or reason is not None:
            outbound = self._outbounds.renew(room_id)
            log.info("a room's session is new", room_id=room_id, reason=reason, devices=len(entitled))
        return outbound

    def drop(self, room_id: str) -> None:
        """The next message into this room begins a new session."""
        self._outbounds.drop(room_id)

    def holders(self, room_id: str) -> int:
        """How many devices have the key of the room's present session."""
        outbound = self._outbounds.get(room_id)
        return 0 if outbound is None else len(outbound.shared_with)

    def _entitled(self, members: Iterable[str]) -> frozenset[Peer]:
        trusted: frozenset[Peer] = frozenset().union(*(self._peers.identities[member].trusted for member in members))
        return trusted - self._ourselves(self._peers.identities[self._own[0]].trusted)

    def _ourselves(self, peers: Iterable[Peer]) -> frozenset[Peer]:
        return frozenset(peer for peer in peers if (peer.user_id, peer.device_id) == self._own)

    def _reachable(self, outbound: Outbound, peers: Iterable[Peer]) -> list[Peer]:
        """Those for which it is worth trying now; for the others the key is kept."""
        keyless = self._channel.keyless
        reachable, key = [], None
        for peer in sorted(peers):
            if keyless.may_be_asked(peer):
                reachable.append(peer)
            elif not keyless.has_noted(peer, outbound.session_id):
                key = key or outbound.room_key()
                keyless.misses(peer, key)
        return reachable

    async def _share(self, outbound: Outbound, peers: Sequence[Peer]) -> None:
        keyless, key = self._channel.keyless, outbound.room_key()

        async def share(batch: Sequence[Peer]) -> None:
            reached = await self._send(outbound, batch, key)
            for peer in batch:
                if peer not in reached:
                    keyless.misses(peer, key)

        await each(list(batches_of(peers)), share)

    async def _send(self, outbound: Outbound, peers: Sequence[Peer], key: Json) -> frozenset[Peer]:
        """Deliver the key of the session; returns who was reached.

        The others stay tried: an earlier attempt, whose answer was lost, may have reached them.
        """
        outbound.tried |= set(peers) - outbound.shared_with
        self._outbounds.keep(outbound)  # durable with the flush of `deliver`
        reached = await self._channel.deliver(peers, ROOM_KEY, key)
        outbound.shared_with |= reached
        outbound.tried -= reached
        self._outbounds.keep(outbound)
        return reached

    def _untold(self, outbound: Outbound, members: Iterable[str]) -> set[Peer]:
        """The devices that their owner has not signed, and that were not told of this session."""
        untrusted: set[Peer] = set().union(*(self._peers.identities[member].untrusted for member in members))
        if outbound.told is None:
            outbound.told = untrusted
        untold = untrusted - outbound.told
        return untold - self._ourselves(untold)

    async def catch_up(self, rooms: Mapping[str, nio.MatrixRoom]) -> None:
        """Ask devices that had no one-time keys again, and send those that have some now what they missed."""
        due = [device for device in self._channel.keyless.due() if self._is_owed(device.peer)]
        await self._channel.begin_sessions([device.peer for device in due])
        for device in due:
            if self._channel.session_with(device.peer) is not None and await self._caught_up(device, rooms):
                self._channel.keyless.settle_missed(device)

    async def _caught_up(self, device: KeylessDevice, rooms: Mapping[str, nio.MatrixRoom]) -> bool:
        for key in device.missed.values():
            room = rooms.get(str(key["room_id"]))
            if room is None or device.peer.user_id not in entitled_members(room):
                continue
            outbound = self._outbounds.get(str(key["room_id"]))
            if outbound is not None and outbound.session_id == key["session_id"]:
                reached = await self._send(outbound, [device.peer], key)
            else:
                reached = await self._channel.deliver([device.peer], ROOM_KEY, key)
            if not reached:
                return False
        return True

    def _is_owed(self, peer: Peer) -> bool:
        owed = peer in self._peers.identities[peer.user_id].trusted
        if not owed:
            self._channel.keyless.settle(peer)
        return owed


def entitled_members(room: nio.MatrixRoom) -> frozenset[str]:
    """Whose devices may have the room's keys: who is in it, or invited where history is not for those inside alone."""
    users = frozenset(map(str, room.users))
    return users - frozenset(map(str, room.invited_users)) if room.history_visibility == "joined" else users
