"""One look into the bots' tables."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from huep.database import Role, connect_as
from huep.settings import load_settings
from huep.state import locate_state

Result = TypeVar("Result")


def read(state: Path | None, reading: Callable[[Connection], Result]) -> Result:
    """What `reading` gives, on the database of the HueP in this state folder."""
    folder = locate_state(state)
    engine = connect_as(load_settings(folder), folder, Role.BOTS)
    try:
        with engine.connect() as connection:
            return reading(connection)
    finally:
        engine.dispose()
