"""All bots of one process: each kept running by itself, with one health door and one timetable among them."""

import asyncio
import contextlib
from collections.abc import Sequence
from functools import partial

import structlog

from bots.health.vitals import Vitals
from bots.health.web import HealthDoor, serve_health
from bots.language.calendar.working_time import WorkingCalendar
from bots.matrix.connection import MatrixConnection
from bots.process import reports
from bots.process.backlogs import read_backlogs
from bots.process.housework import Housework
from bots.process.keeping import Keeper
from bots.process.package import BotPackage
from bots.process.place import Place
from bots.process.serving import serve
from bots.process.standing import write_standing
from bots.runtime.jobs import JobBook
from bots.runtime.notices import Notices
from bots.runtime.scheduler import Timetable

log = structlog.get_logger(__name__)

TELL_WITHIN_S = 10.0
"""So long the connection of a bot that falls at its start is kept for telling the operators."""


class House:
    """The bots of one process.

    Args:
        place: where they run.
        packages: the bots of this process.
        registered: all bots of this HueP, whose jobs the timetable knows.
        process: what the file is called that says how they stand.
        port: of the health door.
    """

    def __init__(
        self,
        place: Place,
        packages: Sequence[BotPackage],
        *,
        registered: Sequence[BotPackage],
        process: str,
        port: int,
    ) -> None:
        self._place = place
        self._packages = packages
        self._process = process
        self._port = port
        self._connections: dict[str, MatrixConnection] = {}
        housework = Housework(self._connections).jobs()
        calendar = WorkingCalendar.of(place.settings.calendar)
        jobs = {package.name: (*package.jobs, *housework) for package in registered}
        self._book = JobBook(jobs, calendar.next_working_moment)
        self.vitals = {package.name: Vitals(package.name, package.user_id(place.settings)) for package in packages}

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set; what is at hand then is finished within `[bots] stop_within_s`.

        Raises:
            DeviceInUse: another process has one of these bots.
        """
        place = self._place
        timetable = Timetable(place.engine, self._book, place.clock)
        timetable.start()
        keeping = asyncio.create_task(self._keep_all(stop))
        localparts = {package.name: package.localpart(place.settings) for package in self._packages}
        backlogs = partial(read_backlogs, place.engine, localparts, place.clock)
        door = HealthDoor(self.vitals, backlogs, place.clock, place.registry)
        beside = [asyncio.create_task(serve_health(door, self._port)), asyncio.create_task(self._report(stop))]
        try:
            await self._until_over(keeping, stop)
        finally:
            keeping.cancel()
            for task in beside:
                task.cancel()
            await asyncio.gather(keeping, *beside, return_exceptions=True)
            await asyncio.to_thread(timetable.stop)

    async def _keep_all(self, stop: asyncio.Event) -> None:
        await asyncio.gather(*(self._keeper(package, stop).keep(stop) for package in self._packages))

    async def _until_over(self, keeping: "asyncio.Task[None]", stop: asyncio.Event) -> None:
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([keeping, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        within_s = self._place.settings.bots.stop_within_s
        try:
            async with asyncio.timeout(within_s):
                await keeping
        except TimeoutError:
            log.warning("what was at hand is cut off, and done at the next start", after_s=within_s)

    def _keeper(self, package: BotPackage, stop: asyncio.Event) -> Keeper:
        place, vitals = self._place, self.vitals[package.name]

        async def lend(connection: MatrixConnection, stop: asyncio.Event) -> None:
            self._connections[package.name] = connection
            # A bot that falls before the next look may be the only one that can tell of it.
            telling = asyncio.create_task(self._tell_operators())
            try:
                try:
                    await stop.wait()
                finally:
                    await asyncio.wait({telling}, timeout=TELL_WITHIN_S)
            finally:
                telling.cancel()
                del self._connections[package.name]

        async def notices(connection: MatrixConnection, stop: asyncio.Event) -> None:
            await Notices(connection, place.engine, place.clock).run(stop)

        beside = (lend, notices) if package.gives_notices else (lend,)
        return Keeper(
            vitals,
            partial(serve, place, package, self._book, vitals, stop, self._changed, beside),
            self._changed,
            place.clock,
        )

    def _changed(self) -> None:
        with contextlib.suppress(OSError):  # a full disk must not stop the bots
            write_standing(self._place.state, self._process, self.vitals)

    async def _report(self, stop: asyncio.Event) -> None:
        """Look for bots that keep crashing, of whichever process."""
        while not stop.is_set():
            await asyncio.sleep(reports.LOOK_EVERY_S)
            await self._tell_operators()

    async def _tell_operators(self) -> None:
        room_id, connections = self._place.settings.bots.operators_room, tuple(self._connections.values())
        if room_id is not None and connections:
            await reports.tell_operators(self._place.engine, self._place.clock, room_id, connections)
