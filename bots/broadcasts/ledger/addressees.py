"""The people of an announcement: frozen with their posts when it is sent, coming and going afterwards."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from bots.broadcasts.ledger.chain import Act, Chain, fingerprint
from bots.broadcasts.ledger.tree import Node, Tree
from bots.broadcasts.ledger.values import Newcomer, Release, Released, RoomPost
from bots.broadcasts.model import Addressee, Reach
from huep.directory.model import PersonKey

PEOPLE_AN_ENTRY = 50
"""An entry stays below what one cell of a spreadsheet holds (32,767 characters)."""

_COPY_PEOPLE = """
copy bots.broadcast_people (bot, number, person_key, user_id, full_name, unit_code, position_code, position, standing,
  room_id, owed_since) from stdin
"""
_COPY_UNITS = "copy bots.broadcast_units (bot, number, unit_code, name, parent_code, level) from stdin"
_COPY_ROOMS = "copy bots.broadcast_rooms (bot, number, room_id, unit_code, everybody) from stdin"

_ADD_UNIT = text("""
insert into bots.broadcast_units (bot, number, unit_code, name, parent_code, level)
values (:bot, :number, :unit_code, :name, :parent_code, :level) on conflict do nothing
""")

_ROOMS = text("""
select room_id, unit_code, everybody from bots.broadcast_rooms where bot = :bot and number = :number order by room_id
""")

_IN_ROOMS = text("""
select room_id, user_id, full_name from bots.broadcast_people
where bot = :bot and number = :number and room_id is not null and not joined_later
order by full_name, user_id
""")

_RELEASE = text("""
update bots.broadcast_people set released_at = :at, released = :why
where bot = :bot and number = :number and person_key = :key
  and released_at is null and acknowledged_at is null and owed_since is not null
""")

_JOIN = text("""
insert into bots.broadcast_people as p (bot, number, person_key, user_id, full_name, unit_code, position_code, position,
  standing, room_id, owed_since, joined_later, successor_of)
values (:bot, :number, :person_key, :user_id, :full_name, :unit_code, :position_code, :position, :standing, :room_id,
  :at, true, :successor_of)
on conflict (bot, number, person_key) do update
  set owed_since = excluded.owed_since, successor_of = excluded.successor_of, released_at = null, released = null
  where p.released_at is not null
""")

_STANDING = text("""
select person_key, user_id, full_name, unit_code, position_code, position, standing, room_id,
  owed_since is not null and released_at is null as owes, acknowledged_at is not null as acknowledged, joined_later,
  successor_of, released
from bots.broadcast_people where bot = :bot and number = :number
""")


@dataclass(frozen=True)
class Frozen:
    """One person of an announcement as the ledger has them now."""

    addressee: Addressee
    owes: bool
    """Has, or had, to acknowledge, and was not released."""
    acknowledged: bool
    joined_later: bool = False
    """Came since it was sent."""
    successor_of: PersonKey | None = None
    released: Released | None = None

    @property
    def open(self) -> bool:
        return self.owes and not self.acknowledged


class Addressees:
    """Of one bot; on connections whose transactions are the caller's."""

    def __init__(self, bot: str, chain: Chain) -> None:
        self._bot = bot
        self._chain = chain

    def freeze(
        self,
        connection: Connection,
        number: int,
        reach: Reach,
        tree: Tree,
        room_units: Mapping[str, str],
        owed_since: datetime | None,
        at: datetime,
    ) -> None:
        """Keep who is meant, in which post, under which units, through which rooms; 60,000 people take seconds.

        `room_units` says whose each room is; `owed_since` is None where nothing is asked.
        """
        people = sorted(reach.people, key=lambda person: person.key)
        rooms = {
            person.room_id: room_units.get(person.room_id, person.unit_code)
            for person in people
            if person.room_id is not None
        }
        nodes = tree.over([*reach.units, *rooms.values()])
        self._copy(connection, _COPY_PEOPLE, ((*self._of(number), *columns(one), owed_since) for one in people))
        self._copy(
            connection,
            _COPY_UNITS,
            ((*self._of(number), node.code, node.name, node.parent_code, node.level) for node in nodes),
        )
        posts = [(room, unit, room not in reach.mixed) for room, unit in sorted(rooms.items())]
        self._copy(connection, _COPY_ROOMS, ((*self._of(number), *post) for post in posts))
        details = {
            "people": len(people),
            "rooms": len(rooms),
            "people_sha256": fingerprint(map(columns, people)),
            "units_sha256": fingerprint(map(unit_columns, nodes)),
            "rooms_sha256": fingerprint(room_columns(*post) for post in posts),
        }
        self._chain.append(connection, number, at, self._bot, Act.FROZEN, details)

    def rooms(self, connection: Connection, number: int, tree: Tree) -> tuple[RoomPost, ...]:
        """Where it is posted, by room ID; `tree` is that of the announcement."""
        bound = {"bot": self._bot, "number": number}
        people: dict[str, list[tuple[str, str]]] = {}
        for row in connection.execute(_IN_ROOMS, bound):
            people.setdefault(row.room_id, []).append((row.user_id, row.full_name))
        return tuple(
            RoomPost(row.room_id, row.unit_code, tree.name_of(row.unit_code), tuple(people[row.room_id]), row.everybody)
            for row in connection.execute(_ROOMS, bound)
        )

    def room_ids(self, connection: Connection, number: int) -> frozenset[str]:
        """The same rooms, without reading its people."""
        return frozenset(row.room_id for row in connection.execute(_ROOMS, {"bot": self._bot, "number": number}))

    def standing(self, connection: Connection, number: int) -> tuple[Frozen, ...]:
        """Everybody whom the announcement ever concerned."""
        return tuple(
            Frozen(
                Addressee(
                    row.person_key,
                    row.user_id,
                    row.full_name,
                    row.unit_code,
                    row.position_code,
                    row.position,
                    row.standing,
                    row.room_id,
                ),
                row.owes,
                row.acknowledged,
                row.joined_later,
                row.successor_of,
                row.released and Released(row.released),
            )
            for row in connection.execute(_STANDING, {"bot": self._bot, "number": number})
        )

    def release(self, connection: Connection, number: int, releases: Iterable[Release], at: datetime) -> None:
        """Who has acknowledged meanwhile, or was released before, stays as they are."""
        done = [
            [str(release.key), release.why.value]
            for release in releases
            if connection.execute(
                _RELEASE,
                {"bot": self._bot, "number": number, "key": release.key, "why": release.why.value, "at": at},
            ).rowcount
        ]
        self._record(connection, number, at, Act.RELEASED, done)

    def join(
        self, connection: Connection, number: int, newcomers: Sequence[Newcomer], tree: Tree, at: datetime
    ) -> None:
        """They owe it from now on; whoever was released and is back keeps the post they were first meant in."""
        done, codes = [], set[str]()
        for newcomer in newcomers:
            person = newcomer.addressee
            bound = {
                "bot": self._bot,
                "number": number,
                "person_key": person.key,
                "user_id": person.user_id,
                "full_name": person.full_name,
                "unit_code": person.unit_code,
                "position_code": person.position_code,
                "position": person.position,
                "standing": person.standing,
                "room_id": person.room_id,
                "at": at,
                "successor_of": newcomer.successor_of,
            }
            if connection.execute(_JOIN, bound).rowcount:
                predecessor = None if newcomer.successor_of is None else str(newcomer.successor_of)
                done.append([*columns(person), predecessor])
                codes.add(person.unit_code)
        new = [unit_columns(node) for node in tree.over(codes) if self._add_unit(connection, number, node)]
        self._record(connection, number, at, Act.JOINED, done, units=new)

    def _record(
        self,
        connection: Connection,
        number: int,
        at: datetime,
        act: Act,
        done: Sequence[object],
        units: Sequence[object] = (),
    ) -> None:
        for first in range(0, len(done), PEOPLE_AN_ENTRY):
            details = {"people": done[first : first + PEOPLE_AN_ENTRY]}
            if units and not first:
                details["units"] = units
            self._chain.append(connection, number, at, self._bot, act, details)

    def _add_unit(self, connection: Connection, number: int, node: Node) -> bool:
        """Whether it was not there yet."""
        bound = {"unit_code": node.code, "name": node.name, "parent_code": node.parent_code, "level": node.level}
        return bool(connection.execute(_ADD_UNIT, {"bot": self._bot, "number": number, **bound}).rowcount)

    def _of(self, number: int) -> tuple[str, int]:
        return self._bot, number

    def _copy(self, connection: Connection, statement: str, rows: Iterable[Sequence[object]]) -> None:
        cursor = connection.connection.cursor()
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)


def columns(person: Addressee) -> tuple[str | None, ...]:
    """Somebody in the post through which they are meant, as it is copied, and as it enters hashes."""
    return (
        str(person.key),
        person.user_id,
        person.full_name,
        person.unit_code,
        person.position_code,
        person.position,
        person.standing,
        person.room_id,
    )


def unit_columns(node: Node) -> tuple[str | None, ...]:
    """A unit as it enters hashes."""
    return node.code, node.name, node.parent_code, str(node.level)


def room_columns(room_id: str, unit_code: str, everybody: bool) -> tuple[str, ...]:
    """A room as it enters hashes."""
    return room_id, unit_code, str(everybody).lower()
