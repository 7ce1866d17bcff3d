"""The assistant as a process: its device, its directory, its loop."""

import asyncio
from collections.abc import Callable

from bots.assistant.commands import assistant_router
from bots.assistant.service import AssistantService
from bots.matrix.connection import MatrixConnection, connect
from bots.runtime.access import Access
from bots.runtime.preferences import DatabasePreferences
from bots.runtime.runner import Bot
from huep import secret_names
from huep.clock import Clock, now
from huep.database import Role, connect_as
from huep.directory.reader import Directory
from huep.settings import Settings
from huep.state import StateFolder


def device_id_of(localpart: str) -> str:
    """The bot's device: the same at every start, and of a name of its own, since nio gives its namesakes no key."""
    return f"HUEPBOT-{localpart.upper()}"


async def run_assistant(
    settings: Settings,
    state: StateFolder,
    stop: asyncio.Event,
    on_ready: Callable[[MatrixConnection], None] = lambda _: None,
    clock: Clock = now,
) -> None:
    """Run Trợ lý HueP until `stop` is set.

    Args:
        settings: of the running HueP.
        state: its folder; the bot's device lives in `bots/<localpart>/`, its password in the secrets.
        stop: set it to end the loop after the batch at hand.
        on_ready: called once, when the device is cross-signed and the first sync dealt with.
        clock: what day the directory answers for.
    """
    localpart = settings.accounts.assistant
    engine = connect_as(settings, state, Role.BOTS)
    try:
        directory, preferences = Directory(engine, clock), DatabasePreferences(engine)
        router = assistant_router(AssistantService(directory), preferences)
        async with connect(
            settings.synapse.local_url,
            state.bots / localpart,
            settings.user_id(localpart),
            lambda: state.read_secret(secret_names.bot_password(localpart)),
            device_id=device_id_of(localpart),
            display_name="Trợ lý HueP",
        ) as connection:
            bot = Bot(connection, router, Access(directory, preferences))
            await bot.run(stop, lambda: on_ready(connection))
    finally:
        engine.dispose()
