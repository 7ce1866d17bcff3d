"""One encrypted device on mautrix with libolm: an independent implementation of what the bots do with nio.

It follows MSC4153: room keys go only to devices that their owner has cross-signed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from mautrix.client import Client
from mautrix.client.encryption_manager import DecryptionDispatcher
from mautrix.client.state_store import MemoryStateStore
from mautrix.crypto import OlmMachine
from mautrix.crypto.signature import verify_signature_json
from mautrix.crypto.store import MemoryCryptoStore
from mautrix.types import (
    CrossSigningUsage,
    EventType,
    Membership,
    MessageType,
    RoomCreatePreset,
    RoomID,
    SigningKey,
    TextMessageEventContent,
    TOFUSigningKey,
    TrustState,
    UserID,
)

ENCRYPTION = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
PATIENCE_S = 30.0
POLL_S = 0.02
LATE_KEY_S = 1.0
"""A key is sent before the message that needs it, so that it is here already or never comes."""


class StateStore(MemoryStateStore):
    """Mautrix's memory store, with the one question of its crypto that only its database store answers."""

    async def find_shared_rooms(self, user_id: UserID) -> list[RoomID]:
        return [room_id for room_id, members in self.members.items() if user_id in members]


class CryptoStore(MemoryCryptoStore):
    """Mautrix's memory store, which fails when keys that it knows are seen a second time (0.21.1)."""

    async def put_cross_signing_key(self, user_id: UserID, usage: CrossSigningUsage, key: SigningKey) -> None:
        known = self._cross_signing_keys.setdefault(user_id, {})
        first = known[usage].first if usage in known else key
        known[usage] = TOFUSigningKey(key=key, first=first)


@dataclass(frozen=True)
class Received:
    """An encrypted message that could be read."""

    sender: str
    device_id: str
    """From which it came, by the key that encrypted it, not by its own word."""
    body: str
    trust: TrustState
    """What mautrix thinks of that device."""


@dataclass(frozen=True)
class Seen:
    """An event of somebody else as a client shows it, decrypted where it was encrypted."""

    type: str
    sender: str
    content: dict[str, Any]
    encrypted: bool
    thread_root: str | None = None
    """Where the client files it."""
    redacted: bool = False


@dataclass(frozen=True)
class SignatureChain:
    """What holds between a device and its owner's identity, each signature checked by itself."""

    device_by_self_signing_key: bool
    self_signing_key_by_master_key: bool

    @property
    def holds(self) -> bool:
        return self.device_by_self_signing_key and self.self_signing_key_by_master_key


class MautrixDevice:
    """A device that is logged in and syncs; make it with `mautrix_device`."""

    def __init__(self, client: Client, crypto: OlmMachine) -> None:
        self.client = client
        self.crypto = crypto
        self.received: list[Received] = []
        self.plain: list[Any] = []
        """Messages that came without encryption."""
        self.encrypted: list[Any] = []
        """Encrypted messages as they came, readable or not."""
        self.seen: dict[str, Seen] = {}
        """By event ID, everything in rooms that could be read."""
        self.withheld: list[Any] = []
        """Contents of the `m.room_key.withheld` that came."""
        self._joined: set[tuple[str, str]] = set()
        self._invited: set[str] = set()
        self._reading: set[asyncio.Task[None]] = set()
        client.remove_dispatcher(DecryptionDispatcher)  # it drops what comes before its key
        client.add_event_handler(EventType.ROOM_MESSAGE, self._on_plain)
        client.add_event_handler(EventType.ROOM_ENCRYPTED, self._on_encrypted)
        client.add_event_handler(EventType.ROOM_KEY_WITHHELD, self._on_withheld)
        client.add_event_handler(EventType.ROOM_MEMBER, self._on_member)
        client.add_event_handler(EventType.REACTION, self._on_clear)
        client.add_event_handler(EventType.ROOM_REDACTION, self._on_redaction)

    async def close(self) -> None:
        """Stop syncing and reading."""
        self.client.stop()
        for task in self._reading:
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)

    @property
    def user_id(self) -> str:
        return str(self.client.mxid)

    @property
    def device_id(self) -> str:
        return str(self.client.device_id)

    @property
    def invitations(self) -> frozenset[str]:
        """The rooms of invitations that came and were not followed."""
        return frozenset(self._invited)

    async def create_encrypted_room(self, *others: str) -> RoomID:
        """A room, encrypted from the first event, with `others` invited; direct where there is one other."""
        return await self.client.create_room(
            preset=RoomCreatePreset.TRUSTED_PRIVATE,
            is_direct=len(others) == 1,
            invitees=[UserID(other) for other in others],
            initial_state=[ENCRYPTION],
        )

    async def join(self, room_id: str) -> None:
        """Accept an invitation."""
        await self.until(lambda: room_id in self._invited, f"an invitation to {room_id}")
        await self.client.join_room_by_id(RoomID(room_id))

    async def next_invitation(self) -> str:
        """The room to which somebody invites this account; invitations that were followed count no more."""
        await self.until(lambda: bool(self._invited), "an invitation")
        return self._invited.pop()

    async def until_joined(self, room_id: str, user_id: str) -> None:
        """Wait until that user is in the room."""
        await self.until(lambda: (room_id, user_id) in self._joined, f"{user_id} in {room_id}")

    async def say(self, room_id: str, body: str) -> str:
        """Encrypt and send; returns the event ID."""
        content = TextMessageEventContent(msgtype=MessageType.TEXT, body=body)
        return str(await self.client.send_message(RoomID(room_id), content))

    async def next_from(self, sender: str) -> Received:
        """The first message of that user that this device could read."""
        await self.until(lambda: any(message.sender == sender for message in self.received), f"words of {sender}")
        return next(message for message in self.received if message.sender == sender)

    async def encrypted_from(self, sender: str) -> Any:
        """The first encrypted message of that user as it came, readable or not."""
        await self.until(lambda: any(event.sender == sender for event in self.encrypted), f"ciphertext of {sender}")
        return next(event for event in self.encrypted if event.sender == sender)

    async def refusal_for(self, session_id: str) -> Any:
        """The sender's word that this device is not given the key of that session."""
        await self.until(lambda: any(refusal.session_id == session_id for refusal in self.withheld), "a refusal")
        return next(refusal for refusal in self.withheld if refusal.session_id == session_id)

    async def is_given_the_key_of(self, event: Any) -> bool:
        """Whether the key of an encrypted message comes within a generous moment."""
        return await self._has_key_of(event, LATE_KEY_S)

    async def types_sent_by(self, room_id: str, sender: str) -> set[str]:
        """The types, as the homeserver stores them, of what that user said in the room; no state events."""
        page = await self.client.api.request(
            "GET", f"_matrix/client/v3/rooms/{room_id}/messages", query_params={"dir": "b", "limit": "50"}
        )
        return {event["type"] for event in page["chunk"] if event["sender"] == sender and "state_key" not in event}

    async def trust_in(self, user_id: str, device_id: str) -> TrustState:
        """What mautrix itself thinks of a device."""
        device = await self.crypto.get_or_fetch_device(user_id, device_id)
        assert device is not None, f"{user_id} shows no device {device_id}"
        return await self.crypto.resolve_trust(device)

    async def chain_of(self, user_id: str, device_id: str) -> SignatureChain:
        """Check the signatures between a device and its owner's master key, as the server shows them now."""
        answer = await self.client.query_keys([user_id])
        device = answer.device_keys[user_id][device_id]
        master = answer.master_keys.get(user_id)
        self_signing = answer.self_signing_keys.get(user_id)
        if master is None or self_signing is None:
            return SignatureChain(False, False)
        by_self_signing, by_master = self_signing.first_ed25519_key, master.first_ed25519_key
        return SignatureChain(
            verify_signature_json(device.serialize(), user_id, by_self_signing, by_self_signing),
            verify_signature_json(self_signing.serialize(), user_id, by_master, by_master),
        )

    async def devices_of(self, user_id: str) -> set[str]:
        """The devices of a user that have encryption keys."""
        answer = await self.client.query_keys([user_id])
        return set(answer.device_keys[user_id])

    async def until(self, true: Callable[[], bool], what: str) -> None:
        """Wait for something that a sync brings; fails with its name."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not true():
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise AssertionError(
                f"{self.user_id} {self.device_id} waited {PATIENCE_S} s for {what}; of {len(self.encrypted)} encrypted "
                f"messages it read {self.received}; it was refused {len(self.withheld)} keys"
            ) from None

    async def _on_plain(self, event: Any) -> None:
        self.plain.append(event)
        await self._on_clear(event)

    async def _on_clear(self, event: Any) -> None:
        self.seen[str(event.event_id)] = Seen(str(event.type), str(event.sender), event.content.serialize(), False)

    async def _on_redaction(self, event: Any) -> None:
        target = str(event.redacts or event.content.serialize().get("redacts"))
        self.seen[str(event.event_id)] = Seen("m.room.redaction", str(event.sender), {"redacts": target}, False)
        if target in self.seen:
            self.seen[target] = replace(self.seen[target], redacted=True)

    async def _on_encrypted(self, event: Any) -> None:
        self.encrypted.append(event)
        task = asyncio.create_task(self._read(event))
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)

    async def _has_key_of(self, event: Any, timeout_s: float) -> bool:
        room_id, session_id = event.room_id, event.content.session_id
        # The waiting below looks at what comes from now on only.
        return await self.crypto.crypto_store.has_group_session(
            room_id, session_id
        ) or await self.crypto.wait_for_session(room_id, session_id, timeout=timeout_s)

    async def _read(self, event: Any) -> None:
        if not await self._has_key_of(event, PATIENCE_S):
            return
        clear = await self.crypto.decrypt_megolm_event(event)
        session = await self.crypto.crypto_store.get_group_session(event.room_id, event.content.session_id)
        sender = str(event.sender)
        if sender == self.user_id:
            return
        device = await self.crypto.get_or_fetch_device_by_key(event.sender, session.sender_key)
        assert device is not None, f"{sender} shows no device with the key that encrypted {event.event_id}"
        content = clear.content.serialize()
        relation = content.get("m.relates_to") or {}
        thread_root = relation.get("event_id") if relation.get("rel_type") == "m.thread" else None
        self.seen[str(event.event_id)] = Seen(str(clear.type), sender, content, True, thread_root)
        if clear.type != EventType.ROOM_MESSAGE:
            return
        self.received.append(Received(sender, device.device_id, clear.content.body, clear["mautrix"]["trust_state"]))

    async def _on_withheld(self, event: Any) -> None:
        self.withheld.append(event.content)

    async def _on_member(self, event: Any) -> None:
        if event.content.membership is Membership.JOIN:
            self._joined.add((str(event.room_id), str(event.state_key)))
            if event.state_key == self.user_id:
                self._invited.discard(str(event.room_id))
        elif event.content.membership is Membership.INVITE and event.state_key == self.user_id:
            self._invited.add(str(event.room_id))


@asynccontextmanager
async def mautrix_device(
    url: str, user_id: str, password: str, *, cross_signed: bool = True
) -> AsyncIterator[MautrixDevice]:
    """Log in, upload keys, sync until the end of the block.

    Args:
        url: of the homeserver.
        user_id: of an account without a cross-signing identity, where `cross_signed`.
        password: of that account.
        cross_signed: make the account's identity and sign this device with it; otherwise the device stays unsigned.
    """
    state_store, crypto_store = StateStore(), CryptoStore(user_id, "memory")
    client = Client(mxid=UserID(user_id), base_url=url, state_store=state_store, sync_store=crypto_store)
    try:
        await client.login(user_id, password=password, device_name="mautrix")
        crypto = OlmMachine(client, crypto_store, state_store)
        crypto.send_keys_min_trust = crypto.share_keys_min_trust = TrustState.CROSS_SIGNED_TOFU
        await crypto.load()
        client.crypto = crypto
        await crypto.share_keys()
        if cross_signed:
            await crypto.generate_recovery_key()
        device = MautrixDevice(client, crypto)
        client.start(None)
        try:
            yield device
        finally:
            await device.close()
    finally:
        await client.api.session.close()
