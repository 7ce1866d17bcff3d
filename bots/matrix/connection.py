"""One logged-in, encrypted, cross-signed device as a `MatrixPort`: the only door that bots and the terminal use."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bots.matrix import cross_signing, direct_rooms, login, media, mending, notice_room, rooms_of_a_person, syncing
from bots.matrix.client import CryptoClient
from bots.matrix.contents import MESSAGE, text_content
from bots.matrix.device import Device, opened
from bots.matrix.errors import IdentityDiffers, MatrixError
from bots.matrix.intake import Intake
from bots.matrix.mending import Establish, Mended
from bots.matrix.port import Batch, Event, Invite, Limits, MediaFile, RoomView, Text
from bots.matrix.secret_storage import KeySafe
from bots.matrix.sending import Sending
from bots.matrix.sent import find_sent
from bots.matrix.store.folder import FolderShelf
from bots.matrix.sync_answer import objects
from bots.matrix.transport import Transport, path_of
from bots.matrix.vitals import DeviceVitals
from huep.clock import Clock, now

RELATIONS_API = "/_matrix/client/v1"
RELATIONS_PAGE = 100


class MatrixConnection:
    """Events in, messages out. Made by `connect`; one task asks for batches, any may send."""

    def __init__(
        self,
        client: CryptoClient,
        establish: Establish | None = None,
        clock: Clock = now,
        *,
        receipts: bool = False,
    ) -> None:
        self._client = client
        self._transport = client.transport
        self._establish = establish
        self._clock = clock
        self._synced_at: datetime | None = None
        self._receipts = receipts
        self._intake = Intake(client, client.device.journal, clock, receipts=receipts)
        self._sending = Sending(client)
        self._quick = True
        """The first sync waits for nothing, so that a start is quick."""

    @property
    def user_id(self) -> str:
        return str(self._client.user_id)

    @property
    def device_id(self) -> str:
        return str(self._client.device_id)

    # Coming in

    async def next_batch(self) -> Batch:
        """What is new; waits up to half a minute for something, through a restart of the server.

        Raises:
            AccountLocked, SessionEnded: this device is out.
        """
        reconnecting = syncing.Reconnecting()
        while True:
            wait_ms = 0 if self._quick else self._intake.patience_ms(syncing.LONG_POLL_MS)
            try:
                answer = await syncing.sync(self._transport, self._intake.token, wait_ms, receipts=self._receipts)
                self._synced_at = self._clock()
                batch = await self._intake.take_in(answer)
            except MatrixError as error:
                await reconnecting.after(error)
            else:
                self._quick = False
                return batch

    async def commit(self, batch: Batch) -> None:
        """Everything in `batch` was dealt with, or is kept: the token moves on."""
        await self._intake.commit(batch)
        await self._client.device.flush()

    def settle_invite(self, invite: Invite) -> None:
        self._intake.settle_invite(invite)

    async def relations(self, room_id: str, event_id: str, relation: str) -> tuple[Event, ...]:
        path = path_of("rooms", room_id, "relations", event_id, relation, api=RELATIONS_API)
        found: list[Event] = []
        query: dict[str, Any] = {"dir": "f", "limit": RELATIONS_PAGE}
        while True:
            answer = await self._transport.request("GET", f"{path}?{urlencode(query)}")
            events = [await self._intake.read_alone(room_id, source) for source in objects(answer.get("chunk"))]
            found += [event for event in events if event is not None]
            following = answer.get("next_batch")
            if not isinstance(following, str) or following == query.get("from"):
                return tuple(found)
            query["from"] = following

    async def download(self, file: MediaFile, limits: Limits = Limits()) -> bytes:  # noqa: B008 - a frozen value
        return await media.download(self._transport, file, limits)

    # Going out

    async def room(self, room_id: str) -> RoomView:
        return await self._sending.room(room_id)

    async def send_text(self, room_id: str, text: Text, transaction_id: str | None = None) -> str:
        return await self._sending.event(room_id, MESSAGE, text_content(text), transaction_id)

    async def send_event(
        self, room_id: str, event_type: str, content: Mapping[str, Any], transaction_id: str | None = None
    ) -> str:
        return await self._sending.event(room_id, event_type, content, transaction_id)

    async def send_plain_notice(self, room_id: str, body: str, transaction_id: str | None = None) -> str:
        return await self._sending.plain_notice(room_id, body, transaction_id)

    async def find_sent(self, room_id: str, transaction_id: str, since_ms: int) -> str | None:
        return await find_sent(self._transport, self.user_id, room_id, transaction_id, since_ms)

    async def redact(self, room_id: str, event_id: str, transaction_id: str | None = None) -> str:
        return await self._sending.redaction(room_id, event_id, transaction_id)

    async def upload(self, room_id: str, content: bytes, kind: str) -> MediaFile:
        return await self._sending.upload(room_id, content, kind)

    async def set_typing(self, room_id: str, lasting: timedelta) -> None:
        await self._sending.typing(room_id, lasting)

    async def mark_read(self, room_id: str, event_id: str) -> None:
        await self._sending.read_markers(room_id, event_id)

    async def join(self, room_id: str) -> None:
        await self._transport.request("POST", path_of("join", room_id), {})

    async def find_direct_room(self, user_id: str, *, thoroughly: bool = False) -> str | None:
        invited_to = self._intake.invited_by(user_id)
        return await direct_rooms.find(self._client, self._sending, user_id, invited_to, thoroughly=thoroughly)

    async def make_direct_room(self, user_id: str) -> str:
        return await direct_rooms.make(self._transport, user_id)

    async def invite(self, room_id: str, user_id: str) -> None:
        await notice_room.invite(self._transport, room_id, user_id)

    async def leave(self, room_id: str) -> None:
        await self._transport.request("POST", path_of("rooms", room_id, "leave"), {})

    # How this device is

    async def notice_room(self, user_id: str, known: str | None, name: str, topic: str) -> str:
        """The one unencrypted room in which this person is told things in clear: `known`, or a new one.

        The person is in it, or invited. A room that is or may be encrypted is none.
        """
        if known is not None and not await notice_room.is_encrypted(self._transport, known):
            if not await notice_room.is_inside(self._transport, known, user_id):
                await notice_room.invite(self._transport, known, user_id)
            return known
        return await notice_room.make_notice_room(self._transport, user_id, name, topic)

    def vitals(self) -> DeviceVitals:
        """What readiness, figures and the doctor ask."""
        health = self._client.key_health
        return DeviceVitals(
            device_id=self.device_id,
            signed=self.is_cross_signed(),
            one_time_keys=health.one_time_keys,
            fallback_key=health.fallback_key_unused is not False,
            synced_at=self._synced_at,
            devices_without_keys=len(health.keyless),
        )

    async def mend(self) -> Mended:
        """Bring our keys, our signature and our invitations back to what they should be."""
        keys = await self._client.replenish_keys()
        signed = await mending.sign_again(self._client, self.is_cross_signed, self._establish)
        invited = await mending.invitations(self._client)
        missed = self._intake.note_invitations(invited)
        return Mended(keys, signed, missed)

    # What only a person's client needs

    async def joined_rooms(self) -> tuple[RoomView, ...]:
        return await rooms_of_a_person.joined_rooms(self._client, self._sending)

    async def display_names(self, room_id: str) -> dict[str, str]:
        """User ID to display name of everybody in a room."""
        return await rooms_of_a_person.display_names(self._client, room_id)

    async def direct_room_with(self, user_id: str) -> str:
        """The encrypted room of two that we share with `user_id`, made and its invitation sent if there is none."""
        return await rooms_of_a_person.direct_room_with(self._client, self._sending, user_id)

    def is_cross_signed(self) -> bool:
        """Whether our own device is signed by its owner."""
        key = str(self._client.olm.account.identity_keys["ed25519"])
        return self._client.identities.is_cross_signed(self.user_id, self.device_id, key)


@asynccontextmanager
async def connect(
    homeserver: str,
    device: Device,
    password: login.Password,
    *,
    device_id: str,
    display_name: str,
    reset_identity: bool = False,
    need_identity: bool = True,
    safe: KeySafe | None = None,
    receipts: bool = False,
) -> AsyncIterator[MatrixConnection]:
    """Log in (or come back) as a cross-signed device, and close the connections at the end; never logs out.

    Args:
        homeserver: its base URL.
        device: whose account, and what it keeps.
        password: asked only when the kept session is no good or expires, or the server wants it for cross-signing.
        device_id: the same at every start.
        display_name: what others see of the device.
        reset_identity: replace a cross-signing identity whose keys we do not hold.
        need_identity: raise IdentityDiffers instead of going on unsigned.
        safe: where the account's recovery key lies; the seeds are then kept in secret storage too.
        receipts: whether batches tell how far others have read.

    Raises:
        WrongPassword, AccountLocked, ServerUnreachable, IdentityDiffers, DeviceKeysDiffer.
    """
    transport = Transport(homeserver.rstrip("/"))
    try:
        cross_signing.check_nothing_is_lost(device, safe)
        session = await login.resume(transport, device)
        anew = session is None
        if session is None:
            kept = device.read_session()
            device_id = kept.device_id if kept is not None and kept.user_id == device.user_id else device_id
            session = await login.log_in(transport, device, device_id, password(), display_name)
        transport.renewal = login.renewal(transport, device, session, password, display_name)
        client = CryptoClient(transport, device, session)
        if anew and client.olm.account.shared and not await login.device_keys_are_on_server(client):
            client.olm.account.shared = False
        await client.upload_keys()
        establish = partial(cross_signing.establish, client, device, password, safe=safe)
        try:
            await establish(reset=reset_identity)
        except IdentityDiffers:
            if need_identity:
                raise
        try:
            yield MatrixConnection(client, establish, receipts=receipts)
        finally:
            await client.close()
    finally:
        await transport.close()


@asynccontextmanager
async def connect_from_folder(
    homeserver: str, root: Path, user_id: str, password: login.Password, **options: Any
) -> AsyncIterator[MatrixConnection]:
    """`connect` for a device of `user_id` that is kept in a folder of its own, made when missing.

    Raises:
        DeviceInUse, and what `connect` raises.
    """
    async with (
        opened(FolderShelf(root), user_id, root) as device,
        connect(homeserver, device, password, **options) as it,
    ):
        yield it
