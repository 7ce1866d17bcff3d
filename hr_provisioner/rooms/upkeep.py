"""Keeping rooms as the register wants them: names, places, doors, moderators, and their closing.

What rooms look like is compared in memory; only differences reach Synapse, and what was done is written down unit by
unit, so that it can stop and go on at any point. A closed unit costs about a dozen events.
"""

import asyncio
import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import assert_never

from hr_provisioner import advisory
from hr_provisioner.advisory import Work
from hr_provisioner.reach import Reach
from hr_provisioner.rooms import life as room_life
from hr_provisioner.rooms import looks as rooms
from hr_provisioner.rooms.life import (
    Admit,
    Describe,
    Empower,
    Hang,
    Notify,
    PointTo,
    Rename,
    Reopen,
    Scene,
    Shut,
    Step,
)
from hr_provisioner.rooms.looks import LAST, MODERATOR_POWER, ORDER_IN_SPACE, Look, Purpose, Room, UnitRooms
from hr_provisioner.rooms.store import keep_members, read_rooms, write_rooms
from huep import audit
from huep.audit import Act
from huep.errors import HuepError

UNITS_AT_ONCE = 8
ACTOR = "huep hr"


@dataclass(frozen=True)
class Upkeep:
    """What came of looking after the rooms."""

    changed: int
    """Units whose rooms were changed."""
    failed: tuple[str, ...]
    """One sentence a unit whose rooms could not be changed; they are tried again the next time."""


class RoomKeeper:
    """Brings rooms to what the register wants."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._owner = reach.settings.user_id(reach.settings.accounts.service)

    async def keep_up(
        self,
        scene: Scene,
        tell: Callable[[int], None] = lambda _changed: None,
        *,
        urgent: Collection[str] | None = None,
    ) -> Upkeep:
        """Change what differs, telling after every few units how many were changed; one that fails, fails alone.

        With `urgent`, only these units, and those that exist and have other people for moderators than they should:
        the power of a service in every unit's room can wait.
        """
        standing = await asyncio.to_thread(read_rooms, self._reach.hr)
        wanted = room_life.wanted(scene, standing)
        if urgent is not None:
            wanted = {
                code: after
                for code, after in wanted.items()
                if code in urgent
                or (not after.closed and (after.moderators ^ standing[code].moderators) - scene.announcers)
            }
        # Parents first: a unit that moves below one that opens again hangs where the parent is found then.
        codes = sorted(wanted, key=lambda code: (scene.units[code].level, code))
        changed, failed = 0, list[str]()
        for start in range(0, len(codes), UNITS_AT_ONCE):
            done, errors = await self._keep_group(codes[start : start + UNITS_AT_ONCE], scene)
            changed += done
            failed += errors
            tell(done)
        return Upkeep(changed, tuple(failed))

    async def _keep_group(self, codes: Sequence[str], scene: Scene) -> tuple[int, list[str]]:
        async with advisory.waiting(self._reach.hr, Work.ROOMS):
            standing = await asyncio.to_thread(read_rooms, self._reach.hr)
            wanted = room_life.wanted(scene, standing, codes)
            errors = await asyncio.gather(
                *(self._keep_unit(code, standing[code], after) for code, after in wanted.items())
            )
            failed = [error for error in errors if error is not None]
            return len(wanted) - len(failed), failed

    async def _keep_unit(self, code: str, before: UnitRooms, after: UnitRooms) -> str | None:
        try:
            await asyncio.gather(
                *(
                    self._keep_room(purpose, room, after.by_purpose[purpose].look)
                    for purpose, room in before.by_purpose.items()
                )
            )
        except HuepError as error:
            return f"{code}: {error}"
        await asyncio.to_thread(self._write_down, code, before, after)
        return None

    def _write_down(self, code: str, before: UnitRooms, after: UnitRooms) -> None:
        with self._reach.hr.begin() as connection:
            write_rooms(connection, {code: after})
            if after.closed:
                keep_members(connection, after.ids.values())
            audit.record(self._reach.audit, [_act(code, before, after)])

    async def _keep_room(self, purpose: Purpose, room: Room, after: Look) -> None:
        encrypted = rooms.encrypted(purpose, self._reach.settings)
        for step in room_life.steps(purpose, room.look, after, encrypted=encrypted):
            await self._take(step, purpose, room.id)

    async def _take(self, step: Step, purpose: Purpose, room_id: str) -> None:
        send = self._reach.homeserver.send_state
        match step:
            case Rename(name):
                await send(room_id, "m.room.name", "", {"name": name})
            case Describe(topic):
                await send(room_id, "m.room.topic", "", {"topic": topic})
            case Hang():
                await self._hang(step, purpose, room_id)
            case Admit(rule, members_of):
                allow = {"allow": [{"type": "m.room_membership", "room_id": members_of}]} if members_of else {}
                await send(room_id, "m.room.join_rules", "", {"join_rule": rule.value, **allow})
            case Empower(before, after):
                await self._empower(room_id, before, after)
            case Notify(words):
                # The same ID for the same words: a run that was cut off does not say them twice.
                once = hashlib.sha256(f"{room_id} {words}".encode()).hexdigest()[:32]
                await self._reach.homeserver.send_notice(room_id, words, once)
            case PointTo(replacement, words):
                await send(room_id, "m.room.tombstone", "", {"body": words, "replacement_room": replacement})
            case Shut():
                await send(room_id, "m.room.power_levels", "", rooms.closed_power_levels(self._owner))
            case Reopen(moderators):
                users = map(self._reach.settings.user_id, moderators)
                await send(room_id, "m.room.power_levels", "", rooms.power_levels(purpose, self._owner, users))
            case _:
                assert_never(step)

    async def _hang(self, step: Hang, purpose: Purpose, room_id: str) -> None:
        server_name = self._reach.settings.server_name
        if step.before is not None and step.before != step.parent:
            await self._reach.homeserver.take_from_space(step.before, room_id)
            await self._reach.homeserver.send_state(room_id, "m.space.parent", step.before, {})
        if step.parent is None:
            return
        order = LAST if step.last else ORDER_IN_SPACE.get(purpose, "")
        await self._reach.homeserver.place_in_space(
            step.parent, room_id, server_name, order=order, suggested=not step.last
        )
        link = {"via": [server_name], "canonical": True}
        await self._reach.homeserver.send_state(room_id, "m.space.parent", step.parent, link)

    async def _empower(self, room_id: str, before: frozenset[str], after: frozenset[str]) -> None:
        """Whoever got power by another way keeps it."""
        content = await self._reach.homeserver.state(room_id, "m.room.power_levels")
        if content is None:
            return
        gone = {self._reach.settings.user_id(localpart) for localpart in before - after}
        users = {user_id: power for user_id, power in content.get("users", {}).items() if user_id not in gone}
        users |= {self._reach.settings.user_id(localpart): MODERATOR_POWER for localpart in after}
        await self._reach.homeserver.send_state(room_id, "m.room.power_levels", "", {**content, "users": users})


def _act(code: str, before: UnitRooms, after: UnitRooms) -> Act:
    """Which of the unit's rooms changed and in what."""
    if after.closed and not before.closed:
        successors = {
            purpose.value: list(room.look.successors)
            for purpose, room in after.by_purpose.items()
            if room.look.successors
        }
        return Act(ACTOR, "rooms.close", code, {"successors": successors})
    if before.closed and not after.closed:
        return Act(ACTOR, "rooms.open", code, {"given": sorted(after.moderators)})
    changed = sorted(
        {
            name
            for purpose, room in after.by_purpose.items()
            for name, value in vars(room.look).items()
            if vars(before.by_purpose[purpose].look)[name] != value
        }
    )
    given, taken = after.moderators - before.moderators, before.moderators - after.moderators
    if changed == ["moderators"]:
        return Act(ACTOR, "unit.moderators", code, {"given": sorted(given), "taken": sorted(taken)})
    return Act(ACTOR, "rooms.change", code, {"changed": changed, "given": sorted(given), "taken": sorted(taken)})
