"""nio's client with what it lacks: cross-signing trust, replenished keys, failures that are seen.

nio keeps the crypto state (Olm, Megolm) and the state of rooms; what is kept over a restart lies in `Device`, and every
request goes through `Transport`. What of nio is replaced, where and why, stands in docs/bots/nio.md.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import nio
import structlog
from nio.events import EncryptedToDeviceEvent

from bots.matrix.device import Device, Session
from bots.matrix.encrypted import session_id_of
from bots.matrix.errors import AccountLocked, BadAnswer, MatrixError, NoSuchRoom, RequestRefused, SessionEnded
from bots.matrix.key_requests import take_in_forwarded
from bots.matrix.keyless import KeylessDevice
from bots.matrix.olm_channel import OlmChannel
from bots.matrix.opening import Opening
from bots.matrix.outbound import Outbounds
from bots.matrix.own_keys import OwnKeys
from bots.matrix.peers import Peers
from bots.matrix.repair import Repairs
from bots.matrix.room_state import encryption_in, parts_of
from bots.matrix.rotation import RotationPolicy, policy_of
from bots.matrix.sharing import Sharing
from bots.matrix.signing import Json
from bots.matrix.slices import in_slices
from bots.matrix.store.errors import STORE_FAILURES
from bots.matrix.to_device import ToDevice
from bots.matrix.transport import Transport, path_of
from bots.matrix.withheld import WITHHELD, Code, Refusals

log = structlog.get_logger(__name__)

# nio logs whole events that do not fit its schemas, with keys and what people wrote in them.
logging.getLogger("nio").setLevel(logging.CRITICAL + 1)

QUEUE_PATIENCE_S = 2.0
"""So long a sync waits for what is queued. Beyond that something hangs, and what the sync has brought is read."""

OUR_OWN_FAILURES = (*STORE_FAILURES, OSError)
"""The store away or its disk full: nothing that an event could be blamed for, or that may be passed over."""


@dataclass(frozen=True)
class KeyHealth:
    """What an operator wants to know of a device's keys."""

    one_time_keys: int | None
    """On the server, as it last said; at 0 others use the fallback key."""
    fallback_key_unused: bool | None
    keyless: tuple[KeylessDevice, ...]
    """Devices of others that get no keys for now, since they have no one-time keys."""


class CryptoClient(nio.AsyncClient):  # type: ignore[misc]
    """nio's state and crypto over our own transport, for one logged-in device."""

    def __init__(self, transport: Transport, device: Device, session: Session) -> None:
        super().__init__(transport.homeserver, session.user_id, session.device_id)
        self.transport = transport
        self.device = device
        self.restore_login(session.user_id, session.device_id, session.access_token)
        self.peers = Peers(self.olm, transport)
        self.identities = self.store.identities = self.peers.identities
        self.opening = Opening(self.store.load_inbound_group_sessions(), self.peers)
        self.refusals = Refusals()
        self.olm._handle_forwarded_room_key_event = partial(take_in_forwarded, self.olm)
        self._own_keys = OwnKeys(self.olm, transport)
        self._to_device = ToDevice(transport)
        self._channel = OlmChannel(self.olm, self._to_device, transport, self.peers)
        self._repairs = Repairs(self.olm, self._channel)
        own = (session.user_id, session.device_id)
        self.sharing = Sharing(own, self.peers, Outbounds(self.olm, self.store), self._channel)
        self._policies: dict[str, RotationPolicy] = {}
        self._complete_rooms: set[str] = set()
        self._changes_of_state: defaultdict[str, int] = defaultdict(int)
        self._queue: asyncio.Task[None] | None = None
        """The sending of what is queued."""

    def load_store(self) -> None:
        """In the place of nio's, which opens a store of its own."""
        self.store = self.device.crypto
        self.olm = nio.crypto.Olm(self.user_id, self.device_id, self.store)
        self.encrypted_rooms = self.store.load_encrypted_rooms()

    @property
    def key_health(self) -> KeyHealth:
        keyless = self._channel.keyless.devices
        return KeyHealth(self._own_keys.left, self._own_keys.fallback_unused, keyless)

    # Keys

    async def upload_keys(self) -> None:
        """Upload the device keys the first time, then one-time and fallback keys whenever they run low."""
        await self._own_keys.upload()

    async def replenish_keys(self) -> int:
        """Upload what the server lacks of our keys; returns how many one-time keys it has left then."""
        await self._own_keys.ask()
        await self._own_keys.upload()
        return await self._own_keys.ask()

    async def query_keys(self, users: Collection[str]) -> Json:
        """Ask anew for the devices and identities of a few users; returns the server's answer, taken in already."""
        return await self.peers.ask(users)

    async def know(self, users: Iterable[str]) -> None:
        """Make sure that the identities of `users` are the current ones."""
        await self.peers.know(users)

    # Sync

    async def recall_sessions(self, rooms: Json) -> None:
        """Bring the Megolm sessions of the rooms of a `/sync` answer into memory, all with one question."""
        await self.recall_sessions_of(
            (room_id, event)
            for room_id, room in (rooms.get("join") or {}).items()
            for event in (room.get("timeline") or {}).get("events") or ()
        )

    async def recall_sessions_of(self, events: Iterable[tuple[str, Any]]) -> None:
        """Bring the Megolm sessions of events (room ID, event) into memory, all with one question."""
        await self.olm.inbound_group_store.recall(
            [
                (room_id, session_id)
                for room_id, event in events
                if isinstance(event, dict) and (session_id := session_id_of(event)) is not None
            ]
        )

    async def take_in(self, answer: Json) -> None:
        """Bring crypto and room state up to a `/sync` answer; a malformed event costs itself only.

        Requests for keys that take longer go on beside the next sync: who needs their answer waits for it (`Peers`).
        """
        rooms = answer.get("rooms") or {}
        for room_id in rooms.get("leave") or ():
            self.rooms.pop(room_id, None)
            self._complete_rooms.discard(room_id)
            self.sharing.drop(room_id)
        async for event in in_slices((answer.get("to_device") or {}).get("events") or ()):
            self._take_in_to_device(event)
        async for room_id, room in in_slices((rooms.get("join") or {}).items()):
            try:
                await self._take_in_room(room_id, room, answer["next_batch"])
            except OUR_OWN_FAILURES:
                raise
            except Exception as error:  # noqa: BLE001 - nio and vodozemac raise any type
                log.warning("a room's state could not be taken in", room_id=room_id, error=type(error).__name__)
                self._complete_rooms.discard(room_id)
        self._own_keys.note(answer)
        self._note_device_lists(answer)
        await self._send_queued_beside()
        await self.store.flush()

    async def _take_in_room(self, room_id: str, room: Json, next_batch: str) -> None:
        if (encryption := encryption_in(room)) is not None:
            self._policies[room_id] = policy_of(encryption)
        async for part in in_slices(parts_of(room)):
            self._changes_of_state[room_id] += bool(part["state"]["events"])
            parsed = _parsed(nio.SyncResponse, {"next_batch": next_batch, "rooms": {"join": {room_id: part}}})
            await self._handle_joined_rooms(parsed)

    def _take_in_to_device(self, source: Any) -> None:
        """One message to this device; any account may send one, so whatever it does is logged and no more.

        What is not encrypted counts for nothing but notices of withheld keys: nobody is given a key on request, and a
        program verifies nobody by comparing pictures.
        """
        try:
            sender = source["sender"]
            self._channel.keyless.heard_from(sender)
            if source["type"] == WITHHELD:
                if (sender_key := self.refusals.take_in(source)) is not None:
                    self._repairs.ask_for(sender, sender_key)
                return
            event = nio.ToDeviceEvent.parse_event(source)
            if isinstance(event, EncryptedToDeviceEvent):
                self.olm.handle_to_device_event(event)
        except OUR_OWN_FAILURES:
            raise
        except Exception as error:  # noqa: BLE001 - nio and vodozemac raise any type
            sender = source.get("sender") if isinstance(source, dict) else None
            log.warning("a message to this device could not be taken in", sender=sender, error=type(error).__name__)

    def _note_device_lists(self, answer: Json) -> None:
        lists = answer.get("device_lists") or {}
        changed = set(lists.get("changed") or ())
        self.olm.users_for_key_query |= {user_id for user_id in changed if user_id in self.identities}
        self._channel.keyless.changed(changed)
        for user_id in lists.get("left") or ():
            self.identities.forget(user_id)
            self.olm.tracked_users.discard(user_id)

    async def _send_queued_beside(self) -> None:
        """Have what is queued sent, and wait for it a moment; what it raises later is raised by the next call."""
        if self._queue is not None and not self._queue.done():
            return
        if self._queue is not None:
            self._queue.result()
        self._queue = asyncio.create_task(self.send_queued())
        await asyncio.wait({self._queue}, timeout=QUEUE_PATIENCE_S)
        if self._queue.done():
            self._queue.result()

    async def send_queued(self) -> None:
        """Upload and query keys where due, repair Olm sessions, send what nio queued."""
        try:
            await self.upload_keys()
            await self.peers.refresh()
            await self._repairs.repair()
            await self._send_queued_by_nio()
            await self.sharing.catch_up(self.rooms)
        except (AccountLocked, SessionEnded):
            raise
        except MatrixError as error:
            # All of it is tried again, with the next sync or when it is needed; this sync's events are read without it.
            log.warning("keys have to wait", error=str(error))

    async def _send_queued_by_nio(self) -> None:
        queue = self.outgoing_to_device_messages
        while queue:
            kind = queue[0].type
            batch = {
                (message.recipient, message.recipient_device): message
                for message in reversed(queue)
                if message.type == kind
            }
            await self._to_device.send(kind, {device: message.content for device, message in batch.items()})
            for message in batch.values():
                self.olm._mark_to_device_message_as_sent(message)

    def why_unreadable(self, room_id: str, event: Json) -> Code | None:
        """Why the sender of this encrypted event gave us no key, if they said."""
        session_id = session_id_of(event)
        return None if session_id is None else self.refusals.code_for(str(event.get("sender")), room_id, session_id)

    # Rooms and sending

    async def complete_room(self, room_id: str) -> nio.MatrixRoom:
        """The room with all its members and its encryption known; after a restart that takes one request."""
        while room_id not in self._complete_rooms or room_id not in self.rooms:
            changes = self._changes_of_state[room_id]
            room = await self._read_room(room_id)
            if self._changes_of_state[room_id] != changes:
                continue  # a sync knows more by now than what was read
            self.rooms[room_id] = room
            if room.encrypted:
                self.note_encrypted(room)
            self._complete_rooms.add(room_id)
        return self.rooms[room_id]

    def note_encrypted(self, room: nio.MatrixRoom) -> None:
        """The room is encrypted, and stays so for ever."""
        room.encrypted = True
        self.encrypted_rooms.add(room.room_id)
        self.store.save_encrypted_rooms({room.room_id})
        self.olm.update_tracked_users(room)

    async def _read_room(self, room_id: str) -> nio.MatrixRoom:
        try:
            answer = await self.transport.request("GET", path_of("rooms", room_id, "state"))
        except RequestRefused as error:
            raise (NoSuchRoom(room_id) if error.status in (403, 404) else error) from error
        room = nio.MatrixRoom(room_id, self.user_id, room_id in self.encrypted_rooms)
        async for source in in_slices(answer["chunk"]):
            event = nio.Event.parse_event(source)
            if isinstance(event, nio.RoomMemberEvent):
                room.handle_membership(event)
            elif isinstance(event, nio.Event):
                room.handle_event(event)
        if (encryption := encryption_in({"state": {"events": answer["chunk"]}})) is not None:
            self._policies[room_id] = policy_of(encryption)
        room.members_synced = True
        return room

    async def encrypt_for(self, room_id: str, event_type: str, content: Json) -> Json:
        """The `m.room.encrypted` content for everybody in the room whose device may have the key."""
        room = await self.complete_room(room_id)
        policy = self._policies.get(room_id, RotationPolicy())
        encrypted = await self.sharing.encrypt(room, policy, event_type, content)
        await self.store.flush()
        return encrypted

    async def close(self) -> None:
        """End what goes on, and close the connections; the device stays logged in."""
        if self._queue is not None:
            self._queue.cancel()
            await asyncio.wait({self._queue})
        await self.transport.close()


def _parsed(kind: Any, answer: Json) -> Any:
    response = kind.from_dict(answer)
    if isinstance(response, nio.ErrorResponse):
        raise BadAnswer(f"Synapse's answer is not a {kind.__name__}: {response.message}.")
    return response
