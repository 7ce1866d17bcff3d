"""A bot with its outbox in PostgreSQL and a homeserver in memory, for tests of what it sends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import Engine

from bots.matrix.contents import MESSAGE, text_content
from bots.matrix.port import Event, Text
from bots.runtime.addresses import Addresses
from bots.runtime.backoff import Backoff
from bots.runtime.delivery import Delivery
from bots.runtime.direct import DirectRooms
from bots.runtime.outbox import Outbox
from bots.runtime.outcome import Outgoing
from bots.testing.clock import MONDAY_MORNING, MovableClock
from bots.testing.faults import Network
from bots.testing.homeserver import FakeHomeserver, Kept
from bots.testing.port import FakePort
from tests.bots.running import SEAL, settled
from tests.clients.waiting import until

AN, BINH = "@an:test", "@binh:test"
QUICK = Backoff(0.01, 0.02)
LOOK_EVERY_S = 0.01


class Post:
    """One bot in a room with An, and the way out of its outbox."""

    def __init__(self, engine: Engine, bot: str, *, encrypted: bool = True) -> None:
        self.engine = engine
        self.bot = bot
        self.user_id = f"@{bot}:test"
        self.clock = MovableClock(MONDAY_MORNING)
        self.network = Network()
        self.homeserver = FakeHomeserver("test", self.clock)
        self.room_id = self.homeserver.make_room(self.user_id, encrypted=encrypted, joined=(AN,))
        self.port = FakePort(self.homeserver, self.user_id, self.network)
        self.reader = FakePort(self.homeserver, AN)
        self.outbox = Outbox(bot, SEAL, self.clock)
        self.strangers: set[str] = set()
        """Who may not be written to."""

    def puts(self, *, batch: str | None = None, **letters: Outgoing) -> None:
        with self.engine.begin() as connection:
            self.outbox.put(connection, letters, batch)

    def words(self, body: str, to: str | None = None) -> Outgoing:
        return Outgoing(to or self.room_id, MESSAGE, text_content(Text(body)))

    async def read(self) -> list[Event]:
        """What An's device gets that the bot said since the last time."""
        return [event for event in (await self.reader.next_batch()).events if event.sender == self.user_id]

    def said_in(self, room_id: str) -> list[Kept]:
        """What the bot said in a room, as the homeserver keeps it."""
        kept = self.homeserver.rooms[room_id].timeline
        return [event for event in kept if event.sender == self.user_id and "state_key" not in event.source]

    def rooms_with(self, user_id: str) -> list[str]:
        """The rooms of the bot and that person alone."""
        rooms = self.homeserver.rooms.values()
        return [room.room_id for room in rooms if room.members.keys() == {self.user_id, user_id}]

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """The sender, and beside it the search for rooms; what they do at last is finished at the end."""
        stop = asyncio.Event()
        delivery = Delivery(self.port, self.engine, self.outbox, clock=self.clock, backoff=QUICK)
        direct = DirectRooms(
            self.port,
            self.engine,
            Addresses(self.bot, SEAL, self.clock),
            lambda user_id: user_id not in self.strangers,
            self.clock,
            LOOK_EVERY_S,
            QUICK,
        )
        running = [asyncio.create_task(delivery.run()), asyncio.create_task(direct.run(stop))]
        ringing = asyncio.create_task(self._ring(delivery))
        try:
            yield
        finally:
            ringing.cancel()
            stop.set()
            await delivery.close(5)
            await asyncio.gather(*running)

    async def _ring(self, delivery: Delivery) -> None:
        """In the place of the doorbell."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            delivery.ring()

    async def delivers(self) -> None:
        """Let everything be sent, or found to be unsendable."""
        async with self.at_work():
            await until(settled(self.engine, self.bot))
