"""The space and the two rooms of a unit: what they are like, and how they come to be.

Who gets in: a unit's space takes only those whom the register puts there, and its rooms take the members of the space
(`restricted`), which costs one event a person where an invitation would cost two. The province's own space is public
inside this closed server, because everybody may be gathered in it one day and any other rule writes a row for every
pair of members into Synapse's user directory; its rooms go by invitation. All belong to the service account; heads and
deputies moderate, and nobody but the register invites or removes.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, bindparam, insert, select, text, update

from hr_provisioner.current import Current
from hr_provisioner.plan import holds
from hr_provisioner.records import UnitRecord
from huep import audit
from huep.audit import Act
from huep.directory.model import Standing
from huep.directory.tables import unit_rooms
from huep.errors import HuepError
from huep.names import slug
from huep.settings import Settings
from huep.synapse_admin import JoinRule, RoomSpec, SynapseAdmin, SynapseRefused

OWNER_POWER = 100
MODERATOR_POWER = 50
UNITS_AT_ONCE = 8
"""Rooms cost Synapse 0.1 to 0.2 s each on its one thread; more at once only wait for one another."""
ROOMS_LOCK = 7_310_002
"""PostgreSQL advisory lock held while rooms are made, so that two processes never make the same ones."""
ACTOR = "huep hr"


class Purpose(StrEnum):
    """What a unit's room is for."""

    SPACE = "space"
    ANNOUNCEMENTS = "announcements"
    """Thông báo: heads, deputies and services write, everybody reads and reacts."""
    DISCUSSION = "discussion"
    """Trao đổi: everybody writes, end-to-end encrypted."""


@dataclass(frozen=True)
class UnitRooms:
    """The rooms that a unit has, by purpose, and who moderates them."""

    ids: Mapping[Purpose, str]
    moderators: frozenset[str]
    """Localparts."""


def read_rooms(engine: Engine) -> dict[str, UnitRooms]:
    """Rooms by unit code."""
    ids: dict[str, dict[Purpose, str]] = {}
    moderators: dict[str, frozenset[str]] = {}
    with engine.connect() as connection:
        for row in connection.execute(select(unit_rooms)):
            ids.setdefault(row.unit_code, {})[Purpose(row.purpose)] = row.room_id
            moderators[row.unit_code] = frozenset(row.moderators.split())
    return {code: UnitRooms(by_purpose, moderators[code]) for code, by_purpose in ids.items()}


def units_with_rooms(current: Current, deepest_level: int, today: date) -> tuple[UnitRecord, ...]:
    """Units that exist today and are high enough to have rooms; parents before children."""
    chosen = (
        unit
        for unit in current.units
        if unit.level <= deepest_level and unit.valid_from <= today and (unit.valid_to is None or unit.valid_to > today)
    )
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


def alias(unit_code: str, purpose: Purpose) -> str:
    """Localpart of a room's address: one for each unit and purpose, and so the key that makes its making repeatable."""
    distinct = hashlib.sha256(unit_code.encode()).hexdigest()[:6]
    return f"don-vi-{slug(unit_code)}-{distinct}-{purpose}"


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


class RoomBuilder:
    """Makes the rooms that units lack, and hands moderation on when heads and deputies change."""

    def __init__(self, settings: Settings, hr: Engine, audit_engine: Engine, homeserver: SynapseAdmin) -> None:
        self._settings = settings
        self._hr = hr
        self._audit = audit_engine
        self._homeserver = homeserver
        self._owner = settings.user_id(settings.accounts.service)

    async def build(
        self,
        units: Sequence[UnitRecord],
        moderators: Mapping[str, frozenset[str]],
        tell: Callable[[int], None] = lambda _built: None,
    ) -> None:
        """Make what these units lack, telling how many units got rooms. Parents must not come after children.

        The lock is taken anew for every few units, so that an urgent one never waits for all the others.
        """
        waiting = [unit for unit in units if not _complete(read_rooms(self._hr).get(unit.code))]
        while waiting:
            level = waiting[0].level
            group = [unit for unit in waiting[:UNITS_AT_ONCE] if unit.level == level]
            waiting = waiting[len(group) :]
            tell(await self._build_group(group, moderators))

    async def _build_group(self, group: Sequence[UnitRecord], moderators: Mapping[str, frozenset[str]]) -> int:
        with self._hr.connect() as connection:
            await asyncio.to_thread(connection.execute, text("select pg_advisory_lock(:key)"), {"key": ROOMS_LOCK})
            try:
                connection.commit()
                standing = read_rooms(self._hr)
                lacking = [unit for unit in group if not _complete(standing.get(unit.code))]
                try:
                    async with asyncio.TaskGroup() as tasks:
                        for unit in lacking:
                            leaders = moderators.get(unit.code, frozenset())
                            tasks.create_task(self._build_unit(unit, standing, leaders))
                except* HuepError as errors:
                    raise errors.exceptions[0] from None
                return len(lacking)
            finally:
                connection.execute(text("select pg_advisory_unlock(:key)"), {"key": ROOMS_LOCK})
                connection.commit()

    async def _build_unit(
        self, unit: UnitRecord, standing: Mapping[str, UnitRooms], moderators: frozenset[str]
    ) -> None:
        above = standing.get(unit.parent_code or "")
        parent = above.ids.get(Purpose.SPACE) if above else None
        space = await self._make(unit, Purpose.SPACE, moderators, parent)
        inside = await asyncio.gather(
            *(self._make(unit, purpose, moderators, space) for purpose in (Purpose.ANNOUNCEMENTS, Purpose.DISCUSSION))
        )
        server_name = self._settings.server_name
        for order, room_id in zip(("1", "2"), inside, strict=True):
            await self._homeserver.place_in_space(space, room_id, server_name, order=order)
        if parent is not None:
            await self._homeserver.place_in_space(parent, space, server_name)
        ids = dict(zip(Purpose, (space, *inside), strict=True))
        rows = [
            {
                "unit_code": unit.code,
                "purpose": purpose.value,
                "room_id": room_id,
                "moderators": " ".join(sorted(moderators)),
            }
            for purpose, room_id in ids.items()
        ]
        act = Act(ACTOR, "unit.rooms", unit.code, {purpose.value: room_id for purpose, room_id in ids.items()})
        await asyncio.to_thread(self._write_down, rows, act)

    def _write_down(self, rows: list[dict[str, str]], act: Act) -> None:
        with self._hr.begin() as connection:
            connection.execute(insert(unit_rooms), rows)
            audit.record(self._audit, [act])

    async def _make(self, unit: UnitRecord, purpose: Purpose, moderators: Iterable[str], parent: str | None) -> str:
        address = alias(unit.code, purpose)
        spec = self._spec(unit, purpose, address, moderators, parent)
        try:
            return await self._homeserver.create_room(spec)
        except SynapseRefused as refused:
            # A run that was cut off made it and could not write it down. Only the service account may take addresses.
            if refused.errcode != "M_ROOM_IN_USE":
                raise
            full_address = f"#{address}:{self._settings.server_name}"
            made = await self._homeserver.room_of_alias(full_address)
            if made is None:
                raise
            if await self._is_whole(made):
                return made
            await self._homeserver.free_alias(full_address)
            return await self._homeserver.create_room(spec)

    async def _is_whole(self, room_id: str) -> bool:
        """Whether Synapse came to the end of making it: the address comes first, the name last, with all the rest."""
        try:
            return await self._homeserver.state(room_id, "m.room.name") is not None
        except SynapseRefused as refused:
            if refused.errcode != "M_FORBIDDEN":
                raise
            return False

    def _spec(
        self, unit: UnitRecord, purpose: Purpose, address: str, moderators: Iterable[str], parent: str | None
    ) -> RoomSpec:
        name, topic = {
            Purpose.SPACE: (unit.name, ""),
            Purpose.ANNOUNCEMENTS: (f"Thông báo · {unit.short_name}", f"Thông báo của {unit.name}"),
            Purpose.DISCUSSION: (f"Trao đổi · {unit.short_name}", f"Trao đổi công việc trong {unit.name}"),
        }[purpose]
        rule, restricted_to = _join_rule(unit, purpose, parent)
        encrypted = purpose is Purpose.DISCUSSION or (
            purpose is Purpose.ANNOUNCEMENTS and self._settings.rooms.encrypt_announcements
        )
        link = {"via": [self._settings.server_name], "canonical": True}
        return RoomSpec(
            name=name,
            topic=topic,
            alias=address,
            space=purpose is Purpose.SPACE,
            encrypted=encrypted,
            join_rule=rule,
            restricted_to=restricted_to,
            power_levels=power_levels(purpose, self._owner, map(self._settings.user_id, moderators)),
            state=(("m.space.parent", parent, link),) if parent else (),
        )

    async def hand_over(self, wanted: Mapping[str, frozenset[str]]) -> int:
        """Give and take moderation where heads and deputies changed; returns how many units were concerned."""
        changed = 0
        for code, rooms in read_rooms(self._hr).items():
            new = wanted.get(code, frozenset())
            if new == rooms.moderators:
                continue
            for room_id in rooms.ids.values():
                await self._set_moderators(room_id, rooms.moderators, new)
            changed += 1
            with self._hr.begin() as connection:
                statement = update(unit_rooms).where(unit_rooms.c.unit_code == bindparam("of"))
                connection.execute(statement, [{"of": code, "moderators": " ".join(sorted(new))}])
                details = {"given": sorted(new - rooms.moderators), "taken": sorted(rooms.moderators - new)}
                audit.record(self._audit, [Act(ACTOR, "unit.moderators", code, details)])
        return changed

    async def _set_moderators(self, room_id: str, before: frozenset[str], after: frozenset[str]) -> None:
        """Whoever got power by another way, a bot say, keeps it."""
        content = await self._homeserver.state(room_id, "m.room.power_levels")
        if content is None:
            return
        gone = {self._settings.user_id(localpart) for localpart in before - after}
        users = {user_id: power for user_id, power in content.get("users", {}).items() if user_id not in gone}
        users |= {self._settings.user_id(localpart): MODERATOR_POWER for localpart in after}
        await self._homeserver.send_state(room_id, "m.room.power_levels", "", {**content, "users": users})


def _complete(rooms: UnitRooms | None) -> bool:
    return rooms is not None and set(rooms.ids) == set(Purpose)


def _join_rule(unit: UnitRecord, purpose: Purpose, parent: str | None) -> tuple[JoinRule, str | None]:
    if unit.level == 0:
        return (JoinRule.PUBLIC if purpose is Purpose.SPACE else JoinRule.INVITE), None
    if purpose is Purpose.SPACE:
        return JoinRule.INVITE, None
    return JoinRule.RESTRICTED, parent
