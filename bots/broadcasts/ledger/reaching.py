"""Whom an audience reaches today, and through which rooms; pure."""

from collections.abc import Iterable, Mapping

from bots.broadcasts.ledger.tree import Tree
from bots.broadcasts.model import Addressee, Reach
from huep.directory.model import Member, PersonKey


def addressees(
    members: Iterable[Member], tree: Tree, rooms: Mapping[str, str], deepest_level: int, author: PersonKey | None
) -> tuple[Addressee, ...]:
    """The members as people who are reached, without the author.

    Args:
        members: of the audience.
        tree: today's units.
        rooms: the open announcement rooms by unit.
        deepest_level: people of units below it are in the rooms of the nearest unit above that is not.
        author: who speaks does not tell themselves.
    """
    homes = {code: tree.home(code, deepest_level) for code in tree.nodes}
    return tuple(
        Addressee(
            key=member.key,
            user_id=member.user_id,
            full_name=member.full_name,
            unit_code=member.unit_code,
            position_code=member.position_code,
            position=member.position,
            standing=member.standing.value,
            room_id=rooms.get(homes.get(member.unit_code) or ""),
        )
        for member in members
        if member.key != author
    )


def reach(people: tuple[Addressee, ...], neighbours: Iterable[Addressee], room_units: frozenset[str]) -> Reach:
    """The reach of `people`.

    Args:
        people: who is meant.
        neighbours: all who are served by one of their rooms, themselves among them.
        room_units: whose rooms these are.
    """
    meant = {person.key for person in people}
    rooms = {person.room_id for person in people}
    others = [person for person in neighbours if person.key not in meant and person.room_id in rooms]
    mixed = frozenset(person.room_id for person in others if person.room_id is not None)
    return Reach(people, bystanders=len(others), mixed=mixed, room_units=room_units)
