"""Many small acts at once, but not all at once, inside Twisted and Synapse's log contexts."""

from collections.abc import Awaitable, Callable, Hashable, Iterable
from typing import TypeVar

from synapse.module_api import make_deferred_yieldable, run_in_background
from twisted.internet.defer import gatherResults

_T = TypeVar("_T")
_K = TypeVar("_K", bound=Hashable)


def grouped(items: Iterable[_T], key: Callable[[_T], _K]) -> list[list[_T]]:
    """Items with one key in one list, all in the order in which they came."""
    groups: dict[_K, list[_T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.values())


async def for_each_group(groups: Iterable[list[_T]], limit: int, handle: Callable[[list[_T]], Awaitable[None]]) -> None:
    """Run `handle` on every group, at most `limit` at a time; it must not raise."""
    waiting = iter(groups)

    async def work() -> None:
        for group in waiting:
            await handle(group)

    await make_deferred_yieldable(gatherResults([run_in_background(work) for _ in range(limit)], consumeErrors=True))
