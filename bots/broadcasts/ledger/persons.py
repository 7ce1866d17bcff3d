"""The person's side: what somebody owes, what they were told, and whether they want the small things together."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, text

from bots.broadcasts.ledger.papers import COLUMNS, TABLES, Papers
from bots.broadcasts.ledger.values import Digest, Owed
from bots.broadcasts.model import Broadcast
from bots.runtime.capabilities import Write
from huep.clock import PROVINCE_TIMEZONE
from huep.directory.model import PersonKey
from huep.names import fold

HEARD_FOR = timedelta(days=90)
MOST_SEARCHED = 300
"""Announcements opened for one search, the latest first: what they say is sealed, and no index knows it."""

_OWED = text(f"""
select {COLUMNS}, p.owed_since, p.successor_of
from {TABLES} join bots.broadcast_people p using (bot, number)
where bot = :bot and p.person_key = :key and b.state in ('sent', 'closed')
  and p.owed_since is not null and p.acknowledged_at is null and p.released_at is null
order by number
""")  # noqa: S608 - composed from constants

_HEARD = text(f"""
select {COLUMNS}
from {TABLES} join bots.broadcast_people p using (bot, number)
where bot = :bot and p.person_key = :key and b.state in ('sent', 'closed') and b.sent_at > :since
  and not (:unread and (p.seen_at is not null or p.acknowledged_at is not null))
order by number desc limit :most
""")  # noqa: S608 - composed from constants

_WANTS_DIGEST = text("select digest from bots.preferences where user_id = :user_id")

_CHOOSE_DIGEST = text("""
insert into bots.preferences (user_id, digest) values (:user_id, :digest)
on conflict (user_id) do update set digest = excluded.digest
""")

_DIGEST = text(f"""
select {COLUMNS}, array_agg(p.user_id order by p.user_id) as user_ids
from {TABLES} join bots.broadcast_people p using (bot, number) join bots.preferences wish using (user_id)
where bot = :bot and b.level = 'information' and b.state in ('sent', 'closed')
  and b.sent_at >= :start and b.sent_at < :end and wish.digest
group by bot, number, version, {COLUMNS}
order by number
""")  # noqa: S608 - composed from constants


class Persons:
    """Of one bot; on connections whose transactions are the caller's."""

    def __init__(self, bot: str, papers: Papers) -> None:
        self._bot = bot
        self._papers = papers

    def owed_by(self, connection: Connection, key: PersonKey) -> tuple[Owed, ...]:
        """The oldest first."""
        rows = connection.execute(_OWED, {"bot": self._bot, "key": key})
        return tuple(Owed(self._papers.read(row), row.owed_since, row.successor_of) for row in rows)

    def heard_by(
        self, connection: Connection, key: PersonKey, words: str, most: int, at: datetime, *, unread: bool
    ) -> tuple[Broadcast, ...]:
        """What was meant for this person within HEARD_FOR and holds all `words`, however spelt; the latest first.

        `unread` leaves out what they have acknowledged, or seen as far as a receipt proves it.
        """
        searched = MOST_SEARCHED if words else most
        bound = {"bot": self._bot, "key": key, "since": at - HEARD_FOR, "most": searched, "unread": unread}
        told = map(self._papers.read, connection.execute(_HEARD, bound))
        return tuple(broadcast for broadcast in told if holds(broadcast, words))[:most]

    def wants_digest(self, connection: Connection, user_id: str) -> bool:
        return bool(connection.execute(_WANTS_DIGEST, {"user_id": user_id}).scalar())

    def choosing_digest(self, user_id: str, wanted: bool) -> Write:
        def write(connection: Connection) -> None:
            connection.execute(_CHOOSE_DIGEST, {"user_id": user_id, "digest": wanted})

        return write

    def digest_for(self, connection: Connection, day: date) -> tuple[Digest, ...]:
        """For each person who wants it, what was sent for information on that day of the province; by user ID."""
        start = datetime.combine(day, time(), PROVINCE_TIMEZONE)
        found: dict[str, list[Broadcast]] = {}
        for row in connection.execute(_DIGEST, {"bot": self._bot, "start": start, "end": start + timedelta(days=1)}):
            broadcast = self._papers.read(row)
            for user_id in row.user_ids:
                found.setdefault(user_id, []).append(broadcast)
        return tuple(Digest(user_id, tuple(found[user_id])) for user_id in sorted(found))


def holds(broadcast: Broadcast, words: str) -> bool:
    """Whether every one of `words` stands in what it says, its files' names included, without regard to diacritics."""
    content = broadcast.draft.content
    said = fold(" ".join([content.body, *(file.name for file in content.files)]))
    return all(word in said for word in fold(words).split())
