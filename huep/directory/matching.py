"""Who belongs to an audience, decided without a database: the twin of `huep.directory.reader.audience_query`."""

from collections.abc import Iterable, Iterator, Mapping

from huep.directory.audience import Audience
from huep.directory.model import Member, Person, Post, Unit


def members(audience: Audience, people: Iterable[Person], units: Mapping[str, Unit]) -> tuple[Member, ...]:
    """The people of an audience, each by the first of their posts that belongs to it, by unit and name.

    Args:
        audience: who is meant.
        people: with the posts of one day, the main one first, as the directory gives them.
        units: of the same day, by code.
    """
    found = [member for person in people if (member := _member(audience, person, units)) is not None]
    return tuple(sorted(found, key=lambda member: (member.unit_code, member.full_name, str(member.key))))


def matches(audience: Audience, person: Person, post: Post, units: Mapping[str, Unit]) -> bool:
    """Whether a person belongs to an audience through this post; their account is not asked about."""
    unit = units.get(post.unit_code)
    if unit is None:
        return False
    return (
        (not audience.under or any(above.code in audience.under for above in _upwards(unit, units)))
        and (not audience.units or unit.code in audience.units)
        and (not audience.levels or unit.level in audience.levels)
        and (not audience.unit_kinds or unit.kind in audience.unit_kinds)
        and (not audience.standings or post.standing in audience.standings)
        and (not audience.positions or post.position_code in audience.positions)
        and (not audience.people or person.key in audience.people)
        and (not audience.roles or bool(audience.roles & person.roles))
        and (not audience.any_of or any(matches(one, person, post, units) for one in audience.any_of))
        and not any(matches(one, person, held, units) for one in audience.excluding for held in person.posts)
    )


def _member(audience: Audience, person: Person, units: Mapping[str, Unit]) -> Member | None:
    if person.user_id is None or person.locked:
        return None
    for post in person.posts:
        if matches(audience, person, post, units):
            return Member(
                person.key,
                person.user_id,
                person.full_name,
                post.unit_code,
                post.position,
                post.position_code,
                post.standing,
            )
    return None


def _upwards(unit: Unit, units: Mapping[str, Unit]) -> Iterator[Unit]:
    """The unit, and those above it."""
    passed: set[str] = set()
    above: Unit | None = unit
    while above is not None and above.code not in passed:
        yield above
        passed.add(above.code)
        above = units.get(above.parent_code or "")
