"""What the rules must know of a room, read from Synapse's database."""

from dataclasses import dataclass
from datetime import timedelta

from synapse.module_api import LoggingTransaction, ModuleApi

from synapse_modules.room_rules.rules import RoomFacts, UnitOfRoom

FACTS_HOLD = timedelta(seconds=60)
"""Who made a room never changes, and encryption only comes; where the service account adds it, so long may it take."""
MOST_FACTS = 10_000
"""Rooms remembered by one process: a few hundred bytes each."""


@dataclass(frozen=True)
class RoomReading:
    """A room as it is at this moment."""

    facts: RoomFacts
    others: int
    """Members and invited, beside the one who was asked about; 2 stands for more."""


class Rooms:
    """Reads rooms; for messages, which are many, from memory."""

    def __init__(self, api: ModuleApi, owner: str) -> None:
        self._api = api
        self._owner = owner
        self._known: dict[str, tuple[int, RoomFacts]] = {}

    async def read(self, room_id: str, beside: str = "") -> RoomReading:
        """The room now; `others` leaves out `beside`."""
        return await self._api.run_db_interaction("huep_room_read", _read_room, room_id, self._owner, beside)

    async def facts(self, room_id: str) -> RoomFacts:
        """The room as it was at most `FACTS_HOLD` ago."""
        now_ms = self._api.get_current_time_msec()
        known = self._known.get(room_id)
        if known is not None and now_ms < known[0]:
            return known[1]
        facts = (await self.read(room_id)).facts
        if len(self._known) >= MOST_FACTS:
            self._known.clear()
        self._known[room_id] = (now_ms + FACTS_HOLD // timedelta(milliseconds=1), facts)
        return facts

    async def unit(self, room_id: str) -> UnitOfRoom | None:
        """Whose room it is, by the register's projection.

        Raises:
            Exception: whatever the database says when the table is missing or out of reach.
        """
        return await self._api.run_db_interaction("huep_room_unit", _unit_of, room_id)

    async def is_state(self, event_id: str | None) -> bool:
        """Whether the event is of a room's state: its name, its encryption, somebody's membership."""
        return await self._api.run_db_interaction("huep_event_is_state", _is_state, event_id)


def _unit_of(txn: LoggingTransaction, room_id: str) -> UnitOfRoom | None:
    txn.execute("SELECT code, level FROM huep_units WHERE ? = ANY(rooms) ORDER BY level LIMIT 1", (room_id,))
    row = txn.fetchone()
    return None if row is None else UnitOfRoom(str(row[0]), int(row[1]))


def _is_state(txn: LoggingTransaction, event_id: str | None) -> bool:
    txn.execute("SELECT EXISTS (SELECT FROM state_events WHERE event_id = ?)", (event_id,))
    row = txn.fetchone()
    return bool(row and row[0])


def _read_room(txn: LoggingTransaction, room_id: str, owner: str, beside: str) -> RoomReading:
    txn.execute(
        """
        SELECT
            (SELECT creator FROM rooms WHERE room_id = ?),
            EXISTS (SELECT FROM current_state_events
                WHERE room_id = ? AND type = 'm.room.encryption' AND state_key = ''),
            EXISTS (SELECT FROM local_current_membership
                WHERE room_id = ? AND user_id = ? AND membership IN ('join', 'invite')),
            (SELECT count(*) FROM (SELECT FROM local_current_membership
                WHERE room_id = ? AND user_id <> ? AND membership IN ('join', 'invite') LIMIT 2) AS others)
        """,
        (room_id, room_id, room_id, owner, room_id, beside),
    )
    row = txn.fetchone()
    creator, encrypted, owner_inside, others = row if row else (None, False, False, 0)
    return RoomReading(RoomFacts(creator == owner, encrypted, owner_inside), others)
