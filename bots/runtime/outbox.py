"""What a bot has to say, in PostgreSQL: each message once, in order within its room.

| state | means | becomes |
|---|---|---|
| waiting | to be sent when it is due and first in its room | taken, sent (a sync shows it), dropped |
| taken | in the hands of the process that sends | sent, waiting (for now it cannot be, or the process ended), dead |
| sent | the homeserver has it; its content is gone | |
| dead | refused for good, or tried for too long; its content is kept | waiting (resent by an operator), sent, dropped |
| dropped | an operator gave it up; its content is gone | |

A room is served by the most urgent message that waits in it, and within it the order stays. What is held back
(`not_before`) has no place in that order until its moment has come. What is for a person, whose room is not known yet,
waits under their user ID (`direct`).
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from bots.matrix.port import Echo
from bots.runtime.doorbell import ring
from bots.runtime.envelopes import Envelopes
from bots.runtime.letters import BatchProgress, Claim, Letter, LetterState, Posted, Settlement
from bots.runtime.outcome import Enclosure, Outgoing, Priority
from bots.sealing import Seal
from huep.clock import Clock, now
from huep.errors import HuepError

CHANNEL = "bots_outbox"
"""Of NOTIFY; the payload is the bot."""
GIVE_UP_AFTER = timedelta(days=3)
"""Over a weekend without a server nothing dies."""
MOST_OF_A_ROOM = 8
"""Letters of one room that are claimed together."""
KEPT_FOR = timedelta(days=30)
PRUNED_AT_ONCE = 5_000

_COLUMNS = (
    "outbox_id, room_id, transaction_id, event_type, content, attempts, give_up_at, tried_at, state, "
    "enclosure is not null as encloses"
)

_INSERT = """
insert into bots.outbox
  (bot, room_id, transaction_id, event_type, content, enclosure, priority, batch, state, created_at, due_at,
   not_before, give_up_at)
values
  (:bot, :room_id, :transaction_id, :event_type, :content, :enclosure, :priority, :batch, {state}, :at, :at,
   :not_before, :give_up_at)
on conflict (bot, transaction_id) do nothing
"""

_PUT = text(_INSERT.format(state="'waiting'"))

_RELEASED = "(not_before is null or not_before <= :at)"
_TO_A_ROOM = "left(room_id, 1) <> '@'"
"""What is for a person waits for its room (`direct`)."""

_TAKEN_UNLESS_HELD_OR_OTHERS_WAIT = f"""
case when cast(:not_before as timestamptz) > :at or left(:room_id, 1) = '@' or exists (select from bots.outbox before
  where before.bot = :bot and before.room_id = :room_id and before.state = 'waiting' and {_RELEASED})
then 'waiting' else 'taken' end
"""

_ANSWER = text(_INSERT.format(state=_TAKEN_UNLESS_HELD_OR_OTHERS_WAIT) + f"returning {_COLUMNS}, priority")

_CLAIM = text(f"""
with rooms as (
  select room_id, min(outbox_id) as head, min(priority) as urgency from bots.outbox
  where bot = :bot and state in ('waiting', 'taken') and {_RELEASED} and {_TO_A_ROOM}
  group by room_id having bool_and(state = 'waiting')
), heads as (
  select rooms.room_id, rooms.urgency from rooms join bots.outbox head on head.outbox_id = rooms.head
  where head.state = 'waiting' and head.due_at <= :at
  order by rooms.urgency, head.outbox_id limit :most for update of head skip locked
), chosen as (
  select next.outbox_id as chosen_id, heads.urgency from heads cross join lateral (
    select outbox_id from bots.outbox letter
    where letter.bot = :bot and letter.room_id = heads.room_id and letter.state = 'waiting' and {_RELEASED}
    order by outbox_id limit :run for update skip locked
  ) next
)
update bots.outbox set state = 'taken' from chosen where outbox_id = chosen_id
returning {_COLUMNS}, urgency as priority
""")  # noqa: S608 - composed from constants

_LEFT = text(f"""
select count(*) filter (where {_RELEASED}) as waiting,
  min(greatest(due_at, not_before)) filter (where greatest(due_at, not_before) > :at) as next_due_at
from bots.outbox where bot = :bot and state = 'waiting' and {_TO_A_ROOM}
""")  # noqa: S608 - composed from constants

_ECHO = text("""
update bots.outbox letter
set state = 'sent', event_id = echo.event_id, content = null, enclosure = null, settled_at = :at,
  tried_at = coalesce(tried_at, :at)
from unnest(cast(:rooms as text[]), cast(:transactions as text[]), cast(:events as text[]))
  as echo (room_id, transaction_id, event_id)
where letter.bot = :bot and letter.room_id = echo.room_id and letter.transaction_id = echo.transaction_id
  and letter.state in ('waiting', 'taken', 'dead')
""")

_SENT_AMONG = text("""
select room_id, event_id from bots.outbox where bot = :bot and event_id = any(cast(:events as text[]))
""")

_SENT_UNDER = text("""
select transaction_id, room_id, event_id from bots.outbox
where bot = :bot and transaction_id = :transaction_id and event_id is not null
""")

_SENT_OF = text("""
select transaction_id, room_id, event_id from bots.outbox
where bot = :bot and batch = :batch and event_id is not null order by outbox_id
""")

_COPIES_OF = text("""
select transaction_id, room_id, not_before from bots.outbox
where bot = :bot and batch = :batch and state in ('waiting', 'taken', 'sent') order by outbox_id
""")

_BATCH_OF = text("""
select batch from bots.outbox where bot = :bot and event_id = :event_id and room_id = :room_id
""")

_NOT_SENT = "(state = 'waiting' and tried_at is null or state = 'dead')"
"""What the homeserver cannot have, and what an operator alone could still have sent."""

_GIVE_UP = text(f"""
update bots.outbox set state = 'dropped', settled_at = :at, content = null, enclosure = null
where bot = :bot and batch = :batch and {_NOT_SENT}
""")  # noqa: S608 - composed from constants

_UNSENT = text(f"""
select outbox_id, room_id, transaction_id, event_type, state from bots.outbox
where bot = :bot and batch = :batch and {_NOT_SENT} order by outbox_id for update
""")  # noqa: S608 - composed from constants

_REWORD = text("update bots.outbox set content = :content where outbox_id = :outbox_id")

_AWAITED = text("""
select exists (select from bots.outbox
  where bot = :bot and transaction_id = :transaction_id and state in ('waiting', 'taken'))
""")

_SETTLE = text("""
update bots.outbox letter set
  state = said.state, attempts = said.attempts, event_id = said.event_id, error = said.error,
  due_at = coalesce(said.due_at, letter.due_at), tried_at = coalesce(letter.tried_at, said.tried_at),
  settled_at = case when said.state = 'waiting' then null else :at end,
  content = case when said.state = 'sent' then null else letter.content end,
  enclosure = case when said.state = 'sent' then null else letter.enclosure end
from unnest(
  cast(:ids as bigint[]), cast(:states as text[]), cast(:attempts as integer[]), cast(:events as text[]),
  cast(:dues as timestamptz[]), cast(:tries as timestamptz[]), cast(:errors as text[])
) as said (outbox_id, state, attempts, event_id, due_at, tried_at, error)
where letter.outbox_id = said.outbox_id and (letter.state = 'taken' or letter.state = 'waiting' and said.state = 'sent')
""")

_RECOVER = text("""
update bots.outbox set state = 'waiting', tried_at = coalesce(tried_at, created_at)
where bot = :bot and state = 'taken' and not outbox_id = any(cast(:known as bigint[]))
""")

_ENCLOSURE = text("select enclosure from bots.outbox where bot = :bot and outbox_id = :outbox_id")

_PROGRESS = text("""
select count(*) filter (where state in ('waiting', 'taken')) as waiting, count(*) filter (where state = 'sent') as sent,
  count(*) filter (where state = 'dead') as dead, count(*) filter (where state = 'dropped') as dropped
from bots.outbox where bot = :bot and batch = :batch
""")

_PRUNE = text("""
delete from bots.outbox where outbox_id in (
  select outbox_id from bots.outbox where settled_at < :before and bot = :bot limit :most
)
""")


class EnclosureGone(HuepError):
    """The letter was settled meanwhile, such as by a sync that shows it."""


class Outbox:
    """One bot's; every method works on a connection whose transaction is the caller's."""

    def __init__(self, bot: str, seal: Seal, clock: Clock = now) -> None:
        self._bot = bot
        self._envelopes = Envelopes(bot, seal)
        self._clock = clock

    def put(self, connection: Connection, letters: Mapping[str, Outgoing], batch: str | None = None) -> None:
        """Let messages be sent that answer nobody, such as an announcement to many rooms.

        Args:
            connection: of any process; the one that sends hears of it when the transaction is committed.
            letters: by a key that names each for ever (`broadcast 17 !room`): the same key again sends nothing more.
            batch: by what name `progress` is asked for.

        Raises:
            EnclosureTooLarge.
        """
        if not letters:
            return
        rows = [self._row(transaction_id_for(key), outgoing, batch) for key, outgoing in letters.items()]
        connection.execute(_PUT, rows)
        ring(connection, CHANNEL, self._bot)

    def answer(self, connection: Connection, event_key: str, outgoing: Sequence[Outgoing]) -> Posted:
        """Post the answers to one event, straight into the hands of this process, which sends.

        Raises:
            EnclosureTooLarge.
        """
        letters, waiting = [], 0
        for number, message in enumerate(outgoing):
            values = self._row(transaction_id_for(event_key, number), message, None)
            for row in connection.execute(_ANSWER, values):
                if row.state == LetterState.TAKEN:
                    letters.append(_letter(row))
                else:
                    waiting += 1
        return Posted(tuple(letters), waiting)

    def claim(self, connection: Connection, most: int) -> Claim:
        """Take the first letters of so many rooms, the most urgent rooms first; in the order of their numbers."""
        bound = {"bot": self._bot, "at": self._clock()}
        taken = connection.execute(_CLAIM, {**bound, "most": most, "run": MOST_OF_A_ROOM})
        letters = sorted(map(_letter, taken), key=lambda letter: letter.outbox_id)
        left = connection.execute(_LEFT, bound).one()
        return Claim(tuple(letters), left.waiting, left.next_due_at)

    def settle(self, connection: Connection, settlements: Sequence[Settlement]) -> None:
        """Write down what became of letters that were taken."""
        connection.execute(
            _SETTLE,
            {
                "at": self._clock(),
                "ids": [settlement.outbox_id for settlement in settlements],
                "states": [settlement.state.value for settlement in settlements],
                "attempts": [settlement.attempts for settlement in settlements],
                "events": [settlement.event_id for settlement in settlements],
                "dues": [settlement.due_at for settlement in settlements],
                "tries": [settlement.tried_at for settlement in settlements],
                "errors": [settlement.error for settlement in settlements],
            },
        )

    def take_echoes(self, connection: Connection, echoes: Sequence[Echo]) -> None:
        """Write down as sent what a sync shows in its room, whatever became of the answer to its sending."""
        if not echoes:
            return
        connection.execute(
            _ECHO,
            {
                "bot": self._bot,
                "at": self._clock(),
                "rooms": [echo.room_id for echo in echoes],
                "transactions": [echo.transaction_id for echo in echoes],
                "events": [echo.event_id for echo in echoes],
            },
        )

    def sent_among(self, connection: Connection, event_ids: Collection[str]) -> frozenset[tuple[str, str]]:
        """Room and ID of those events that are ours, as far back as the outbox remembers (KEPT_FOR)."""
        found = connection.execute(_SENT_AMONG, {"bot": self._bot, "events": list(event_ids)})
        return frozenset((row.room_id, row.event_id) for row in found)

    def event_of(self, connection: Connection, key: str) -> str | None:
        """The event that the message put under `key` became; None while it is not sent, and after KEPT_FOR."""
        bound = {"bot": self._bot, "transaction_id": transaction_id_for(key)}
        row = connection.execute(_SENT_UNDER, bound).one_or_none()
        return None if row is None else str(row.event_id)

    def events_of(self, connection: Connection, batch: str) -> Mapping[str, tuple[str, str]]:
        """Room and event ID of each message of `batch` that was sent, by `transaction_id_for` its key."""
        found = connection.execute(_SENT_OF, {"bot": self._bot, "batch": batch})
        return {row.transaction_id: (row.room_id, row.event_id) for row in found}

    def copies_of(self, connection: Connection, batch: str) -> Mapping[str, tuple[str, datetime | None]]:
        """Where each message of `batch` went or goes, and until when it is held, by `transaction_id_for` its key."""
        found = connection.execute(_COPIES_OF, {"bot": self._bot, "batch": batch})
        return {row.transaction_id: (row.room_id, row.not_before) for row in found}

    def batch_of(self, connection: Connection, room_id: str, event_id: str) -> str | None:
        """The batch of the message that became this event; None for what is not ours, or belongs to none."""
        bound = {"bot": self._bot, "room_id": room_id, "event_id": event_id}
        batch = connection.execute(_BATCH_OF, bound).scalar_one_or_none()
        return None if batch is None else str(batch)

    def give_up(self, connection: Connection, batch: str) -> int:
        """Drop the messages of `batch` that cannot have reached the homeserver yet, and the dead; returns how many.

        Those on their way meanwhile arrive, and are found by `events_of` once `progress` says that all is finished.
        """
        bound = {"bot": self._bot, "batch": batch, "at": self._clock()}
        return int(connection.execute(_GIVE_UP, bound).rowcount)

    def reword(self, connection: Connection, batch: str, content_in: Callable[[str], Mapping[str, Any]]) -> int:
        """Let the messages of `batch` that cannot have reached the homeserver yet, and the dead, say something else.

        Args:
            connection: whoever sends passes them over until its transaction is committed.
            batch: as `put` was given it.
            content_in: what is to be said, by the room; by the user ID where a person's room is not known yet.

        Returns:
            How many of them are going to be sent.
        """
        rows = connection.execute(_UNSENT, {"bot": self._bot, "batch": batch}).all()
        for row in rows:
            content = content_in(row.room_id)
            sealed = self._envelopes.close(content, row.room_id, row.transaction_id, row.event_type)
            connection.execute(_REWORD, {"outbox_id": row.outbox_id, "content": sealed})
        return sum(row.state == LetterState.WAITING for row in rows)

    def is_awaited(self, connection: Connection, key: str) -> bool:
        """Whether the message put under `key` may still be sent without an operator."""
        bound = {"bot": self._bot, "transaction_id": transaction_id_for(key)}
        return bool(connection.execute(_AWAITED, bound).scalar_one())

    def recover(self, connection: Connection, known: Sequence[int] = ()) -> int:
        """Let wait again what was taken and is not among the numbers `known` to the sender; returns how many."""
        return int(connection.execute(_RECOVER, {"bot": self._bot, "known": list(known)}).rowcount)

    def progress(self, connection: Connection, batch: str) -> BatchProgress:
        """How far the messages of `batch` have come."""
        row = connection.execute(_PROGRESS, {"bot": self._bot, "batch": batch}).one()
        return BatchProgress(row.waiting, row.sent, row.dead, row.dropped)

    def prune(self, connection: Connection) -> int:
        """Forget what was settled KEPT_FOR ago, at most PRUNED_AT_ONCE; returns how many."""
        before = self._clock() - KEPT_FOR
        done = connection.execute(_PRUNE, {"bot": self._bot, "before": before, "most": PRUNED_AT_ONCE})
        return int(done.rowcount)

    def content_of(self, letter: Letter) -> dict[str, Any]:
        """What is to be said; raises SealBroken."""
        return self._envelopes.open(letter.sealed, letter.room_id, letter.transaction_id, letter.event_type)

    def enclosure_of(self, connection: Connection, letter: Letter) -> Enclosure:
        """The file of a letter that `encloses` one.

        Raises:
            EnclosureGone, SealBroken.
        """
        bound = {"bot": self._bot, "outbox_id": letter.outbox_id}
        sealed = connection.execute(_ENCLOSURE, bound).scalar_one_or_none()
        if sealed is None:
            raise EnclosureGone(f"The message {letter.outbox_id} is sent or dropped, and its file deleted.")
        return self._envelopes.open_file(sealed, letter.room_id, letter.transaction_id)

    def _row(self, transaction_id: str, outgoing: Outgoing, batch: str | None) -> dict[str, Any]:
        room_id, event_type, enclosure = outgoing.room_id, outgoing.event_type, outgoing.enclosure
        close, close_file = self._envelopes.close, self._envelopes.close_file
        at = self._clock()
        return {
            "bot": self._bot,
            "room_id": room_id,
            "transaction_id": transaction_id,
            "event_type": event_type,
            "content": close(outgoing.content, room_id, transaction_id, event_type),
            "enclosure": None if enclosure is None else close_file(enclosure, room_id, transaction_id),
            "priority": int(outgoing.priority),
            "batch": batch,
            "at": at,
            "not_before": outgoing.not_before,
            "give_up_at": max(at, outgoing.not_before or at) + GIVE_UP_AFTER,
        }


def transaction_id_for(key: str, number: int = 0) -> str:
    """The same for the same event, or key, and number for ever, so that a repeated message is no second one."""
    return f"{transaction_stem_for(key)}{number}"


def transaction_stem_for(key: str) -> str:
    """What the transaction IDs of all messages begin with that one event, or one key of a job, gave rise to."""
    return f"huep-{hashlib.sha256(key.encode()).hexdigest()[:32]}-"


def _letter(row: Any) -> Letter:
    return Letter(
        outbox_id=row.outbox_id,
        room_id=row.room_id,
        transaction_id=row.transaction_id,
        event_type=row.event_type,
        sealed=row.content,
        priority=Priority(row.priority),
        attempts=row.attempts,
        give_up_at=row.give_up_at,
        tried_at=row.tried_at,
        encloses=row.encloses,
    )
