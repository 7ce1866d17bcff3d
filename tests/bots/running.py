"""A bot that runs on a real PostgreSQL and a homeserver in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry
from sqlalchemy import Connection, Engine, text

from bots.assistant.commands import assistant_router
from bots.assistant.service import AssistantService
from bots.matrix.contents import text_content
from bots.matrix.port import Event, RoomView, Text
from bots.runtime.access import Access
from bots.runtime.backoff import Backoff
from bots.runtime.breaker import Breaker
from bots.runtime.dispatcher import CommandDispatcher
from bots.runtime.handling import Dispatcher
from bots.runtime.metrics import CommandMetrics
from bots.runtime.outcome import Outcome, Outgoing
from bots.runtime.readings import Readings
from bots.runtime.runner import Runner
from bots.sealing import Seal
from bots.testing.province import SmallDialogs, SmallPreferences, small_province
from tests.bots.letters import ScriptedPort

SEAL = Seal(b"a secret of the tests")


class NothingSent:
    """Knows no message of the bot's."""

    def is_ours(self, room_id: str, event_id: str) -> bool:
        return False

    def is_answer_to(self, room_id: str, event_id: str, cause: str) -> bool:
        return False


class Echo:
    """Says each event back, and remembers which it saw."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.failure: Callable[[Event], Exception | None] = lambda _: None
        self.writes: tuple[Callable[[Connection], None], ...] = ()

    def listens_to(self, _event: Event, /) -> bool:
        return False

    async def dispatch(self, event: Event, room: RoomView) -> Outcome:
        self.seen.append(event.event_id)
        if (error := self.failure(event)) is not None:
            raise error
        return Outcome((echo(event),), self.writes)


def echo(event: Event, body: str | None = None) -> Outgoing:
    said = Text(body or f"re {event.event_id}", reply_to=event.event_id)
    return Outgoing(event.room_id, "m.room.message", text_content(said))


def assistant(directory: object = None, preferences: SmallPreferences | None = None) -> Dispatcher:
    """Trợ lý HueP in the small province."""
    chosen = preferences or SmallPreferences()
    access = Access(directory or small_province(), chosen)  # type: ignore[arg-type]
    router = assistant_router(AssistantService(small_province()), chosen)
    metrics = CommandMetrics(CollectorRegistry())
    return CommandDispatcher("tro-ly", router, access, chosen, SmallDialogs(), NothingSent(), metrics)


@asynccontextmanager
async def running(
    engine: Engine,
    bot: str,
    port: ScriptedPort,
    dispatcher: Dispatcher,
    *,
    admits: Callable[[str], bool] = lambda _: True,
    readings: Readings | None = None,
) -> AsyncIterator[Runner]:
    """A bot from its start to its end, with pauses that suit a test; what ends it early is raised."""
    breaker = Breaker(backoff=Backoff(0.01, 0.05))
    runner = Runner(bot, port, dispatcher, admits, engine, SEAL, breaker=breaker, readings=readings)
    quick = Backoff(0.01, 0.05)
    runner._delivery._backoff = runner._handling._backoff = quick
    stop = asyncio.Event()
    task = asyncio.create_task(runner.run(stop))
    try:
        yield runner
    finally:
        stop.set()
        async with asyncio.timeout(30):
            await task


def settled(engine: Engine, bot: str) -> Callable[[], bool]:
    """Whether nothing is open in the inbox and nothing on its way in the outbox."""
    statement = text(
        "select (select count(*) from bots.inbox where bot = :bot and state = 'open')"
        " + (select count(*) from bots.outbox where bot = :bot and state in ('waiting', 'taken'))"
    )

    def nothing_left() -> bool:
        with engine.connect() as connection:
            return connection.execute(statement, {"bot": bot}).scalar_one() == 0

    return nothing_left
