"""Where a bot is tried: a homeserver in memory, or a real Synapse (`bots.testing.synapse`).

Either way the bot's state lies in a real PostgreSQL, and who is who is said by a directory in memory.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from bots.matrix.port import MatrixPort
from bots.testing.clock import MovableClock
from bots.testing.faults import Network
from bots.testing.homeserver import FakeHomeserver
from bots.testing.port import FakePort

HEARD_WITHIN_S = 10.0


class World(Protocol):
    """Accounts, rooms and ports; `patience_s` is how long an answer may take there."""

    server_name: str
    network: Network
    patience_s: float

    def bot_port(self, user_id: str, *, receipts: bool = False) -> AbstractAsyncContextManager[MatrixPort]:
        """The bot's device, over the network that can be broken; at the second time the same device again.

        With `receipts` it is told how far others have read.
        """
        ...

    async def person_port(self, user_id: str, *, verified: bool) -> MatrixPort:
        """A device of a person, which nothing disturbs."""
        ...

    async def direct_room(self, port: MatrixPort, bot: str) -> str:
        """The encrypted room of the person and the bot: into which the bot asked the person, else the other way."""
        ...

    async def room(self, name: str, members: Sequence[str], *, encrypted: bool) -> str:
        """A room of the service account with all these accounts in it."""
        ...

    def tick(self) -> None:
        """The clock was moved: whoever waits for a moment looks again."""
        ...

    async def close(self) -> None:
        """End what people have opened."""
        ...


class MemoryWorld:
    """Everything in this process, within milliseconds."""

    patience_s = HEARD_WITHIN_S

    def __init__(self, server_name: str, clock: MovableClock) -> None:
        self.server_name = server_name
        self.network = Network()
        self.homeserver = FakeHomeserver(server_name, clock)
        self._calm = Network()

    @asynccontextmanager
    async def bot_port(self, user_id: str, *, receipts: bool = False) -> AsyncIterator[FakePort]:
        self.homeserver.committed.setdefault(user_id, 0)
        yield FakePort(self.homeserver, user_id, self.network, receipts=receipts)

    async def person_port(self, user_id: str, *, verified: bool) -> FakePort:
        self.homeserver.committed.setdefault(user_id, 0)
        if not verified:
            self.homeserver.unsigned.add(user_id)
        return FakePort(self.homeserver, user_id, self._calm)

    async def direct_room(self, port: MatrixPort, bot: str) -> str:
        return await port.find_direct_room(bot) or await port.make_direct_room(bot)

    async def room(self, name: str, members: Sequence[str], *, encrypted: bool) -> str:
        return self.homeserver.make_room(f"@dich-vu:{self.server_name}", encrypted=encrypted, name=name, joined=members)

    def tick(self) -> None:
        self.homeserver.tell()

    async def close(self) -> None:
        """Nothing is open."""
