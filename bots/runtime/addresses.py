"""Letters to people in the outbox, and the rooms in which people are written to; every method runs in a transaction."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from bots.runtime.doorbell import ring
from bots.runtime.envelopes import Envelopes
from bots.runtime.outbox import CHANNEL
from bots.sealing import Seal
from huep.clock import Clock, now

_TO_ANYBODY = "bot = :bot and state = 'waiting' and left(room_id, 1) = '@'"
_TO_THE_PERSON = f"{_TO_ANYBODY} and room_id = :user_id"

_DUE = text(f"""
select room_id as user_id, max(attempts) as attempts from bots.outbox
where {_TO_ANYBODY} and due_at <= :at and (not_before is null or not_before <= :at)
  and not room_id = any(cast(:busy as text[]))
group by room_id order by min(priority), min(outbox_id) limit :most
""")  # noqa: S608 - composed from constants

_LETTERS = text(f"""
select outbox_id, transaction_id, event_type, content, enclosure from bots.outbox
where {_TO_THE_PERSON} for update
""")  # noqa: S608 - composed from constants

_ADDRESS = text("""
update bots.outbox set room_id = :room_id, content = :content, enclosure = :enclosure, attempts = 0, error = null
where outbox_id = :outbox_id
""")

_POSTPONE = text(f"""
update bots.outbox set attempts = attempts + :tries, due_at = :due_at, error = :error,
  state = case when give_up_at <= :at then 'dead' else state end,
  settled_at = case when give_up_at <= :at then cast(:at as timestamptz) end
where {_TO_THE_PERSON}
""")  # noqa: S608 - composed from constants

_BURY = text(f"""
update bots.outbox set attempts = attempts + 1, state = 'dead', settled_at = :at, error = :error
where {_TO_THE_PERSON}
""")  # noqa: S608 - composed from constants

_NOTED = text("select room_id, invited_at from bots.direct_rooms where bot = :bot and user_id = :user_id")

_NOTE = text("""
insert into bots.direct_rooms (bot, user_id, room_id, noted_at) values (:bot, :user_id, :room_id, :at)
on conflict (bot, user_id) do update
set room_id = excluded.room_id, noted_at = excluded.noted_at,
  invited_at = case when direct_rooms.room_id = excluded.room_id then direct_rooms.invited_at end
""")

_NOTE_INVITED = text(
    "update bots.direct_rooms set invited_at = :at where bot = :bot and user_id = :user_id and room_id is not null"
)

_FORGET_MAKING = text("delete from bots.direct_rooms where bot = :bot and user_id = :user_id and room_id is null")


@dataclass(frozen=True)
class Addressee:
    """Somebody for whom letters wait."""

    user_id: str
    attempts: int
    """How often their room was looked for in vain."""


@dataclass(frozen=True)
class NotedRoom:
    """What is known of the room of a bot and a person."""

    room_id: str | None
    """None where one was being made, and nobody knows whether it was."""
    invited_at: datetime | None
    """When the person, who had left it, was last asked in again."""


class Addresses:
    """One bot's."""

    def __init__(self, bot: str, seal: Seal, clock: Clock = now) -> None:
        self._bot = bot
        self._envelopes = Envelopes(bot, seal)
        self._clock = clock

    def due(self, connection: Connection, most: int, busy: Collection[str] = ()) -> tuple[Addressee, ...]:
        """For whom letters wait, but those who are `busy`: user IDs, the most urgent letters first."""
        bound = {"bot": self._bot, "at": self._clock(), "most": most, "busy": list(busy)}
        return tuple(Addressee(row.user_id, row.attempts) for row in connection.execute(_DUE, bound))

    def noted(self, connection: Connection, user_id: str) -> NotedRoom | None:
        """The room of a person; None where nothing is known of one."""
        row = connection.execute(_NOTED, self._of(user_id)).one_or_none()
        return None if row is None else NotedRoom(row.room_id, row.invited_at)

    def address(self, connection: Connection, user_id: str, room_id: str) -> int:
        """Note the room of a person, and let all that waits for them be sent there; returns how much that is.

        Raises:
            SealBroken: what is kept does not open.
        """
        connection.execute(_NOTE, {**self._of(user_id), "room_id": room_id, "at": self._clock()})
        rows = connection.execute(_LETTERS, self._of(user_id)).all()
        for row in rows:
            # Bound to the place where it lies: it is closed anew for the room.
            here, there = (user_id, row.transaction_id), (room_id, row.transaction_id)
            content = self._envelopes.open(row.content, *here, row.event_type)
            file = None if row.enclosure is None else self._envelopes.open_file(row.enclosure, *here)
            moved = {
                "outbox_id": row.outbox_id,
                "room_id": room_id,
                "content": self._envelopes.close(content, *there, row.event_type),
                "enclosure": None if file is None else self._envelopes.close_file(file, *there),
            }
            connection.execute(_ADDRESS, moved)
        ring(connection, CHANNEL, self._bot)
        return len(rows)

    def postpone(
        self, connection: Connection, user_id: str, pause: timedelta, error: str | None = None, *, failed: bool = True
    ) -> None:
        """Look for the room again after a pause; letters whose time is over are dead.

        Args:
            connection: of the transaction.
            user_id: the person.
            pause: from now.
            error: for an operator.
            failed: whether it counts as a try.
        """
        at = self._clock()
        due = {"due_at": at + pause, "tries": int(failed), "error": error, "at": at}
        connection.execute(_POSTPONE, {**self._of(user_id), **due})

    def bury(self, connection: Connection, user_id: str, error: str) -> int:
        """The person cannot be written to: what waits for them is dead; returns how much that is."""
        connection.execute(_FORGET_MAKING, self._of(user_id))
        bound = {**self._of(user_id), "at": self._clock(), "error": error}
        return int(connection.execute(_BURY, bound).rowcount)

    def note_making(self, connection: Connection, user_id: str) -> None:
        """A room is about to be made: whoever comes after a crash has to look for it."""
        connection.execute(_NOTE, {**self._of(user_id), "room_id": None, "at": self._clock()})

    def note_invited(self, connection: Connection, user_id: str) -> None:
        """The person was asked into their room once more."""
        connection.execute(_NOTE_INVITED, {**self._of(user_id), "at": self._clock()})

    def _of(self, user_id: str) -> dict[str, str]:
        return {"bot": self._bot, "user_id": user_id}
