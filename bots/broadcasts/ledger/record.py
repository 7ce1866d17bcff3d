"""All that is kept of one announcement, for the record: the tree, everybody in it, and the chain."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from bots.broadcasts.ledger import rollup
from bots.broadcasts.ledger.chain import Entry
from bots.broadcasts.ledger.values import Checked, Released
from bots.broadcasts.model import Broadcast, Means, Tally


@dataclass(frozen=True)
class Line:
    """One person of an announcement."""

    full_name: str
    user_id: str
    position: str
    unit_name: str
    """As it was called when the person came to the announcement."""
    owed_since: datetime | None
    """None where nothing is asked."""
    acknowledged_at: datetime | None
    means: Means | None
    late: bool
    released_at: datetime | None
    released: Released | None
    joined_later: bool
    predecessor: str | None
    """Name of the person whose obligation passed on to this one."""
    seen_at: datetime | None


@dataclass(frozen=True)
class Record:
    """One announcement with everything that happened to it, rows and chain compared."""

    broadcast: Broadcast
    units: tuple[tuple[int, Tally], ...]
    """From the top down, each with how deep it lies under the top."""
    people: tuple[Line, ...]
    """By unit's code and name."""
    entries: tuple[Entry, ...]
    checked: Checked


# Without a join of 60,000 rows with themselves, which takes hours where PostgreSQL does not know yet how many they are.
_LINES = text("""
select person_key, full_name, user_id, position, unit_code, owed_since, acknowledged_at, means, late, released_at,
  released, joined_later, seen_at, successor_of
from bots.broadcast_people where bot = :bot and number = :number order by unit_code, full_name, user_id
""")


def read_units(connection: Connection, bot: str, number: int) -> tuple[tuple[int, Tally], ...]:
    """The whole roll-up."""
    tree = rollup.read_tree(connection, bot, number)
    return tuple(rollup.whole(tree, rollup.read_counts(connection, bot, number)))


def read_lines(connection: Connection, bot: str, number: int) -> tuple[Line, ...]:
    """Everybody whom the announcement ever concerned."""
    tree = rollup.read_tree(connection, bot, number)
    rows = connection.execute(_LINES, {"bot": bot, "number": number}).all()
    names = {row.person_key: row.full_name for row in rows}
    return tuple(
        Line(
            full_name=row.full_name,
            user_id=row.user_id,
            position=row.position,
            unit_name=tree.name_of(row.unit_code),
            owed_since=row.owed_since,
            acknowledged_at=row.acknowledged_at,
            means=row.means and Means(row.means),
            late=row.late,
            released_at=row.released_at,
            released=row.released and Released(row.released),
            joined_later=row.joined_later,
            predecessor=names.get(row.successor_of),
            seen_at=row.seen_at,
        )
        for row in rows
    )
