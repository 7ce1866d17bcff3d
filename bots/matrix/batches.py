"""Requests about many devices: in batches, tried again with pauses, halved where the server refuses one.

What was accepted stays accepted: each batch is settled by itself, and the error of one is raised after the others that
had begun are done.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TypeVar

from bots.matrix.errors import RateLimited, RequestRefused, ServerUnreachable

DEVICES_A_REQUEST = 250
"""Clients in the field do the same: some 350 KB of a `sendToDevice`, of which Synapse takes 13 MB."""
BATCHES_AT_ONCE = 3
"""While Synapse works on one, we encrypt the next."""
PAUSES_S = (1.0, 4.0)
"""Behind the shorter ones of `Transport`."""
FAULTS_OF_ONE = (400, 413)
"""Statuses that one device among many can cause: a name that the server does not take, a body too large."""

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def batches_of(items: Sequence[Item], size: int = DEVICES_A_REQUEST) -> Iterator[Sequence[Item]]:
    """`items` in order, so many at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


async def patiently(request: Callable[[], Awaitable[Answer]]) -> Answer:
    """What `request` gives, tried again while the server is away, busy or asks to wait."""
    for pause in PAUSES_S:
        try:
            return await request()
        except (ServerUnreachable, RateLimited):
            await asyncio.sleep(pause)
        except RequestRefused as error:
            if error.status < 500:
                raise
            await asyncio.sleep(pause)
    return await request()


async def refused_of(items: Sequence[Item], ask: Callable[[Sequence[Item]], Awaitable[object]]) -> frozenset[Item]:
    """Ask about `items` together; those that the server refuses are found by halving, and returned.

    Raises:
        MatrixError: the server is away, or refuses for a reason that lies in none of the items.
    """
    try:
        await ask(items)
    except RequestRefused as error:
        if error.status not in FAULTS_OF_ONE:
            raise
        if len(items) == 1:
            return frozenset(items)
        middle = len(items) // 2
        return await refused_of(items[:middle], ask) | await refused_of(items[middle:], ask)
    return frozenset()


async def each(batches: Sequence[Item], work: Callable[[Item], Awaitable[None]]) -> None:
    """`work` on every batch, several at once; after a failure no other is begun, and the first error is raised."""
    turn, failed = asyncio.Semaphore(BATCHES_AT_ONCE), False

    async def one(batch: Item) -> None:
        nonlocal failed
        async with turn:
            if failed:
                return
            try:
                await work(batch)
            except BaseException:
                failed = True
                raise

    for result in await asyncio.gather(*map(one, batches), return_exceptions=True):
        if isinstance(result, BaseException):
            raise result
