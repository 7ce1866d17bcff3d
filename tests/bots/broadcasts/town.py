"""A province with announcement rooms on the kit's homeserver in memory, and what is seen in them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bots.matrix.contents import MESSAGE, REACTION, reaction_content, text_content
from bots.matrix.port import Text
from bots.testing.kit import Stage
from bots.testing.people import Speaker
from bots.testing.worlds import MemoryWorld
from huep.catalogue import Argument
from huep.settings import Settings

SOON = timedelta(seconds=4)
"""In which a message in a sender's chat that shows progress is edited."""


def without_office_rooms(settings: Settings) -> Settings:
    """Departments and wards of the small province have rooms; people of offices are in those of their department."""
    return settings.model_copy(update={"rooms": settings.rooms.model_copy(update={"deepest_level": 1})})


@dataclass(frozen=True)
class Posted:
    """One message of the bot in a room, as clients show it: with its latest words."""

    event_id: str
    content: dict[str, Any]

    @property
    def body(self) -> str:
        return str(self.content.get("body", ""))


class Town:
    """The rooms of a stage."""

    def __init__(self, stage: Stage) -> None:
        assert isinstance(stage.world, MemoryWorld)
        self.stage = stage
        self.homeserver = stage.world.homeserver

    def opens_rooms(self, *units: str, encrypted: bool = True) -> None:
        """Each unit gets its announcement room, with the bot and everybody who has a post in the unit or below it."""
        directory = self.stage.directory
        for code in units:
            below = {unit.code for unit in directory.units_under(code)}
            people = tuple(
                str(person.user_id)
                for person in directory.people
                if any(held.unit_code in below for held in person.posts)
            )
            room_id = self.homeserver.make_room(self.stage.bot, joined=people, encrypted=encrypted, name=code)
            directory.rooms[code] = room_id

    def room(self, unit: str) -> str:
        return self.stage.directory.rooms[unit]

    def seen(self, unit: str) -> list[Posted]:
        """What the bot has said in the unit's room and not taken back, in order."""
        return self.seen_in(self.room(unit))

    def seen_in(self, room_id: str) -> list[Posted]:
        shown: dict[str, dict[str, Any]] = {}
        for kept in self.homeserver.rooms[room_id].timeline:
            content = kept.source["content"]
            if kept.sender != self.stage.bot or kept.source["type"] != MESSAGE or not content:
                continue
            relation = content.get("m.relates_to") or {}
            if relation.get("rel_type") == "m.replace":
                if relation["event_id"] in shown:
                    shown[relation["event_id"]] = content["m.new_content"]
            else:
                shown[kept.event_id] = content
        return [Posted(event_id, content) for event_id, content in shown.items()]

    async def reacts(self, speaker: Speaker, to: str, room_id: str, key: str = "✅") -> None:
        """A person sets a sign to a message in a room."""
        speaker.said.append(await speaker.port.send_event(room_id, REACTION, reaction_content(to, key)))
        await self.stage.rest()

    async def replies(self, speaker: Speaker, to: str, room_id: str, words: str) -> None:
        """A person replies to a message in a room."""
        content = text_content(Text(words, reply_to=to))
        speaker.said.append(await speaker.port.send_event(room_id, MESSAGE, content))
        await self.stage.rest()


async def says_and_agrees(speaker: Speaker, words: str, asked: str, *told: str) -> None:
    """Something that is confirmed: `asked` is read out, whatever is shown before it, and each of `told` follows."""
    await speaker.says(words)
    await hears_until(speaker, asked)
    await speaker.says("đồng ý")
    for one in told:
        await speaker.hears(means=one)


async def hears_until(speaker: Speaker, name: str, **arguments: Argument) -> str:
    """What comes before is passed over; returns the words of the message `name` with these arguments."""
    while not (heard := await speaker.hears()).means(name, **arguments):
        pass
    return heard.body
