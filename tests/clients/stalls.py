"""How long an event loop stands still."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

TICK_S = 0.001


class Watchdog:
    """Looks again and again, and notes the longest time between two looks."""

    def __init__(self) -> None:
        self.longest_s = 0.0
        """By the clock on the wall: what else runs on the machine counts."""
        self.longest_cpu_s = 0.0
        """By the processor time of the loop's thread: only what it did itself."""

    async def look(self) -> None:
        seen, seen_cpu = time.perf_counter(), time.thread_time()
        while True:
            await asyncio.sleep(TICK_S)
            now, now_cpu = time.perf_counter(), time.thread_time()
            self.longest_s = max(self.longest_s, now - seen - TICK_S)
            self.longest_cpu_s = max(self.longest_cpu_s, now_cpu - seen_cpu)
            seen, seen_cpu = now, now_cpu


@asynccontextmanager
async def watched() -> AsyncIterator[Watchdog]:
    """Watch the running event loop during the block; what lies in memory from before is not swept meanwhile."""
    watchdog = Watchdog()
    gc.collect()
    gc.freeze()
    looking = asyncio.create_task(watchdog.look())
    await asyncio.sleep(0)
    try:
        yield watchdog
        await asyncio.sleep(2 * TICK_S)
    finally:
        looking.cancel()
        gc.unfreeze()
