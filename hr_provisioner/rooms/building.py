"""Making the rooms that units lack; repeatable, and found again after a run that was cut off."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from hr_provisioner import advisory
from hr_provisioner.advisory import Work
from hr_provisioner.reach import Reach
from hr_provisioner.records import UnitRecord
from hr_provisioner.rooms import life as room_life
from hr_provisioner.rooms.life import Scene
from hr_provisioner.rooms.looks import ORDER_IN_SPACE, Look, Purpose, Room, UnitRooms, alias, room_spec
from hr_provisioner.rooms.store import read_rooms, write_rooms
from huep import audit
from huep.audit import Act
from huep.errors import HuepError
from huep.synapse_admin import SynapseRefused

UNITS_AT_ONCE = 8
"""Rooms cost Synapse 0.1 to 0.2 s each on its one thread; more at once only wait for one another."""
ACTOR = "huep hr"


class RoomBuilder:
    """Makes the rooms that units lack: those of new units, and new ones for a unit whose old ones were replaced."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    async def build(
        self, units: Sequence[UnitRecord], scene: Scene, tell: Callable[[int], None] = lambda _built: None
    ) -> int:
        """Make what these units lack, telling how many units got rooms; returns how many did in all.

        Parents must not come after children.
        The lock is taken anew for every few units, so that an urgent one never waits for all the others.
        """
        built = 0
        standing = await asyncio.to_thread(read_rooms, self._reach.hr)
        waiting = [unit for unit in units if _lacks(standing.get(unit.code))]
        while waiting:
            level = waiting[0].level
            group = [unit for unit in waiting[:UNITS_AT_ONCE] if unit.level == level]
            waiting = waiting[len(group) :]
            made = await self._build_group(group, scene)
            built += made
            tell(made)
        return built

    async def _build_group(self, group: Sequence[UnitRecord], scene: Scene) -> int:
        async with advisory.waiting(self._reach.hr, Work.ROOMS):
            standing = await asyncio.to_thread(read_rooms, self._reach.hr)
            lacking = [unit for unit in group if _lacks(standing.get(unit.code))]
            try:
                async with asyncio.TaskGroup() as tasks:
                    for unit in lacking:
                        tasks.create_task(self._build_unit(unit, scene, standing))
            except* HuepError as errors:
                raise errors.exceptions[0] from None
            return len(lacking)

    async def _build_unit(self, unit: UnitRecord, scene: Scene, standing: Mapping[str, UnitRooms]) -> None:
        above = room_life.space_above(unit, scene, standing)

        def look(purpose: Purpose, parent: str | None) -> Look:
            return room_life.open_look(unit, purpose, scene, parent=parent, space_rule=None)

        space = await self._make(unit.code, Purpose.SPACE, look(Purpose.SPACE, above))
        inside = await asyncio.gather(
            *(self._make(unit.code, purpose, look(purpose, space.id)) for purpose in ORDER_IN_SPACE)
        )
        server_name = self._reach.settings.server_name
        for order, room in zip(ORDER_IN_SPACE.values(), inside, strict=True):
            await self._reach.homeserver.place_in_space(space.id, room.id, server_name, order=order)
        if above is not None:
            await self._reach.homeserver.place_in_space(above, space.id, server_name)
        made = UnitRooms(dict(zip(Purpose, (space, *inside), strict=True)))
        details = {purpose.value: room_id for purpose, room_id in made.ids.items()}
        await asyncio.to_thread(self._write_down, unit.code, made, Act(ACTOR, "unit.rooms", unit.code, details))

    def _write_down(self, code: str, made: UnitRooms, act: Act) -> None:
        with self._reach.hr.begin() as connection:
            write_rooms(connection, {code: made})
            audit.record(self._reach.audit, [act])

    async def _make(self, unit_code: str, purpose: Purpose, look: Look) -> Room:
        spec = room_spec(unit_code, purpose, look, self._reach.settings)
        try:
            return Room(await self._reach.homeserver.create_room(spec), look)
        except SynapseRefused as refused:
            # A run that was cut off made it and could not write it down. Only the service account may take addresses.
            if refused.errcode != "M_ROOM_IN_USE":
                raise
            address = f"#{alias(unit_code, purpose)}:{self._reach.settings.server_name}"
            made = await self._reach.homeserver.room_of_alias(address)
            if made is None:
                raise
            if await self._is_usable(made):
                return Room(made, look)
            await self._reach.homeserver.free_alias(address)
            return Room(await self._reach.homeserver.create_room(spec), look)

    async def _is_usable(self, room_id: str) -> bool:
        """Whether Synapse made it to the end (the address comes first, the name last), and none replaced it."""
        try:
            named = await self._reach.homeserver.state(room_id, "m.room.name") is not None
            return named and await self._reach.homeserver.state(room_id, "m.room.tombstone") is None
        except SynapseRefused as refused:
            if refused.errcode != "M_FORBIDDEN":
                raise
            return False


def _lacks(rooms: UnitRooms | None) -> bool:
    return rooms is None or not rooms.complete or rooms.replaced
