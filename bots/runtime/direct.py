"""Writing to a person, wherever they are: their direct room with the bot is found, or made and they are asked in.

What is put into the outbox under a user ID waits there until the room is known, and is moved into it in the transaction
that notes the room; from there on it is a letter like any other. A room that a crash, or an answer that was lost,
left behind unnoted is looked for before another one is made.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import structlog
from sqlalchemy import Engine

from bots.matrix.errors import NoSuchRoom, RequestRefused
from bots.matrix.port import MatrixPort
from bots.runtime.addresses import Addressee, Addresses, NotedRoom
from bots.runtime.backoff import Backoff
from bots.runtime.patience import in_transaction, patiently
from bots.runtime.verdict import Verdict, described, verdict_of
from bots.threads import in_thread
from huep.clock import Clock
from huep.errors import HuepError

log = structlog.get_logger(__name__)

AT_ONCE = 4
"""People whose rooms are looked for or made at the same time; the homeserver sets bots no limits of its own."""
MOST_OWN_FAILURES = 8
"""After so many tries that fail by a mistake of ours what waits is dead."""
INVITED_ANEW_AFTER = timedelta(days=1)
"""Who left their room with the bot, or turned its invitation down, is asked in again once a day at most."""
SHOWN_WITHIN = timedelta(minutes=2)
"""So long after an invitation a sync may take to show it."""
STOP_WITHIN_S = 5.0

Result = TypeVar("Result")


class NobodyThere(HuepError):
    """The directory knows nobody who may be written to under this user ID: not in the register today, or locked."""

    def __init__(self, user_id: str) -> None:
        super().__init__(f"{user_id} is nobody of the register, or locked.")


class PersonLeft(HuepError):
    """The person has left the room with the bot again, or turned down its invitation again."""

    def __init__(self, user_id: str) -> None:
        super().__init__(f"{user_id} was asked in again within a day, and is not there.")


class DirectRooms:
    """Finds or makes the rooms for letters that wait for one; one runs beside the `Runner` of a bot.

    Args:
        port: the bot's device.
        engine: of `Role.BOTS`.
        addresses: the bot's.
        admits: whether somebody may be written to, by user ID; asked in a thread.
        clock: the present moment.
        look_every_s: how often is looked for letters.
        backoff: pauses after failures.
    """

    def __init__(
        self,
        port: MatrixPort,
        engine: Engine,
        addresses: Addresses,
        admits: Callable[[str], bool],
        clock: Clock,
        look_every_s: float,
        backoff: Backoff | None = None,
    ) -> None:
        self._port = port
        self._engine = engine
        self._addresses = addresses
        self._admits = admits
        self._clock = clock
        self._look_every_s = look_every_s
        self._backoff = backoff or Backoff()
        self._at_work: dict[str, asyncio.Task[None]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Serve people until `stop` is set.

        Raises:
            AccountLocked, SessionEnded: the bot's own account or device is out.
        """
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                await self._begin()
                ends = {stopping, *self._at_work.values()}
                await asyncio.wait(ends, timeout=self._look_every_s, return_when=asyncio.FIRST_COMPLETED)
                self._reap()
            if self._at_work:
                await asyncio.wait(self._at_work.values(), timeout=STOP_WITHIN_S)
        finally:
            tasks = (stopping, *self._at_work.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _begin(self) -> None:
        free = AT_ONCE - len(self._at_work)
        if free > 0:
            for person in await self._does(self._addresses.due, most=free, busy=tuple(self._at_work)):
                self._at_work[person.user_id] = asyncio.create_task(self._serve(person))

    def _reap(self) -> None:
        for user_id in [user_id for user_id, task in self._at_work.items() if task.done()]:
            self._at_work.pop(user_id).result()

    async def _serve(self, person: Addressee) -> None:
        user_id = person.user_id
        try:
            room_id = await self._room_of(user_id)
            if room_id is None:
                pause = timedelta(seconds=self._look_every_s)
                await self._does(self._addresses.postpone, user_id=user_id, pause=pause, failed=False)
            else:
                await self._does(self._addresses.address, user_id=user_id, room_id=room_id)
        except Exception as error:
            if verdict_of(error) is Verdict.OUT:
                raise
            await self._failed(person, error)

    async def _failed(self, person: Addressee, error: Exception) -> None:
        verdict, reason, attempts = verdict_of(error), described(error), person.attempts + 1
        hopeless = isinstance(error, NobodyThere | PersonLeft) or verdict is Verdict.REFUSED
        if hopeless or (verdict is Verdict.OURS and attempts >= MOST_OWN_FAILURES):
            count = await self._does(self._addresses.bury, user_id=person.user_id, error=reason)
            log.error("a person cannot be written to", user_id=person.user_id, messages=count, error=reason)
            return
        log.warning("a person is written to later", user_id=person.user_id, attempts=attempts, error=reason)
        pause = timedelta(seconds=self._backoff.pause_s(attempts))
        await self._does(self._addresses.postpone, user_id=person.user_id, pause=pause, error=reason)

    async def _room_of(self, user_id: str) -> str | None:
        """The room to write into; None where the person was asked in just now, and keys cannot be shared yet."""
        if not await in_thread(partial(self._admits, user_id)):
            raise NobodyThere(user_id)
        noted = await self._does(self._addresses.noted, user_id=user_id)
        if noted is not None and noted.room_id is not None:
            try:
                return await self._noted_room(user_id, noted.room_id, noted)
            except (NoSuchRoom, RequestRefused) as error:
                if verdict_of(error) is not Verdict.REFUSED:
                    raise
                log.info("a room of two is of no use any more", room_id=noted.room_id, error=described(error))
        being_made = noted is not None and noted.room_id is None
        found = await self._port.find_direct_room(user_id, thoroughly=being_made)
        if found is not None:
            return found
        await self._does(self._addresses.note_making, user_id=user_id)
        return await self._port.make_direct_room(user_id)

    async def _noted_room(self, user_id: str, room_id: str, noted: NotedRoom) -> str | None:
        room = await self._port.room(room_id)
        if not room.encrypted or room.members - {self._port.user_id, user_id}:
            raise NoSuchRoom(room_id)  # of two it is no more
        if user_id in room.members:
            return room_id
        since = None if noted.invited_at is None else self._clock() - noted.invited_at
        if since is None or since >= INVITED_ANEW_AFTER:
            await self._port.invite(room_id, user_id)
            await self._does(self._addresses.note_invited, user_id=user_id)
        elif since >= SHOWN_WITHIN:
            raise PersonLeft(user_id)
        return None

    async def _does(self, work: Callable[..., Result], **arguments: Any) -> Result:
        """`work` in a transaction of its own, whenever the database is there."""
        return await patiently(lambda: in_transaction(self._engine, partial(work, **arguments)))
