"""How far an announcement has come along its tree: counted by unit in the database, summed up the tree here."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text

from bots.broadcasts.ledger.tree import Node, Tree
from bots.broadcasts.model import Missing, Tally
from huep.directory.model import PersonKey
from huep.names import fold


@dataclass(frozen=True)
class Count:
    """People of one unit, without those below it."""

    owed: int = 0
    acknowledged: int = 0
    late: int = 0
    seen: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.owed + other.owed,
            self.acknowledged + other.acknowledged,
            self.late + other.late,
            self.seen + other.seen,
        )


_COUNTS = text("""
select unit_code,
  count(*) filter (where owed_since is not null and released_at is null) as owed,
  count(acknowledged_at) as acknowledged,
  count(*) filter (where late) as late,
  count(seen_at) as seen
from bots.broadcast_people where bot = :bot and number = :number group by unit_code
""")

_UNITS = text("""
select unit_code, name, parent_code, level from bots.broadcast_units where bot = :bot and number = :number
""")

_MISSING = text("""
select person_key, user_id, full_name, position, unit_code, room_id from bots.broadcast_people
where bot = :bot and number = :number
  and owed_since is not null and acknowledged_at is null and released_at is null
  and (cast(:units as text[]) is null or unit_code = any(cast(:units as text[])))
order by unit_code, full_name, user_id limit :most
""")


def read_tree(connection: Connection, bot: str, number: int) -> Tree:
    """The units over the people of an announcement, with the names of that time."""
    rows = connection.execute(_UNITS, {"bot": bot, "number": number})
    return Tree({row.unit_code: Node(row.unit_code, row.name, row.parent_code, row.level) for row in rows})


def read_counts(connection: Connection, bot: str, number: int) -> Mapping[str, Count]:
    rows = connection.execute(_COUNTS, {"bot": bot, "number": number})
    return {row.unit_code: Count(row.owed, row.acknowledged, row.late, row.seen) for row in rows}


def read_missing(
    connection: Connection,
    bot: str,
    number: int,
    tree: Tree,
    under: str | None,
    away: Collection[PersonKey],
    most: int | None,
) -> tuple[Missing, ...]:
    """Who has not acknowledged in that unit of the announcement's tree and below, by unit and name."""
    units = None if under is None else list(tree.under(under))
    bound = {"bot": bot, "number": number, "units": units, "most": most}
    return tuple(
        Missing(
            row.person_key,
            row.user_id,
            row.full_name,
            row.position,
            row.unit_code,
            tree.name_of(row.unit_code),
            row.room_id,
            away=row.person_key in away,
        )
        for row in connection.execute(_MISSING, bound)
    )


def totals(tree: Tree, counts: Mapping[str, Count]) -> Mapping[str, Count]:
    """Each unit with all below it."""
    found: dict[str, Count] = {}
    for code in sorted(tree.nodes, key=lambda code: -sum(1 for _ in tree.upwards(code))):
        below = (found[child] for child in tree.children.get(code, ()))
        found[code] = sum(below, counts.get(code, Count()))
    return found


def top(tree: Tree, counts: Collection[str]) -> str | None:
    """The lowest unit under which everybody is; None where there is nobody, or no such unit."""
    common: list[str] | None = None
    for code in counts:
        path = [node.code for node in tree.upwards(code)]
        common = path if common is None else [one for one in common if one in path]
    return common[0] if common else None


def tallies(tree: Tree, counts: Mapping[str, Count], under: str | None) -> tuple[Tally, ...]:
    """The unit itself, by default the top of all, then its direct children by name; each with all below it."""
    code = top(tree, counts) if under is None else under
    if code is None or code not in tree.nodes:
        return ()
    summed = totals(tree, counts)
    children = sorted(tree.children.get(code, ()), key=lambda child: fold(tree.nodes[child].name))
    return tuple(_tally(tree.nodes[one], summed[one]) for one in (code, *children))


def whole(tree: Tree, counts: Mapping[str, Count]) -> Iterator[tuple[int, Tally]]:
    """Every unit from the top down, each behind its parent, with how deep it lies under the top."""
    summed = totals(tree, counts)
    roots = tree.children.get(None, ())
    first = top(tree, counts)
    yield from _below(tree, summed, roots if first is None else (first,), 0)


def _below(tree: Tree, summed: Mapping[str, Count], codes: Iterable[str], depth: int) -> Iterator[tuple[int, Tally]]:
    for code in sorted(codes, key=lambda code: fold(tree.nodes[code].name)):
        yield depth, _tally(tree.nodes[code], summed[code])
        yield from _below(tree, summed, tree.children.get(code, ()), depth + 1)


def _tally(node: Node, count: Count) -> Tally:
    return Tally(
        unit_code=node.code,
        name=node.name,
        parent_code=node.parent_code,
        level=node.level,
        owed=count.owed,
        acknowledged=count.acknowledged,
        late=count.late,
        seen=count.seen,
    )
