"""What goes out: encrypted wherever a room may be; in clear only where the homeserver has just said that it is not."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from bots.matrix import media
from bots.matrix.algorithms import MEGOLM
from bots.matrix.client import CryptoClient
from bots.matrix.contents import MESSAGE, REACTION, REDACTION, text_content
from bots.matrix.errors import EncryptionUnknown, RoomEncrypted
from bots.matrix.port import MediaFile, RoomView, Text
from bots.matrix.signing import Json
from bots.matrix.transport import path_of

NEVER_ENCRYPTED = frozenset({REACTION, REDACTION})
"""The specification keeps them in clear, so that servers can count, and strip what was taken back."""


class Sending:
    """Sends for one device; every method may be called by several tasks at once."""

    def __init__(self, client: CryptoClient) -> None:
        self._client = client
        self._transport = client.transport

    async def room(self, room_id: str) -> RoomView:
        """The room with all its members."""
        room = await self._client.complete_room(room_id)
        return RoomView(room_id, bool(room.encrypted), frozenset(room.users), room.named_room_name())

    async def event(self, room_id: str, event_type: str, content: Mapping[str, Any], transaction_id: str | None) -> str:
        """Send one event; returns its ID."""
        sent = dict(content)
        if event_type not in NEVER_ENCRYPTED and await self.must_encrypt(room_id):
            sent = await self._client.encrypt_for(room_id, event_type, sent)
            event_type = "m.room.encrypted"
        return await self._put(room_id, event_type, sent, transaction_id)

    async def plain_notice(self, room_id: str, body: str, transaction_id: str | None) -> str:
        """Say a fixed sentence in clear, where the server has just said that the room is not encrypted.

        Raises:
            RoomEncrypted: it is; nothing was sent.
            EncryptionUnknown: that cannot be told; nothing was sent.
        """
        if await self.must_encrypt(room_id):
            raise RoomEncrypted(room_id)
        return await self._put(room_id, MESSAGE, text_content(Text(body, notice=True)), transaction_id)

    async def must_encrypt(self, room_id: str) -> bool:
        """Whether what is said in the room is encrypted. Once it is, no later event can turn that off.

        What syncs told may be late: that a room is not encrypted is for the server to say, each time. Of such a room
        nothing else need be known.

        Raises:
            NoSuchRoom: we are not in it.
            EncryptionUnknown: it is encrypted in a way that we do not know, or the server does not tell.
        """
        if room_id in self._client.encrypted_rooms:
            return True
        path = path_of("rooms", room_id, "state", "m.room.encryption")
        answer = await self._transport.request("GET", path, accept=(403, 404))
        if answer.get("errcode") == "M_NOT_FOUND":
            return False
        room = await self._client.complete_room(room_id)
        if not room.encrypted and answer.get("algorithm") != MEGOLM:
            raise EncryptionUnknown(room_id)
        self._client.note_encrypted(room)
        return True

    async def redaction(self, room_id: str, event_id: str, transaction_id: str | None) -> str:
        """Take an event back."""
        path = path_of("rooms", room_id, "redact", event_id, transaction_id or str(uuid4()))
        return str((await self._transport.request("PUT", path, {}))["event_id"])

    async def upload(self, room_id: str, content: bytes, kind: str) -> MediaFile:
        """Keep a file for messages in that room."""
        return await media.upload(self._transport, content, kind, encrypted=await self.must_encrypt(room_id))

    async def typing(self, room_id: str, lasting: timedelta) -> None:
        """Show, or no longer, that we are about to answer."""
        timeout_ms = int(lasting.total_seconds() * 1000)
        body: Json = {"typing": True, "timeout": timeout_ms} if timeout_ms > 0 else {"typing": False}
        await self._transport.request("PUT", path_of("rooms", room_id, "typing", self._client.user_id), body)

    async def read_markers(self, room_id: str, event_id: str) -> None:
        """The receipt that others see, and our own marker."""
        body = {"m.read": event_id, "m.fully_read": event_id}
        await self._transport.request("POST", path_of("rooms", room_id, "read_markers"), body)

    async def _put(self, room_id: str, event_type: str, content: Json, transaction_id: str | None) -> str:
        path = path_of("rooms", room_id, "send", event_type, transaction_id or str(uuid4()))
        return str((await self._transport.request("PUT", path, content))["event_id"])
