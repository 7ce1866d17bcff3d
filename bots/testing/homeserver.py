"""A homeserver in memory: accounts, rooms with one timeline each, media; what `bots.testing.port` speaks to.

It keeps events as JSON in clear, in the order in which it took them, and beside each what encryption would have meant:
whose device wrote it, and for whom its key never came.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from bots.matrix.errors import AccountLocked, NoSuchRoom, RequestRefused
from bots.matrix.port import Membership
from bots.matrix.trust import Origin
from bots.testing.clock import MovableClock

Json = dict[str, Any]

RECEIPT = "m.receipt"
"""Stands among the events of all rooms, and in the timeline of none."""
NEVER_ENCRYPTED = frozenset({"m.reaction", "m.room.redaction", "m.room.member", "m.room.tombstone"})


@dataclass
class FakeRoom:
    """One room; its members by user ID."""

    room_id: str
    encrypted: bool = True
    name: str | None = None
    members: dict[str, Membership] = field(default_factory=dict)
    timeline: list["Kept"] = field(default_factory=list)
    asked_in: dict[str, int] = field(default_factory=dict)
    """By user ID, where in the homeserver's timeline they were asked in: what was said before is closed to them."""

    def holds(self, user_id: str) -> bool:
        return self.members.get(user_id) is Membership.JOIN

    @property
    def shown_members(self) -> frozenset[str]:
        """Joined and invited."""
        return frozenset(user for user, is_ in self.members.items() if is_ in (Membership.JOIN, Membership.INVITE))


@dataclass
class Kept:
    """An event as the homeserver keeps it."""

    room_id: str
    number: int
    """Its place in the homeserver's timeline."""
    source: Json
    origin: Origin
    transaction_id: str | None = None
    without_key: set[str] = field(default_factory=set)
    """User IDs whose devices have not been given its key yet."""

    @property
    def event_id(self) -> str:
        return str(self.source["event_id"])

    @property
    def sender(self) -> str:
        return str(self.source["sender"])


class FakeHomeserver:
    """Everybody's rooms; one of them stands for all of Synapse and all devices.

    Args:
        server_name: the part of user IDs behind the colon.
        clock: gives events their time.
    """

    def __init__(self, server_name: str, clock: MovableClock) -> None:
        self.server_name = server_name
        self.clock = clock
        self._timeline: list[Kept] = []
        self._forgotten = 0
        self.rooms: dict[str, FakeRoom] = {}
        self.media: dict[str, bytes] = {}
        """By path."""
        self.unsigned: set[str] = set()
        """User IDs whose device its owner has not cross-signed: it gets no keys."""
        self.locked: set[str] = set()
        self.committed: dict[str, int] = {}
        """How far each account has read, by user ID."""
        self.read: dict[tuple[str, str], str] = {}
        """By room and user ID, the event up to which the user has read the room."""
        self.typing: set[tuple[str, str]] = set()
        self.changed = asyncio.Event()
        self._by_transaction: dict[tuple[str, str], str] = {}
        self._by_id: dict[str, Kept] = {}
        self._numbers = count(1)

    @property
    def end(self) -> int:
        """The place behind the latest event of all rooms."""
        return self._forgotten + len(self._timeline)

    def since(self, place: int) -> list[Kept]:
        """The events of all rooms, and receipts, from a place on, in order."""
        return self._timeline[max(0, place - self._forgotten) :]

    def forget(self) -> None:
        """Keep nothing of what was said so far: for trials so long that they would grow by it."""
        self._forgotten = self.end
        self._timeline.clear()
        self._by_id.clear()
        self._by_transaction.clear()
        for room in self.rooms.values():
            room.timeline.clear()

    def make_room(
        self, creator: str, *invited: str, encrypted: bool = True, name: str | None = None, joined: Sequence[str] = ()
    ) -> str:
        """A new room with its members; returns its ID."""
        room = FakeRoom(f"!{next(self._numbers)}:{self.server_name}", encrypted, name)
        self.rooms[room.room_id] = room
        for user_id in (creator, *joined):
            self.set_membership(room.room_id, user_id, Membership.JOIN, by=user_id)
        for user_id in invited:
            self.invite(room.room_id, user_id, by=creator)
        return room.room_id

    def invite(self, room_id: str, user_id: str, *, by: str) -> None:
        """Ask somebody in."""
        self.set_membership(room_id, user_id, Membership.INVITE, by=by)

    def room(self, room_id: str, user_id: str) -> FakeRoom:
        """The room as one who is joined sees it.

        Raises:
            NoSuchRoom: there is none, or the user is not in it: both look alike.
        """
        room = self.rooms.get(room_id)
        if room is None or not room.holds(user_id):
            raise NoSuchRoom(room_id)
        return room

    def send(
        self, room_id: str, sender: str, event_type: str, content: Mapping[str, Any], transaction_id: str | None = None
    ) -> str:
        """Take an event; the same transaction again is the event that it was. Returns the event ID.

        Raises:
            AccountLocked, RequestRefused: as Synapse does.
        """
        self.check_open(sender)
        if transaction_id is not None and (known := self._by_transaction.get((sender, transaction_id))) is not None:
            return known
        room = self.rooms.get(room_id)
        if room is None or not room.holds(sender):
            raise RequestRefused(403, "M_FORBIDDEN", "You are not in this room", "PUT /send")
        sealed = room.encrypted and event_type not in NEVER_ENCRYPTED
        origin = Origin.PLAIN if not sealed else Origin.UNSIGNED if sender in self.unsigned else Origin.CROSS_SIGNED
        event_id = self._keep(room_id, sender, event_type, dict(content), origin, transaction_id)
        if event_type == "m.room.redaction":
            self._strip(str(content["redacts"]))
        if transaction_id is not None:
            self._by_transaction[sender, transaction_id] = event_id
        return event_id

    def set_membership(self, room_id: str, user_id: str, membership: Membership, *, by: str) -> None:
        """Somebody is invited, joins, leaves or is removed."""
        room = self.rooms[room_id]
        before = room.members.get(user_id, Membership.LEAVE)
        room.members[user_id] = membership
        if before not in (Membership.INVITE, Membership.JOIN):
            room.asked_in[user_id] = self.end
        content = {"membership": membership.value}
        self._keep(room_id, by, "m.room.member", content, Origin.PLAIN, state_key=user_id, before=before)

    def mark_read(self, room_id: str, user_id: str, event_id: str) -> None:
        """Everybody may know that the user has read the room up to this event."""
        self.read[room_id, user_id] = event_id
        source = {"type": RECEIPT, "event_id": event_id, "sender": user_id, "origin_server_ts": self.clock.ms}
        self._timeline.append(Kept(room_id, self.end, source, Origin.PLAIN))
        self.tell()

    def withhold(self, event_id: str, *user_ids: str) -> None:
        """These users' devices have not got the key of that event."""
        self.event(event_id).without_key.update(user_ids)

    def hand_over(self, event_id: str) -> None:
        """The key of that event comes at last, to everybody."""
        self.event(event_id).without_key.clear()
        self.tell()

    def event(self, event_id: str) -> Kept:
        return self._by_id[event_id]

    def check_open(self, user_id: str) -> None:
        """Raises AccountLocked for who is locked."""
        if user_id in self.locked:
            raise AccountLocked(401, "M_USER_LOCKED", "User account has been locked", "request")

    def keep_file(self, content: bytes) -> str:
        """Keep a file; returns its `mxc:` address."""
        address = f"mxc://{self.server_name}/file{next(self._numbers)}"
        self.media[address] = content
        return address

    def _keep(
        self, room_id: str, sender: str, event_type: str, content: Json, origin: Origin,
        transaction_id: str | None = None, *, state_key: str | None = None, before: Membership | None = None,
    ) -> str:  # fmt: skip
        source: Json = {
            "type": event_type,
            "content": content,
            "event_id": f"${next(self._numbers)}:{self.server_name}",
            "sender": sender,
            "origin_server_ts": self.clock.ms,
        }
        if state_key is not None:
            source["state_key"] = state_key
        if before is not None:
            source["unsigned"] = {"prev_content": {"membership": before.value}}
        room = self.rooms[room_id]
        kept = Kept(room_id, self.end, source, origin, transaction_id)
        if origin is not Origin.PLAIN:
            kept.without_key |= (room.shown_members & self.unsigned) - {sender}
        self._timeline.append(kept)
        room.timeline.append(kept)
        self._by_id[kept.event_id] = kept
        self.tell()
        return kept.event_id

    def _strip(self, event_id: str) -> None:
        if (kept := self._by_id.get(event_id)) is not None:
            kept.source["content"] = {}

    def tell(self) -> None:
        """Wake whoever waits for something new."""
        self.changed.set()
        self.changed = asyncio.Event()
