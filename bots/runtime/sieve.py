"""Asks `concern` about what comes in: how many are in a room the port knows, which messages are ours the outbox."""

import asyncio
from collections.abc import Callable, Collection, Sequence

import structlog
from sqlalchemy import Connection, Engine

from bots.matrix.port import Event, MatrixPort, RoomView
from bots.runtime.concern import concerns, is_direct, target_of
from bots.runtime.outbox import Outbox
from bots.runtime.patience import in_transaction
from bots.runtime.verdict import described

log = structlog.get_logger(__name__)

ROOMS_AT_ONCE = 8
ROOMS_WITHIN_S = 2.0
"""How long what comes in waits for all its rooms; what is not known by then is judged later."""


class Sieve:
    """Lets through what concerns a bot.

    Args:
        port: its device.
        listens_to: what its dispatcher wants besides.
        engine: of `Role.BOTS`.
        outbox: of the same bot.
    """

    def __init__(self, port: MatrixPort, listens_to: Callable[[Event], bool], engine: Engine, outbox: Outbox) -> None:
        self._port = port
        self._listens_to = listens_to
        self._engine = engine
        self._outbox = outbox

    async def rooms_of_two(self, events: Sequence[Event]) -> frozenset[str]:
        """Rooms of `events` in which nobody else is; and those of which that cannot be told now, for `passes` to judge.

        Only rooms are asked for on which it depends.
        """
        asked = {event.room_id for event in events if self._lets(event, direct=True) and not self._lets(event)}
        free = asyncio.Semaphore(ROOMS_AT_ONCE)

        async def may_be_direct(room_id: str) -> bool:
            try:
                async with asyncio.timeout(ROOMS_WITHIN_S), free:
                    return is_direct(await self._port.room(room_id))
            except Exception as error:  # noqa: BLE001 - whoever deals with the event asks again, and waits
                log.info("how many are in a room is not known yet", room_id=room_id, error=described(error))
                return True

        rooms = sorted(asked)
        answers = await asyncio.gather(*map(may_be_direct, rooms))
        return frozenset(room_id for room_id, direct in zip(rooms, answers, strict=True) if direct)

    def candidates(self, events: Sequence[Event], direct: Collection[str]) -> tuple[Event, ...]:
        """What may concern the bot: the rest has nothing to do with it, whatever the outbox knows."""
        return tuple(event for event in events if self._lets(event, direct=event.room_id in direct, about_us=True))

    def concerning(self, connection: Connection, events: Sequence[Event], direct: Collection[str]) -> tuple[Event, ...]:
        """Those of `events` that concern the bot; `direct` are the rooms of two."""
        targets = [target for event in events if (target := target_of(event)) is not None]
        ours = self._outbox.sent_among(connection, targets) if targets else frozenset()
        return tuple(
            event
            for event in events
            if self._lets(event, direct=event.room_id in direct, about_us=(event.room_id, target_of(event)) in ours)
        )

    async def passes(self, event: Event, room: RoomView) -> bool:
        """Whether it concerns the bot, its room being known by now."""
        if self._lets(event, direct=is_direct(room)):
            return True
        direct = {event.room_id} if is_direct(room) else ()
        found = await in_transaction(self._engine, lambda connection: self.concerning(connection, [event], direct))
        return bool(found)

    def _lets(self, event: Event, *, direct: bool = False, about_us: bool = False) -> bool:
        ours = event.sender == self._port.user_id
        meant = concerns(event, self._port.user_id, direct=direct, about_us=about_us)
        return meant or (not ours and self._listens_to(event))
