"""The section `[bots]` of huep.toml: how the bots run, and to whom they report."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from huep.sections import Port, Section, local_url

ALL = "all"
"""The process that has all bots; one that has a single bot is called as the bot."""

BOT_TITLES: Mapping[str, str] = {"assistant": "Trợ lý HueP", "broadcasts": "Truyền thông"}
"""Every bot of HueP by name, with what people see it called."""

BOT_NAMES = tuple(BOT_TITLES)
"""In the order in which they are started, and in which their ports count."""

RoomId = Annotated[str, Field(pattern=r"^![^\s:]+(:[^\s]+)?$")]


class Processes(StrEnum):
    """How the bots share processes."""

    ONE = "one"
    """All in one: least memory."""
    EACH = "each"
    """One each: what one does to its process, no other feels."""


class BotsSettings(Section):
    """`[bots]` (docs/bots/running.md)."""

    processes: Processes = Processes.ONE
    port: Port = 8012
    """Health and figures, on loopback alone; where each bot has a process of its own, the first of as many ports."""
    operators_room: RoomId | None = None
    """Where a bot that keeps crashing is reported; the reporting bot must have been invited there."""
    stop_within_s: Annotated[int, Field(ge=1, le=25)] = 20
    """How long what is being answered may take to be finished when the bots are stopped."""

    @property
    def ports(self) -> range:
        """One a process."""
        return range(self.port, self.port + (1 if self.processes is Processes.ONE else len(BOT_NAMES)))

    def url(self, place: int = 0) -> str:
        """Where the health of the process at this place in the order of bots is asked."""
        return local_url("127.0.0.1", self.port + place)
