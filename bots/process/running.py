"""`huep bots run`: some bots of a state folder in this process, until they are told to stop."""

import asyncio
import gc
from collections.abc import Sequence

from bots.process.house import House
from bots.process.package import BotPackage
from bots.process.place import opened
from bots.process.registry import REGISTERED
from huep.bots_settings import ALL
from huep.clock import Clock, now
from huep.state import StateFolder


async def run_bots(
    state: StateFolder,
    stop: asyncio.Event,
    *,
    packages: Sequence[BotPackage],
    process: str,
    registered: Sequence[BotPackage] = REGISTERED,
    clock: Clock = now,
) -> None:
    """Run `packages` until `stop` is set.

    Args:
        state: the folder of the running HueP.
        stop: set it to end with what is at hand finished.
        packages: the bots of this process.
        process: `ALL`, or the name of the one bot that it has.
        registered: all bots of this HueP.
        clock: the present moment.
    """
    _spare_what_stays()
    with opened(state, clock) as place:
        offset = 0 if process == ALL else list(registered).index(packages[0])
        house = House(
            place,
            packages,
            registered=registered,
            process=process,
            port=place.settings.bots.port + offset,
        )
        await house.run(stop)


def _spare_what_stays() -> None:
    """Take what was imported out of the garbage collector's rounds: each of them would stop the loop for 0.1 s."""
    gc.collect()
    gc.freeze()
