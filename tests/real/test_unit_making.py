"""The rooms of a unit made on a real homeserver, again where a cut-off run left them half made."""

from typing import Any

import pytest

from hr_provisioner.advisory import Work, waiting
from hr_provisioner.rooms.looks import Purpose, alias
from huep.synapse_admin import RoomSpec
from tests.clients.town import Town


class HalfMade(RoomSpec):
    """A room as Synapse leaves it where it dies in the making: the address comes first, the name last."""

    def as_json(self) -> dict[str, Any]:
        return {key: value for key, value in super().as_json().items() if key not in ("name", "topic")}


async def opens_with_a_room(town: Town, name: str, purpose: Purpose, kind: type[RoomSpec]) -> str:
    """A unit whose one room has been made already; returns its ID. The province's own making of rooms waits."""
    async with waiting(town.place.hr, Work.ROOMS):
        town.opens(name)
        return await town.admin.create_room(kind(name="Phòng cũ", alias=alias(town.code(name), purpose)))


async def test_rooms_are_made_once(town: Town) -> None:
    town.opens("A")
    await town.settle()
    made = town.rooms("A").ids
    await town.settle()
    assert town.rooms("A").ids == made


@pytest.mark.parametrize("purpose", Purpose)
async def test_the_address_of_a_half_made_room_goes_to_a_whole_one(town: Town, purpose: Purpose) -> None:
    half = await opens_with_a_room(town, "H", purpose, HalfMade)
    assert await town.state(half, "m.room.name") is None
    await town.settle()
    room = town.rooms("H").ids[purpose]
    assert room != half
    address = f"#{alias(town.code('H'), purpose)}:{town.settings.server_name}"
    assert await town.admin.room_of_alias(address) == room
    assert await town.state(room, "m.room.name") is not None


async def test_a_whole_room_that_nobody_wrote_down_is_taken(town: Town) -> None:
    whole = await opens_with_a_room(town, "W", Purpose.DISCUSSION, RoomSpec)
    await town.settle()
    assert town.rooms("W").ids[Purpose.DISCUSSION] == whole
