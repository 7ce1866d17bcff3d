"""A `MatrixPort` without a server, which behaves: its own messages come back, networks break, keys come late."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import unquote

from bots.matrix import media
from bots.matrix.contents import MESSAGE, REDACTION, text_content
from bots.matrix.errors import FileRefused, NoSuchRoom, RateLimited, RequestRefused, RoomEncrypted, ServerUnreachable
from bots.matrix.events import event_of
from bots.matrix.port import (
    Batch,
    Echo,
    Event,
    Invite,
    Limits,
    MediaFile,
    Membership,
    Placed,
    Receipt,
    RoomView,
    Text,
    Unreadable,
)
from bots.matrix.sync_answer import placed
from bots.matrix.trust import Origin
from bots.testing.faults import SYNC, Fault, Network
from bots.testing.homeserver import NEVER_ENCRYPTED, RECEIPT, FakeHomeserver, FakeRoom, Kept

LONG_POLL_S = 30.0
KEY_PATIENCE = timedelta(seconds=20)
"""Of the homeserver's clock; so long an event waits for its key before it is handed on as unreadable."""
INVITE_PAUSE = timedelta(seconds=20)
"""How long an invitation rests that nobody has settled."""
AGAIN_AFTER_S = 0.01
"""Of real time, until a sync that failed is tried again."""

Result = TypeVar("Result")


class FakePort:
    """One device of an account on a `FakeHomeserver`; the next one of that account goes on where it had committed.

    Args:
        homeserver: on which the account is.
        user_id: whose device.
        network: the way between the two; a calm one by default.
        receipts: whether batches tell how far others have read.
    """

    def __init__(
        self, homeserver: FakeHomeserver, user_id: str, network: Network | None = None, *, receipts: bool = False
    ) -> None:
        self._homeserver = homeserver
        self._network = network or Network()
        self._user_id = user_id
        self._receipts = receipts
        self._position = homeserver.committed.get(user_id)
        self._latest: Batch | None = None
        self._waiting: dict[str, timedelta | None] = {}
        """By event ID, since when an event waits for its key; None once it was handed on as unreadable."""
        self._settled: set[str] = set()
        self._told: dict[str, timedelta] = {}
        """By room, when its invitation was last handed on."""
        self._files = _MediaRepository(homeserver, self._network)

    @property
    def user_id(self) -> str:
        return self._user_id

    async def next_batch(self) -> Batch:
        """What is new; waits up to half a minute for something, but not at the first time."""
        while True:
            self._homeserver.check_open(self.user_id)
            fault = self._network.meets(SYNC)
            if fault is Fault.REPEATED and self._latest is not None:
                return self._latest
            if fault in (None, Fault.GAP, Fault.REPEATED, Fault.DELAYED):
                if self._latest is not None and not self._anything_new():
                    await self._something_new()
                self._latest = self._batch(keys_come=fault is not Fault.GAP)
                return self._latest
            await asyncio.sleep(AGAIN_AFTER_S)

    async def commit(self, batch: Batch) -> None:
        self._homeserver.committed[self.user_id] = int(batch.token)

    async def room(self, room_id: str) -> RoomView:
        room = self._homeserver.room(room_id, self.user_id)
        return RoomView(room_id, room.encrypted, room.shown_members, room.name)

    async def send_text(self, room_id: str, text: Text, transaction_id: str | None = None) -> str:
        return await self.send_event(room_id, MESSAGE, text_content(text), transaction_id)

    async def send_event(
        self, room_id: str, event_type: str, content: Mapping[str, Any], transaction_id: str | None = None
    ) -> str:
        if event_type not in NEVER_ENCRYPTED:
            self._homeserver.room(room_id, self.user_id)  # whoever encrypts must know for whom
        return await self._send(room_id, event_type, content, transaction_id, f"/send/{event_type}")

    async def send_plain_notice(self, room_id: str, body: str, transaction_id: str | None = None) -> str:
        if self._homeserver.room(room_id, self.user_id).encrypted:
            raise RoomEncrypted(room_id)
        content = text_content(Text(body, notice=True))
        return await self._send(room_id, MESSAGE, content, transaction_id, f"/send/{MESSAGE}")

    async def find_sent(self, room_id: str, transaction_id: str, since_ms: int) -> str | None:
        """The event that was sent under `transaction_id`; looks back no further than `since_ms`."""
        for kept in reversed(self._homeserver.room(room_id, self.user_id).timeline):
            if kept.source["origin_server_ts"] < since_ms:
                return None
            if (kept.sender, kept.transaction_id) == (self.user_id, transaction_id):
                return kept.event_id
        return None

    async def redact(self, room_id: str, event_id: str, transaction_id: str | None = None) -> str:
        return await self._send(room_id, REDACTION, {"redacts": event_id}, transaction_id, f"/redact/{event_id}")

    async def upload(self, room_id: str, content: bytes, kind: str) -> MediaFile:
        room = self._homeserver.room(room_id, self.user_id)
        return await media.upload(self._files, content, kind, encrypted=room.encrypted)  # type: ignore[arg-type]

    async def download(self, file: MediaFile, limits: Limits = Limits()) -> bytes:  # noqa: B008 - frozen
        return await media.download(self._files, file, limits)  # type: ignore[arg-type]

    async def relations(self, room_id: str, event_id: str, relation: str) -> tuple[Event, ...]:
        related = []
        for kept in self._homeserver.room(room_id, self.user_id).timeline:
            said = kept.source["content"].get("m.relates_to") or {}
            if said.get("rel_type") == relation and said.get("event_id") == event_id and self._has_key(kept):
                related.append(event_of(room_id, kept.source, kept.origin))
        return tuple(event for event in related if event is not None)

    async def set_typing(self, room_id: str, lasting: timedelta) -> None:
        self._homeserver.room(room_id, self.user_id)
        change = self._homeserver.typing.add if lasting else self._homeserver.typing.discard
        change((room_id, self.user_id))

    async def mark_read(self, room_id: str, event_id: str) -> None:
        self._homeserver.mark_read(room_id, self.user_id, event_id)

    async def join(self, room_id: str) -> None:
        room = self._homeserver.rooms.get(room_id)
        if room is None or room.members.get(self.user_id) not in (Membership.INVITE, Membership.JOIN):
            raise NoSuchRoom(room_id)
        self._settled.discard(room_id)
        self._homeserver.set_membership(room_id, self.user_id, Membership.JOIN, by=self.user_id)

    async def find_direct_room(self, user_id: str, *, thoroughly: bool = False) -> str | None:
        for room in self._homeserver.rooms.values():
            if not room.encrypted or room.shown_members != {self.user_id, user_id}:
                continue
            if room.holds(user_id) and not room.holds(self.user_id):
                await self.join(room.room_id)
            if room.holds(self.user_id) and (thoroughly or room.holds(user_id)):
                return room.room_id
        return None

    async def make_direct_room(self, user_id: str) -> str:
        return _through(self._network, "/createRoom", lambda: self._homeserver.make_room(self.user_id, user_id))

    async def invite(self, room_id: str, user_id: str) -> None:
        self._homeserver.room(room_id, self.user_id)
        _through(self._network, "/invite", lambda: self._homeserver.invite(room_id, user_id, by=self.user_id))

    async def leave(self, room_id: str) -> None:
        self._homeserver.set_membership(room_id, self.user_id, Membership.LEAVE, by=self.user_id)

    def settle_invite(self, invite: Invite) -> None:
        self._settled.add(invite.room_id)

    # What is said

    async def _send(
        self, room_id: str, event_type: str, content: Mapping[str, Any], transaction_id: str | None, path: str
    ) -> str:
        # As it goes over the wire: what no JSON can hold fails here too.
        sent = json.loads(json.dumps(dict(content)))
        return _through(
            self._network,
            path,
            lambda: self._homeserver.send(room_id, self.user_id, event_type, sent, transaction_id),
        )

    # What comes in

    def _anything_new(self) -> bool:
        return (
            self._position is None
            or self._position < self._homeserver.end
            or any(map(self._is_due, self._waiting))
            or any(map(self._asks_us, self._homeserver.rooms.values()))
        )

    async def _something_new(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONG_POLL_S):
                await self._homeserver.changed.wait()

    def _batch(self, *, keys_come: bool) -> Batch:
        live, start = self._position is not None, self._position or 0
        told = self._homeserver.since(start)
        new = [kept for kept in told if kept.source["type"] != RECEIPT]
        new = [
            kept for joined in new if self._is_our_join(joined) for kept in self._missed(joined.room_id, start)
        ] + new
        self._position = self._homeserver.end
        events = self._late_events()
        echoes = []
        for kept in new:
            if not self._sees(kept):
                continue
            if kept.sender == self.user_id and kept.transaction_id is not None:
                echoes.append(Echo(kept.room_id, kept.event_id, kept.transaction_id))
            if not keys_come and kept.origin is not Origin.PLAIN and kept.sender != self.user_id:
                kept.without_key.add(self.user_id)
            if (event := self._read(kept)) is not None:
                events.append(event)
        batch = Batch(str(self._position), self._invites(), tuple(events), live, tuple(echoes))
        return replace(batch, receipts=self._read_up_to(told), timeline=self._placed(new)) if self._receipts else batch

    def _read_up_to(self, told: Sequence[Kept]) -> tuple[Receipt, ...]:
        given = (kept for kept in told if kept.source["type"] == RECEIPT and kept.sender != self.user_id)
        return tuple(
            Receipt(kept.room_id, kept.sender, kept.event_id, kept.source["origin_server_ts"])
            for kept in given
            if self._sees(kept)
        )

    def _placed(self, new: Sequence[Kept]) -> tuple[Placed, ...]:
        seen = (kept for kept in new if self._sees(kept))
        return tuple(found for kept in seen for found in placed(kept.room_id, [kept.source], self.user_id))

    def _sees(self, kept: Kept) -> bool:
        room = self._homeserver.rooms[kept.room_id]
        return room.holds(self.user_id) and kept.number >= room.asked_in[self.user_id]

    def _is_our_join(self, kept: Kept) -> bool:
        source = kept.source
        return source.get("state_key") == self.user_id and source["content"].get("membership") == Membership.JOIN

    def _missed(self, room_id: str, before: int) -> list[Kept]:
        """What was said in a room while we were asked in and had not joined yet."""
        return [kept for kept in self._homeserver.rooms[room_id].timeline if kept.number < before]

    def _has_key(self, kept: Kept) -> bool:
        return self.user_id not in kept.without_key

    def _read(self, kept: Kept) -> Event | None:
        if self._has_key(kept):
            return event_of(kept.room_id, kept.source, kept.origin)
        if self.user_id in self._homeserver.unsigned:
            return self._unreadable(kept, "m.unverified")
        self._waiting.setdefault(kept.event_id, self._now())
        return None

    def _late_events(self) -> list[Event]:
        late: list[Event] = []
        for event_id in list(self._waiting):
            if not self._is_due(event_id):
                continue
            kept = self._homeserver.event(event_id)
            if self._has_key(kept):
                del self._waiting[event_id]
                event = event_of(kept.room_id, kept.source, kept.origin)
            else:
                self._waiting[event_id] = None
                event = self._unreadable(kept, None)
            if event is not None:
                late.append(event)
        return late

    def _is_due(self, event_id: str) -> bool:
        since = self._waiting[event_id]
        return self._has_key(self._homeserver.event(event_id)) or (
            since is not None and self._now() - since > KEY_PATIENCE
        )

    def _now(self) -> timedelta:
        return timedelta(milliseconds=self._homeserver.clock.ms)

    def _unreadable(self, kept: Kept, withheld: str | None) -> Unreadable:
        return Unreadable(
            room_id=kept.room_id,
            event_id=kept.event_id,
            sender=kept.sender,
            sent_at_ms=int(kept.source["origin_server_ts"]),
            origin=Origin.UNSIGNED,
            withheld=withheld,
        )

    def _invites(self) -> tuple[Invite, ...]:
        """Those that nobody has settled, each again after a rest."""
        due = tuple(room for room in self._homeserver.rooms.values() if self._asks_us(room))
        self._told |= {room.room_id: self._now() for room in due}
        return tuple(Invite(room.room_id, self._inviter(room)) for room in due)

    def _asks_us(self, room: FakeRoom) -> bool:
        told = self._told.get(room.room_id)
        rests = told is not None and self._now() - told < INVITE_PAUSE
        open_ = room.members.get(self.user_id) is Membership.INVITE and room.room_id not in self._settled
        return open_ and not rests

    def _inviter(self, room: FakeRoom) -> str:
        return next(kept.sender for kept in reversed(room.timeline) if kept.source.get("state_key") == self.user_id)


def _through(network: Network, path: str, act: Callable[[], Result]) -> Result:
    """What a request comes to that makes the homeserver `act`, as it looks from our side of the network."""
    fault = network.meets(path)
    match fault:
        case Fault.LIMITED:
            raise RateLimited(429, "M_LIMIT_EXCEEDED", "Too many requests", path)
        case Fault.FAILED:
            raise RequestRefused(500, "M_UNKNOWN", "Internal server error", path)
        case Fault.CUT:
            raise ServerUnreachable("the fake homeserver")
    result = act()
    match fault:
        case Fault.LOST:
            raise ServerUnreachable("the fake homeserver")
        case Fault.SPOILT:
            raise RequestRefused(502, "", "Bad Gateway", path)
    return result


class _MediaRepository:
    """The two requests that `bots.matrix.media` makes, answered from memory."""

    def __init__(self, homeserver: FakeHomeserver, network: Network) -> None:
        self._homeserver = homeserver
        self._network = network

    async def request(self, _method: str, path: str, body: bytes, **_: object) -> Mapping[str, Any]:
        return {"content_uri": _through(self._network, path, lambda: self._homeserver.keep_file(body))}

    async def download(self, path: str, most_bytes: int) -> bytes:
        server, name = (unquote(part) for part in path.split("/")[-2:])
        content = self._homeserver.media[f"mxc://{server}/{name}"]
        if len(content) > most_bytes:
            raise FileRefused.larger_than(most_bytes)
        return content
