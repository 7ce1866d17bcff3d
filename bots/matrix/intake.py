"""From the answers of `/sync` to batches of events: nothing is lost between two of them, and each is given once.

A batch is put together whole before anything of it counts: what fails on the way is asked for again from the same
token. What a batch changes is kept at its `commit`, in one piece (`progress`).
"""

import json
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from bots.matrix import gaps
from bots.matrix.client import CryptoClient
from bots.matrix.invites import Invites
from bots.matrix.key_requests import send_key_requests
from bots.matrix.late_keys import LateKeys, Waiter, cancellation, waiter_of
from bots.matrix.port import Batch, Echo, Event, Invite, Placed, Receipt, Redaction, Unreadable
from bots.matrix.progress import Gap, Keeping, OpenInvite, Progress, WaitingEvent
from bots.matrix.reader import EventReader, Missing
from bots.matrix.signing import Json
from bots.matrix.slices import in_slices
from bots.matrix.sync_answer import events_in, from_our_invite_on, joins, placed, receipts_in, section
from bots.matrix.trust import Origin
from huep.clock import Clock

log = structlog.get_logger(__name__)


@dataclass
class _Draft:
    """A batch that is being put together."""

    token: str
    live: bool
    events: list[Event] = field(default_factory=list)
    echoes: list[Echo] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    timeline: list[Placed] = field(default_factory=list)
    waiting: dict[str, Waiter] = field(default_factory=dict)
    """Whose key is not here, by event ID."""
    told: list[Waiter] = field(default_factory=list)
    settled: dict[str, Waiter] = field(default_factory=dict)
    """That need to wait no longer."""
    gaps: dict[str, Gap | None] = field(default_factory=dict)
    """By room; None where one was closed."""


class Intake:
    """What one device has read, and still has to read; with `receipts` also what others have."""

    def __init__(self, client: CryptoClient, keeping: Keeping, clock: Clock, *, receipts: bool = False) -> None:
        kept = keeping.kept()
        self._client = client
        self._receipts = receipts
        self._reader = EventReader(client)
        self._keeping = keeping
        self._clock = clock
        self.token = kept.token
        self._late = LateKeys(kept.waiting)
        self._unusable = tuple(event.event_id for event in kept.waiting if event.event_id not in self._late)
        self._keys_may_have_come = True
        self._gaps = {gap.room_id: gap for gap in kept.gaps}
        self._invites = Invites(kept.invites)
        self._missed: tuple[OpenInvite, ...] = ()
        """Invitations that no sync has brought, and that are not kept yet."""
        self._uncommitted: deque[tuple[int, Progress]] = deque()
        self._number = 0

    @property
    def waiting(self) -> int:
        """Encrypted events whose key has not come."""
        return len(self._late)

    @property
    def open_gaps(self) -> int:
        """Rooms whose timeline is still being read from the server."""
        return len(self._gaps)

    def patience_ms(self, longest_ms: int) -> int:
        """How long a sync may wait for something new."""
        if self._gaps:
            return 0
        moments = [moment for moment in (self._late.next_moment_ms(), self._invites.next_moment_ms()) if moment]
        return min((max(0, moment - self._now_ms()) for moment in moments), default=longest_ms)

    async def take_in(self, answer: Json) -> Batch:
        """One answer of `/sync`, and what became due besides, as a batch."""
        draft = _Draft(str(answer["next_batch"]), self.token is not None)
        await self._client.take_in(answer)
        await self._client.recall_sessions(section(answer, "rooms"))
        if events_in(answer.get("to_device")):
            self._keys_may_have_come = True
        await self._read_late(draft)
        draft.gaps |= dict.fromkeys(self._gaps.keys() & section(answer, "rooms", "leave").keys())
        async for room_id, room in in_slices(section(answer, "rooms", "join").items()):
            if self._receipts:
                draft.receipts += receipts_in(room_id, section(room), self._client.user_id)
            await self._read_room(draft, room_id, section(room))
        await self._read_gaps(draft)
        return await self._finish(draft, answer)

    async def commit(self, batch: Batch) -> None:
        """Keep what `batch`, and those before it, changed."""
        while self._uncommitted and self._uncommitted[0][0] <= batch.number:
            progress = replace(self._uncommitted[0][1], settled=self._invites.settled)
            await self._keeping.advance(progress)
            self._invites.forget_settled(progress.settled)
            self._uncommitted.popleft()

    def settle_invite(self, invite: Invite) -> None:
        self._invites.settle(invite.room_id)

    def invited_by(self, user_id: str) -> tuple[str, ...]:
        """The rooms into which this user asks us."""
        return self._invites.by(user_id)

    def note_invitations(self, invited: Json) -> int:
        """Take in the invitations that stand now, as a sync brings them; returns how many had been missed."""
        missed = {room_id: room for room_id, room in invited.items() if room_id not in self._invites}
        found = self._invites.take_in({"invite": missed}, self._client.user_id, self.token)
        self._missed += found
        return len(found)

    async def read_alone(self, room_id: str, source: Json) -> Event | None:
        """An event that was asked for by itself; None where it cannot be read."""
        event = await self._reader.read(room_id, source)
        return None if isinstance(event, Missing) else event

    # The parts of a batch

    async def _read_late(self, draft: _Draft) -> None:
        """Events whose key has come since, and those for which we waited long enough."""
        now_ms = self._now_ms()
        for waiter in self._late:
            if self._keys_may_have_come and self._client.opening.has_session(waiter.room_id, waiter.source):
                event = await self._reader.read(waiter.room_id, waiter.source)
                if event is not Missing.KEY:
                    draft.settled[waiter.event_id] = waiter
                if not isinstance(event, Missing):
                    draft.events.append(event)
                    continue
            if waiter.is_over(now_ms):
                draft.settled[waiter.event_id] = waiter
            elif waiter.is_due(now_ms) and waiter.event_id not in draft.settled:
                draft.told.append(waiter)
                draft.events.append(self._unreadable(waiter))

    async def _read_room(self, draft: _Draft, room_id: str, room: Json) -> None:
        timeline = section(room, "timeline")
        events = events_in(timeline)
        if (gap := self._gaps.get(room_id)) is not None:
            draft.gaps[room_id] = replace(gap, reached=draft.token)
            return
        said_to_us = from_our_invite_on(events, self._client.user_id)
        if timeline.get("limited") is True and self.token is not None:
            changes = events_in(room.get("state"))
            entering = said_to_us is not None or any(joins(event, self._client.user_id) for event in changes)
            began = self._invites.since(room_id) if entering else None
            draft.gaps[room_id] = Gap(room_id, began or self.token, draft.token, draft.token, entering)
            return
        await self._read_events(draft, room_id, events if said_to_us is None else said_to_us)

    async def _read_gaps(self, draft: _Draft) -> None:
        open_gaps = [gap for gap in (self._gaps | draft.gaps).values() if gap is not None]
        pages = await gaps.read_pages(self._client.transport, open_gaps, self._client.user_id)
        await self._client.recall_sessions_of((page.room_id, event) for page in pages for event in page.events)
        for page in pages:
            await self._read_events(draft, page.room_id, page.events)
            draft.gaps[page.room_id] = page.rest

    async def _read_events(self, draft: _Draft, room_id: str, sources: Sequence[Json]) -> None:
        if self._receipts:
            draft.timeline += placed(room_id, sources, self._client.user_id)
        for source in sources:
            if (transaction_id := section(source, "unsigned").get("transaction_id")) is not None:
                draft.echoes += _echo(room_id, source, transaction_id)
                continue
            event = await self._reader.read(room_id, source)
            if event is Missing.KEY:
                self._let_wait(draft, room_id, source)
            elif not isinstance(event, Missing):
                draft.events.append(event)
                if isinstance(event, Redaction):
                    self._take_back(draft, event)

    def _let_wait(self, draft: _Draft, room_id: str, source: Json) -> None:
        event_id = source.get("event_id")
        if not draft.live or not isinstance(event_id, str) or event_id in self._late:
            return
        waiter = waiter_of(WaitingEvent(event_id, room_id, json.dumps(source), self._now_ms()))
        if waiter is None:
            log.warning("an encrypted event is malformed", room_id=room_id)
        else:
            draft.waiting[event_id] = waiter

    def _take_back(self, draft: _Draft, redaction: Redaction) -> None:
        """What was taken back needs no key any more."""
        waiting = draft.waiting.get(redaction.target) or self._late.find(redaction.target)
        if waiting is not None and waiting.room_id == redaction.room_id:
            draft.settled[redaction.target] = waiting

    def _unreadable(self, waiter: Waiter) -> Unreadable:
        return Unreadable(
            room_id=waiter.room_id,
            event_id=waiter.event_id,
            sender=waiter.sender,
            sent_at_ms=int(waiter.source["origin_server_ts"]),
            origin=Origin.UNSIGNED,
            withheld=self._client.why_unreadable(waiter.room_id, waiter.source),
        )

    # Making it count

    async def _finish(self, draft: _Draft, answer: Json) -> Batch:
        """From here on nothing can fail but the asking for keys, which is asked for again."""
        self._keys_may_have_come = False
        told = tuple(self._late.tell(waiter.event_id) for waiter in draft.told)
        new = {event_id: waiter for event_id, waiter in draft.waiting.items() if event_id not in draft.settled}
        displaced = [event_id for waiter in new.values() for event_id in self._late.add(waiter)]
        for event_id in draft.settled:
            self._late.drop(event_id)
        self._gaps = {room_id: gap for room_id, gap in (self._gaps | draft.gaps).items() if gap is not None}
        invites = self._invites.take_in(section(answer, "rooms"), self._client.user_id, self.token)
        due = self._invites.due(self._now_ms())
        self._number += 1
        progress = Progress(
            draft.token,
            waiting=(*told, *(waiter.event for waiter in new.values())),
            no_longer_waiting=(*draft.settled, *displaced, *self._unusable),
            gaps=tuple(gap for gap in draft.gaps.values() if gap is not None),
            filled=tuple(room_id for room_id, gap in draft.gaps.items() if gap is None),
            invites=(*self._missed, *invites),
        )
        self.token, self._unusable, self._missed = draft.token, (), ()
        self._uncommitted.append((self._number, progress))
        await self._ask_for_keys(draft)
        return Batch(
            draft.token,
            due,
            tuple(draft.events),
            draft.live,
            tuple(draft.echoes),
            self._number,
            tuple(draft.receipts),
            tuple(draft.timeline),
        )

    async def _ask_for_keys(self, draft: _Draft) -> None:
        device_id = self._client.device_id
        wanted_no_longer = [cancellation(waiter, device_id) for waiter in draft.settled.values() if waiter.asked]
        requests = (*self._late.requests(self._now_ms(), device_id), *wanted_no_longer)
        await send_key_requests(self._client.transport, requests)

    def _now_ms(self) -> int:
        return int(self._clock().timestamp() * 1000)


def _echo(room_id: str, source: Json, transaction_id: Any) -> list[Echo]:
    event_id = source.get("event_id")
    whole = isinstance(event_id, str) and isinstance(transaction_id, str)
    return [Echo(room_id, str(event_id), transaction_id)] if whole else []
