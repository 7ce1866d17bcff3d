"""Read receipts behind the answers: nothing hangs on them, so they come late, few, and may get lost."""

import asyncio

import structlog

from bots.matrix.errors import MatrixError
from bots.matrix.port import MatrixPort

log = structlog.get_logger(__name__)

DELAY_S = 5.0
"""One receipt a room serves all that came within it."""


class Receipts:
    """Marks what was answered as read."""

    def __init__(self, port: MatrixPort) -> None:
        self._port = port
        self._newest: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def mark_later(self, room_id: str, event_id: str) -> None:
        """Everything in the room up to this event was read."""
        if room_id not in self._newest:
            task = asyncio.create_task(self._mark(room_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._newest[room_id] = event_id

    async def close(self) -> None:
        """Send none of those that are still to come."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _mark(self, room_id: str) -> None:
        await asyncio.sleep(DELAY_S)
        try:
            await self._port.mark_read(room_id, self._newest.pop(room_id))
        except MatrixError as error:
            log.debug("a receipt was not sent", error=str(error))
