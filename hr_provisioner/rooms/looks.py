"""Pure: what the space and the two rooms of a unit are like, and who may do what in them.

Who gets in: a unit's space takes only those whom the register puts there, and its rooms take the members of the space
(`restricted`), which costs one event a person where an invitation would cost two. A large space, and the province's own
always, is public inside this closed server, because any other rule writes a row for every pair of members into
Synapse's user directory; its rooms then go by invitation. All belong to the service account; heads and deputies
moderate, and nobody but the register invites or removes.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from hr_provisioner.dates import day_first
from hr_provisioner.language import MESSAGES
from hr_provisioner.records import UnitRecord
from huep.catalogue import Locale, Message
from huep.names import slug
from huep.settings import Settings
from huep.synapse_admin import JoinRule, RoomSpec

OWNER_POWER = 100
MODERATOR_POWER = 50
LAST = "~"
"""Sorts a closed unit's space below all that are open (`order` of m.space.child, ASCII)."""


class Purpose(StrEnum):
    """What a unit's room is for."""

    SPACE = "space"
    ANNOUNCEMENTS = "announcements"
    """Thông báo: heads, deputies and services write, everybody reads and reacts."""
    DISCUSSION = "discussion"
    """Trao đổi: everybody writes, end-to-end encrypted."""


ORDER_IN_SPACE = {Purpose.ANNOUNCEMENTS: "1", Purpose.DISCUSSION: "2"}


@dataclass(frozen=True)
class Look:
    """What one room is like, beside who is in it: what the register wants, or what the room last got."""

    name: str
    topic: str
    parent: str | None
    """ID of the space that shows it; None for the province's own."""
    join_rule: JoinRule | None
    """None where nobody noted it."""
    moderators: frozenset[str]
    """Localparts."""
    closed_on: date | None = None
    """First day without the unit."""
    successors: tuple[str, ...] = ()
    """IDs of the rooms that go on in its place; a room that points to one stays closed for ever."""


@dataclass(frozen=True)
class Room:
    """One room of a unit, as the directory last knew it."""

    id: str
    look: Look


@dataclass(frozen=True)
class UnitRooms:
    """The rooms that a unit has."""

    by_purpose: Mapping[Purpose, Room]

    @property
    def ids(self) -> dict[Purpose, str]:
        return {purpose: room.id for purpose, room in self.by_purpose.items()}

    @property
    def space(self) -> str | None:
        room = self.by_purpose.get(Purpose.SPACE)
        return room.id if room else None

    @property
    def moderators(self) -> frozenset[str]:
        """Localparts that have power in any of them."""
        return frozenset().union(*(room.look.moderators for room in self.by_purpose.values()))

    @property
    def closed(self) -> bool:
        return any(room.look.closed_on is not None for room in self.by_purpose.values())

    @property
    def replaced(self) -> bool:
        """Whether other rooms were named in its place: clients do not come back from that."""
        return any(room.look.successors for room in self.by_purpose.values())

    @property
    def complete(self) -> bool:
        return set(self.by_purpose) == set(Purpose)


def alias(unit_code: str, purpose: Purpose) -> str:
    """Localpart of a room's address: one for each unit and purpose, and so the key that makes its making repeatable."""
    distinct = hashlib.sha256(unit_code.encode()).hexdigest()[:6]
    return f"don-vi-{slug(unit_code)}-{distinct}-{purpose}"


def name_and_topic(unit: UnitRecord, purpose: Purpose) -> tuple[str, str]:
    """What an open room is called, in Vietnamese."""
    match purpose:
        case Purpose.SPACE:
            return unit.name, ""
        case Purpose.ANNOUNCEMENTS | Purpose.DISCUSSION:
            return _say(f"room-{purpose}-name", unit=unit.short_name), _say(f"room-{purpose}-topic", unit=unit.name)


def closed_name_and_topic(
    unit: UnitRecord, purpose: Purpose, closed_on: date, successors: Iterable[str]
) -> tuple[str, str]:
    """What a closed room is called; `successors` are the names of the units that took over."""
    name = _say("room-closed-name", name=name_and_topic(unit, purpose)[0])
    return name, closing_words(closed_on, successors)


def closing_words(closed_on: date, successors: Iterable[str]) -> str:
    """Why nobody can write here any more, and where to go."""
    day, names = day_first(closed_on), "; ".join(successors)
    return _say("room-closed-moved", day=day, successors=names) if names else _say("room-closed-over", day=day)


def _say(message: str, /, **arguments: str) -> str:
    return MESSAGES.render(Locale.VI, Message.of(message, **arguments))


def join_rule(purpose: Purpose, *, space_is_public: bool) -> JoinRule:
    """How one gets into a unit's space, and into the rooms of a space that is public or not."""
    if purpose is Purpose.SPACE:
        return JoinRule.PUBLIC if space_is_public else JoinRule.INVITE
    return JoinRule.INVITE if space_is_public else JoinRule.RESTRICTED


def encrypted(purpose: Purpose, settings: Settings) -> bool:
    """Whether what is said in it is end-to-end encrypted."""
    match purpose:
        case Purpose.SPACE:
            return False
        case Purpose.ANNOUNCEMENTS:
            return settings.rooms.encrypt_announcements
        case Purpose.DISCUSSION:
            return True


def power_levels(purpose: Purpose, owner: str, moderators: Iterable[str]) -> dict[str, Any]:
    """Who may do what; `owner` and `moderators` are user IDs."""
    events = {
        "m.room.topic": MODERATOR_POWER,
        "m.room.avatar": MODERATOR_POWER,
        "m.room.pinned_events": MODERATOR_POWER,
    }
    if purpose is Purpose.ANNOUNCEMENTS:
        # Acknowledgements are reactions, and votes are responses to a poll: these stay open to every member.
        events |= {"m.reaction": 0, "m.room.redaction": 0, "m.poll.response": 0, "org.matrix.msc3381.poll.response": 0}
    if purpose is Purpose.DISCUSSION:
        events["org.matrix.msc3401.call.member"] = 0
    return {
        "users": dict.fromkeys(sorted(moderators), MODERATOR_POWER) | {owner: OWNER_POWER},
        "users_default": 0,
        "events": events,
        "events_default": {Purpose.DISCUSSION: 0, Purpose.ANNOUNCEMENTS: MODERATOR_POWER}.get(purpose, OWNER_POWER),
        "state_default": OWNER_POWER,
        "invite": OWNER_POWER,
        "kick": OWNER_POWER,
        "ban": OWNER_POWER,
        "redact": MODERATOR_POWER,
        "notifications": {"room": MODERATOR_POWER},
    }


def closed_power_levels(owner: str) -> dict[str, Any]:
    """Nobody but `owner` does anything but read."""
    acts = ("events_default", "state_default", "invite", "kick", "ban", "redact")
    return {
        "users": {owner: OWNER_POWER},
        "users_default": 0,
        "events": {},
        **dict.fromkeys(acts, OWNER_POWER),
        "notifications": {"room": OWNER_POWER},
    }


def room_spec(unit_code: str, purpose: Purpose, look: Look, settings: Settings) -> RoomSpec:
    """How to make the room that is to look so."""
    link = {"via": [settings.server_name], "canonical": True}
    return RoomSpec(
        name=look.name,
        topic=look.topic,
        alias=alias(unit_code, purpose),
        space=purpose is Purpose.SPACE,
        encrypted=encrypted(purpose, settings),
        join_rule=look.join_rule or JoinRule.INVITE,
        restricted_to=look.parent if look.join_rule is JoinRule.RESTRICTED else None,
        power_levels=power_levels(
            purpose, settings.user_id(settings.accounts.service), map(settings.user_id, look.moderators)
        ),
        state=(("m.space.parent", look.parent, link),) if look.parent else (),
    )
