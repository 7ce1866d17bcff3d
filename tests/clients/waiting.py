"""Waiting for what is going to be so."""

import asyncio
from collections.abc import Callable


async def until(true: Callable[[], bool], within_s: float = 60.0) -> None:
    """Return when `true`; the last look is the test's.

    Raises:
        TimeoutError: it did not come to be.
    """
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.01)
