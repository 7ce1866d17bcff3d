"""Deals with what is in the inbox: rooms beside each other, each event until it is settled.

What comes of an event is committed in one transaction: the changes, the answers, and that it was handled. An event
that fails again and again is set aside, so that its room goes on, and its sender is told.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

import structlog
from sqlalchemy import Connection, Engine

from bots.health.logs import request
from bots.matrix.port import Batch, Edit, Event, Invite, MatrixPort, Redaction, RoomView, TextMessage
from bots.matrix.trust import Origin
from bots.runtime.backoff import Backoff
from bots.runtime.delivery import Delivery
from bots.runtime.inbox import Entry, EntryMoved, Inbox
from bots.runtime.lanes import Lanes
from bots.runtime.letters import Posted
from bots.runtime.outbox import Outbox
from bots.runtime.outcome import Outcome, Outgoing
from bots.runtime.patience import in_transaction, is_passing, is_set_within, patiently
from bots.runtime.receipts import Receipts
from bots.runtime.replies import outgoing, sentence
from bots.runtime.sieve import Sieve
from bots.runtime.verdict import Verdict, described, verdict_of
from huep.catalogue import Locale

log = structlog.get_logger(__name__)

ROOMS_AT_ONCE = 8
MOST_IN_MEMORY = 400
"""Events that wait here; the others wait in the database."""
MOST_ATTEMPTS = 4
CRASHED = "the process ended each time while it was dealing with this event"


class Dispatcher(Protocol):
    """Who decides what an event comes to."""

    def listens_to(self, event: Event, /) -> bool:
        """Whether it wants `event` although that does not concern the bot: pure, by its kind and room.

        What it lets through is kept in the inbox, sealed, until it was dealt with.
        """
        ...

    async def dispatch(self, event: Event, room: RoomView) -> Outcome:
        """Safe to repeat; sends nothing itself."""
        ...


Admits = Callable[[str], bool]
"""Whether an invitation by this user is accepted; it may ask the database, and runs in a thread."""


class Handling:
    """Between the inbox and the outbox of one bot."""

    def __init__(
        self,
        port: MatrixPort,
        dispatcher: Dispatcher,
        admits: Admits,
        engine: Engine,
        inbox: Inbox,
        outbox: Outbox,
        delivery: Delivery,
        *,
        backoff: Backoff | None = None,
    ) -> None:
        self._port = port
        self._dispatcher = dispatcher
        self._admits = admits
        self._engine = engine
        self._inbox = inbox
        self._outbox = outbox
        self._delivery = delivery
        self._backoff = backoff or Backoff(first_s=0.3, longest_s=5.0)
        self._sieve = Sieve(port, dispatcher.listens_to, engine, outbox)
        self._receipts = Receipts(port)
        self._lanes = Lanes(self._work, ROOMS_AT_ONCE)
        self._feeding = asyncio.Lock()
        self._suspect = asyncio.Lock()
        self._in_memory: set[int] = set()
        self._more_in_database = False
        self._closing = asyncio.Event()

    @property
    def failure(self) -> "asyncio.Future[None]":
        """Done when the bot cannot go on."""
        return self._lanes.failure

    async def resume(self) -> None:
        """Take up what an earlier process left."""
        async with self._feeding:
            await self._load()

    async def look_again(self) -> None:
        """Take up what an operator may have given back."""
        async with self._feeding:
            if not self._more_in_database:
                await self._load()

    async def take(self, batch: Batch) -> None:
        """Put what concerns the bot into the inbox; when this returns, nothing of it can be lost any more.

        History from before the first start is left alone. What people take back or edit is obeyed in the same
        transaction, as long as it is open.
        """
        events = batch.events if batch.live else ()
        direct = await self._sieve.rooms_of_two(events)
        candidates = self._sieve.candidates(events, direct)
        changes = [event for event in events if isinstance(event, Redaction | Edit)]
        if not (batch.invites or batch.echoes or candidates or changes):
            return
        tries = 0

        def take(connection: Connection) -> tuple[Entry, ...]:
            nonlocal tries
            tries += 1
            self._outbox.take_echoes(connection, batch.echoes)
            concerning = self._sieve.concerning(connection, candidates, direct)
            entries = self._inbox.take(connection, (*batch.invites, *concerning))
            moved = self._inbox.obey(connection, changes)
            return tuple(now for entry in entries if (now := moved.get(entry.inbox_id, entry)) is not None)

        async with self._feeding:
            entries = await patiently(lambda: in_transaction(self._engine, take))
            if batch.echoes:
                self._delivery.echoed()
            if tries == 1:
                self._feed(entries)
            elif not self._more_in_database:
                # An earlier try may have been committed without our hearing of it: what is new tells too little.
                await self._load()

    async def close(self, within_s: float) -> None:
        """Begin nothing more, and end what is being dealt with, within so many seconds; what failed stays open."""
        self._closing.set()
        await self._lanes.close(within_s)
        await self._receipts.close()

    # Between database and memory

    def _feed(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.inbox_id in self._in_memory:
                continue
            if self._more_in_database or len(self._lanes) >= MOST_IN_MEMORY:
                self._more_in_database = True
                return
            self._in_memory.add(entry.inbox_id)
            self._lanes.put(entry.room_id, entry)

    async def _load(self) -> None:
        known, wanted = tuple(self._in_memory), max(0, MOST_IN_MEMORY - len(self._lanes))
        entries = await patiently(
            lambda: in_transaction(self._engine, lambda c: self._inbox.open_entries(c, known, wanted))
        )
        self._more_in_database = False
        self._feed(entries)
        self._more_in_database = len(entries) == wanted

    async def _refill(self) -> None:
        if self._more_in_database and len(self._lanes) <= MOST_IN_MEMORY // 2:
            async with self._feeding:
                if self._more_in_database:
                    await self._load()

    # One event

    async def _work(self, entry: Entry) -> None:
        with request(entry.key):
            await self._deal_with(entry)
        self._in_memory.discard(entry.inbox_id)
        await self._refill()

    async def _deal_with(self, read: Entry) -> None:
        entry: Entry | None = read
        while entry is not None:
            try:
                return await self._try_until_settled(entry)
            except EntryMoved:
                # Taken back, worded anew, or settled in a transaction whose end we did not hear of.
                await self._delivery.recover()
                look = partial(self._inbox.open_entry, key=entry.key)
                entry = await patiently(lambda look=look: in_transaction(self._engine, look))  # type: ignore[misc]
        return None

    async def _try_until_settled(self, entry: Entry) -> None:
        attempts, passing, failed = entry.attempts, 0, CRASHED
        while attempts < MOST_ATTEMPTS:
            try:
                # What a process may have ended with is tried alone: should it end this one too, no other pays for it.
                async with self._suspect if entry.attempts else contextlib.nullcontext():
                    await self._try_on_record(entry, attempts)
            except EntryMoved:
                raise
            except Exception as error:
                verdict, failed = verdict_of(error), described(error)
                match verdict:
                    case Verdict.OUT:
                        raise
                    case Verdict.REFUSED:
                        log.warning("an event is of no use any more", room_id=entry.room_id, error=failed)
                        await self._finish(partial(self._settle, entry, Outcome(), attempts + 1))
                        return
                    case Verdict.OURS:
                        attempts += 1
                    case _:
                        passing += 1
                log.warning("an event is dealt with again", number=entry.inbox_id, attempts=attempts, error=failed)
                if await is_set_within(self._closing, self._backoff.pause_s(attempts + passing)):
                    return
            else:
                return
        await self._set_aside(entry, attempts, failed)

    async def _try_on_record(self, entry: Entry, attempts: int) -> None:
        """One try after so many; it counts while it lasts, lest the process ends with it, and where it is to blame."""
        recorded = attempts > 0 or not entry.fresh
        try:
            if recorded:
                await in_transaction(self._engine, partial(self._inbox.begin, entry, attempts + 1))
            await self._try(entry, attempts + 1)
        except (Exception, asyncio.CancelledError) as error:
            if recorded and not _is_to_blame(error):
                await self._give_back(entry, attempts)
            raise

    async def _give_back(self, entry: Entry, attempts: int) -> None:
        try:
            await in_transaction(self._engine, partial(self._inbox.begin, entry, attempts))
        except Exception as error:
            if not is_passing(error):
                raise
            log.info("a try that failed by nothing of its own counts for now", error=described(error))

    async def _try(self, entry: Entry, attempts: int) -> None:
        happening = self._inbox.read(entry)
        if isinstance(happening, Invite):
            await self._answer_invitation(happening)
            outcome = Outcome()
        else:
            room = await self._port.room(happening.room_id)
            meant = await self._sieve.passes(happening, room)
            outcome = await self._dispatcher.dispatch(happening, room) if meant else Outcome()
        posted = await in_transaction(self._engine, partial(self._settle, entry, outcome, attempts))
        self._delivery.hand_over(posted)
        if outcome.outgoing and isinstance(happening, TextMessage):
            self._receipts.mark_later(happening.room_id, happening.event_id)

    def _settle(self, entry: Entry, outcome: Outcome, attempts: int, connection: Connection) -> Posted:
        self._inbox.settle(connection, entry, attempts)
        for write in outcome.writes:
            write(connection)
        return self._outbox.answer(connection, entry.key, outcome.outgoing)

    async def _finish(self, settle: Callable[[Connection], Posted]) -> None:
        """Commit what nothing but the database can hold up."""
        self._delivery.hand_over(await patiently(lambda: in_transaction(self._engine, settle)))

    async def _answer_invitation(self, invite: Invite) -> None:
        if await asyncio.to_thread(self._admits, invite.inviter):
            await self._port.join(invite.room_id)
            log.info("invitation accepted", room_id=invite.room_id, inviter=invite.inviter)
        else:
            await self._port.leave(invite.room_id)
            log.warning("invitation turned down", room_id=invite.room_id, inviter=invite.inviter)

    async def _set_aside(self, entry: Entry, attempts: int, error: str) -> None:
        log.error("an event is set aside", number=entry.inbox_id, room_id=entry.room_id, attempts=attempts, error=error)
        apology = await self._apology(entry)

        def set_aside(connection: Connection) -> Posted:
            self._inbox.set_aside(connection, entry, attempts, error)
            # Under a key of its own: should an operator have the event tried again, its answer is another message.
            return self._outbox.answer(connection, f"{entry.key} set aside", apology)

        await self._finish(set_aside)

    async def _apology(self, entry: Entry) -> tuple[Outgoing, ...]:
        """One kind sentence for a person who spoke to the bot."""
        try:
            happening = self._inbox.read(entry)
            if not isinstance(happening, TextMessage) or happening.origin is not Origin.CROSS_SIGNED:
                return ()
            if not await self._sieve.passes(happening, await self._port.room(happening.room_id)):
                return ()
        except Exception as error:  # noqa: BLE001 - what failed before may fail again
            log.warning("nobody is told of an event set aside", number=entry.inbox_id, error=described(error))
            return ()
        return (outgoing(happening, sentence(Locale.VI, "something-failed")),)


def _is_to_blame(error: BaseException) -> bool:
    """Whether an event may have failed by itself: not where the bot stops, or who wrote it changed it meanwhile."""
    if isinstance(error, asyncio.CancelledError | EntryMoved):
        return False
    return verdict_of(error) in (Verdict.OURS, Verdict.REFUSED)
