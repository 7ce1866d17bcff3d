"""The life of a bot from its port on: what comes in is dealt with, what is due is done, dialogs end in their time.

Production gives it a device on Synapse, the test kit one in memory; all else is the same.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Connection

from bots.matrix.port import MatrixPort
from bots.process.package import BotPackage
from bots.runtime.access import Access
from bots.runtime.addresses import Addresses
from bots.runtime.dialog_store import DatabaseDialogs
from bots.runtime.dialogs import DialogMoved
from bots.runtime.direct import DirectRooms
from bots.runtime.dispatcher import CommandDispatcher
from bots.runtime.job_worker import JobWorker
from bots.runtime.jobs import JobBook
from bots.runtime.metrics import CommandMetrics
from bots.runtime.outcome import Outcome
from bots.runtime.patience import in_transaction, is_set_within, patiently
from bots.runtime.readings import Readings
from bots.runtime.runner import Runner
from bots.runtime.sent_answers import OutboxAnswers
from bots.runtime.tools import Tools
from huep.names import localpart_of

LOOK_EVERY_S = 2.0
"""How often a bot looks for jobs that are due, and for dialogs whose time is over."""


@dataclass(frozen=True)
class Life:
    """One bot, before it is given a port.

    Args:
        package: what it is.
        tools: what its handlers and jobs are given.
        book: the jobs of all bots.
        metrics: where events are counted.
        look_every_s: see LOOK_EVERY_S.
    """

    package: BotPackage
    tools: Tools
    book: JobBook
    metrics: CommandMetrics
    look_every_s: float = LOOK_EVERY_S

    async def live(self, port: MatrixPort, stop: asyncio.Event, on_ready: Callable[[], None]) -> None:
        """Answer, and do what is due, until `stop` is set; what is at hand then is finished.

        Raises:
            AccountLocked, SessionEnded: the bot's own account or device is out.
        """
        tools, localpart = self.tools, localpart_of(self.tools.user_id)
        access = Access(tools.directory, tools.preferences)
        dispatcher = CommandDispatcher(
            localpart,
            self.package.router(tools),
            access,
            tools.preferences,
            DatabaseDialogs(tools.engine, localpart, tools.seal),
            OutboxAnswers(tools.engine, localpart),
            self.metrics,
            tools.clock,
            self.package.hears(tools) if self.package.hears else None,
            in_private=self.package.answers_in_private,
        )

        house = tools.settings.user_id(tools.settings.accounts.service)

        def admits(inviter: str) -> bool:
            # The service account invites into the rooms of units; to turn it down would be to leave them.
            return inviter == house or access.caller(inviter) is not None

        readings = Readings(localpart, tools.user_id, tools.clock) if self.package.wants_receipts else None
        runner = Runner(localpart, port, dispatcher, admits, tools.engine, tools.seal, tools.clock, readings=readings)
        addresses = Addresses(localpart, tools.seal, tools.clock)
        direct_rooms = DirectRooms(port, tools.engine, addresses, admits, tools.clock, self.look_every_s)
        worker = JobWorker(self.package.name, self.book, tools, tools.outbox, self.look_every_s)
        works = [
            asyncio.create_task(runner.run(stop, on_ready)),
            asyncio.create_task(worker.run(stop)),
            asyncio.create_task(direct_rooms.run(stop)),
            asyncio.create_task(self._end_dialogs(dispatcher, stop)),
            *(asyncio.ensure_future(work(tools, stop)) for work in self.package.beside),
        ]
        try:
            await asyncio.gather(*works)
        finally:
            for work in works:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)

    async def _end_dialogs(self, dispatcher: CommandDispatcher, stop: asyncio.Event) -> None:
        """Close dialogs whose time is over, each in a transaction with the word that tells so."""
        while not stop.is_set():
            for outcome in await patiently(dispatcher.timed_out):
                await patiently(lambda outcome=outcome: self._end(outcome))  # type: ignore[misc]
            await is_set_within(stop, self.look_every_s)

    async def _end(self, outcome: Outcome) -> None:
        def end(connection: Connection) -> None:
            for write in outcome.writes:
                write(connection)
            # No key is needed to tell it once: a dialog that is closed already rolls this back.
            self.tools.outbox.put(connection, {f"timed out {uuid4()}": outgoing for outgoing in outcome.outgoing})

        try:
            await in_transaction(self.tools.engine, end)
        except DialogMoved:
            return  # answered at the last moment
