"""nio's client with what it lacks: cross-signing trust, replenished keys, failures that are seen.

nio keeps the crypto state (Olm, Megolm, its SQLite store) and the state of rooms; every request goes through
`Transport`. What of nio is replaced here, and why:

- its requests return error objects and repeat after 429 for ever;
- a one-time-key count of 0 counts as "not said", and fallback keys are unknown to it;
- a failure while sharing a room's session hangs every later send, or counts as shared;
- "verified" means marked by hand: here it means cross-signed by the device's owner (`trust`);
- one malformed event, which anybody may send, stops a whole sync.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import nio
import structlog
from nio.crypto import OlmDevice
from peewee import OperationalError  # type: ignore[import-untyped]

from bots.matrix.device import DeviceFolder, Session
from bots.matrix.errors import AccountLocked, BadAnswer, NoSuchRoom, RateLimited, RequestRefused, SessionEnded
from bots.matrix.signing import Json
from bots.matrix.transport import Transport, path_of
from bots.matrix.trust import Identities, Origin

log = structlog.get_logger(__name__)

MEGOLM = "m.megolm.v1.aes-sha2"
DEVICES_A_REQUEST = 250
"""Devices in one `sendToDevice`; clients in the field do the same."""
OUR_OWN_FAILURES = (OperationalError, OSError)
"""The crypto store locked or its disk full: nothing that an event could be blamed for, or that may be passed over."""


class CrossSigningStore(nio.store.SqliteStore):  # type: ignore[misc]
    """nio's crypto store, for which a device is verified when its owner cross-signed it, and else gets no key."""

    identities: Identities

    def is_device_verified(self, device: OlmDevice) -> bool:
        return self.identities.is_cross_signed(device.user_id, device.id, device.ed25519)

    def is_device_blacklisted(self, device: OlmDevice) -> bool:
        return not self.is_device_verified(device)

    def is_device_ignored(self, device: OlmDevice) -> bool:  # noqa: ARG002 - nio's signature
        return False


class CryptoClient(nio.AsyncClient):  # type: ignore[misc]
    """nio's state and crypto over our own transport, for one logged-in device."""

    def __init__(self, transport: Transport, folder: DeviceFolder, session: Session) -> None:
        config = nio.AsyncClientConfig(
            store=CrossSigningStore, store_name=folder.crypto_store.name, pickle_key=folder.pickle_key()
        )
        super().__init__(transport.homeserver, session.user_id, session.device_id, str(folder.root), config)
        self.transport = transport
        self.identities = Identities()
        self.restore_login(session.user_id, session.device_id, session.access_token)
        folder.crypto_store.chmod(0o600)
        self.store.identities = self.identities
        self.olm._maxToDeviceMessagesPerRequest = DEVICES_A_REQUEST
        self._sharing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._complete_rooms: set[str] = set()
        self._fallback_key_wanted = True

    # Keys of our own device

    async def upload_keys(self) -> None:
        """Upload the device keys the first time, then one-time and fallback keys whenever they run low."""
        account = self.olm.account
        content: Json = {}
        count = self.olm.uploaded_key_count
        if not account.shared or (count is not None and count <= account.max_one_time_keys // 2):
            content = self.olm.share_keys()
        if self._fallback_key_wanted:
            content["fallback_keys"] = self._fallback_keys()
        if not content:
            return
        self.olm.save_account()
        answer = await self.transport.request("POST", path_of("keys", "upload"), content)
        await self.receive_response(_parsed(nio.KeysUploadResponse, answer))
        self._fallback_key_wanted = False

    def _fallback_keys(self) -> Json:
        self.olm.account._account.generate_fallback_key()
        keys = {}
        for key_id, key in self.olm.account._account.fallback_key.items():
            signed = {"key": key.to_base64(), "fallback": True}
            signature = self.olm.sign_json(signed)
            keys[f"signed_curve25519:{key_id}"] = signed | {
                "signatures": {self.user_id: {f"ed25519:{self.device_id}": signature}}
            }
        return keys

    # Keys of others

    async def query_keys(self, users: Iterable[str]) -> Json:
        """Ask for the devices and identities of `users`, and share anew where the trusted devices changed."""
        asked = sorted(set(users))
        body: Json = {"device_keys": {user_id: [] for user_id in asked}}
        answer = await self.transport.request("POST", path_of("keys", "query"), body)
        changed = self.identities.update(answer, asked)
        sound = {
            user_id: {
                device_id: payload
                for device_id, payload in (answer.get("device_keys", {}).get(user_id) or {}).items()
                if device_id in self.identities[user_id].devices
            }
            for user_id in asked
        }
        await self._take_in_devices(sound)
        for room_id, room in self.rooms.items():
            if changed & room.users.keys():
                self.invalidate_outbound_session(room_id)
        return answer

    async def _take_in_devices(self, devices: Json) -> None:
        """Devices by user; those of one user that nio stumbles over cost that user only."""
        try:
            await self.receive_response(nio.KeysQueryResponse(devices, {}))
        except OUR_OWN_FAILURES:
            raise
        except Exception as error:  # noqa: BLE001 - nio and vodozemac raise any type
            if len(devices) <= 1:
                log.warning("a user's devices could not be taken in", users=list(devices), error=type(error).__name__)
                return
            for user_id, of_user in devices.items():
                await self._take_in_devices({user_id: of_user})

    async def know(self, users: Iterable[str]) -> None:
        """Make sure that the identities of `users` are the current ones."""
        due = {user for user in users if user not in self.identities or user in self.olm.users_for_key_query}
        if due:
            await self.query_keys(due)

    # Sync

    async def take_in(self, answer: Json) -> None:
        """Bring crypto and room state up to a `/sync` answer; a malformed event costs itself only."""
        rooms = answer.get("rooms", {})
        for room_id in rooms.get("leave", {}):
            self.rooms.pop(room_id, None)
            self._complete_rooms.discard(room_id)
        for event in (answer.get("to_device") or {}).get("events") or ():
            self._take_in_to_device(event)
        for room_id, room in (rooms.get("join") or {}).items():
            try:
                joined = {"join": {room_id: _state_alone(room)}}
                await self._handle_joined_rooms(
                    _parsed(nio.SyncResponse, {"next_batch": answer["next_batch"], "rooms": joined})
                )
            except OUR_OWN_FAILURES:
                raise
            except Exception as error:  # noqa: BLE001 - nio and vodozemac raise any type
                log.warning("a room's state could not be taken in", room_id=room_id, error=type(error).__name__)
                self._complete_rooms.discard(room_id)
        self._note_device_lists(answer)
        await self._take_in_key_requests()
        await self.send_queued()

    def _take_in_to_device(self, source: Any) -> None:
        """One message to this device; any account may send one, so whatever it does is logged and no more."""
        try:
            event = nio.ToDeviceEvent.parse_event(source)
            if event is not None:
                self.olm.handle_to_device_event(event)
        except OUR_OWN_FAILURES:
            raise
        except Exception as error:  # noqa: BLE001 - nio and vodozemac raise any type
            sender = source.get("sender") if isinstance(source, dict) else None
            log.warning("a message to this device could not be taken in", sender=sender, error=type(error).__name__)

    async def _take_in_key_requests(self) -> None:
        try:
            await self._collect_key_requests()
        except OUR_OWN_FAILURES:
            raise
        except Exception as error:  # noqa: BLE001 - nio and vodozemac raise any type
            self.olm.received_key_requests = {}
            log.warning("requests for keys could not be taken in", error=type(error).__name__)

    def _note_device_lists(self, answer: Json) -> None:
        counts = answer.get("device_one_time_keys_count") or {}
        self.olm.uploaded_key_count = int(counts.get("signed_curve25519", 0))
        unused = answer.get("device_unused_fallback_key_types")
        self._fallback_key_wanted = unused is not None and "signed_curve25519" not in unused
        lists = answer.get("device_lists") or {}
        for user_id in lists.get("changed", ()):
            if user_id in self.identities or user_id in self.olm.tracked_users:
                self.olm.users_for_key_query.add(user_id)
        for user_id in lists.get("left", ()):
            self.identities.forget(user_id)
            self.olm.tracked_users.discard(user_id)

    async def send_queued(self) -> None:
        """Upload and query keys where due, repair Olm sessions, send what nio queued."""
        await self.upload_keys()
        if self.olm.users_for_key_query & self.olm.tracked_users:
            await self.query_keys(self.olm.users_for_key_query)
        if self.should_claim_keys:
            await self._claim(self.olm.get_users_for_key_claiming())
        for message in list(self.outgoing_to_device_messages):
            body: Json = {"messages": {message.recipient: {message.recipient_device: message.content}}}
            try:
                await self._send_to_device(message.type, body)
            except (AccountLocked, SessionEnded, RateLimited):
                raise
            except RequestRefused as error:
                if error.status >= 500:
                    raise
                log.warning("a message to a device was refused", user_id=message.recipient, error=str(error))
            self.olm._mark_to_device_message_as_sent(message)

    def has_key(self, room_id: str, event: Json) -> bool:
        """Whether the session of this encrypted event has come."""
        session_id = session_id_of(event)
        return session_id is not None and self._sender_key_of(room_id, session_id) is not None

    def _sender_key_of(self, room_id: str, session_id: str) -> str | None:
        for sender_key, sessions in self.olm.inbound_group_store[room_id].items():
            if session_id in sessions:
                return str(sender_key)
        return None

    def complete_sender_key(self, room_id: str, event: Json) -> None:
        """Add the deprecated `sender_key` that nio wants, for a session that we hold."""
        content, session_id = event.get("content"), session_id_of(event)
        if not isinstance(content, dict) or session_id is None:
            return
        if not _is_name(content.get("sender_key")):
            content["sender_key"] = self._sender_key_of(room_id, session_id) or ""
        content.setdefault("device_id", "")

    def decrypted(self, room_id: str, event: Json) -> Json | None:
        """The event in clear, with `sender_key` and `session_id` beside it; None without its key, or when malformed."""
        try:
            return self._decrypted(room_id, event)
        except nio.EncryptionError:
            return None
        except OUR_OWN_FAILURES:
            raise
        except Exception as error:  # noqa: BLE001 - nio and vodozemac raise any type
            log.warning("an encrypted event is malformed", room_id=room_id, error=type(error).__name__)
            return None

    def _decrypted(self, room_id: str, event: Json) -> Json | None:
        self.complete_sender_key(room_id, event)
        if session_id_of(event) is None or not _is_name(event["content"]["sender_key"]):
            return None
        parsed = nio.MegolmEvent.from_dict(event)
        if not isinstance(parsed, nio.MegolmEvent):
            return None
        parsed.room_id = room_id
        clear = self.olm.decrypt_megolm_event(parsed)
        if not isinstance(clear, nio.Event):
            return None
        # Who wrote it and when is for the server to say, never for what stands inside.
        outside = {key: event[key] for key in ("event_id", "sender", "origin_server_ts")}
        return dict(clear.source) | outside

    async def origin_of(self, room_id: str, event: Json) -> Origin:
        """How far the encrypted `event` may be trusted, asking for the sender's keys (again) where that may help."""
        sender, content = str(event["sender"]), event["content"]
        session = self.olm.inbound_group_store.get(room_id, content["sender_key"], content["session_id"])
        if session is None or session.forwarding_chain:
            return Origin.UNSIGNED
        await self.know([sender])
        origin = self.identities.origin(sender, session.sender_key, session.ed25519)
        if origin is not Origin.CROSS_SIGNED:
            await self.query_keys([sender])
            origin = self.identities.origin(sender, session.sender_key, session.ed25519)
        return origin

    # Rooms and sending

    async def complete_room(self, room_id: str) -> nio.MatrixRoom:
        """The room with all its members and its encryption known; after a restart that takes one request."""
        if room_id in self._complete_rooms and room_id in self.rooms:
            return self.rooms[room_id]
        try:
            answer = await self.transport.request("GET", path_of("rooms", room_id, "state"))
        except RequestRefused as error:
            raise (NoSuchRoom(room_id) if error.status in (403, 404) else error) from error
        room = nio.MatrixRoom(room_id, self.user_id, room_id in self.encrypted_rooms)
        for source in answer["chunk"]:
            event = nio.Event.parse_event(source)
            if isinstance(event, nio.RoomMemberEvent):
                room.handle_membership(event)
            elif isinstance(event, nio.Event):
                room.handle_event(event)
        room.members_synced = True
        self.rooms[room_id] = room
        self.invalidate_outbound_session(room_id)
        if room.encrypted:
            self.encrypted_rooms.add(room_id)
            self.store.save_encrypted_rooms({room_id})
            self.olm.update_tracked_users(room)
        self._complete_rooms.add(room_id)
        return room

    async def encrypt_for(self, room_id: str, event_type: str, content: Json) -> Json:
        """The `m.room.encrypted` content for everybody in the room whose device may have the key."""
        room = await self.complete_room(room_id)
        async with self._sharing[room_id]:
            if self.olm.should_share_group_session(room_id):
                await self._share(room)
            return dict(self.encrypt(room_id, event_type, content)[1])

    async def _share(self, room: nio.MatrixRoom) -> None:
        users = list(room.users)
        await self.know(users)
        missing = {
            user_id: devices
            for user_id in users
            if (
                devices := [
                    device.id
                    for device in self.device_store.active_user_devices(user_id)
                    if (user_id, device.id) != (self.user_id, self.device_id)
                    and self.store.is_device_verified(device)
                    and not self.olm.session_store.get(device.curve25519)
                ]
            )
        }
        if missing:
            await self._claim(missing)
        for shared_with, body in self.olm.share_group_session_parallel(room.room_id, users):
            await self._send_to_device("m.room.encrypted", body)
            self.olm.outbound_group_sessions[room.room_id].users_shared_with.update(shared_with)
        self.olm.outbound_group_sessions[room.room_id].shared = True

    async def _claim(self, devices: dict[str, list[str]]) -> None:
        wanted = {user_id: dict.fromkeys(names, "signed_curve25519") for user_id, names in devices.items()}
        answer = await self.transport.request("POST", path_of("keys", "claim"), {"one_time_keys": wanted})
        given = answer.get("one_time_keys") or {}
        for user_id, names in wanted.items():
            for device_id in names:
                if device_id not in (given.get(user_id) or {}):
                    log.warning("a device has no one-time keys left", user_id=user_id, device_id=device_id)
                    continue
                key = {user_id: {device_id: given[user_id][device_id]}}
                try:
                    await self.receive_response(_parsed(nio.KeysClaimResponse, {"one_time_keys": key, "failures": {}}))
                except OUR_OWN_FAILURES:
                    raise
                except Exception as error:  # noqa: BLE001 - nio and vodozemac raise any type
                    reason = type(error).__name__
                    log.warning("a one-time key is no good", user_id=user_id, device_id=device_id, error=reason)

    async def _send_to_device(self, event_type: str, body: Json) -> None:
        await self.transport.request("PUT", path_of("sendToDevice", event_type, str(uuid4())), body)

    async def close(self) -> None:
        """Close the store and the connections; the device stays logged in."""
        self.store.database.close()
        await self.transport.close()


def session_id_of(event: Json) -> str | None:
    """The Megolm session of an encrypted event; None when it names none, whatever else stands there."""
    content = event.get("content")
    if not isinstance(content, dict) or content.get("algorithm") != MEGOLM:
        return None
    session_id = content.get("session_id")
    return session_id if _is_name(session_id) else None


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _state_alone(room: Json) -> Json:
    """A joined room of a sync without its messages: those are decrypted one by one, outside nio's reach."""
    timeline = room.get("timeline") or {}
    events = [event for event in timeline.get("events") or () if "state_key" in event]
    return room | {"timeline": timeline | {"events": events}}


def _parsed(kind: Any, answer: Json) -> Any:
    response = kind.from_dict(answer)
    if isinstance(response, nio.ErrorResponse):
        raise BadAnswer(f"Synapse's answer is not a {kind.__name__}: {response.message}.")
    return response
