"""What a bot may know of Matrix: frozen events that come in, and the few things it may do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol

from bots.matrix.trust import Origin


@dataclass(frozen=True, kw_only=True)
class RoomEvent:
    """What every event in a room has. No text in it holds NUL or a lone surrogate: PostgreSQL takes all of it."""

    room_id: str
    event_id: str
    sender: str
    sent_at_ms: int
    origin: Origin
    thread_root: str | None = None
    """The event that began the thread in which this one stands."""

    @property
    def handling_id(self) -> str:
        """What this is handled once under: the event ID, but for an event that is told of before it can be read."""
        return self.event_id


@dataclass(frozen=True, kw_only=True)
class TextMessage(RoomEvent):
    """`m.text`, `m.emote` or `m.notice`, as it was first sent."""

    body: str
    html: str | None = None
    """The same formatted, as its sender wrote it: never to be shown unchecked."""
    notice: bool = False
    """`m.notice`: written by a program, and so never answered by one."""
    reply_to: str | None = None
    mentions: frozenset[str] = frozenset()
    """User IDs."""
    mentions_room: bool = False


@dataclass(frozen=True, kw_only=True)
class Edit(RoomEvent):
    """A later wording of an earlier message; it counts only where `sender` wrote that one too."""

    target: str
    body: str
    html: str | None = None
    mentions: frozenset[str] = frozenset()


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
    most_choices: int = 1
    disclosed: bool = True
    """Whether clients show the count before the end; any member can count at any time."""


@dataclass(frozen=True, kw_only=True)
class PollResponse(RoomEvent):
    """One person's choice; the latest of each person counts."""

    target: str
    answer_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PollEnd(RoomEvent):
    """The poll `target` is closed."""

    target: str
    body: str = ""
    """The result in words, as whoever ended it put it."""


@dataclass(frozen=True)
class MediaFile:
    """Where a file lies, and how to open it when it is encrypted."""

    url: str
    key: str | None = None
    iv: str | None = None
    sha256: str | None = None
    """Of the encrypted bytes, in base64."""
    size_bytes: int | None = None
    """As its sender says; None where nothing is said."""
    kind: str | None = None
    """Media type, as its sender says."""


@dataclass(frozen=True, kw_only=True)
class File(RoomEvent):
    """`m.file`, `m.audio` or `m.video`."""

    body: str
    """Its caption; without one, its name."""
    name: str = ""
    file: MediaFile
    reply_to: str | None = None
    mentions: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Image(File):
    """A picture."""


@dataclass(frozen=True, kw_only=True)
class Redaction(RoomEvent):
    """`target` was taken back; the homeserver has judged that its sender may."""

    target: str


class Membership(StrEnum):
    """What a person is to a room."""

    INVITE = "invite"
    JOIN = "join"
    LEAVE = "leave"
    BAN = "ban"
    KNOCK = "knock"


@dataclass(frozen=True, kw_only=True)
class MembershipChange(RoomEvent):
    """`user_id` became something else to the room; renamings are left out."""

    user_id: str
    membership: Membership
    before: Membership = Membership.LEAVE


@dataclass(frozen=True, kw_only=True)
class RoomReplaced(RoomEvent):
    """The room was upgraded: what follows is said in `replacement`."""

    replacement: str


@dataclass(frozen=True, kw_only=True)
class Unreadable(RoomEvent):
    """Encrypted, and its key has not come in time; it is handed on again, readable, should the key still come."""

    withheld: str | None = None
    """Why its sender gave us no key, in the specification's word (`m.unverified`); None where nothing was said."""

    @property
    def handling_id(self) -> str:
        return self.handling_id_of(self.event_id)

    @staticmethod
    def handling_id_of(event_id: str) -> str:
        """Under which it is handled that the event of this ID cannot be read."""
        return f"{event_id}:unreadable"


Event = (
    TextMessage
    | Edit
    | Reaction
    | PollStart
    | PollResponse
    | PollEnd
    | File
    | Image
    | Redaction
    | MembershipChange
    | RoomReplaced
    | Unreadable
)


@dataclass(frozen=True)
class Invite:
    """Somebody wants us in a room."""

    room_id: str
    inviter: str


@dataclass(frozen=True)
class Echo:
    """A message of this device, as the server took it: what was sent under `transaction_id` stands as `event_id`."""

    room_id: str
    event_id: str
    transaction_id: str


@dataclass(frozen=True)
class Receipt:
    """Somebody's client has shown them everything in the room up to `event_id`.

    Not encrypted: the homeserver's word, and each person's own about themselves.
    """

    room_id: str
    user_id: str
    event_id: str
    at_ms: int
    """When the homeserver was told."""


@dataclass(frozen=True)
class Placed:
    """An event that stands in a room's timeline, whether it could be read or not."""

    room_id: str
    event_id: str
    user_id: str | None = None
    """Ours where we said it; of who came in with it; of all others None."""


@dataclass(frozen=True)
class Batch:
    """What one sync brought; the token is kept once all of it was dealt with (`commit`)."""

    token: str
    invites: tuple[Invite, ...] = ()
    events: tuple[Event, ...] = ()
    live: bool = True
    """False for the first batch of a device that never synced: what stands in it is history."""
    echoes: tuple[Echo, ...] = ()
    number: int = 0
    """Counts the batches of a connection; `commit` takes those before it along."""
    receipts: tuple[Receipt, ...] = ()
    """Of others, public, and not of a single thread; only where the connection asks for them."""
    timeline: tuple[Placed, ...] = ()
    """Each room's events in order, as far as it was read; only where the connection asks for receipts."""


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


@dataclass(frozen=True)
class Limits:
    """What may be fetched."""

    most_bytes: int = 20 * 1024 * 1024
    kinds: frozenset[str] | None = None
    """Media types, told by the first bytes and not by the sender's word; None takes every kind."""


class MatrixPort(Protocol):
    """What a bot can do on Matrix; `bots.testing.port` holds one without a server that behaves alike.

    Whatever sends takes a `transaction_id`: the same again is the same event, and a repeated send no second message.
    """

    @property
    def user_id(self) -> str: ...

    async def next_batch(self) -> Batch:
        """What is new; waits up to half a minute for something."""
        ...

    async def commit(self, batch: Batch) -> None:
        """Everything in `batch` was dealt with, or is kept: the next start goes on behind it."""
        ...

    def settle_invite(self, invite: Invite) -> None:
        """Somebody sees to an invitation; until then it comes again, restart or not.

        After a restart it may come once more: to accept or turn it down twice does no harm.
        """
        ...

    async def room(self, room_id: str) -> RoomView: ...

    async def send_text(self, room_id: str, text: Text, transaction_id: str | None = None) -> str:
        """Write into a room, encrypted where the room is; returns the event ID."""
        ...

    async def send_event(
        self, room_id: str, event_type: str, content: Mapping[str, Any], transaction_id: str | None = None
    ) -> str:
        """Send what `bots.matrix.contents` makes, encrypted where the room is; returns the event ID.

        Raises:
            EncryptionUnknown: whether, or how, the room is encrypted cannot be told; nothing was sent.
        """
        ...

    async def send_plain_notice(self, room_id: str, body: str, transaction_id: str | None = None) -> str:
        """A fixed sentence in clear, for a device to which no key may be given; never anything about a person.

        Raises:
            RoomEncrypted: the room is encrypted; nothing was sent.
            EncryptionUnknown: whether it is cannot be told; nothing was sent.
        """
        ...

    async def find_sent(self, room_id: str, transaction_id: str, since_ms: int) -> str | None:
        """The event that this device sent under `transaction_id`, at `since_ms` of the server's clock or later."""
        ...

    async def redact(self, room_id: str, event_id: str, transaction_id: str | None = None) -> str:
        """Take an event back; without a reason, since that would stand there in clear."""
        ...

    async def upload(self, room_id: str, content: bytes, kind: str) -> MediaFile:
        """Keep a file for messages in that room, encrypted where the room is."""
        ...

    async def download(self, file: MediaFile, limits: Limits = ...) -> bytes:
        """A file of a message, in clear.

        Raises:
            FileRefused: larger than the limits, of another kind, or not the file that its sender hashed.
        """
        ...

    async def relations(self, room_id: str, event_id: str, relation: str) -> tuple[Event, ...]:
        """Everything in the room that relates so to `event_id` (`m.reference` for votes), oldest first, all pages."""
        ...

    async def set_typing(self, room_id: str, lasting: timedelta) -> None:
        """Show that we are about to answer; zero ends it."""
        ...

    async def mark_read(self, room_id: str, event_id: str) -> None:
        """Others see that we have read up to here, and our own read marker moves with it."""
        ...

    async def find_direct_room(self, user_id: str, *, thoroughly: bool = False) -> str | None:
        """An encrypted room of us and that person alone, who is in it; one that they ask us into is joined.

        Args:
            user_id: the person.
            thoroughly: look for one too into which they were asked and have not come; a request for every room of ours.
        """
        ...

    async def make_direct_room(self, user_id: str) -> str:
        """A new encrypted room of two, the person asked in; once more is one more, and one may be there on failure."""
        ...

    async def invite(self, room_id: str, user_id: str) -> None: ...

    async def join(self, room_id: str) -> None: ...

    async def leave(self, room_id: str) -> None:
        """Leave a room, or turn an invitation down."""
        ...
