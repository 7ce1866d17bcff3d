"""Who has seen an announcement, by the read receipts of rooms: a lower bound.

A receipt says that a client has shown its owner the room up to one event, whosever that is. It proves the announcements
whose words stand in the room's timeline at or before that event, and of them alone: not those of other rooms, not those
of which only a file, a reminder or a correction stands there, and none whose words came before the person did. It
proves nothing of what was withdrawn, which is no more to be seen, nor of what the outbox has forgotten (30 days).

Who lets nobody know what they read is not counted, so people are never fewer than this says; nor is reading more than
having had it on the screen, and so it stands beside acknowledgements and is no part of the chain.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from bots.broadcasts.ledger.chain import Chain
from huep.directory.model import PersonKey

MOST_AT_ONCE = 2_000
"""Receipts that are looked at together."""

_PROVEN = text(r"""
with placed as materialized (
  select receipt.room_id, receipt.event_id, receipt.user_id, receipt.at, event.place
  from bots.receipts receipt join bots.timeline event using (bot, room_id, event_id)
  where receipt.bot = :bot limit :most
), words as materialized (
  select said.room_id, said.place, announced.number
  from bots.timeline said
  join bots.outbox letter using (bot, room_id, event_id)
  join bots.broadcasts announced on announced.bot = said.bot
    and announced.number = cast(substring(letter.batch from '^broadcast (\d{1,9}) words$') as integer)
  where said.bot = :bot and said.user_id is not null and said.room_id in (select room_id from placed)
    and announced.state in ('sent', 'closed')
), proven as (
  select placed.room_id, placed.event_id, placed.user_id, words.number, person.person_key
  from placed
  join words on words.room_id = placed.room_id and words.place <= placed.place
  join bots.broadcast_people person
    on person.bot = :bot and person.user_id = placed.user_id and person.number = words.number
  where person.seen_at is null and not exists (
    select from bots.timeline came where came.bot = :bot and came.room_id = placed.room_id
      and came.user_id = placed.user_id and came.place > words.place)
)
select room_id, event_id, user_id, placed.at, proven.number, proven.person_key
from placed left join proven using (room_id, event_id, user_id)
""")

_SEEN = text("""
update bots.broadcast_people person set seen_at = seen.at
from unnest(cast(:keys as uuid[]), cast(:moments as timestamptz[])) as seen (person_key, at)
where person.bot = :bot and person.number = :number and person.person_key = seen.person_key
""")

_DONE = text("""
delete from bots.receipts receipt
using unnest(cast(:rooms as text[]), cast(:events as text[]), cast(:users as text[]))
  as done (room_id, event_id, user_id)
where receipt.bot = :bot
  and (receipt.room_id, receipt.event_id, receipt.user_id) = (done.room_id, done.event_id, done.user_id)
""")


@dataclass(frozen=True)
class Proof:
    """Some receipts, and what they prove."""

    receipts: Sequence[tuple[str, str, str]]
    """Room, event and user ID of each."""
    seen: Mapping[int, Mapping[PersonKey, datetime]]
    """By announcement, who has seen it and when that was told first."""
    more: bool
    """Whether others may wait."""


class Sightings:
    """Of one bot; on connections whose transactions are the caller's."""

    def __init__(self, bot: str, chain: Chain) -> None:
        self._bot = bot
        self._chain = chain

    def proven(self, connection: Connection) -> Proof:
        """What the next receipts prove that is not written down yet."""
        receipts: set[tuple[str, str, str]] = set()
        seen: defaultdict[int, dict[PersonKey, datetime]] = defaultdict(dict)
        for row in connection.execute(_PROVEN, {"bot": self._bot, "most": MOST_AT_ONCE}):
            receipts.add((row.room_id, row.event_id, row.user_id))
            if row.number is not None:
                first = seen[row.number].get(row.person_key, row.at)
                seen[row.number][row.person_key] = min(first, row.at)
        return Proof(sorted(receipts), seen, len(receipts) == MOST_AT_ONCE)

    def write(self, connection: Connection, number: int, seen: Mapping[PersonKey, datetime]) -> None:
        """Alone in its transaction, and in turn with whoever else changes many rows of this announcement.

        So it waits for nobody who could be waiting for it: who acknowledges holds one row of an announcement, and takes
        no turn.
        """
        self._chain.take_turn(connection, number)
        bound = {"bot": self._bot, "number": number, "keys": list(seen), "moments": list(seen.values())}
        connection.execute(_SEEN, bound)

    def forget(self, connection: Connection, receipts: Sequence[tuple[str, str, str]]) -> None:
        """These have been written down."""
        rooms, events, users = (list(part) for part in zip(*receipts, strict=True))
        connection.execute(_DONE, {"bot": self._bot, "rooms": rooms, "events": events, "users": users})
