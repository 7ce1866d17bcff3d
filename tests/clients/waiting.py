"""Waiting for what is going to be so."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(true: Callable[[], bool], within_s: float = 60.0) -> None:
    """Return when `true`; the last look is the test's.

    Raises:
        TimeoutError: it did not come to be.
    """
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.01)


async def until_told(true: Callable[[], Awaitable[bool]], within_s: float = 60.0) -> None:
    """The same, of what a server has to be asked; raises TimeoutError."""
    async with asyncio.timeout(within_s):
        while not await true():
            await asyncio.sleep(0.1)
