"""What an operator sees of the outbox, and does about it; what messages say is for those they are meant for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from bots.runtime.doorbell import ring
from bots.runtime.letters import LetterState
from bots.runtime.outbox import CHANNEL, GIVE_UP_AFTER
from bots.runtime.outcome import Priority

RESENDABLE = (LetterState.DEAD,)
DROPPABLE = (LetterState.DEAD, LetterState.WAITING)
"""Not what is taken: it may be on its way."""


@dataclass(frozen=True)
class Selection:
    """Which messages are meant; every field that is None or empty lets all through."""

    numbers: tuple[int, ...] = ()
    states: tuple[LetterState, ...] = ()
    bot: str | None = None
    room_id: str | None = None
    batch: str | None = None


@dataclass(frozen=True)
class LetterRecord:
    """One message without its content."""

    number: int
    bot: str
    room_id: str
    event_type: str
    state: LetterState
    priority: Priority
    batch: str | None
    attempts: int
    created_at: datetime
    due_at: datetime
    tried_at: datetime | None
    settled_at: datetime | None
    event_id: str | None
    transaction_id: str
    content_bytes: int | None
    """None once the content is gone."""
    error: str | None


@dataclass(frozen=True)
class LetterCount:
    """How many messages of a bot are in one state."""

    bot: str
    state: LetterState
    count: int
    oldest_at: datetime


_CHOSEN = """
(cardinality(cast(:numbers as bigint[])) = 0 or outbox_id = any(cast(:numbers as bigint[])))
and (cardinality(cast(:states as text[])) = 0 or state = any(cast(:states as text[])))
and (cast(:bot as text) is null or bot = :bot)
and (cast(:room_id as text) is null or room_id = :room_id)
and (cast(:batch as text) is null or batch = :batch)
"""

_COLUMNS = """
outbox_id, bot, room_id, event_type, state, priority, batch, attempts, created_at,
greatest(due_at, not_before) as due_at, tried_at, settled_at, event_id, transaction_id,
octet_length(content) + coalesce(octet_length(enclosure), 0) as content_bytes, error
"""

_FIND = text(f"select {_COLUMNS} from bots.outbox where {_CHOSEN} order by outbox_id desc limit :most")  # noqa: S608

_RESEND = text(f"""
update bots.outbox set state = 'waiting', attempts = 0, due_at = :at, give_up_at = :give_up_at, settled_at = null
where {_CHOSEN} and state = any(cast(:allowed as text[])) returning {_COLUMNS}
""")  # noqa: S608 - composed from constants

_DROP = text(f"""
update bots.outbox set state = 'dropped', settled_at = :at, content = null, enclosure = null
where {_CHOSEN} and state = any(cast(:allowed as text[])) returning {_COLUMNS}
""")  # noqa: S608 - composed from constants

TRIED_BY_LOST_DEVICE = "tried by the device that was lost"

_BURY_TRIED = text("""
update bots.outbox set state = 'dead', settled_at = :at, error = :error
where bot = :bot and (state = 'taken' or state = 'waiting' and tried_at is not null)
""")

_COUNTS = text(
    "select bot, state, count(*) as letters, min(created_at) as oldest_at from bots.outbox group by bot, state "
    "order by bot, state"
)


def find_letters(connection: Connection, selection: Selection, most: int) -> tuple[LetterRecord, ...]:
    """The newest messages of a selection."""
    return _records(connection.execute(_FIND, {**_bound(selection), "most": most}))


def count_letters(connection: Connection) -> tuple[LetterCount, ...]:
    """How many messages of which bot are in which state."""
    return tuple(
        LetterCount(row.bot, LetterState(row.state), row.letters, row.oldest_at) for row in connection.execute(_COUNTS)
    )


def resend_letters(connection: Connection, selection: Selection, at: datetime) -> tuple[LetterRecord, ...]:
    """Let dead messages be sent after all, each once even so; returns those that now wait."""
    bound = {**_bound(selection), "at": at, "give_up_at": at + GIVE_UP_AFTER, "allowed": [*RESENDABLE]}
    return _tell_senders(connection, _records(connection.execute(_RESEND, bound)))


def drop_letters(connection: Connection, selection: Selection, at: datetime) -> tuple[LetterRecord, ...]:
    """Give up messages that are dead or waiting, their content with them; returns those."""
    bound = {**_bound(selection), "at": at, "allowed": [*DROPPABLE]}
    return _tell_senders(connection, _records(connection.execute(_DROP, bound)))


def bury_tried(connection: Connection, bot: str, at: datetime) -> int:
    """Send nothing by a new device of `bot` that its lost one may have sent; returns how many are dead of it.

    The homeserver knows a transaction ID for the device alone that used it: nobody can tell whether they arrived.
    """
    return int(connection.execute(_BURY_TRIED, {"bot": bot, "at": at, "error": TRIED_BY_LOST_DEVICE}).rowcount)


def _tell_senders(connection: Connection, changed: tuple[LetterRecord, ...]) -> tuple[LetterRecord, ...]:
    for bot in {record.bot for record in changed}:
        ring(connection, CHANNEL, bot)
    return changed


def _bound(selection: Selection) -> dict[str, object]:
    return {
        "numbers": list(selection.numbers),
        "states": [state.value for state in selection.states],
        "bot": selection.bot,
        "room_id": selection.room_id,
        "batch": selection.batch,
    }


def _records(rows: Iterable[Row[Any]]) -> tuple[LetterRecord, ...]:
    return tuple(
        LetterRecord(
            number=row.outbox_id,
            bot=row.bot,
            room_id=row.room_id,
            event_type=row.event_type,
            state=LetterState(row.state),
            priority=Priority(row.priority),
            batch=row.batch,
            attempts=row.attempts,
            created_at=row.created_at,
            due_at=row.due_at,
            tried_at=row.tried_at,
            settled_at=row.settled_at,
            event_id=row.event_id,
            transaction_id=row.transaction_id,
            content_bytes=row.content_bytes,
            error=row.error,
        )
        for row in rows
    )
