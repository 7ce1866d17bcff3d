"""The connection to Synapse does what the port of the test kit does."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack

import pytest

from bots.matrix.connection import MatrixConnection, connect_from_folder
from bots.matrix.port import MatrixPort
from tests.clients.lent_people import lend_person
from tests.clients.port_contract import CONTRACT, Pair
from tests.conftest import Person, Province
from tests.real.listening import Listening


@pytest.fixture(scope="module")
async def pair(stack: Province, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pair]:
    people, folder = (await lend_person(stack), await lend_person(stack)), tmp_path_factory.mktemp("devices")

    def device(person: Person, *, receipts: bool = False) -> AbstractAsyncContextManager[MatrixConnection]:
        return connect_from_folder(
            stack.url,
            folder / person.officer_code,
            person.user_id,
            lambda: person.password,
            device_id=f"TEST-{person.officer_code}",  # nio gives its namesakes no key
            display_name="test",
            receipts=receipts,
        )

    async with AsyncExitStack() as devices:
        person = await devices.enter_async_context(device(people[0]))
        of_bot = await devices.enter_async_context(AsyncExitStack())
        bot = await of_bot.enter_async_context(device(people[1], receipts=True))
        heard = Listening(bot)
        await Listening(person).once()
        await heard.once()
        room_id = await person.direct_room_with(people[1].user_id)
        while not (await heard.once()).invites:
            pass
        await bot.join(room_id)
        await heard.until_joined(room_id, people[1].user_id)

        async def again() -> MatrixPort:
            await of_bot.aclose()
            return await devices.enter_async_context(device(people[1], receipts=True))

        yield Pair(person, bot, room_id, heard, again)


@pytest.mark.parametrize("statement", CONTRACT, ids=lambda statement: statement.__name__)
async def test_the_connection_to_synapse(pair: Pair, statement: Callable[[Pair], Awaitable[None]]) -> None:
    await statement(pair)
