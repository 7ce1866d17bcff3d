"""Everything that comes out of a port, kept until a test asks for it."""

import asyncio

from bots.matrix.port import Batch, Event, MatrixPort, Membership, MembershipChange

PATIENCE_S = 60.0


class Listening:
    """One test at a time takes batches of `port` through this."""

    def __init__(self, port: MatrixPort) -> None:
        self._port = port
        self.events: list[Event] = []

    async def once(self) -> Batch:
        """The next batch, committed."""
        batch = await self._port.next_batch()
        await self._port.commit(batch)
        self.events += batch.events
        return batch

    async def event(self, event_id: str) -> Event:
        """The event of that ID, once it has come."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for event in self.events:
                    if event.event_id == event_id:
                        return event
                await self.once()

    async def until_joined(self, room_id: str, user_id: str) -> None:
        """Wait until that user is in the room."""
        async with asyncio.timeout(PATIENCE_S):
            while not any(
                isinstance(event, MembershipChange)
                and (event.room_id, event.user_id, event.membership) == (room_id, user_id, Membership.JOIN)
                for event in self.events
            ):
                await self.once()
