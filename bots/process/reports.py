"""Telling the operators, in their room, of a bot that does not stay up."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Protocol

import structlog
from sqlalchemy import Connection, Engine

from bots.matrix.errors import MatrixError, NoSuchRoom
from bots.matrix.port import Text
from bots.process import runs
from bots.process.runs import CrashLoop
from bots.runtime.outbox import transaction_id_for
from bots.runtime.patience import in_transaction, is_passing
from huep.catalogue import Catalogue, Locale
from huep.clock import Clock

log = structlog.get_logger(__name__)

MESSAGES = Catalogue("bots.process")
LOOK_EVERY_S = 30.0
MINUTE_S = 60

Send = Callable[[str, str], Awaitable[object]]
"""A sentence and its transaction ID, into the operators' room."""


class Sender(Protocol):
    """What telling needs of a connection."""

    async def send_text(self, room_id: str, text: Text, transaction_id: str | None = None) -> str: ...


async def tell_operators(engine: Engine, clock: Clock, room_id: str, senders: Sequence[Sender]) -> None:
    """Report crash loops to the room by the first of `senders` that can; what fails is logged, for a later look."""

    async def send(sentence: str, transaction_id: str) -> None:
        refused: MatrixError = NoSuchRoom(room_id)
        for sender in senders:
            try:
                await sender.send_text(room_id, Text(sentence), transaction_id)
            except MatrixError as error:
                refused = error
            else:
                return
        raise refused

    try:
        await report_crash_loops(engine, clock, send)
    except Exception as error:
        if is_passing(error) or isinstance(error, MatrixError):
            log.warning("the operators' room could not be told", room_id=room_id, error=type(error).__name__)
        else:
            # A fault of our own: it must not end the looking.
            log.exception("the operators' room could not be told", room_id=room_id)


async def report_crash_loops(engine: Engine, clock: Clock, send: Send) -> tuple[CrashLoop, ...]:
    """Report every loop that the operators do not know of yet; returns them.

    Raises:
        MatrixError: a sentence could not be sent, and is tried again at the next look.
    """
    loops = await in_transaction(engine, lambda connection: runs.claim_crash_loops(connection, clock()))
    for place, loop in enumerate(loops):
        log.error("a bot keeps crashing", bot=loop.bot, crashes=loop.crashes, last=loop.last)
        try:
            await send(sentence_of(loop), transaction_id_of(loop))
        except BaseException:
            await in_transaction(engine, partial(_take_back, untold=loops[place:]))
            raise
    return loops


def _take_back(connection: Connection, untold: Sequence[CrashLoop]) -> None:
    for loop in untold:
        runs.take_report_back(connection, loop)


def sentence_of(loop: CrashLoop, locale: Locale = Locale.VI) -> str:
    """What the operators read; it holds nothing about people."""
    minutes = int(runs.LOOP_WITHIN.total_seconds()) // MINUTE_S
    arguments = {"bot": loop.bot, "crashes": loop.crashes, "minutes": minutes, "last": loop.last}
    return MESSAGES.text(locale, "crash-loop", arguments)


def transaction_id_of(loop: CrashLoop) -> str:
    """The same for the same end of the same bot, so that a report whose answer was lost is no second one."""
    return transaction_id_for(f"crash-loop {loop.bot} {loop.run_id}")
