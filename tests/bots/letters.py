"""A port whose every batch is written by the test, and boxes in a real PostgreSQL, for tests of inbox and outbox."""

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, text

from bots.matrix.errors import MatrixError
from bots.matrix.port import Batch, Echo, Event, Invite, RoomView, Text, TextMessage
from bots.matrix.trust import Origin

BOT, AN, BINH = "@tro-ly:hue.localhost", "@an:hue.localhost", "@binh:hue.localhost"
ROOM = "!r:hue.localhost"

_numbers = itertools.count(1)

Failing = Callable[[], Exception | None]


@dataclass(frozen=True)
class Sent:
    """What the homeserver holds of one event of the bot."""

    event_id: str
    room_id: str
    event_type: str
    content: Mapping[str, Any]

    @property
    def body(self) -> str:
        return str(self.content["body"])

    @property
    def reply_to(self) -> str | None:
        target = ((self.content.get("m.relates_to") or {}).get("m.in_reply_to") or {}).get("event_id")
        return None if target is None else str(target)


@dataclass
class SentMessages:
    """What a homeserver holds of the bot's, under transaction IDs that are known again; it outlives the bots."""

    sent: list[Sent] = field(default_factory=list)
    transactions: dict[str, Sent] = field(default_factory=dict)
    known: dict[str, Sent] = field(default_factory=dict)
    """Those transaction IDs that the server knows again; a test may empty it."""
    before: Failing = lambda: None
    """What happens to a request before it has an effect."""
    after: Failing = lambda: None
    """What happens to the answer, the effect being there."""
    requests: int = 0

    def put(self, room_id: str, event_type: str, content: Mapping[str, Any], transaction_id: str) -> str:
        self.requests += 1
        if (error := self.before()) is not None:
            raise error
        if transaction_id not in self.known:
            event = Sent(f"$sent{next(_numbers)}", room_id, event_type, content)
            self.sent.append(event)
            self.known[transaction_id] = self.transactions[transaction_id] = event
        if (error := self.after()) is not None:
            raise error
        return self.known[transaction_id].event_id

    def bodies(self, room_id: str) -> list[str]:
        return [event.body for event in self.sent if event.room_id == room_id]


class ScriptedPort:
    """One device of the bot: it hears what the test says, event IDs and all, and its requests fail as the test says.

    For a device that behaves, `bots.testing.port`.
    """

    user_id = BOT

    def __init__(self, server: SentMessages | None = None, *members: str) -> None:
        self.server = server or SentMessages()
        self.members: defaultdict[str, frozenset[str]] = defaultdict(lambda: frozenset({BOT, *(members or (AN,))}))
        self.coming: asyncio.Queue[Batch] = asyncio.Queue()
        self.committed: list[str] = []
        self.settled: list[str] = []
        self.joined: list[str] = []
        self.left: list[str] = []
        self.read: list[str] = []
        self.searched: list[str] = []
        self.room_failure: Failing = lambda: None
        self.join_failure: Failing = lambda: None
        self.at_once = 0
        self.most_at_once = 0
        self.takes_s = 0.0

    def says(
        self, *events: Event, invites: tuple[Invite, ...] = (), live: bool = True, echoes: tuple[Echo, ...] = ()
    ) -> None:
        self.coming.put_nowait(Batch(f"t{next(_numbers)}", invites, events, live, echoes))

    async def next_batch(self) -> Batch:
        return await self.coming.get()

    async def commit(self, batch: Batch) -> None:
        self.committed.append(batch.token)

    def settle_invite(self, invite: Invite) -> None:
        self.settled.append(invite.room_id)

    async def room(self, room_id: str) -> RoomView:
        if (error := self.room_failure()) is not None:
            raise error
        return RoomView(room_id, True, self.members[room_id])

    async def send_text(self, room_id: str, text: Text, transaction_id: str | None = None) -> str:
        raise AssertionError("the outbox sends contents")

    async def send_event(
        self, room_id: str, event_type: str, content: Mapping[str, Any], transaction_id: str | None = None
    ) -> str:
        assert transaction_id is not None
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.takes_s)
            return self.server.put(room_id, event_type, content, transaction_id)
        finally:
            self.at_once -= 1

    async def find_sent(self, room_id: str, transaction_id: str, since_ms: int) -> str | None:
        self.searched.append(transaction_id)
        event = self.server.transactions.get(transaction_id)
        return None if event is None else event.event_id

    async def mark_read(self, room_id: str, event_id: str) -> None:
        self.read.append(event_id)

    async def join(self, room_id: str) -> None:
        if (error := self.join_failure()) is not None:
            raise error
        self.joined.append(room_id)

    async def leave(self, room_id: str) -> None:
        self.left.append(room_id)


def message(body: str, **changes: Any) -> TextMessage:
    """What An says in the room of two; the event ID is made from the text."""
    values: dict[str, Any] = {
        "room_id": ROOM,
        "event_id": f"${body}",
        "sender": AN,
        "sent_at_ms": 1,
        "origin": Origin.CROSS_SIGNED,
        "body": body,
    }
    return TextMessage(**{**values, **changes})


def failing(times: int, error: MatrixError | Exception) -> Failing:
    """`error` so many times, then nothing."""
    left = iter(range(times))
    return lambda: error if next(left, None) is not None else None


def rows(engine: Engine, statement: str, **bound: object) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(text(statement), bound))
