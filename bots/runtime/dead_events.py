"""What an operator sees of events that were set aside, and does about it; what people wrote is never shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, CursorResult, text

from bots.runtime.doorbell import ring
from bots.runtime.inbox import CHANNEL


@dataclass(frozen=True)
class DeadEvent:
    """An event that was set aside, without its content."""

    number: int
    bot: str
    room_id: str
    event_id: str
    kind: str
    received_at: datetime
    settled_at: datetime
    attempts: int
    error: str


@dataclass(frozen=True)
class EventSelection:
    """Which dead events are meant; every field that is None or empty lets all through."""

    numbers: tuple[int, ...] = ()
    bot: str | None = None
    room_id: str | None = None


_DEAD = """
state = 'dead' and (cardinality(cast(:numbers as bigint[])) = 0 or inbox_id = any(cast(:numbers as bigint[])))
and (cast(:bot as text) is null or bot = :bot) and (cast(:room_id as text) is null or room_id = :room_id)
"""

_COLUMNS = "inbox_id as number, bot, room_id, event_key as event_id, kind, received_at, settled_at, attempts, error"

_FIND = text(f"select {_COLUMNS} from bots.inbox where {_DEAD} order by inbox_id desc limit :most")  # noqa: S608

_CHANGE = f"""
with meant as (select * from bots.inbox where {_DEAD} for update), changed as (
  update bots.inbox set {{change}} where inbox_id in (select inbox_id from meant)
)
select {_COLUMNS} from meant order by inbox_id
"""  # noqa: S608 - composed from constants

_RETRY = text(_CHANGE.format(change="state = 'open', attempts = 0, settled_at = null, error = null"))
_DROP = text(_CHANGE.format(change="state = 'dropped', settled_at = :at, content = null"))


def find_events(connection: Connection, selection: EventSelection, most: int) -> tuple[DeadEvent, ...]:
    """The newest events that were set aside."""
    return _events(connection.execute(_FIND, {**_bound(selection), "most": most}))


def retry_events(connection: Connection, selection: EventSelection, _at: datetime) -> tuple[DeadEvent, ...]:
    """Have events dealt with after all; returns them as they were."""
    events = _events(connection.execute(_RETRY, _bound(selection)))
    for bot in {event.bot for event in events}:
        ring(connection, CHANNEL, bot)
    return events


def drop_events(connection: Connection, selection: EventSelection, at: datetime) -> tuple[DeadEvent, ...]:
    """Give up events, what was written in them with them; returns them as they were."""
    return _events(connection.execute(_DROP, {**_bound(selection), "at": at}))


def _bound(selection: EventSelection) -> dict[str, object]:
    return {"numbers": list(selection.numbers), "bot": selection.bot, "room_id": selection.room_id}


def _events(rows: CursorResult[Any]) -> tuple[DeadEvent, ...]:
    return tuple(DeadEvent(**row) for row in rows.mappings())
