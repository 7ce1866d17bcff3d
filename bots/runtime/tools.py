"""What a bot is given to work with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from sqlalchemy import Engine

from bots.runtime.access import PeopleDirectory
from bots.runtime.outbox import Outbox
from bots.runtime.preferences import Preferences
from bots.sealing import Seal
from huep.clock import Clock
from huep.directory.audience import Audience
from huep.directory.model import Member, Person, PersonKey, Unit
from huep.names import localpart_of
from huep.settings import Settings


class BotsDirectory(PeopleDirectory, Protocol):
    """What bots ask of the directory; `huep.directory.reader.Directory` answers it."""

    def path_to(self, code: str) -> tuple[Unit, ...]:
        """The units from the root down to this one."""
        ...

    def headcount(self, code: str) -> int:
        """How many people have a post in the unit or below it."""
        ...

    def away(self) -> frozenset[PersonKey]:
        """Who is on long leave today."""
        ...

    def person(self, key: PersonKey) -> Person | None:
        """The person of an immutable key."""
        ...

    def audience(self, audience: Audience) -> tuple[Member, ...]:
        """The people of an audience, one entry a person, by unit and name."""
        ...

    def positions(self) -> tuple[tuple[str, str], ...]:
        """Code and name of every position (chức vụ) that somebody holds today."""
        ...

    def announcement_rooms(self) -> Mapping[str, str]:
        """The open announcement room of each unit that has one, by the unit's code."""
        ...

    def fingerprint(self) -> str:
        """Another one whenever people, their posts or units have changed."""
        ...


@dataclass(frozen=True)
class Tools:
    """Of one bot; all of it may be asked from any thread."""

    settings: Settings
    engine: Engine
    """With the rights of the bots' role."""
    directory: BotsDirectory
    preferences: Preferences
    clock: Clock
    user_id: str
    """The bot's own account."""
    seal: Seal
    """Closes what the bot keeps of people's words."""
    bot: str
    """The bot's name, by which its jobs are asked for."""
    secret: Callable[[str], str]
    """A secret of the state folder by its name; raises SecretMissing."""

    @cached_property
    def outbox(self) -> Outbox:
        """What the bot has to say that answers nobody."""
        return Outbox(localpart_of(self.user_id), self.seal, self.clock)
