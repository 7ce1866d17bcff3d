"""The life of one bot: what comes from the port goes into the inbox, what is in the outbox goes to the port.

A batch is in the inbox before the sync token moves on; what comes of an event is in the outbox in the transaction that
says it was handled; a message keeps its transaction ID until the homeserver has it. So a crash at any moment repeats
work, and never an answer.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy import Engine

from bots.matrix.port import Batch, MatrixPort
from bots.runtime.breaker import Breaker, BreakerState
from bots.runtime.delivery import Delivery
from bots.runtime.doorbell import listen
from bots.runtime.handling import Admits, Dispatcher, Handling
from bots.runtime.inbox import CHANNEL as INBOX_CHANNEL
from bots.runtime.inbox import PRUNED_AT_ONCE, Inbox
from bots.runtime.outbox import CHANNEL as OUTBOX_CHANNEL
from bots.runtime.outbox import Outbox
from bots.runtime.patience import in_transaction, patiently
from bots.runtime.readings import Readings
from bots.sealing import Seal
from huep.clock import Clock, now

log = structlog.get_logger(__name__)

STOP_WITHIN_S = 5.0
"""For each of: what is being dealt with, and what is being sent."""
PRUNE_EVERY_S = 3_600.0


class Runner:
    """One bot on one device.

    Args:
        bot: localpart of its account.
        port: its device.
        dispatcher: decides what an event comes to.
        admits: decides on invitations.
        engine: of `Role.BOTS`.
        seal: what is kept of events and messages is closed with it.
        clock: the present moment.
        breaker: how many messages are on their way at once.
        readings: where is kept how far people have read; None where the port does not tell.
    """

    def __init__(
        self,
        bot: str,
        port: MatrixPort,
        dispatcher: Dispatcher,
        admits: Admits,
        engine: Engine,
        seal: Seal,
        clock: Clock = now,
        breaker: Breaker | None = None,
        readings: Readings | None = None,
    ) -> None:
        self._bot = bot
        self._port = port
        self._engine = engine
        self._readings = readings
        self._inbox = Inbox(bot, seal, clock)
        self._outbox = Outbox(bot, seal, clock)
        self._delivery = Delivery(port, engine, self._outbox, clock=clock, breaker=breaker)
        self._handling = Handling(port, dispatcher, admits, engine, self._inbox, self._outbox, self._delivery)

    @property
    def breaker_state(self) -> BreakerState:
        """Whether messages go to the homeserver."""
        return self._delivery.breaker_state

    async def run(self, stop: asyncio.Event, on_ready: Callable[[], None] = lambda: None) -> None:
        """Answer until `stop` is set; `on_ready` is called when the first sync is in the inbox.

        Raises:
            AccountLocked, SessionEnded: the bot's own account or device is out.
        """
        stopping = asyncio.create_task(stop.wait())
        intake = asyncio.create_task(self._take_in(on_ready))
        delivery = asyncio.create_task(self._delivery.run())
        given_back = asyncio.Event()
        bells = {OUTBOX_CHANNEL: self._delivery.ring, INBOX_CHANNEL: given_back.set}
        others = [
            asyncio.create_task(listen(self._engine, self._bot, bells)),
            asyncio.create_task(self._look_again(given_back)),
            asyncio.create_task(self._prune()),
        ]
        try:
            ends: tuple[asyncio.Future[Any], ...] = (stopping, intake, delivery, *others, self._handling.failure)
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for end in ends:
                if end.done() and end is not stopping:
                    end.result()
        finally:
            await _cancel(stopping, intake, *others)
            await self._handling.close(STOP_WITHIN_S)
            await self._delivery.close(STOP_WITHIN_S)
            await _cancel(delivery)

    async def _take_in(self, on_ready: Callable[[], None]) -> None:
        await self._delivery.recovered.wait()
        await self._handling.resume()
        ready = False
        while True:
            batch = await self._port.next_batch()
            self._delivery.server_answered()
            await self._handling.take(batch)
            await self._keep_readings(batch)
            for invite in batch.invites:
                self._port.settle_invite(invite)
            await self._port.commit(batch)
            if not ready:
                on_ready()
                ready = True

    async def _keep_readings(self, batch: Batch) -> None:
        """Before the token moves on, and behind what people wait for an answer to."""
        readings = self._readings
        if readings is not None and (batch.receipts or batch.timeline):
            await patiently(lambda: in_transaction(self._engine, lambda connection: readings.keep(connection, batch)))

    async def _look_again(self, rung: asyncio.Event) -> None:
        await self._delivery.recovered.wait()
        while True:
            await rung.wait()
            rung.clear()
            await self._handling.look_again()

    async def _prune(self) -> None:
        while True:
            for box in (self._inbox, self._outbox, *([self._readings] if self._readings else ())):
                pruned = PRUNED_AT_ONCE
                while pruned == PRUNED_AT_ONCE:
                    pruned = await patiently(lambda box=box: in_transaction(self._engine, box.prune))  # type: ignore[misc]
            await asyncio.sleep(PRUNE_EVERY_S)


async def _cancel(*tasks: "asyncio.Task[Any]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
