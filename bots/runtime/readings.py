"""How far people have read the rooms of a bot: what syncs tell of it, kept until the bot has made use of it.

A receipt names one event, often somebody's reaction or answer, and means everything before it too. What that is, the
timelines tell as they were read: a note of each event in its turn. So nobody is asked where an event stands, a receipt
may come before its event (of a gap), and a restart forgets nothing. Nothing here is what anybody said.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from bots.matrix.port import Batch
from bots.runtime.outbox import KEPT_FOR, PRUNED_AT_ONCE
from huep.clock import Clock, now

UNPLACED_FOR = timedelta(days=1)
"""So long a receipt waits for its event; one that is older than our notes never gets it."""

# Where the bot has said nothing, as far back as it knows, nothing of it can have been read.
_PLACE = text("""
insert into bots.timeline (bot, room_id, event_id, user_id, noted_at)
select :bot, said.room_id, said.event_id, said.user_id, :at
from unnest(cast(:rooms as text[]), cast(:events as text[]), cast(:users as text[])) with ordinality
  as said (room_id, event_id, user_id, turn)
where said.room_id = any(cast(:spoken as text[])) or exists (select from bots.timeline ours
  where ours.bot = :bot and ours.room_id = said.room_id and ours.user_id = :own)
order by said.turn on conflict (bot, room_id, event_id) do nothing
""")

_KEEP = text("""
insert into bots.receipts (bot, room_id, event_id, user_id, at, kept_at)
select :bot, said.room_id, said.event_id, said.user_id, said.at, :at
from unnest(cast(:rooms as text[]), cast(:events as text[]), cast(:users as text[]), cast(:moments as timestamptz[]))
  as said (room_id, event_id, user_id, at)
where exists (select from bots.timeline ours
  where ours.bot = :bot and ours.room_id = said.room_id and ours.user_id = :own)
on conflict (bot, room_id, event_id, user_id) do nothing
""")

_PRUNE = text("""
delete from bots.timeline where place in (
  select place from bots.timeline where bot = :bot and noted_at < :before limit :most
)
""")

_PRUNE_UNPLACED = text("delete from bots.receipts where bot = :bot and kept_at < :before")


class Readings:
    """One bot's; every method works on a connection whose transaction is the caller's.

    Args:
        bot: localpart of its account.
        user_id: of the same.
        clock: the present moment.
    """

    def __init__(self, bot: str, user_id: str, clock: Clock = now) -> None:
        self._bot = bot
        self._user_id = user_id
        self._clock = clock

    def keep(self, connection: Connection, batch: Batch) -> None:
        """Write down where events stand and who has read up to which; history from before the first start is none."""
        if not batch.live:
            return
        bound = {"bot": self._bot, "own": self._user_id, "at": self._clock()}
        if batch.timeline:
            spoken = {event.room_id for event in batch.timeline if event.user_id == self._user_id}
            connection.execute(
                _PLACE,
                {
                    **bound,
                    "spoken": list(spoken),
                    "rooms": [event.room_id for event in batch.timeline],
                    "events": [event.event_id for event in batch.timeline],
                    "users": [event.user_id for event in batch.timeline],
                },
            )
        if batch.receipts:
            moments = [datetime.fromtimestamp(receipt.at_ms / 1000, UTC) for receipt in batch.receipts]
            connection.execute(
                _KEEP,
                {
                    **bound,
                    "rooms": [receipt.room_id for receipt in batch.receipts],
                    "events": [receipt.event_id for receipt in batch.receipts],
                    "users": [receipt.user_id for receipt in batch.receipts],
                    "moments": moments,
                },
            )

    def prune(self, connection: Connection) -> int:
        """Forget what is as old as what the outbox forgets, at most PRUNED_AT_ONCE events; returns how many."""
        moment = self._clock()
        connection.execute(_PRUNE_UNPLACED, {"bot": self._bot, "before": moment - UNPLACED_FOR})
        bound = {"bot": self._bot, "before": moment - KEPT_FOR, "most": PRUNED_AT_ONCE}
        return int(connection.execute(_PRUNE, bound).rowcount)
