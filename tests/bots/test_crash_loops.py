"""A bot that keeps crashing: each crash is one row, and the operators hear of it from whichever bot can tell."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, create_engine, text

from bots.matrix.errors import AccountLocked, BadAnswer, ServerUnreachable
from bots.matrix.vitals import DeviceVitals
from bots.process import reports, runs, serving
from bots.process.house import House
from bots.process.package import BotPackage
from bots.process.place import Place
from bots.process.reports import tell_operators
from bots.runtime.router import Router
from bots.runtime.tools import Tools
from bots.testing.clock import MovableClock
from bots.testing.homeserver import FakeHomeserver
from bots.testing.port import FakePort
from tests.clients.running import Databases

NOW = datetime(2026, 2, 16, 8, 0, tzinfo=UTC)
FIRST, SECOND = "@first:hue.localhost", "@second:hue.localhost"


class Connection(FakePort):
    """A device in memory, with what else a running bot's connection tells."""

    device_id = "HUEPBOT"

    def vitals(self) -> DeviceVitals:
        return DeviceVitals(self.device_id, True, 50, True, NOW, 0)


@pytest.fixture(autouse=True)
def nothing_yet(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("delete from bots.runs"))


@pytest.fixture
def homeserver() -> FakeHomeserver:
    return FakeHomeserver("hue.localhost", MovableClock(NOW))


def crashing(tools: Tools) -> Router:
    raise BadAnswer(f"{tools.user_id} cannot serve.")


def house(databases: Databases, engine: Engine, bot: str, room_id: str | None = None) -> House:
    """A house of one bot, which crashes as soon as it has its device."""
    bots = databases.settings.bots.model_copy(update={"operators_room": room_id})
    place = Place(databases.settings.model_copy(update={"bots": bots}), databases.state, engine)
    package = BotPackage(bot, "Trợ lý", lambda _: bot, crashing)
    return House(place, [package], registered=[package], process=bot, port=0)


async def keep_until(house: House, is_so: Callable[[], bool]) -> None:
    """Keep the bots of the house running, as it does itself, until something is so."""
    stop = asyncio.Event()
    keeping = asyncio.create_task(house._keep_all(stop))
    try:
        async with asyncio.timeout(60):
            while not is_so():
                await asyncio.sleep(0.02)
    finally:
        stop.set()
        await keeping


def endings(engine: Engine) -> list[str | None]:
    with engine.connect() as connection:
        return list(connection.execute(text("select ending from bots.runs order by run_id")).scalars())


def note(engine: Engine, *bots: str, at: datetime = NOW) -> None:
    """As many starts failed lately."""
    with engine.begin() as connection:
        for bot in bots:
            runs.note_failed_start(connection, bot, "KeyError", at)


def told(homeserver: FakeHomeserver, room_id: str) -> list[tuple[str, str]]:
    said = [kept for kept in homeserver.rooms[room_id].timeline if kept.source["type"] == "m.room.message"]
    return [(kept.sender, str(kept.source["content"]["body"])) for kept in said]


async def test_each_crash_is_one_end_and_a_bot_alone_tells_of_its_own_loop_at_once(
    databases: Databases, engine: Engine, homeserver: FakeHomeserver, bot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = Connection(homeserver, f"@{bot}:hue.localhost")
    room_id = homeserver.make_room(FIRST, joined=(port.user_id,))
    lives = list[int]()

    @asynccontextmanager
    async def connected(*_: object) -> AsyncIterator[Connection]:
        lives.append(len(endings(engine)))
        yield port

    monkeypatch.setattr(serving, "connected", connected)
    one = house(databases, engine, bot, room_id)
    note(engine, bot, at=datetime.now(UTC) - timedelta(minutes=1))
    await keep_until(one, lambda: bool(told(homeserver, room_id)))
    assert lives == [1, 2, 3], "each life before left one row"
    ((sender, sentence),) = told(homeserver, room_id)
    assert sender == port.user_id
    assert "3 lần" in sentence
    assert endings(engine)[:3] == ["KeyError", "BadAnswer", "BadAnswer"]


@pytest.mark.parametrize(
    ("error", "written"),
    [
        (ServerUnreachable("http://127.0.0.1"), ["ServerUnreachable"]),
        (AccountLocked(401, "M_USER_LOCKED", "locked", "POST /login"), []),
    ],
)
async def test_a_start_that_fails_before_the_device_is_written_down_unless_it_needs_an_operator(
    databases: Databases,
    engine: Engine,
    bot: str,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    written: list[str],
) -> None:
    @asynccontextmanager
    async def connected(*_: object) -> AsyncIterator[Connection]:
        raise error
        yield

    monkeypatch.setattr(serving, "connected", connected)
    one = house(databases, engine, bot)
    await keep_until(one, lambda: bool(one.vitals[bot].note))
    assert endings(engine) == written


async def test_a_bot_outside_the_operators_room_leaves_it_to_the_next(
    engine: Engine, homeserver: FakeHomeserver
) -> None:
    room_id = homeserver.make_room(SECOND)
    note(engine, *["assistant"] * 3)
    senders = [FakePort(homeserver, user_id) for user_id in (FIRST, SECOND)]
    await tell_operators(engine, lambda: NOW, room_id, senders)
    assert [sender for sender, _ in told(homeserver, room_id)] == [SECOND]


async def test_where_nobody_can_tell_every_loop_is_told_later(engine: Engine, homeserver: FakeHomeserver) -> None:
    room_id = homeserver.make_room(SECOND)
    note(engine, *["assistant", "other"] * 3)
    await tell_operators(engine, lambda: NOW, room_id, [FakePort(homeserver, FIRST)])
    assert told(homeserver, room_id) == []
    await tell_operators(engine, lambda: NOW, room_id, [FakePort(homeserver, SECOND)])
    assert len(told(homeserver, room_id)) == 2


async def test_looking_outlives_a_pool_without_a_free_connection(
    databases: Databases, engine: Engine, homeserver: FakeHomeserver, bot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one connection is taken while the house looks, and free at a later look."""
    room_id = homeserver.make_room(SECOND)
    note(engine, *[bot] * 3, at=datetime.now(UTC))
    monkeypatch.setattr(reports, "LOOK_EVERY_S", 0.05)
    small = create_engine(engine.url, creator=engine.pool._creator, pool_size=1, max_overflow=0, pool_timeout=0.05)
    one = house(databases, small, bot, room_id)
    one._connections[bot] = Connection(homeserver, SECOND)  # type: ignore[assignment]
    looking = asyncio.create_task(one._report(asyncio.Event()))
    try:
        with small.connect():
            await asyncio.sleep(0.5)
        async with asyncio.timeout(10):
            while not told(homeserver, room_id):
                assert not looking.done()
                await asyncio.sleep(0.02)
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        small.dispose()
