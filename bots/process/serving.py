"""One bot on its device, from logging in to a clean end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from bots.health.vitals import BotState, Vitals
from bots.matrix.connection import MatrixConnection, connect
from bots.matrix.device import opened
from bots.matrix.errors import DeviceInUse
from bots.process import runs
from bots.process.keeping import NEED_AN_OPERATOR
from bots.process.living import Life
from bots.process.package import BotPackage, device_id_of
from bots.process.place import Place
from bots.runtime.jobs import JobBook
from bots.runtime.patience import in_transaction
from huep import secret_names
from huep.database import DatabaseUnreachable

log = structlog.get_logger(__name__)

Beside = Callable[[MatrixConnection, asyncio.Event], Awaitable[None]]
"""What goes on beside the answering, with the bot's connection, until the event is set."""


async def serve(
    place: Place,
    package: BotPackage,
    book: JobBook,
    vitals: Vitals,
    stop: asyncio.Event,
    changed: Callable[[], None],
    beside: tuple[Beside, ...] = (),
) -> None:
    """Log in, answer until `stop` is set, and end with what is at hand finished.

    Args:
        place: where.
        package: which bot.
        book: the jobs of all bots.
        vitals: kept up to date.
        stop: set it to end.
        changed: called when the vitals entered another state.
        beside: works that share the bot's connection; one that fails ends the bot.

    Raises:
        MatrixError: it cannot serve; AccountLocked and the like need an operator.
    """
    started = perf_counter()
    tools = place.tools(package)
    async with _written_down(place, package.name, stop) as begin, connected(place, package) as connection:
        vitals.probe = connection.vitals
        await begin()

        def ready() -> None:
            vitals.started_in_s = round(perf_counter() - started, 2)
            vitals.enter(BotState.READY, place.clock())
            changed()
            log.info("ready", bot=package.name, device_id=connection.device_id, after_s=vitals.started_in_s)

        life = Life(package, tools, book, place.command_metrics)
        try:
            await _all(life.live(connection, stop, ready), *(work(connection, stop) for work in beside))
        finally:
            vitals.probe = None


@asynccontextmanager
async def _written_down(place: Place, bot: str, stop: asyncio.Event) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """One row in `bots.runs` for what happens in the block; what it is given is called when the bot has its device.

    A start that needs an operator leaves none: the bot stays down, and that is no loop.
    """
    run_id: int | None = None

    async def begin() -> None:
        nonlocal run_id
        run_id = await in_transaction(place.engine, lambda database: runs.begin(database, bot, place.clock()))

    async def end(ending: str) -> None:
        def write(database: Connection) -> None:
            if run_id is None:
                runs.note_failed_start(database, bot, ending, place.clock())
            else:
                runs.end(database, run_id, ending, place.clock())

        try:
            await in_transaction(place.engine, write)
        except (DBAPIError, DatabaseUnreachable, PoolExhausted) as away:
            log.warning("an end could not be written down", bot=bot, error=type(away).__name__)

    try:
        yield begin
    except BaseException as error:
        crashed = isinstance(error, Exception) and not isinstance(error, (*NEED_AN_OPERATOR, DeviceInUse))
        if run_id is not None or (crashed and not stop.is_set()):
            await end(runs.STOPPED if stop.is_set() else type(error).__name__)
        raise
    await end(runs.STOPPED)


@asynccontextmanager
async def connected(place: Place, package: BotPackage) -> AsyncIterator[MatrixConnection]:
    """A bot on its own device, for the block.

    Raises:
        DeviceInUse: another process has the device.
        MatrixError: it cannot be logged in.
    """
    localpart = package.localpart(place.settings)
    async with (
        opened(place.shelf(), package.user_id(place.settings), place.state.bots / localpart) as device,
        connect(
            place.settings.synapse.local_url,
            device,
            lambda: place.state.read_secret(secret_names.bot_password(localpart)),
            device_id=device_id_of(localpart),
            display_name=package.title,
            safe=place.key_safe(localpart),
            receipts=package.wants_receipts,
        ) as connection,
    ):
        yield connection


async def _all(*works: Coroutine[Any, Any, None] | Awaitable[None]) -> None:
    """Run them beside each other; the first failure ends the others and is raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
