"""A bot on trial: `async with kit(bot, databases) as stage`, and people of a small province talk to it.

The bot runs as it does in production: the same runner, inbox, outbox, dialogs and jobs over a real PostgreSQL. What
stands in for Synapse is a homeserver in memory, unless `real` is set.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from apscheduler.triggers.base import BaseTrigger
from prometheus_client import CollectorRegistry
from sqlalchemy import text

from bots.matrix.port import Batch, MatrixPort
from bots.process.living import Life
from bots.process.package import BotPackage
from bots.runtime.jobs import JobBook, ask_for, key_of
from bots.runtime.metrics import CommandMetrics
from bots.runtime.preferences import DatabasePreferences
from bots.runtime.replies import MESSAGES as RUNTIME_MESSAGES
from bots.runtime.router import Router
from bots.runtime.tools import Tools
from bots.sealing import Seal
from bots.testing.clock import MONDAY_MORNING, MovableClock
from bots.testing.faults import Network
from bots.testing.meaning import Meanings
from bots.testing.people import Speaker
from bots.testing.province import SERVER, SmallDirectory, small_province
from bots.testing.rooms import StageRoom
from bots.testing.worlds import MemoryWorld, World
from huep.catalogue import Catalogue
from huep.database import Role, connect_as
from huep.names import localpart_of
from huep.settings import Settings
from huep.state import StateFolder

SECRET = b"what a test seals with"
LOOK_EVERY_S = 0.03
REST_WITHIN_S = 30.0
READY_WITHIN_S = 60.0

_UNSETTLED = text("""
select 'inbox: ' || kind || ' ' || state from bots.inbox where bot = :bot and state = 'open'
union all select 'outbox: ' || event_type || ' ' || state || coalesce(', ' || error, '') from bots.outbox
  where bot = :bot and state in ('waiting', 'taken')
union all select 'job: ' || name || coalesce(', ' || last_error, '') from bots.jobs
  where bot = :name and state = 'open' and due_at <= :now
union all select 'dialog: ' || scene from bots.dialogs where bot = :bot and expires_at <= :now
""")


class Place(Protocol):
    """A HueP's settings, state folder and databases: the fixture `databases`, or `stack` where Synapse runs too."""

    @property
    def settings(self) -> Settings: ...

    @property
    def state(self) -> StateFolder: ...


class NotAtRest(AssertionError):
    """The bot goes on working, or has not begun to."""


class Stage:
    """One bot, the people who talk to it, and what happens around them; made by `kit`."""

    def __init__(
        self, package: BotPackage, tools: Tools, world: World, directory: SmallDirectory, clock: MovableClock
    ) -> None:
        self.package = package
        self.tools = tools
        self.directory = directory
        self.clock = clock
        self.world = world
        self._meanings = Meanings(*_catalogues(package.router(tools)))
        self._by_name: dict[str, Speaker] = {}
        self._book = JobBook({package.name: package.jobs})
        self._stop = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._taken_in: set[str] = set()
        """Event IDs of all that the bot's device has handed on, and need not again."""

    @property
    def bot(self) -> str:
        """The bot's user ID."""
        return self.tools.user_id

    @property
    def speakers(self) -> tuple[Speaker, ...]:
        """Everybody who came so far."""
        return tuple(self._by_name.values())

    @property
    def network(self) -> Network:
        """The way between the bot and its homeserver: `network.breaks(Fault.LOST, "/send/")`, `network.shares`."""
        return self.world.network

    async def person(self, name: str, *, verified: bool = True) -> Speaker:
        """Somebody of the directory by localpart, in an encrypted direct room with the bot, their own or the bot's.

        Args:
            name: as `small_province` calls them: "an", "giam-doc".
            verified: whether their device is cross-signed by them.

        Raises:
            KeyError: the directory knows nobody of that name.
        """
        if name not in self._by_name:
            person = self.directory.named(name)
            port = await self.world.person_port(str(person.user_id), verified=verified)
            room_id = await self.world.direct_room(port, self.bot)
            self._by_name[name] = Speaker(
                person, port, self.bot, room_id, self._meanings, self.world.patience_s, self.rest
            )
        return self._by_name[name]

    async def room(self, name: str, *speakers: Speaker, encrypted: bool = False) -> StageRoom:
        """A room of the service account, such as a unit's for announcements, in which the bot and these people are."""
        members = (self.bot, *(speaker.user_id for speaker in speakers))
        return StageRoom(await self.world.room(name, members, encrypted=encrypted), name, encrypted)

    async def moves(self, by: timedelta) -> None:
        """Let so much time pass; what comes due meanwhile is done, a job that missed several moments once."""
        before = self.clock()
        self.clock.moves(by)
        await asyncio.to_thread(self._enqueue, before, self.clock())
        self.world.tick()
        await self.rest()

    def _enqueue(self, before: datetime, now: datetime) -> None:
        with self.tools.engine.begin() as connection:
            for job in self.package.jobs:
                moment = _latest_moment(job.trigger, before, now)
                if moment is not None:
                    due_at = self._book.due_at(self.package.name, job.name, moment)
                    ask_for(connection, self.package.name, job.name, key_of(job.name, moment), due_at)

    async def restarts(self) -> None:
        """The bot's process ends without a word, wherever it was, and starts again."""
        await self._crash()
        await self._start()

    async def rest(self) -> None:
        """Wait until the bot has dealt with everything that was said to it or came due.

        Raises:
            NotAtRest: it does not come to rest; says what is left.
        """
        said = [event_id for speaker in self.speakers for event_id in speaker.said]
        left: list[str] = []
        try:
            async with asyncio.timeout(REST_WITHIN_S):
                while left := await asyncio.to_thread(self._left, said):  # noqa: ASYNC110 - looked at, not told
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            raise NotAtRest(f"{self.bot} still works after {REST_WITHIN_S:g} s: {'; '.join(left)}") from None

    def _left(self, said: list[str]) -> list[str]:
        # In this order: what is taken in between the two looks stands in the database by then.
        coming = [f"not taken in: {event_id}" for event_id in said if event_id not in self._taken_in]
        with self.tools.engine.connect() as connection:
            bound = {"bot": localpart_of(self.bot), "name": self.package.name, "now": self.clock()}
            return [*coming, *connection.execute(_UNSETTLED, bound).scalars()]

    async def _start(self) -> None:
        ready = asyncio.Event()
        self._running = asyncio.create_task(self._live(ready))
        waiting = asyncio.create_task(ready.wait())
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                await asyncio.wait({self._running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        if self._running.done():
            self._running.result()

    async def _live(self, ready: asyncio.Event) -> None:
        life = Life(self.package, self.tools, self._book, CommandMetrics(CollectorRegistry()), LOOK_EVERY_S)
        async with self.world.bot_port(self.bot, receipts=self.package.wants_receipts) as port:
            await life.live(_overheard(port, self._taken_in), self._stop, ready.set)

    async def _crash(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _end(self) -> None:
        """Stop the bot; raises what ended it before."""
        self._stop.set()
        if self._running is not None:
            await self._running


@asynccontextmanager
async def kit(
    package: BotPackage,
    place: Place,
    *,
    directory: SmallDirectory | None = None,
    at: datetime = MONDAY_MORNING,
    real: Path | None = None,
) -> AsyncIterator[Stage]:
    """Run `package` on a stage of its own: other accounts, people and rows than any other stage has.

    Args:
        package: the bot.
        place: whose PostgreSQL keeps its state, and with `real` whose Synapse it lives on.
        directory: who is who; the small province by default.
        at: the moment at which the test begins; `Stage.moves` goes on from there.
        real: an empty folder for encrypted devices: then everything happens on the real Synapse of `place`.
    """
    clock = MovableClock(at)
    suffix = uuid4().hex[:6]
    if real is None:
        world: World = MemoryWorld(SERVER, clock)
    else:
        from bots.testing.synapse import SynapseWorld  # with nio behind it, which most tests need not import

        world = SynapseWorld(place.settings, place.state, real)
    people = (directory or small_province()).on(world.server_name, suffix)
    unique = replace(package, name=f"{package.name}-{suffix}", localpart=lambda _: f"{package.name}-{suffix}")
    engine = connect_as(place.settings, place.state, Role.BOTS)
    try:
        tools = Tools(
            settings=place.settings,
            engine=engine,
            directory=people,
            preferences=DatabasePreferences(engine),
            clock=clock,
            user_id=f"@{unique.name}:{world.server_name}",
            seal=Seal(SECRET),
            bot=unique.name,
            secret=place.state.read_secret,
        )
        stage = Stage(unique, tools, world, people, clock)
        await stage._start()
        try:
            yield stage
        finally:
            await stage._end()
    finally:
        await world.close()
        engine.dispose()


def _overheard(port: MatrixPort, taken_in: set[str]) -> MatrixPort:
    """The port; the IDs of the events of each batch that it commits are noted in `taken_in`."""
    commit = port.commit

    async def noting(batch: Batch) -> None:
        await commit(batch)
        taken_in.update(event.event_id for event in batch.events)

    setattr(port, "commit", noting)  # noqa: B010 - no port declares it as something to set
    return port


def _catalogues(router: Router) -> tuple[Catalogue, ...]:
    """What the bot may say: its own messages, and those that all bots have."""
    return (*dict.fromkeys(command.catalogue for command in router.commands), RUNTIME_MESSAGES)


def _latest_moment(trigger: BaseTrigger | None, before: datetime, now: datetime) -> datetime | None:
    """The last of the moments of a trigger after `before` and up to `now`; None where there is none."""
    latest, moment = None, None if trigger is None else trigger.get_next_fire_time(None, before)
    while trigger is not None and moment is not None and moment <= now:
        if moment > before:
            latest = moment
        moment = trigger.get_next_fire_time(moment, moment + timedelta(microseconds=1))
    return latest
