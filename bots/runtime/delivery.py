"""Sends what is in the outbox: each message once, in order within its room, as fast as the homeserver likes.

Letters come into its hands in two ways: answers are handed over by whoever committed them in this process, and
everything else is claimed from the database when the doorbell rings, when it is due, or when the sender has nothing
better to do. What became of letters is written in the background, many at once; if the process ends before, they are
sent again under the same transaction IDs, and the homeserver, or the room itself, knows them.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Engine

from bots.matrix.contents import REDACTION, enclosing
from bots.matrix.errors import NoSuchRoom
from bots.matrix.port import MatrixPort
from bots.runtime.backoff import Backoff
from bots.runtime.breaker import MOST_AT_ONCE, Breaker, BreakerState
from bots.runtime.letters import Claim, Letter, LetterState, Posted, Settlement
from bots.runtime.outbox import GIVE_UP_AFTER, Outbox
from bots.runtime.patience import in_transaction, patiently
from bots.runtime.verdict import Verdict, described, verdict_of
from huep.clock import Clock, now

log = structlog.get_logger(__name__)

MOST_ROOMS = 8 * MOST_AT_ONCE
"""Rooms whose letters are claimed together, ahead of their being sent."""
MOST_OWN_FAILURES = 8
"""After so many tries a letter that fails by a mistake of ours is dead."""
LET_IN_WITHIN = timedelta(hours=1)
"""For so long after it was to go out a letter waits for the bot to be let into its room.

Those of new units are known before it is in them.
"""
LOOK_AGAIN_S = 30.0
"""How long a doorbell that does not ring is trusted."""
TRANSACTION_KNOWN_FOR = timedelta(hours=1)
"""How long the homeserver is trusted to know a transaction ID again; Synapse 1.163 keeps them for a day.

Source: synapse/storage/databases/main/events_worker.py, `_cleanup_old_transaction_ids`.
"""
CLOCK_MARGIN = timedelta(minutes=10)
"""By how much the homeserver's clock may differ from ours."""


class Delivery:
    """The one sender of a bot; nobody else sends for its account."""

    def __init__(
        self,
        port: MatrixPort,
        engine: Engine,
        outbox: Outbox,
        *,
        clock: Clock = now,
        breaker: Breaker | None = None,
        backoff: Backoff | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._port = port
        self._engine = engine
        self._outbox = outbox
        self._clock = clock
        self._breaker = breaker or Breaker()
        self._backoff = backoff or Backoff()
        self._monotonic = monotonic
        self._lanes: dict[str, deque[Letter]] = {}
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._resting: set[str] = set()
        self._settled: list[Settlement] = []
        self._writing: list[Settlement] = []
        self._writes = 0
        self._something_settled = asyncio.Event()
        self._wake = asyncio.Event()
        self._look = True
        self._waiting = 0
        self._next_due_at: datetime | None = None
        self._failure: Exception | None = None
        self._closing = False
        self._ended = asyncio.Event()
        self._ended.set()
        self.recovered = asyncio.Event()
        """Set once nothing of a process before is in the way: letters handed over earlier would overtake it."""

    @property
    def breaker_state(self) -> BreakerState:
        return self._breaker.state

    # What others tell it

    def hand_over(self, posted: Posted) -> None:
        """Letters that were committed as taken by this process."""
        for letter in posted.letters:
            self._lanes.setdefault(letter.room_id, deque()).append(letter)
            if letter.room_id in self._resting:
                self._let_go(letter.room_id)
        self._waiting += posted.waiting
        self._look |= posted.waiting > 0
        self._wake.set()

    def ring(self) -> None:
        """Something may be waiting."""
        self._look = True
        self._wake.set()

    def echoed(self) -> None:
        """A sync shows what was sent, answered or not: what stands behind it waits for no other try."""
        if self._waiting or self._resting:
            self.ring()

    def server_answered(self) -> None:
        """The homeserver answered somebody else."""
        if self._breaker.state is BreakerState.OPEN:
            self._breaker.heard(self._monotonic())
            self._wake.set()

    async def recover(self) -> None:
        """Let go of whatever the database says is in our hands and is not."""
        known = [letter.outbox_id for lane in self._lanes.values() for letter in lane]
        known += [settlement.outbox_id for settlement in (*self._settled, *self._writing)]
        count = await patiently(lambda: in_transaction(self._engine, lambda c: self._outbox.recover(c, known)))
        if count:
            log.info("messages that may have been sent are sent again", count=count)
        self.ring()

    # Its own work

    async def run(self) -> None:
        """Send until closed; raises AccountLocked or SessionEnded when the bot is out."""
        self._ended.clear()
        writing = asyncio.create_task(self._write())
        writing.add_done_callback(self._writing_ended)
        try:
            await self.recover()
            self.recovered.set()
            while self._failure is None and not self._closing:
                self._wake.clear()
                await self._claim()
                self._begin()
                try:
                    async with asyncio.timeout(self._rest_s()):
                        await self._wake.wait()
                except TimeoutError:
                    self._look = True
            if self._failure is not None:
                raise self._failure
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            self._ended.set()

    async def close(self, within_s: float) -> None:
        """Begin nothing more, let what is on its way arrive, and write down what became of it, in so many seconds."""
        self._closing = True
        self._wake.set()
        try:
            async with asyncio.timeout(within_s):
                await self._ended.wait()
                await asyncio.gather(*self._sending.values(), return_exceptions=True)
                for room_id in list(self._lanes):
                    self._let_go(room_id)
                while self._settled:
                    await self._write_once()
        except TimeoutError:
            log.warning("the outbox is left as it is; the next start goes on")
        for task in self._sending.values():
            task.cancel()
        await asyncio.gather(*self._sending.values(), return_exceptions=True)

    async def _claim(self) -> None:
        permits = self._breaker.permits(self._monotonic())
        if self._breaker.state is BreakerState.OPEN:
            for room_id in self._idle():
                self._let_go(room_id)
        due = self._next_due_at is not None and self._clock() >= self._next_due_at
        if not (self._look or due) or not self._has_room(permits):
            return
        most = 1 if self._breaker.state is BreakerState.HALF_OPEN else MOST_ROOMS
        self._look, writes = False, self._writes
        claim = await patiently(lambda: in_transaction(self._engine, lambda c: self._outbox.claim(c, most)))
        self._take(claim)
        if len({letter.room_id for letter in claim.letters}) == most or (claim.waiting and self._writes != writes):
            # There may be more, or a room that was not free yet when this was looked up.
            self.ring()

    def _take(self, claim: Claim) -> None:
        for letter in claim.letters:
            self._resting.discard(letter.room_id)
            self._lanes.setdefault(letter.room_id, deque()).append(letter)
        for room_id in {letter.room_id for letter in claim.letters}:
            # An answer may have been handed over since the claim was committed; none of these is being sent yet.
            self._lanes[room_id] = deque(sorted(self._lanes[room_id], key=lambda letter: letter.outbox_id))
        self._waiting = claim.waiting
        self._next_due_at = claim.next_due_at

    def _has_room(self, permits: int) -> bool:
        return len(self._sending) < permits and len(self._lanes) <= MOST_ROOMS // 2

    def _idle(self) -> list[str]:
        """Rooms with a letter and nothing on its way, the most urgent first."""
        idle = [room_id for room_id in self._lanes if room_id not in self._sending]
        return sorted(idle, key=lambda room_id: (_urgency(self._lanes[room_id]), self._lanes[room_id][0].outbox_id))

    def _begin(self) -> None:
        for room_id in self._idle():
            if len(self._sending) >= self._breaker.permits(self._monotonic()):
                return
            self._sending[room_id] = asyncio.create_task(self._send_first(room_id))

    async def _send_first(self, room_id: str) -> None:
        letter = self._lanes[room_id][0]
        try:
            event_id = await self._send(letter)
        except Exception as error:  # noqa: BLE001 - every kind has its verdict
            self._failed(letter, error)
        else:
            self._breaker.answered()
            self._done(letter, LetterState.SENT, tried_at=self._clock(), event_id=event_id)
        finally:
            del self._sending[room_id]
            self._wake.set()

    async def _send(self, letter: Letter) -> str:
        if letter.tried_at is not None and self._clock() - letter.tried_at > TRANSACTION_KNOWN_FOR:
            since_ms = int((letter.tried_at - CLOCK_MARGIN).timestamp() * 1000)
            if (known := await self._port.find_sent(letter.room_id, letter.transaction_id, since_ms)) is not None:
                return known
        content = self._outbox.content_of(letter)
        if letter.event_type == REDACTION:
            return await self._port.redact(letter.room_id, content["redacts"], letter.transaction_id)
        if letter.encloses:
            content = await self._with_file(letter, content)
        return await self._port.send_event(letter.room_id, letter.event_type, content, letter.transaction_id)

    async def _with_file(self, letter: Letter, caption: dict[str, Any]) -> dict[str, Any]:
        """The content that shows the letter's file, once more uploaded where the try before it came to nothing."""
        enclosure = await in_transaction(self._engine, partial(self._outbox.enclosure_of, letter=letter))
        file = await self._port.upload(letter.room_id, enclosure.data, enclosure.kind)
        return enclosing(caption, file, enclosure.name, enclosure.picture_px)

    def _failed(self, letter: Letter, error: Exception) -> None:
        verdict, moment = verdict_of(error), self._clock()
        match verdict:
            case Verdict.OUT:
                self._failure = error
            case Verdict.AWAY:
                self._breaker.failed(self._monotonic())
            case Verdict.SLOWER:
                self._breaker.asked_to_wait()
            case Verdict.REFUSED:
                self._breaker.answered()
        attempts, kept_out = letter.attempts + 1, isinstance(error, NoSuchRoom)
        # Where we are not inside nothing was sent: what waits for it may still be dropped, or say something else.
        tried_at = letter.tried_at if kept_out else letter.tried_at or moment
        may_be_let_in = kept_out and moment < letter.give_up_at - GIVE_UP_AFTER + LET_IN_WITHIN
        refused = verdict is Verdict.REFUSED and not may_be_let_in
        hopeless = refused or (verdict is Verdict.OURS and attempts >= MOST_OWN_FAILURES)
        if hopeless or (verdict is not Verdict.OUT and moment >= letter.give_up_at):
            log.error("a message is dead", number=letter.outbox_id, room_id=letter.room_id, error=described(error))
            self._done(letter, LetterState.DEAD, tried_at=tried_at, error=described(error))
            return
        log.warning("a message is sent later", number=letter.outbox_id, attempts=attempts, error=described(error))
        pause = timedelta(seconds=self._backoff.pause_s(attempts))
        later = replace(letter, attempts=attempts, tried_at=tried_at)
        self._lanes[letter.room_id][0] = later
        self._let_go(letter.room_id, due_at=moment + pause, error=described(error))

    def _done(self, letter: Letter, state: LetterState, **what: Any) -> None:
        self._settle(Settlement(letter.outbox_id, state, letter.attempts + 1, **what))
        lane = self._lanes[letter.room_id]
        lane.popleft()
        if not lane:
            del self._lanes[letter.room_id]

    def _let_go(self, room_id: str, *, due_at: datetime | None = None, error: str | None = None) -> None:
        """Let a room's letters wait in the database, the first of them until `due_at`, and what comes behind them."""
        for letter in self._lanes.pop(room_id):
            self._settle(
                Settlement(
                    letter.outbox_id,
                    LetterState.WAITING,
                    letter.attempts,
                    due_at=due_at,
                    tried_at=letter.tried_at,
                    error=error,
                )
            )
            due_at = error = None
        self._resting.add(room_id)

    def _settle(self, settlement: Settlement) -> None:
        self._settled.append(settlement)
        self._something_settled.set()

    async def _write(self) -> None:
        while True:
            await self._something_settled.wait()
            await self._write_once()

    def _writing_ended(self, writing: "asyncio.Task[None]") -> None:
        if not writing.cancelled() and isinstance(error := writing.exception(), Exception):
            self._failure = error
            self._wake.set()

    async def _write_once(self) -> None:
        self._something_settled.clear()
        self._writing, self._settled = self._settled, []
        try:
            await patiently(
                lambda: in_transaction(self._engine, lambda connection: self._outbox.settle(connection, self._writing))
            )
            self._writes += 1
            if self._waiting or any(settlement.state is LetterState.WAITING for settlement in self._writing):
                self.ring()
        except asyncio.CancelledError:
            self._settled = self._writing + self._settled
            raise
        finally:
            self._writing = []

    def _rest_s(self) -> float:
        """How long nothing is to be done unless something happens."""
        permits = self._breaker.permits(self._monotonic())
        if (probe_s := self._breaker.probe_in_s(self._monotonic())) is not None:
            return min(probe_s, LOOK_AGAIN_S)
        if self._next_due_at is None or not self._has_room(permits):
            return LOOK_AGAIN_S
        return min(LOOK_AGAIN_S, max(0.0, (self._next_due_at - self._clock()).total_seconds()))


def _urgency(lane: deque[Letter]) -> int:
    return min(letter.priority for letter in lane)
