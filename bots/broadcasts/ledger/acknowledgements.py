"""Acknowledgements: each changes the row of whom it concerns, and the chain follows."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from bots.broadcasts.ledger.chain import Act, Chain
from bots.broadcasts.model import Means
from huep.audit import written_moment
from huep.directory.model import PersonKey

ACKNOWLEDGEMENTS_AN_ENTRY = 100
"""An entry stays below what one cell of a spreadsheet holds (32,767 characters)."""

_ACKNOWLEDGE = text("""
update bots.broadcast_people p set acknowledged_at = :at, means = :means, event_id = :event_id,
  late = coalesce(:at > b.deadline, false)
from bots.broadcasts b
where b.bot = :bot and b.number = :number and b.state in ('sent', 'closed')
  and p.bot = :bot and p.number = :number and p.person_key = :key
  and p.owed_since is not null and p.released_at is null and p.acknowledged_at is null
""")

_UNWRITTEN = text("""
select person_key, acknowledged_at, means, event_id, late from bots.broadcast_people
where bot = :bot and number = :number and acknowledged_at is not null and entry is null
order by acknowledged_at, person_key
""")

_WRITTEN = text("""
update bots.broadcast_people p set entry = written.entry
from unnest(cast(:keys as uuid[]), cast(:entries as integer[])) as written (person_key, entry)
where p.bot = :bot and p.number = :number and p.person_key = written.person_key
""")


class Acknowledgements:
    """Of one bot; on connections whose transactions are the caller's."""

    def __init__(self, bot: str, chain: Chain) -> None:
        self._bot = bot
        self._chain = chain

    def acknowledge(
        self, connection: Connection, number: int, key: PersonKey, at: datetime, means: Means, event_id: str
    ) -> bool:
        """One row changes, and nobody waits for anybody else: the chain is brought up by `write_down`."""
        bound = {"bot": self._bot, "number": number, "key": key, "at": at, "means": means.value, "event_id": event_id}
        return bool(connection.execute(_ACKNOWLEDGE, bound).rowcount)

    def write_down(self, connection: Connection, number: int, at: datetime) -> int:
        """Bring the acknowledgements that no entry holds yet into the chain; returns how many there were."""
        self._chain.take_turn(connection, number)
        rows = connection.execute(_UNWRITTEN, {"bot": self._bot, "number": number}).all()
        last = self._chain.head(connection, number).entries
        for first in range(0, len(rows), ACKNOWLEDGEMENTS_AN_ENTRY):
            some = rows[first : first + ACKNOWLEDGEMENTS_AN_ENTRY]
            details = {"people": [acknowledged(row) for row in some]}
            self._chain.append(connection, number, at, self._bot, Act.ACKNOWLEDGED, details)
        written = {
            "keys": [row.person_key for row in rows],
            "entries": [last + 1 + place // ACKNOWLEDGEMENTS_AN_ENTRY for place in range(len(rows))],
        }
        if rows:
            connection.execute(_WRITTEN, {"bot": self._bot, "number": number, **written})
        return len(rows)


def acknowledged(row: Any) -> list[object]:
    """An acknowledgement as the chain has it."""
    return [str(row.person_key), written_moment(row.acknowledged_at), row.means, row.event_id, row.late]
