"""Pure: who belongs in which unit rooms, by the posts, and what must change so that they are there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from hr_provisioner.current import Current
from hr_provisioner.plan import holds
from hr_provisioner.records import UnitRecord

Membership = tuple[str, str]
"""(room ID, localpart)."""


@dataclass(frozen=True)
class Known:
    """What `register.memberships` says of one person and one room."""

    wanted: bool
    done: bool


@dataclass(frozen=True)
class Changes:
    """Rows to write: who is wanted where from now on, and who no longer."""

    joins: frozenset[Membership]
    leaves: frozenset[Membership]


def home_unit(unit_code: str, units: Mapping[str, UnitRecord], deepest_level: int) -> str | None:
    """The nearest unit with rooms at or above `unit_code`."""
    seen: set[str] = set()
    code: str | None = unit_code
    while code is not None and code not in seen and (unit := units.get(code)) is not None:
        if unit.level <= deepest_level:
            return code
        seen.add(code)
        code = unit.parent_code
    return None


def homes(current: Current, deepest_level: int, today: date) -> dict[str, frozenset[str]]:
    """Units whose rooms each open account belongs in, by localpart: one for every post that holds."""
    units = current.unit_by_code
    nearest = {code: home_unit(code, units, deepest_level) for code in units}
    return {
        person.account.localpart: frozenset(
            home for post in person.posts if holds(post, today) and (home := nearest.get(post.unit_code)) is not None
        )
        for person in current.people
        if person.account is not None and not person.account.locked
    }


def desired(homes: Mapping[str, Iterable[str]], rooms: Mapping[str, Iterable[str]]) -> frozenset[Membership]:
    """Everyone in every room of their home units; `rooms` gives the room IDs of a unit."""
    return frozenset(
        (room_id, localpart)
        for localpart, unit_codes in homes.items()
        for unit_code in unit_codes
        for room_id in rooms.get(unit_code, ())
    )


def changes(wanted: frozenset[Membership], known: Mapping[Membership, Known]) -> Changes:
    """From what was wanted to what is; a membership that stays wanted is not touched, done or not."""
    return Changes(
        joins=frozenset(member for member in wanted if member not in known or not known[member].wanted),
        leaves=frozenset(member for member, state in known.items() if state.wanted and member not in wanted),
    )
