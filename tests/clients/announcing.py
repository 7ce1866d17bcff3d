"""Units of a town with their announcement rooms, their people on clients of their own, and somebody's chat with a bot."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from mautrix.types import EventID, RoomID

from hr_provisioner.rooms.looks import Purpose
from tests.clients.js_sdk_client import js_sdk_device
from tests.clients.mautrix_client import MautrixDevice, Seen, mautrix_device
from tests.clients.speakers import JsSdkSpeaker
from tests.clients.town import PASSWORD, Citizen, Town
from tests.conftest import Province


async def opens_units(stack: Province, town: Town, *names: str, deputies: bool = False, **rooms: object) -> None:
    """Units with a head, staff and, where wanted, a deputy, and rooms that the next whole run of the joins fills."""
    await stack.has_joined()
    for name in names:
        town.opens(name)
        await town.hires(f"dau-{name.lower()}", name, standing="head")
        await town.hires(f"nv-{name.lower()}", name)
        if deputies:
            await town.hires(f"pho-{name.lower()}", name, standing="deputy")
    await town.joins(**rooms).serve_urgent([town.code(f"dau-{name.lower()}") for name in names])


async def announcing_units(stack: Province, town: Town, *names: str, **rooms: object) -> None:
    """The same, filled."""
    await opens_units(stack, town, *names, **rooms)
    stack.joins()


def announcements(town: Town, name: str) -> RoomID:
    return RoomID(town.rooms(name).ids[Purpose.ANNOUNCEMENTS])


def citizen(town: Town, name: str) -> Citizen:
    localpart = f"{name}-{town.prefix.lower()}"
    return Citizen(town, name, localpart, town.settings.user_id(localpart))


@asynccontextmanager
async def phone(who: Citizen) -> AsyncIterator[MautrixDevice]:
    """A client of theirs, on mautrix."""
    await who.town.admin.set_password(who.user_id, PASSWORD)
    async with mautrix_device(who.town.settings.synapse.local_url, who.user_id, PASSWORD) as device:
        yield device


@asynccontextmanager
async def desktop(who: Citizen) -> AsyncIterator[JsSdkSpeaker]:
    """A client of theirs, on what Element is made of."""
    await who.town.admin.set_password(who.user_id, PASSWORD)
    async with js_sdk_device(who.town.settings.synapse.local_url, who.user_id, PASSWORD) as device:
        yield JsSdkSpeaker(device)


async def heard(device: MautrixDevice, sender: str, words: str) -> tuple[EventID, Seen]:
    """The first event in which somebody says it, as the device shows it."""

    def found() -> list[tuple[EventID, Seen]]:
        return [
            (EventID(event_id), seen)
            for event_id, seen in device.seen.items()
            if seen.sender == sender and words in str(seen.content.get("body", ""))
        ]

    await device.until(lambda: bool(found()), f"{words!r} of {sender}")
    return found()[0]


@dataclass(frozen=True)
class Chat:
    """Somebody's encrypted chat with a bot."""

    device: MautrixDevice
    room_id: RoomID
    bot: str

    @classmethod
    async def begun(cls, device: MautrixDevice, bot: str) -> "Chat":
        room_id = await device.create_encrypted_room(bot)
        await device.until_joined(room_id, bot)
        return cls(device, room_id, bot)

    async def says(self, words: str, answer: str) -> None:
        """Say it, and wait until the bot has answered what it has not said before."""
        await self.device.say(self.room_id, words)
        await heard(self.device, self.bot, answer)
