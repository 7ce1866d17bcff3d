"""Events of rooms as they come from the server, decrypted and told apart; a malformed one costs itself only."""

import sqlite3
from dataclasses import dataclass
from enum import Enum

import structlog

from bots.matrix.algorithms import MEGOLM
from bots.matrix.client import OUR_OWN_FAILURES, CryptoClient
from bots.matrix.errors import MatrixError
from bots.matrix.events import event_of
from bots.matrix.opening import NoKey
from bots.matrix.port import Event
from bots.matrix.signing import Json
from bots.matrix.sync_answer import section
from bots.matrix.trust import Origin

log = structlog.get_logger(__name__)

PASSED_ON = (MatrixError, sqlite3.OperationalError, *OUR_OWN_FAILURES)
"""What is not the fault of the event that was being read."""


class Missing(Enum):
    """Why there is no event."""

    KEY = "key"
    """It is encrypted, and its key is not here."""
    NOTHING = "nothing"
    """Malformed, or of no use to anybody here."""


@dataclass(frozen=True)
class EventReader:
    """Reads for one device."""

    client: CryptoClient

    async def read(self, room_id: str, source: Json) -> Event | Missing:
        """What one event of a timeline is to us."""
        try:
            return await self._read(room_id, source)
        except PASSED_ON:
            raise
        except Exception as error:  # noqa: BLE001 - nio and vodozemac raise any type
            log.warning("an event could not be read", room_id=room_id, error=type(error).__name__)
            return Missing.NOTHING

    async def _read(self, room_id: str, source: Json) -> Event | Missing:
        if source.get("type") != "m.room.encrypted" or "state_key" in source:
            return event_of(room_id, source, Origin.PLAIN) or Missing.NOTHING
        if section(source, "content").get("algorithm") != MEGOLM:
            return Missing.NOTHING
        try:
            opened = await self.client.opening.open(room_id, source)
        except NoKey:
            return Missing.KEY
        return event_of(room_id, opened.clear, opened.origin) or Missing.NOTHING
