"""A room of many on the stage."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StageRoom:
    """Where the bot is with some people; made by `Stage.room`."""

    room_id: str
    name: str
    encrypted: bool
