"""Work in a thread that nobody leaves behind."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


async def in_thread(work: Callable[[], Result]) -> Result:
    """What `work` gives, done in a thread; whoever is cancelled meanwhile goes on only once it has ended.

    A thread cannot be stopped: without this, whoever comes after reads what it is about to change.
    """
    task = asyncio.create_task(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait({task})
        raise
