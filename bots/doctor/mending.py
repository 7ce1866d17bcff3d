"""Putting right what can be: by the running bot itself, or on its device while no process has it."""

import asyncio
from datetime import datetime
from time import monotonic

from sqlalchemy import text

from bots.process.housework import MEND
from bots.process.package import BotPackage
from bots.process.place import Place
from bots.process.serving import connected
from bots.runtime.jobs import ask_for, key_of
from huep.errors import HuepError

WITHIN_S = 90.0
LOOK_EVERY_S = 0.5


class NotMended(HuepError):
    """The running bot did not come to it in time."""


async def mend(place: Place, package: BotPackage, *, runs: bool) -> None:
    """Bring keys, signature, secret storage and invitations of a bot back to what they should be.

    Raises:
        NotMended: the running bot did not do it; its log says why.
        MatrixError: its device cannot be opened.
    """
    if runs:
        await _ask_the_running(place, package)
        return
    async with connected(place, package) as connection:
        await connection.mend()


async def _ask_the_running(place: Place, package: BotPackage) -> None:
    now = place.clock()
    key = key_of(MEND, now)
    await asyncio.to_thread(_ask, place, package.name, key, now)
    deadline = monotonic() + WITHIN_S
    while monotonic() < deadline:
        if await asyncio.to_thread(_state_of, place, package.name, key) == "done":
            return
        await asyncio.sleep(LOOK_EVERY_S)
    raise NotMended(
        f"The bot {package.name!r} was asked to mend itself and has not within {WITHIN_S:.0f} s: see its log."
    )


def _ask(place: Place, bot: str, key: str, now: datetime) -> None:
    with place.engine.begin() as connection:
        ask_for(connection, bot, MEND, key, now)


def _state_of(place: Place, bot: str, key: str) -> str | None:
    with place.engine.connect() as connection:
        query = text("select state from bots.jobs where bot = :bot and key = :key")
        return connection.execute(query, {"bot": bot, "key": key}).scalar_one_or_none()
