"""Pure: what the rooms of every unit must be like today, and the steps from what they are to that.

A unit opens, is renamed, moves below another one, grows over the size at which its space is public, and is dissolved:
then its rooms close with a pointer to the rooms of the units that took over.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from hr_provisioner.current import Current
from hr_provisioner.posts import holds
from hr_provisioner.records import UnitRecord
from hr_provisioner.rooms import looks as rooms
from hr_provisioner.rooms.looks import Look, Purpose, Room, UnitRooms
from hr_provisioner.rooms.membership import home_unit
from huep.directory.model import Standing
from huep.synapse_admin import JoinRule

PRIVATE_AGAIN_BELOW = 0.8
"""Share of `public_above` under which a public space closes its door again: no switching to and fro at the border."""


@dataclass(frozen=True)
class Scene:
    """Everything that the looks of the rooms follow from."""

    units: Mapping[str, UnitRecord]
    """By code, each as on `today` (`units_on`)."""
    today: date
    deepest_level: int
    public_above: int
    moderators: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    """How many people belong in the rooms of a unit."""
    announcers: frozenset[str] = frozenset()
    """Localparts of the services that write into the announcement room of every unit."""


# ---- Units


def units_on(periods: Iterable[UnitRecord], today: date) -> dict[str, UnitRecord]:
    """Each unit in the period that holds today, else in the last that is over; those of the future are missing."""
    begun = sorted((unit for unit in periods if unit.valid_from <= today), key=lambda unit: unit.valid_from)
    return {unit.code: unit for unit in begun}


def units_with_rooms(scene: Scene) -> tuple[UnitRecord, ...]:
    """Units that exist today and are high enough to have rooms; parents before children."""
    chosen = (unit for unit in scene.units.values() if unit.level <= scene.deepest_level and holds(unit, scene.today))
    return tuple(sorted(chosen, key=lambda unit: (unit.level, unit.code)))


def with_ancestors(codes: Iterable[str], units: Mapping[str, UnitRecord]) -> frozenset[str]:
    """`codes` with every unit above them."""
    found: set[str] = set()
    for code in codes:
        above: str | None = code
        while above is not None and above in units and above not in found:
            found.add(above)
            above = units[above].parent_code
    return frozenset(found)


def heirs(code: str, scene: Scene) -> tuple[str, ...]:
    """Units with rooms that go on where `code` was dissolved, through those that were dissolved in their turn."""
    found: dict[str, None] = {}
    seen = {code}
    waiting = list(scene.units[code].successors) if code in scene.units else []
    while waiting:
        successor = waiting.pop(0)
        unit = scene.units.get(successor)
        if unit is None or successor in seen:
            continue
        seen.add(successor)
        if not holds(unit, scene.today):
            waiting[:0] = unit.successors
        elif (home := home_unit(successor, scene.units, scene.deepest_level)) is not None:
            found[home] = None
    return tuple(found)


def moderators(current: Current, today: date) -> dict[str, frozenset[str]]:
    """Localparts of the heads and deputies of each unit, from posts that hold and accounts that are open."""
    found: dict[str, set[str]] = {}
    for person in current.people:
        if person.account is None or person.account.locked:
            continue
        for post in person.posts:
            if post.standing is not Standing.STAFF and holds(post, today):
                found.setdefault(post.unit_code, set()).add(person.account.localpart)
    return {code: frozenset(localparts) for code, localparts in found.items()}


# ---- Looks


def space_above(unit: UnitRecord, scene: Scene, standing: Mapping[str, UnitRooms]) -> str | None:
    """Space of the nearest unit above that exists and has one that is open."""
    seen = {unit.code}
    code = unit.parent_code
    while code is not None and code not in seen and (above := scene.units.get(code)) is not None:
        rooms_above = standing.get(code)
        if rooms_above is not None and not rooms_above.closed and holds(above, scene.today):
            return rooms_above.space
        seen.add(code)
        code = above.parent_code
    return None


def is_public(unit: UnitRecord, scene: Scene, known: JoinRule | None) -> bool:
    """Whether everybody of the server may enter the unit's space; `known` is the rule that it has."""
    if unit.level == 0:
        return True
    size = scene.sizes.get(unit.code, 0)
    limit = scene.public_above * (PRIVATE_AGAIN_BELOW if known is JoinRule.PUBLIC else 1)
    return size > limit


def open_look(
    unit: UnitRecord, purpose: Purpose, scene: Scene, *, parent: str | None, space_rule: JoinRule | None
) -> Look:
    """What a room of a unit that exists is to be like; `space_rule` is the rule that the unit's space has now."""
    name, topic = rooms.name_and_topic(unit, purpose)
    rule = rooms.join_rule(purpose, space_is_public=is_public(unit, scene, space_rule))
    services = scene.announcers if purpose is Purpose.ANNOUNCEMENTS else frozenset()
    return Look(name, topic, parent, rule, scene.moderators.get(unit.code, frozenset()) | services)


def wanted(scene: Scene, standing: Mapping[str, UnitRooms], codes: Iterable[str] | None = None) -> dict[str, UnitRooms]:
    """By unit code, the rooms that must change and what they must be like, all purposes of a unit; only of `codes`.

    Rooms of a unit too deep to have any, of one that nobody knows, and those that must be made anew are left alone.
    """
    found = {}
    for code in standing if codes is None else codes:
        unit, unit_rooms = scene.units.get(code), standing.get(code)
        if unit is None or unit_rooms is None or unit.level > scene.deepest_level:
            continue
        looks = {
            purpose: Room(room.id, _look(unit, purpose, room.look, unit_rooms, scene, standing))
            for purpose, room in unit_rooms.by_purpose.items()
        }
        if looks != unit_rooms.by_purpose:
            found[code] = UnitRooms(looks)
    return found


def _look(
    unit: UnitRecord,
    purpose: Purpose,
    known: Look,
    unit_rooms: UnitRooms,
    scene: Scene,
    standing: Mapping[str, UnitRooms],
) -> Look:
    if holds(unit, scene.today):
        if unit_rooms.replaced:
            return known
        space = unit_rooms.by_purpose.get(Purpose.SPACE)
        parent = space_above(unit, scene, standing) if purpose is Purpose.SPACE else unit_rooms.space
        return open_look(unit, purpose, scene, parent=parent, space_rule=space.look.join_rule if space else None)
    return _closed_look(unit, purpose, known, scene, standing)


def _closed_look(
    unit: UnitRecord, purpose: Purpose, known: Look, scene: Scene, standing: Mapping[str, UnitRooms]
) -> Look:
    going_on = [code for code in heirs(unit.code, scene) if code in standing and not standing[code].closed]
    successors = tuple(room.id for code in going_on if (room := standing[code].by_purpose.get(purpose)) is not None)
    closed_on = unit.valid_to or scene.today
    if not successors and known.successors:
        # A tombstone cannot be taken back: what it says stays.
        return replace(known, closed_on=closed_on, moderators=frozenset())
    names = (scene.units[code].name for code in going_on)
    name, topic = rooms.closed_name_and_topic(unit, purpose, closed_on, names)
    return Look(name, topic, known.parent, known.join_rule, frozenset(), closed_on, successors)


# ---- Steps


@dataclass(frozen=True)
class Rename:
    """Give the room another name."""

    name: str


@dataclass(frozen=True)
class Describe:
    """Give the room another topic."""

    topic: str


@dataclass(frozen=True)
class Hang:
    """Show the room below another space, or last below the same one."""

    parent: str | None
    before: str | None
    last: bool


@dataclass(frozen=True)
class Admit:
    """Let people in by another rule; a restricted room takes the members of `members_of`."""

    rule: JoinRule
    members_of: str | None


@dataclass(frozen=True)
class Empower:
    """Give and take moderation; localparts. Whoever has power by another way keeps it."""

    before: frozenset[str]
    after: frozenset[str]


@dataclass(frozen=True)
class Notify:
    """Say a last word into a room that is not encrypted."""

    words: str


@dataclass(frozen=True)
class PointTo:
    """Leave a tombstone (m.room.tombstone) that leads to the first of the rooms that go on."""

    room_id: str
    words: str


@dataclass(frozen=True)
class Shut:
    """Nobody writes any more."""


@dataclass(frozen=True)
class Reopen:
    """Members write again, and these localparts moderate."""

    moderators: frozenset[str]


Step = Rename | Describe | Hang | Admit | Empower | Notify | PointTo | Shut | Reopen


def steps(purpose: Purpose, before: Look, after: Look, *, encrypted: bool) -> tuple[Step, ...]:
    """From one look to the other, in the order in which they are taken; each may be taken again."""
    found: list[Step] = []
    closes = after.closed_on is not None and before.closed_on is None
    opens = after.closed_on is None and before.closed_on is not None
    if after.name != before.name:
        found.append(Rename(after.name))
    if after.topic != before.topic:
        found.append(Describe(after.topic))
    if closes and purpose is not Purpose.SPACE and not encrypted:
        found.append(Notify(after.topic))
    if after.successors and after.successors[0] != (before.successors[:1] or (None,))[0]:
        found.append(PointTo(after.successors[0], after.topic))
    if after.parent != before.parent or (purpose is Purpose.SPACE and (closes or opens)):
        found.append(Hang(after.parent, before.parent, last=after.closed_on is not None))
    if after.join_rule is not None and after.join_rule is not before.join_rule:
        found.append(Admit(after.join_rule, after.parent if after.join_rule is JoinRule.RESTRICTED else None))
    if closes:
        found.append(Shut())
    elif opens:
        found.append(Reopen(after.moderators))
    elif after.moderators != before.moderators:
        found.append(Empower(before.moderators, after.moderators))
    return tuple(found)
