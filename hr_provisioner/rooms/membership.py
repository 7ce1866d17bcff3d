"""Pure: who belongs in which unit rooms, by the posts, and what must change so that they are there."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from hr_provisioner.current import Current
from hr_provisioner.posts import holds
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
    leaves: Mapping[Membership, date | None]
    """With the day from which they are carried out; None for one who has never come in."""


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


def services(localparts: Iterable[str], rooms: Collection[str]) -> frozenset[Membership]:
    """Accounts of services in each of these rooms; no register knows them, and no post brings them in."""
    return frozenset((room_id, localpart) for localpart in localparts for room_id in rooms)


def sizes(homes: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """How many people belong in the rooms of each unit."""
    return Counter(unit_code for unit_codes in homes.values() for unit_code in unit_codes)


def arrived(seen: Collection[str], known: Mapping[Membership, Known]) -> frozenset[str]:
    """Localparts of those who have logged in: `seen` by the homeserver, or in some room already."""
    return frozenset(seen) | {localpart for (_, localpart), state in known.items() if state.wanted and state.done}


def changes(
    wanted: frozenset[Membership], known: Mapping[Membership, Known], open_rooms: Collection[str], leave_on: date
) -> Changes:
    """From what was wanted to what is; a membership that stays wanted is not touched, done or not.

    Who is in a room leaves it from `leave_on` on, and only a room that is open: the members of a closed one stay to
    read. To be wanted again before that day takes the leaving back.
    """
    return Changes(
        joins=frozenset(member for member in wanted if member not in known or not known[member].wanted),
        leaves={
            member: leave_on if state.done else None
            for member, state in known.items()
            if state.wanted and member not in wanted and member[0] in open_rooms
        },
    )
