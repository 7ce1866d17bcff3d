"""Rooms beside each other, and one thing after another in each."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Lanes(Generic[Item]):
    """Works off items: in order within a room, at most `most_at_once` rooms at a time.

    What `work` raises ends everything: `failure` is then done, with that error.
    """

    def __init__(self, work: Callable[[Item], Awaitable[None]], most_at_once: int) -> None:
        self._work = work
        self._free = asyncio.Semaphore(most_at_once)
        self._items: dict[str, deque[Item]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False
        self.failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def __len__(self) -> int:
        """How many items are not worked off, those at work included."""
        return sum(map(len, self._items.values()))

    def put(self, room_id: str, item: Item) -> None:
        """Behind whatever else there is for the room."""
        if (lane := self._items.get(room_id)) is not None:
            lane.append(item)
            return
        self._items[room_id] = deque([item])
        task = asyncio.create_task(self._work_off(room_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self, within_s: float) -> None:
        """Begin nothing more; what is at work has so long to end, and is then cut off."""
        self._closing = True
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=within_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if not self.failure.done():
            self.failure.cancel()

    async def _work_off(self, room_id: str) -> None:
        lane = self._items[room_id]
        while lane and not self._closing:
            async with self._free:
                if self._closing:
                    break
                try:
                    await self._work(lane[0])
                except Exception as error:  # noqa: BLE001 - handed on to whoever waits for `failure`
                    self._closing = True
                    if not self.failure.done():
                        self.failure.set_exception(error)
                    break
            lane.popleft()
        del self._items[room_id]
