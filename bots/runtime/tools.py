"""What a bot is given to work with."""

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Engine

from bots.runtime.access import PeopleDirectory
from bots.runtime.preferences import Preferences
from huep.clock import Clock
from huep.directory.model import Unit
from huep.settings import Settings


class BotsDirectory(PeopleDirectory, Protocol):
    """What bots ask of the directory; `huep.directory.reader.Directory` answers it."""

    def path_to(self, code: str) -> tuple[Unit, ...]:
        """The units from the root down to this one."""
        ...

    def headcount(self, code: str) -> int:
        """How many people have a post in the unit or below it."""
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
