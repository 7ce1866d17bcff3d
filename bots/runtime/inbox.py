"""What a bot has to deal with, in PostgreSQL: in before the sync token moves on, out with what came of it.

| state | means | becomes |
|---|---|---|
| open | to be dealt with, in the order of its number within its room | handled, dead, dropped |
| handled | dealt with; its content is gone | |
| dead | set aside after too many failures; its content is kept | open (an operator has it tried again), dropped |
| dropped | taken back by who wrote it, or given up by an operator; its content is gone | |
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from uuid import uuid4

import structlog
from sqlalchemy import Connection, TextClause, text

from bots.matrix.port import Edit, Invite, Redaction, TextMessage, Unreadable
from bots.runtime.event_json import EventUnknown, Happening, kind_of, read_event, write_event
from bots.sealing import Seal, SealBroken
from huep.clock import Clock, now
from huep.errors import HuepError

log = structlog.get_logger(__name__)

CHANNEL = "bots_inbox"
"""Of NOTIFY, when an operator gave something back; the payload is the bot."""
KEPT_FOR = timedelta(days=30)
"""After it was settled; longer than a homeserver would ever send an event again after a token."""
PRUNED_AT_ONCE = 5_000
"""Rows a transaction, so that nothing waits for the cleaning."""


class EntryState(StrEnum):
    """See the table above."""

    OPEN = "open"
    HANDLED = "handled"
    DEAD = "dead"
    DROPPED = "dropped"


class EntryMoved(HuepError):
    """The event is not as it was read any more: dealt with already, taken back, or worded anew."""


@dataclass(frozen=True)
class Entry:
    """One event in the inbox; `sealed` is opened by `Inbox.read`."""

    inbox_id: int
    key: str
    room_id: str
    kind: str
    sealed: bytes
    attempts: int = 0
    fresh: bool = True
    """It came while this process ran. What was open at a start may be what ended the process before."""
    better: str | None = None
    """The key of what makes this one needless once it was taken in: the message itself, of one that was unreadable."""


_TAKE = text("""
insert into bots.inbox (bot, event_key, room_id, kind, content, received_at, state)
select :bot, key, room_id, kind, content, :at, 'open'
from unnest(
  cast(:keys as text[]), cast(:rooms as text[]), cast(:kinds as text[]), cast(:contents as bytea[]),
  cast(:better as text[])
) with ordinality as event (key, room_id, kind, content, better, place)
where not exists (select from bots.inbox known where known.bot = :bot and known.event_key = event.better)
order by place
on conflict (bot, event_key) do nothing
returning inbox_id, event_key
""")

_OPEN = text("""
select inbox_id, event_key, room_id, kind, content, attempts from bots.inbox
where bot = :bot and state = 'open' and not inbox_id = any(cast(:known as bigint[])) order by inbox_id limit :most
""")

_OPEN_OF = text("""
select inbox_id, event_key, room_id, kind, content, attempts from bots.inbox
where bot = :bot and state = 'open' and event_key = any(cast(:keys as text[])) order by inbox_id for update
""")

_DROP = text("""
update bots.inbox set state = 'dropped', settled_at = :at, content = null
where inbox_id = any(cast(:numbers as bigint[]))
""")

_REWORD = text("update bots.inbox set content = :content where inbox_id = :inbox_id")

_SETTLE = text("""
update bots.inbox set state = :state, settled_at = :at, attempts = :attempts, error = :error,
  content = case when :state = 'handled' then null else content end
where inbox_id = :inbox_id and state = 'open' and content = :read
""")

_PRUNE = text("""
delete from bots.inbox where inbox_id in (
  select inbox_id from bots.inbox where settled_at < :before and bot = :bot limit :most
)
""")


class Inbox:
    """One bot's; every method works on a connection whose transaction is the caller's."""

    def __init__(self, bot: str, seal: Seal, clock: Clock = now) -> None:
        self._bot = bot
        self._seal = seal
        self._clock = clock

    def take(self, connection: Connection, happenings: Sequence[Happening]) -> tuple[Entry, ...]:
        """Put in what is not in yet, in its order; what is no text at all costs nobody else.

        Returns what is open of it: what is new, and what an earlier take put in whose end nobody waited for.
        """
        entries = [entry for happening in happenings if (entry := self._entry(happening)) is not None]
        if not entries:
            return ()
        rows = connection.execute(
            _TAKE,
            {
                "bot": self._bot,
                "at": self._clock(),
                "keys": [entry.key for entry in entries],
                "rooms": [entry.room_id for entry in entries],
                "kinds": [entry.kind for entry in entries],
                "contents": [entry.sealed for entry in entries],
                "better": [entry.better for entry in entries],
            },
        )
        numbers = {row.event_key: row.inbox_id for row in rows}
        new = tuple(
            Entry(numbers.pop(entry.key), entry.key, entry.room_id, entry.kind, entry.sealed)
            for entry in entries
            if entry.key in numbers
        )
        known = sorted({entry.key for entry in entries} - {entry.key for entry in new})
        return (*self._entries(connection, _OPEN_OF, keys=known), *new) if known else new

    def read(self, entry: Entry) -> Happening:
        """The event of an entry; raises SealBroken or EventUnknown."""
        return read_event(entry.kind, self._seal.open(entry.sealed, self._bot, entry.key, entry.room_id, entry.kind))

    def obey(self, connection: Connection, changes: Sequence[Redaction | Edit]) -> Mapping[int, Entry | None]:
        """Drop what was taken back, and word anew what its author edited, as long as it is open.

        An edit that was obeyed is done with, and its own entry dropped. Returns what became of entries, by their
        numbers: None of those that were dropped.
        """
        if not changes:
            return {}
        keys = [
            key
            for change in changes
            for key in (change.target, Unreadable.handling_id_of(change.target), change.handling_id)
        ]
        found = {(entry.room_id, entry.key): entry for entry in self._entries(connection, _OPEN_OF, keys=keys)}
        moved: dict[int, Entry | None] = {}
        for change in changes:
            gone: tuple[str, ...] = (change.target, Unreadable.handling_id_of(change.target))
            if isinstance(change, Edit):
                before = found.get((change.room_id, change.target))
                anew = None if before is None else self._worded_anew(before, change)
                if anew is None:
                    continue
                connection.execute(_REWORD, {"inbox_id": anew.inbox_id, "content": anew.sealed})
                found[change.room_id, change.target] = moved[anew.inbox_id] = anew
                gone = (change.handling_id,)
            for key in gone:
                if (entry := found.pop((change.room_id, key), None)) is not None:
                    moved[entry.inbox_id] = None
        dropped = [number for number, entry in moved.items() if entry is None]
        if dropped:
            connection.execute(_DROP, {"numbers": dropped, "at": self._clock()})
        return moved

    def _worded_anew(self, entry: Entry, edit: Edit) -> Entry | None:
        """None where it is not theirs to change, or no text. An edit counts as much as the device that wrote it."""
        try:
            before = self.read(entry)
        except (SealBroken, EventUnknown):
            return None  # it is set aside, and says so, when it is dealt with
        if not isinstance(before, TextMessage) or before.sender != edit.sender:
            return None
        after = replace(before, body=edit.body, html=edit.html, mentions=edit.mentions, origin=edit.origin)
        anew = self._entry(after)
        return None if anew is None else replace(entry, sealed=anew.sealed)

    def open_entries(self, connection: Connection, known: Collection[int], most: int) -> tuple[Entry, ...]:
        """The first open entries beside those of the numbers `known`."""
        return self._entries(connection, _OPEN, known=list(known), most=most)

    def open_entry(self, connection: Connection, key: str) -> Entry | None:
        """The entry of an event that is being dealt with, as it is now; None where it is not open any more."""
        found = self._entries(connection, _OPEN_OF, keys=[key])
        return replace(found[0], fresh=True) if found else None

    def _entries(self, connection: Connection, query: TextClause, **bound: object) -> tuple[Entry, ...]:
        return tuple(
            Entry(row.inbox_id, row.event_key, row.room_id, row.kind, row.content, row.attempts, fresh=False)
            for row in connection.execute(query, {"bot": self._bot, **bound})
        )

    def begin(self, entry: Entry, attempts: int, connection: Connection) -> None:
        """Write down that this is try number `attempts`, lest the process ends with it; or that it was none."""
        connection.execute(
            text("update bots.inbox set attempts = :attempts where inbox_id = :inbox_id and state = 'open'"),
            {"inbox_id": entry.inbox_id, "attempts": attempts},
        )

    def settle(self, connection: Connection, entry: Entry, attempts: int = 0) -> None:
        """The entry was dealt with.

        Raises:
            EntryMoved: it is not open any more, or not as it was read.
        """
        self._settle(connection, entry, EntryState.HANDLED, attempts, None)

    def set_aside(self, connection: Connection, entry: Entry, attempts: int, error: str) -> None:
        """The entry cannot be dealt with: `error` is for the operator, and says nothing of its content."""
        self._settle(connection, entry, EntryState.DEAD, attempts, error)

    def _settle(
        self, connection: Connection, entry: Entry, state: EntryState, attempts: int, error: str | None
    ) -> None:
        settled = connection.execute(
            _SETTLE,
            {
                "inbox_id": entry.inbox_id,
                "state": state.value,
                "at": self._clock(),
                "attempts": attempts,
                "error": error,
                "read": entry.sealed,
            },
        )
        if settled.rowcount == 0:
            raise EntryMoved(f"Event {entry.inbox_id} of the inbox is not as it was read any more.")

    def prune(self, connection: Connection) -> int:
        """Forget what was settled KEPT_FOR ago, at most PRUNED_AT_ONCE; returns how many."""
        before = self._clock() - KEPT_FOR
        done = connection.execute(_PRUNE, {"bot": self._bot, "before": before, "most": PRUNED_AT_ONCE})
        return int(done.rowcount)

    def _entry(self, happening: Happening) -> Entry | None:
        key, kind = key_of(happening), kind_of(happening)
        try:
            sealed = self._seal.close(write_event(happening), self._bot, key, happening.room_id, kind)
        except ValueError as error:
            log.warning("an event cannot be kept", room_id=happening.room_id, kind=kind, error=type(error).__name__)
            return None
        better = happening.event_id if isinstance(happening, Unreadable) else None
        return Entry(0, key, happening.room_id, kind, sealed, better=better)


def key_of(happening: Happening) -> str:
    """What makes it one and the same; an invitation has no event ID, and doing twice what it asks does no harm."""
    if isinstance(happening, Invite):
        return f"invitation {uuid4()}"
    return happening.handling_id
