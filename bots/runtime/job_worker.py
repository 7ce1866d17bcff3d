"""Carries out the jobs of one bot that are due, one after another; what comes of each is one transaction."""

import asyncio
import contextlib
from functools import partial

import structlog
from sqlalchemy import Connection

from bots.runtime import jobs
from bots.runtime.jobs import DueJob, JobBook, JobState, UnknownJob
from bots.runtime.outbox import Outbox
from bots.runtime.outcome import Outcome
from bots.runtime.patience import is_passing
from bots.runtime.tools import Tools
from bots.threads import in_thread

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 2.0
JOB_TIMEOUT_S = 300.0
AGAIN_AFTER_S = 10.0
"""When the database is away."""


class JobWorker:
    """Looks for due jobs of one bot until it is stopped.

    A claimed row stays locked while its job works: a process that dies gives it back by dying.

    Args:
        bot: whose jobs.
        book: what they are.
        tools: handed to each.
        outbox: of the same bot; messages are put there in the transaction that settles their job.
        look_every_s: between two looks while nothing is due.
    """

    def __init__(
        self, bot: str, book: JobBook, tools: Tools, outbox: Outbox, look_every_s: float = LOOK_EVERY_S
    ) -> None:
        self._bot = bot
        self._book = book
        self._tools = tools
        self._outbox = outbox
        self._look_every_s = look_every_s
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Something was asked for; called inside the loop."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; the job at hand is finished."""
        pause_s = 0.0
        while not stop.is_set():
            await _first_of(stop, self._wake, pause_s)
            self._wake.clear()
            pause_s = self._look_every_s
            try:
                while not stop.is_set() and await self.work_one():
                    pass
            except Exception as error:
                if not is_passing(error):
                    log.exception("the jobs go on later", bot=self._bot)
                pause_s = AGAIN_AFTER_S

    async def work_one(self) -> bool:
        """Do the job that has been due longest; False where none is."""
        connection = await asyncio.to_thread(self._tools.engine.connect)
        try:
            due = await asyncio.to_thread(jobs.claim, connection, self._bot, self._tools.clock())
            if due is None:
                return False
            await self._carry_out(connection, due)
            return True
        finally:
            await asyncio.to_thread(connection.close)

    async def _carry_out(self, connection: Connection, due: DueJob) -> None:
        try:
            job = self._book.find(self._bot, due.call.name)
            async with asyncio.timeout(JOB_TIMEOUT_S):
                outcome = await job.work(due.call, self._tools)
            await in_thread(partial(self._settle, connection, due, outcome))
        except Exception as error:
            await asyncio.to_thread(connection.rollback)
            if is_passing(error):
                raise
            reason = type(error).__name__
            if isinstance(error, UnknownJob):
                log.warning("a job is given up: no bot has it", bot=self._bot, job=due.call.name)
            else:
                log.exception("a job failed", bot=self._bot, job=due.call.name, attempts=due.attempts + 1)
            await asyncio.to_thread(self._put_off, due, reason, forever=isinstance(error, UnknownJob))

    def _settle(self, connection: Connection, due: DueJob, outcome: Outcome) -> None:
        for write in outcome.writes:
            write(connection)
        letters = {f"job {self._bot} {due.call.key} {number}": one for number, one in enumerate(outcome.outgoing)}
        self._outbox.put(connection, letters, batch=due.call.key)
        jobs.settle(connection, due, JobState.DONE, self._tools.clock())
        connection.commit()

    def _put_off(self, due: DueJob, reason: str, *, forever: bool) -> None:
        with self._tools.engine.begin() as connection:
            if forever:
                jobs.settle(connection, due, JobState.DEAD, self._tools.clock(), reason)
            else:
                jobs.put_off(connection, due, self._tools.clock(), reason)


async def _first_of(stop: asyncio.Event, wake: asyncio.Event, within_s: float) -> None:
    waiting = [asyncio.ensure_future(event.wait()) for event in (stop, wake)]
    try:
        await asyncio.wait(waiting, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*waiting, return_exceptions=True)
