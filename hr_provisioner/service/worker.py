"""Keeps the service's lanes at work beside each other: a leaver's door is shut while a reform is being carried out."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.exc import DBAPIError

from hr_provisioner.advisory import AlreadyRunning
from hr_provisioner.service.doors import Doors
from hr_provisioner.service.registers import Registers
from huep.errors import HuepError

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 5.0
"""Where nobody wakes it: for hints that another process wrote, and for what officers have approved."""
AGAIN_AFTER_S = 15.0
"""After an apply of somebody else's, or when a database, source or homeserver is away."""


class Worker:
    """Runs the fast lane, the slow lane and the rooms until it is cancelled; whatever fails is tried again."""

    def __init__(self, doors: Doors, registers: Registers) -> None:
        self._doors = doors
        self._registers = registers
        self._hint, self._follow_up, self._rooms = asyncio.Event(), asyncio.Event(), asyncio.Event()

    def wake(self) -> None:
        """A hint came in; called inside the loop."""
        self._hint.set()
        self._follow_up.set()

    def look_at_rooms(self) -> None:
        """Graces may have run out, people may have logged in for the first time."""
        self._rooms.set()

    async def run(self) -> None:
        """Work until it is cancelled."""
        async with asyncio.TaskGroup() as lanes:
            lanes.create_task(_keep_at_it(self._hint, self._doors.work_off, LOOK_EVERY_S))
            lanes.create_task(_keep_at_it(self._follow_up, self._take_registers_in, LOOK_EVERY_S))
            lanes.create_task(_keep_at_it(self._rooms, self._registers.rooms, None))

    async def _take_registers_in(self) -> bool:
        worked = await self._registers.work_off()
        if worked:
            # Rooms take minutes, at a founding hours: the next register does not wait for them.
            self._rooms.set()
        return worked


async def _keep_at_it(wake: asyncio.Event, work: Callable[[], Awaitable[bool]], look_every_s: float | None) -> None:
    pause_s = look_every_s
    while True:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await wake.wait()
        wake.clear()
        pause_s = look_every_s
        try:
            while await work():
                pass
        except AlreadyRunning:
            pause_s = AGAIN_AFTER_S
        except (HuepError, DBAPIError) as error:
            log.warning("the service goes on later", error=str(error), after_s=AGAIN_AFTER_S)
            pause_s = AGAIN_AFTER_S
        except Exception:
            # A fault of our own: it must not end the lanes beside it, least of all the one that locks leavers.
            log.exception("the service goes on later", after_s=AGAIN_AFTER_S)
            pause_s = AGAIN_AFTER_S
