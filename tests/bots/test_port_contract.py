"""The port of the test kit does what the real one does."""

from collections.abc import Awaitable, Callable

import pytest

from bots.matrix.port import MatrixPort
from bots.testing.clock import MovableClock
from bots.testing.homeserver import FakeHomeserver
from bots.testing.port import FakePort
from tests.clients.port_contract import CONTRACT, Pair
from tests.real.listening import Listening

AN, BOT = "@an:test.localhost", "@bot:test.localhost"


@pytest.fixture
async def pair() -> Pair:
    homeserver = FakeHomeserver("test.localhost", MovableClock())
    homeserver.committed |= {AN: 0, BOT: 0}
    room_id = homeserver.make_room(AN, joined=(BOT,))
    bot = FakePort(homeserver, BOT, receipts=True)

    async def again() -> MatrixPort:
        return FakePort(homeserver, BOT, receipts=True)

    heard = Listening(bot)
    await heard.once()
    return Pair(FakePort(homeserver, AN), bot, room_id, heard, again)


@pytest.mark.parametrize("statement", CONTRACT, ids=lambda statement: statement.__name__)
async def test_the_port_of_the_test_kit(pair: Pair, statement: Callable[[Pair], Awaitable[None]]) -> None:
    await statement(pair)
