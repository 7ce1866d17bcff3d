"""One logged-in, encrypted, cross-signed device as a `MatrixPort`: the only door that bots and the terminal use."""

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import structlog

from bots.matrix import cross_signing, login, media
from bots.matrix.client import MEGOLM, OUR_OWN_FAILURES, CryptoClient, session_id_of
from bots.matrix.device import DeviceFolder
from bots.matrix.errors import IdentityDiffers, MatrixError, RequestRefused, ServerUnreachable
from bots.matrix.events import event_of, text_content
from bots.matrix.journal import Journal
from bots.matrix.port import Batch, Event, Invite, MediaFile, RoomEvent, RoomView, Text, Unreadable
from bots.matrix.signing import Json
from bots.matrix.transport import Transport, path_of
from bots.matrix.trust import Origin

log = structlog.get_logger(__name__)

LONG_POLL_MS = 30_000
SYNC_GRACE_S = 30
TIMELINE_LIMIT = 50
GAP_PAGE, MOST_GAP_PAGES = 100, 20
"""How far back a timeline that the server cut short is filled in: 2,000 events a room."""
KEY_PATIENCE_S = 20.0
"""How long an encrypted message waits for its key before its sender is told."""
INVITE_PAUSE_S = 20.0
"""How long an invitation rests that could not be decided on; then it stands in a batch again."""
RECONNECT_PAUSES_S = (0.2, 0.5, 1.0, 2.0, 5.0)

PASSED_ON = (MatrixError, sqlite3.OperationalError, *OUR_OWN_FAILURES)
"""What is not the fault of the event that was being read."""

SYNC_FILTER: Json = {
    "presence": {"types": []},
    "account_data": {"types": []},
    "room": {
        "timeline": {"limit": TIMELINE_LIMIT},
        "state": {"lazy_load_members": False},
        "ephemeral": {"types": []},
        "account_data": {"types": []},
        "include_leave": False,
    },
}


class MatrixConnection:
    """Events in, messages out. Made by `connect`; one task asks for batches, any may send."""

    def __init__(self, client: CryptoClient, folder: DeviceFolder, journal: Journal) -> None:
        self._client = client
        self._transport = client.transport
        self._folder = folder
        self._journal = journal
        self._token = journal.token
        self._waiting: dict[str, tuple[str, Json, float]] = {}
        self._no_longer_waiting: set[str] = set()
        for event_id, room_id, text in journal.pending():
            if (source := _encrypted_event(event_id, text)) is None:
                log.warning("an event that waited for its key is malformed", room_id=room_id)
                journal.drop_pending(event_id)
            else:
                self._waiting[event_id] = (room_id, source, time.monotonic())
        self._invites = {room_id: Invite(room_id, inviter) for room_id, inviter in journal.invites()}
        self._invites_told: dict[str, float] = {}
        self._quick = True

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
        answer = await self._sync()
        live = self._token is not None
        since, self._token = self._token, str(answer["next_batch"])
        await self._client.take_in(answer)
        events = await self._late_events()
        rooms = answer.get("rooms") or {}
        for room_id, room in (rooms.get("join") or {}).items():
            timeline = room.get("timeline") or {}
            sources = since_our_invite(room, self.user_id)
            if sources is None:
                sources = _events(timeline)
                if timeline.get("limited") and since is not None:
                    sources = await self._gap(room_id, timeline, since, sources)
            for source in sources:
                if (event := await self._event(room_id, source, live)) is not None:
                    events.append(event)
        self._note_invites(rooms)
        return Batch(self._token, self._due_invites(), tuple(events), live)

    def _note_invites(self, rooms: Json) -> None:
        for room_id in (*(rooms.get("join") or ()), *(rooms.get("leave") or ())):
            self._forget_invite(room_id)
        for room_id, room in (rooms.get("invite") or {}).items():
            if (invite := _invite(room_id, room, self.user_id)) is not None:
                self._journal.keep_invite(room_id, invite.inviter)
                self._invites[room_id] = invite
                self._invites_told.pop(room_id, None)

    def _due_invites(self) -> tuple[Invite, ...]:
        """The invitations that nobody has settled, each again after a rest."""
        now = time.monotonic()
        due = [
            invite
            for room_id, invite in self._invites.items()
            if now - self._invites_told.get(room_id, -INVITE_PAUSE_S) >= INVITE_PAUSE_S
        ]
        self._invites_told |= {invite.room_id: now for invite in due}
        return tuple(due)

    def settle_invite(self, invite: Invite) -> None:
        self._forget_invite(invite.room_id)

    def _forget_invite(self, room_id: str) -> None:
        if self._invites.pop(room_id, None) is not None:
            self._invites_told.pop(room_id, None)
            self._journal.drop_invite(room_id)

    async def _sync(self) -> Json:
        pauses = iter(RECONNECT_PAUSES_S)
        while True:
            query = {"filter": json.dumps(SYNC_FILTER), "timeout": 0 if self._quick else LONG_POLL_MS}
            if self._token is not None:
                query["since"] = self._token
            try:
                answer = await self._transport.request(
                    "GET",
                    f"{path_of('sync')}?{urlencode(query, quote_via=quote)}",
                    timeout_s=LONG_POLL_MS / 1000 + SYNC_GRACE_S,
                    retries=False,
                )
            except ServerUnreachable:
                await asyncio.sleep(next(pauses, RECONNECT_PAUSES_S[-1]))
            except RequestRefused as error:
                if error.status < 500:
                    raise
                await asyncio.sleep(next(pauses, RECONNECT_PAUSES_S[-1]))
            else:
                self._quick = False
                return answer

    async def _gap(self, room_id: str, timeline: Json, since: str, sources: list[Json]) -> list[Json]:
        """The events that the server left out between `since` and the timeline's start, then the timeline."""
        missed: list[Json] = []
        position = timeline.get("prev_batch")
        for _ in range(MOST_GAP_PAGES):
            if position is None:
                break
            query = urlencode({"dir": "b", "from": position, "to": since, "limit": GAP_PAGE})
            page = await self._transport.request("GET", f"{path_of('rooms', room_id, 'messages')}?{query}")
            missed += _objects(page.get("chunk"))
            position = page.get("end")
        else:
            log.error("a room's gap was too long to fill", room_id=room_id)
        known = {source.get("event_id") for source in sources}
        return [source for source in reversed(missed) if source.get("event_id") not in known] + sources

    async def _event(self, room_id: str, source: Json, live: bool) -> Event | None:
        """What one event of a timeline is to us; a malformed one is nothing, and costs nobody else."""
        try:
            return await self._read_event(room_id, source, live)
        except PASSED_ON:
            raise
        except Exception as error:  # noqa: BLE001 - nio and vodozemac raise any type
            log.warning("an event could not be read", room_id=room_id, error=type(error).__name__)
            return None

    async def _read_event(self, room_id: str, source: Json, live: bool) -> Event | None:
        if "state_key" in source or "transaction_id" in (source.get("unsigned") or {}):
            return None
        if source.get("type") != "m.room.encrypted":
            return event_of(room_id, source, Origin.PLAIN)
        if (source.get("content") or {}).get("algorithm") != MEGOLM:
            return None
        clear = self._client.decrypted(room_id, source)
        if clear is None:
            if live:
                self._wait_for_key(room_id, source)
            return None
        return event_of(room_id, clear, await self._client.origin_of(room_id, source))

    def _wait_for_key(self, room_id: str, source: Json) -> None:
        event_id = str(source["event_id"])
        if _encrypted_event(event_id, json.dumps(source)) is None:
            log.warning("an encrypted event names no session", room_id=room_id)
        elif event_id not in self._waiting and not self._journal.is_handled(event_id):
            self._waiting[event_id] = (room_id, source, time.monotonic())
            self._journal.keep_pending(event_id, room_id, json.dumps(source))

    async def _late_events(self) -> list[Event]:
        """Events whose key has come since, and those for which we waited long enough."""
        events: list[Event] = []
        for event_id, (room_id, source, since) in list(self._waiting.items()):
            try:
                clear = self._client.decrypted(room_id, source) if self._client.has_key(room_id, source) else None
                if clear is not None:
                    event: Event | None = event_of(room_id, clear, await self._client.origin_of(room_id, source))
                elif time.monotonic() - since > KEY_PATIENCE_S:
                    event = Unreadable(
                        room_id=room_id,
                        event_id=event_id,
                        sender=str(source["sender"]),
                        sent_at_ms=int(source["origin_server_ts"]),
                        origin=Origin.UNSIGNED,
                    )
                else:
                    continue
            except PASSED_ON:
                raise
            except Exception as error:  # noqa: BLE001 - nio and vodozemac raise any type
                log.warning("an event that waited for its key is dropped", room_id=room_id, error=type(error).__name__)
                event = None
            del self._waiting[event_id]
            self._no_longer_waiting.add(event_id)
            if event is not None:
                events.append(event)
        return events

    async def commit(self, batch: Batch) -> None:
        self._journal.save_token(batch.token)
        for event_id in self._no_longer_waiting:
            self._journal.drop_pending(event_id)
        self._no_longer_waiting.clear()

    def is_handled(self, event_id: str) -> bool:
        return self._journal.is_handled(event_id)

    def mark_handled(self, event: RoomEvent) -> None:
        self._journal.mark_handled(event.event_id, event.sent_at_ms)

    # Going out

    async def room(self, room_id: str) -> RoomView:
        room = await self._client.complete_room(room_id)
        return RoomView(room_id, bool(room.encrypted), frozenset(room.users), room.named_room_name())

    async def send_text(self, room_id: str, text: Text, transaction_id: str | None = None) -> str:
        return await self.send_event(room_id, "m.room.message", text_content(text), transaction_id)

    async def send_plain_notice(
        self, room_id: str, body: str, reply_to: str | None = None, transaction_id: str | None = None
    ) -> str:
        content = text_content(Text(body, notice=True, reply_to=reply_to))
        return await self._put(room_id, "m.room.message", content, transaction_id)

    async def send_event(
        self, room_id: str, event_type: str, content: Mapping[str, Any], transaction_id: str | None = None
    ) -> str:
        room = await self._client.complete_room(room_id)
        sent = dict(content)
        if room.encrypted and event_type != "m.reaction":
            sent = await self._client.encrypt_for(room_id, event_type, sent)
            event_type = "m.room.encrypted"
        return await self._put(room_id, event_type, sent, transaction_id)

    async def _put(self, room_id: str, event_type: str, content: Json, transaction_id: str | None) -> str:
        path = path_of("rooms", room_id, "send", event_type, transaction_id or str(uuid4()))
        return str((await self._transport.request("PUT", path, content))["event_id"])

    async def mark_read(self, room_id: str, event_id: str) -> None:
        await self._transport.request("POST", path_of("rooms", room_id, "receipt", "m.read", event_id), {})

    async def join(self, room_id: str) -> None:
        await self._transport.request("POST", path_of("join", room_id), {})

    async def leave(self, room_id: str) -> None:
        await self._transport.request("POST", path_of("rooms", room_id, "leave"), {})

    # What only a person's client needs

    async def joined_rooms(self) -> tuple[RoomView, ...]:
        answer = await self._transport.request("GET", path_of("joined_rooms"))
        return tuple([await self.room(room_id) for room_id in answer["joined_rooms"]])

    async def display_names(self, room_id: str) -> dict[str, str]:
        """User ID to display name of everybody in a room."""
        room = await self._client.complete_room(room_id)
        return {user_id: str(user.name) for user_id, user in room.users.items()}

    async def direct_room_with(self, user_id: str) -> str:
        """The encrypted room of two that we share with `user_id`, made and its invitation sent if there is none."""
        path = path_of("user", self.user_id, "account_data", "m.direct")
        direct = await self._transport.request("GET", path, accept=(404,))
        direct = {key: value for key, value in direct.items() if isinstance(value, list)}
        for room_id in reversed(direct.get(user_id, [])):
            try:
                room = await self.room(room_id)
            except MatrixError:
                continue
            if room.encrypted and room.members == {self.user_id, user_id}:
                return str(room_id)
        encryption = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": MEGOLM}}
        answer = await self._transport.request(
            "POST",
            path_of("createRoom"),
            {
                "preset": "trusted_private_chat",
                "is_direct": True,
                "invite": [user_id],
                "initial_state": [encryption],
            },
        )
        room_id = str(answer["room_id"])
        direct[user_id] = [*direct.get(user_id, []), room_id]
        await self._transport.request("PUT", path, direct)
        return room_id

    async def download(self, file: MediaFile) -> bytes:
        """A file of a message, in clear."""
        return await media.download(self._transport, file)

    def is_cross_signed(self) -> bool:
        """Whether our own device is signed by its owner."""
        key = str(self._client.olm.account.identity_keys["ed25519"])
        return self._client.identities.is_cross_signed(self.user_id, self.device_id, key)


def _encrypted_event(event_id: str, text: str) -> Json | None:
    """The encrypted event in `text`; None for what no key could ever open."""
    try:
        event = json.loads(text)
    except ValueError:
        return None
    if not isinstance(event, dict) or session_id_of(event) is None:
        return None
    whole = event.get("event_id") == event_id and isinstance(event.get("sender"), str)
    return event if whole and type(event.get("origin_server_ts")) is int else None


def _objects(events: Any) -> list[Json]:
    return [event for event in events if isinstance(event, dict)] if isinstance(events, list) else []


def _events(part: Any) -> list[Json]:
    """The events of a part of a sync answer, `timeline` or `invite_state`."""
    return _objects(part.get("events")) if isinstance(part, dict) else []


def _membership(content: Any) -> str | None:
    membership = content.get("membership") if isinstance(content, dict) else None
    return membership if isinstance(membership, str) else None


def _invite(room_id: str, room: Json, user_id: str) -> Invite | None:
    for event in _events(room.get("invite_state")):
        about_us = event.get("type") == "m.room.member" and event.get("state_key") == user_id
        if about_us and _membership(event.get("content")) == "invite" and isinstance(event.get("sender"), str):
            return Invite(room_id, str(event["sender"]))
    return None


def since_our_invite(room: Json, user_id: str) -> list[Json] | None:
    """The part of a newly joined room's timeline that was said to us: from our invitation on.

    None for a room in which we were already. Without the invitation in sight, what follows our joining.
    """
    events = _events(room.get("timeline"))
    invited, joined = None, None
    for place, event in enumerate(events):
        if event.get("type") == "m.room.member" and event.get("state_key") == user_id:
            membership = _membership(event.get("content"))
            unsigned = event.get("unsigned")
            before = _membership(unsigned.get("prev_content")) if isinstance(unsigned, dict) else None
            if membership == "invite":
                invited = place
            elif membership == "join" and before != "join":
                joined = place
    if joined is None:
        return None
    return events[(joined if invited is None else invited) + 1 :]


@asynccontextmanager
async def connect(
    homeserver: str,
    folder_root: Path,
    user_id: str,
    password: login.Password,
    *,
    device_id: str,
    display_name: str,
    reset_identity: bool = False,
    need_identity: bool = True,
) -> AsyncIterator[MatrixConnection]:
    """Log in (or come back) as a cross-signed device, and close everything at the end; never logs out.

    Args:
        homeserver: its base URL.
        folder_root: the folder of this device, made when missing.
        user_id: whose account.
        password: asked only when the kept session is no good, or the server wants it for cross-signing.
        device_id: the same at every start.
        display_name: what others see of the device.
        reset_identity: replace a cross-signing identity whose keys we do not hold.
        need_identity: raise IdentityDiffers instead of going on unsigned.

    Raises:
        DeviceInUse, WrongPassword, AccountLocked, ServerUnreachable, IdentityDiffers, DeviceKeysDiffer.
    """
    transport = Transport(homeserver.rstrip("/"))
    with DeviceFolder(folder_root) as folder:
        try:
            session = await login.resume(transport, folder, user_id)
            anew = session is None
            if session is None:
                kept = folder.read_session()
                device_id = kept.device_id if kept is not None and kept.user_id == user_id else device_id
                session = await login.log_in(transport, folder, user_id, device_id, password(), display_name)
            client = CryptoClient(transport, folder, session)
            journal = Journal(folder.journal)
            journal.prune(int(time.time() * 1000))
            try:
                if anew and client.olm.account.shared and not await login.device_keys_are_on_server(client):
                    client.olm.account.shared = False
                await client.upload_keys()
                try:
                    await cross_signing.establish(client, folder, password, reset=reset_identity)
                except IdentityDiffers:
                    if need_identity:
                        raise
                yield MatrixConnection(client, folder, journal)
            finally:
                journal.close()
                await client.close()
        finally:
            await transport.close()
