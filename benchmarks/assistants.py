"""Copies of the assistant in one process, each on an account; says what they took once all are ready and idle."""

import asyncio
import dataclasses
import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from time import monotonic, time

from benchmarks.figures import peak_mb
from bots.assistant.package import ASSISTANT
from bots.health.vitals import BotState
from bots.process.house import House
from bots.process.package import BotPackage
from bots.process.place import Place, opened
from huep.settings import Settings
from huep.state import StateFolder
from tests.clients.running import free_port

IDLE_S = 10.0
READY_WITHIN_S = 300.0


def copies(localparts: Sequence[str]) -> tuple[BotPackage, ...]:
    """One assistant an account; the first gives the notices, as of all bots one does."""

    def own(name: str, _: Settings) -> str:
        return name

    return tuple(
        dataclasses.replace(ASSISTANT, name=name, localpart=partial(own, name), gives_notices=name == localparts[0])
        for name in localparts
    )


async def serve(place: Place, packages: Sequence[BotPackage]) -> None:
    """Until all are ready and have been idle for a while; prints seconds and megabytes as JSON."""
    stop = asyncio.Event()
    house = House(place, packages, registered=packages, process="five", port=free_port())
    running = asyncio.create_task(house.run(stop))
    deadline = monotonic() + READY_WITHIN_S
    while any(vitals.state is not BotState.READY for vitals in house.vitals.values()):
        if running.done() or monotonic() > deadline:
            raise RuntimeError(f"not ready: {[vitals.as_json() for vitals in house.vitals.values()]}")
        await asyncio.sleep(0.05)
    ready_at_s = time()
    await asyncio.sleep(IDLE_S)
    said = {
        "ready_at_s": ready_at_s,
        "started_in_s": [vitals.started_in_s for vitals in house.vitals.values()],
        "peak_mb": peak_mb(),
    }
    print(json.dumps(said), flush=True)
    stop.set()
    await running


if __name__ == "__main__":
    with opened(StateFolder(Path(sys.argv[1]))) as here:
        asyncio.run(serve(here, copies(sys.argv[2:])))
