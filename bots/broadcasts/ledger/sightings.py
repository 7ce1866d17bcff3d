"""Who has seen an announcement, by the read receipts of rooms: a lower bound.

A receipt says that a client has shown its owner the room up to one event, whosever that is. It proves the announcements
whose words stand in the room's timeline at or before that event, and of them alone: not those of other rooms, not those
of which only a file, a reminder or a correction stands there, and none whose words came before the person did. It
proves nothing of what was withdrawn, which is no more to be seen, nor of what the outbox has forgotten (30 days).

Who lets nobody know what they read is not counted, so people are never fewer than this says; nor is reading more than
having had it on the screen, and so it stands beside acknowledgements and is no part of the chain.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from bots.broadcasts.ledger.chain import Chain
from huep.directory.model import PersonKey

MOST_AT_ONCE = 2_000
"""Receipts that are looked at together."""

Reader = tuple[str, str]
"""Who reads in which room: a user ID and a room ID."""
Reading = tuple[int, datetime]
"""Up to which place, and when that was told."""

# One statement would be planned by what is known of tables that grow by the hundred thousand at once: right after that
# it takes minutes. Each of these goes along one index, whatever is known.
_PLACED = text("""
select receipt.room_id, receipt.event_id, receipt.user_id, receipt.at, event.place
from bots.receipts receipt join bots.timeline event using (bot, room_id, event_id)
where receipt.bot = :bot limit :most
""")

_WORDS = text(r"""
select said.room_id, said.place, cast(substring(letter.batch from '^broadcast (\d{1,9}) words$') as integer) as number
from bots.timeline said join bots.outbox letter using (bot, room_id, event_id)
where said.bot = :bot and said.user_id is not null and said.room_id = any(cast(:rooms as text[]))
  and letter.batch ~ '^broadcast \d{1,9} words$'
""")

_TO_BE_SEEN = text("""
select number from bots.broadcasts
where bot = :bot and number = any(cast(:numbers as integer[])) and state in ('sent', 'closed')
""")

_CAME = text("""
select room_id, user_id, (select max(came.place) from bots.timeline came
  where came.bot = :bot and came.room_id = reader.room_id and came.user_id = reader.user_id) as place
from unnest(cast(:rooms as text[]), cast(:users as text[])) as reader (room_id, user_id)
""")

_UNSEEN = text("""
select person.user_id, person.number, person.person_key
from unnest(cast(:users as text[])) as reader (user_id) cross join lateral (
  select user_id, number, person_key from bots.broadcast_people
  where bot = :bot and user_id = reader.user_id and number = any(cast(:numbers as integer[])) and seen_at is null
  offset 0) as person
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
        placed = connection.execute(_PLACED, {"bot": self._bot, "most": MOST_AT_ONCE}).all()
        receipts = sorted((row.room_id, row.event_id, row.user_id) for row in placed)
        read: defaultdict[Reader, list[Reading]] = defaultdict(list)
        for row in placed:
            read[row.user_id, row.room_id].append((row.place, row.at))
        words = self._words(connection, {room_id for _, room_id in read})
        came = self._came(connection, read)
        seen: defaultdict[int, dict[PersonKey, datetime]] = defaultdict(dict)
        rooms: defaultdict[str, list[str]] = defaultdict(list)
        for user_id, room_id in read:
            rooms[user_id].append(room_id)
        numbers = {number for there in words.values() for number in there}
        bound = {"bot": self._bot, "numbers": sorted(numbers)}
        bound |= {"users": list(rooms), "numbers": connection.execute(_TO_BE_SEEN, bound).scalars().all()}
        for row in connection.execute(_UNSEEN, bound):
            told = [
                at
                for room_id in rooms[row.user_id]
                for place in words[room_id].get(row.number, ())
                if place > came[row.user_id, room_id]
                for up_to, at in read[row.user_id, room_id]
                if place <= up_to
            ]
            if told:
                seen[row.number][row.person_key] = min(told)
        return Proof(receipts, seen, len(receipts) == MOST_AT_ONCE)

    def _words(self, connection: Connection, rooms: Collection[str]) -> Mapping[str, Mapping[int, Sequence[int]]]:
        """Where in each of these rooms the words of each announcement stand."""
        words: defaultdict[str, defaultdict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for row in connection.execute(_WORDS, {"bot": self._bot, "rooms": list(rooms)}):
            words[row.room_id][row.number].append(row.place)
        return words

    def _came(self, connection: Connection, readers: Collection[Reader]) -> Mapping[Reader, int]:
        """Where each came into the room last; 0 for who was there before our notes begin."""
        users, rooms = [user for user, _ in readers], [room for _, room in readers]
        found = connection.execute(_CAME, {"bot": self._bot, "users": users, "rooms": rooms})
        return {(row.user_id, row.room_id): row.place or 0 for row in found}

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
