"""Every bot with its commands, for the page that lists them."""

from pathlib import Path

from sqlalchemy import create_engine

from bots.process.registry import REGISTERED
from bots.runtime.commands_page import Listed
from bots.runtime.preferences import DatabasePreferences
from bots.runtime.tools import Tools
from bots.sealing import Seal
from huep.clock import now
from huep.directory.reader import Directory
from huep.settings import Settings
from huep.state import StateFolder


def listed() -> tuple[Listed, ...]:
    """All bots with their routers, on a database that is never asked."""
    settings = Settings(server_name="localhost")
    engine = create_engine("postgresql+psycopg://")
    directory, preferences = Directory(engine), DatabasePreferences(engine)
    return tuple(
        Listed(
            package.title,
            package.name,
            package.router(
                Tools(
                    settings,
                    engine,
                    directory,
                    preferences,
                    now,
                    package.user_id(settings),
                    Seal(b"nothing"),
                    package.name,
                    StateFolder(Path()).read_secret,
                )
            ),
        )
        for package in REGISTERED
    )
