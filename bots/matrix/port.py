"""What a bot may know of Matrix: frozen events that come in, and the few things it may do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bots.matrix.trust import Origin


@dataclass(frozen=True, kw_only=True)
class RoomEvent:
    """What every event in a room has."""

    room_id: str
    event_id: str
    sender: str
    sent_at_ms: int
    origin: Origin
    thread_root: str | None = None
    """The event that began the thread in which this one stands."""


@dataclass(frozen=True, kw_only=True)
class TextMessage(RoomEvent):
    """`m.text`, `m.emote` or `m.notice`, as it was first sent."""

    body: str
    notice: bool = False
    """`m.notice`: written by a program, and so never answered by one."""
    reply_to: str | None = None
    mentions: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Edit(RoomEvent):
    """A later wording of an earlier message."""

    target: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Reaction(RoomEvent):
    """A reaction, never encrypted."""

    target: str
    key: str


@dataclass(frozen=True)
class PollAnswer:
    """One choice of a poll."""

    answer_id: str
    text: str


@dataclass(frozen=True, kw_only=True)
class PollStart(RoomEvent):
    """A question with its choices, at most 20."""

    question: str
    answers: tuple[PollAnswer, ...]


@dataclass(frozen=True, kw_only=True)
class PollResponse(RoomEvent):
    """One person's choice; the latest of each person counts."""

    target: str
    answer_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PollEnd(RoomEvent):
    """The poll `target` is closed."""

    target: str


@dataclass(frozen=True)
class MediaFile:
    """Where a file lies, and how to open it when it is encrypted."""

    url: str
    key: str | None = None
    iv: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, kw_only=True)
class Image(RoomEvent):
    """A picture."""

    body: str
    file: MediaFile


@dataclass(frozen=True, kw_only=True)
class Unreadable(RoomEvent):
    """Encrypted, and its key has not come in time."""


Event = TextMessage | Edit | Reaction | PollStart | PollResponse | PollEnd | Image | Unreadable


@dataclass(frozen=True)
class Invite:
    """Somebody wants us in a room."""

    room_id: str
    inviter: str


@dataclass(frozen=True)
class Batch:
    """What one sync brought; `token` is kept once all of it was dealt with."""

    token: str
    invites: tuple[Invite, ...] = ()
    events: tuple[Event, ...] = ()
    live: bool = True
    """False for the first batch of a device that never synced: what stands in it is history."""


@dataclass(frozen=True)
class RoomView:
    """What a bot asks about a room before it answers there."""

    room_id: str
    encrypted: bool
    members: frozenset[str]
    """Joined and invited."""
    name: str | None = None


@dataclass(frozen=True)
class Text:
    """What to write: plain, and the same formatted."""

    body: str
    html: str | None = None
    notice: bool = False
    """Phones do not ring for `m.notice`, and no program answers it."""
    reply_to: str | None = None
    thread_root: str | None = None
    mentions: tuple[str, ...] = field(default=())


class MatrixPort(Protocol):
    """What a bot can do on Matrix; a fake one stands in for it in tests."""

    @property
    def user_id(self) -> str: ...

    async def next_batch(self) -> Batch:
        """What is new; waits up to half a minute for something."""
        ...

    async def commit(self, batch: Batch) -> None:
        """Everything in `batch` was dealt with: the next start goes on behind it."""
        ...

    def is_handled(self, event_id: str) -> bool: ...

    def mark_handled(self, event: RoomEvent) -> None: ...

    def settle_invite(self, invite: Invite) -> None:
        """An invitation was accepted, turned down, or is beyond us; until then it comes again, restart or not."""
        ...

    async def room(self, room_id: str) -> RoomView: ...

    async def send_text(self, room_id: str, text: Text, transaction_id: str | None = None) -> str:
        """Write into a room, encrypted where the room is; returns the event ID.

        The same `transaction_id` again gives the same event: a repeated send is no second message.
        """
        ...

    async def send_plain_notice(
        self, room_id: str, body: str, reply_to: str | None = None, transaction_id: str | None = None
    ) -> str:
        """A fixed sentence in clear, for a device to which no key may be given; never anything about a person."""
        ...

    async def send_event(
        self, room_id: str, event_type: str, content: Mapping[str, Any], transaction_id: str | None = None
    ) -> str: ...

    async def mark_read(self, room_id: str, event_id: str) -> None: ...

    async def join(self, room_id: str) -> None: ...

    async def leave(self, room_id: str) -> None:
        """Leave a room, or turn an invitation down."""
        ...
