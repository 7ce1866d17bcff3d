"""Megolm sessions to read with: tens of thousands in the database, the few thousand last used in memory."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from nio.crypto import InboundGroupSession

from bots.matrix.store.shelf import Kind
from bots.matrix.store.vault import Found, Vault
from huep.clock import now

HELD_AT_MOST = 2_000
ABSENT_AT_MOST = 10_000
"""Sessions asked for in vain, so that an event without its key does not ask the database again and again."""
KEEP_DAYS = 90
"""A bot reads no history: what has not been read with for so long is dropped."""
RENEW_AFTER = timedelta(days=30)

READ_AT_MOST = 1_000
"""Messages of a session of which it is known which event each was; devices change the session long before that."""
MARK_CHARS = 16

Place = tuple[str, str]
"""Room ID and session ID."""


class Replayed(Exception):
    """A message that was another event before: somebody sends again what was sent once."""


@dataclass
class Held:
    """A session, and which event each of its messages was."""

    session: InboundGroupSession
    read: dict[int, str] = field(default_factory=dict)
    """By the message's number in the session, a mark of the event's ID."""


class KeptInbound:
    """What nio asks of its `GroupSessionStore`, over a vault.

    A session is known by its room, its ID and the device that gave it: what somebody else gives again under the same ID
    stands beside it, never in its place. Of two from the same device the one that reads further back stays.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._held: OrderedDict[Place, dict[str, Held]] = OrderedDict()
        self._absent: OrderedDict[Place, None] = OrderedDict()

    def get(self, room_id: str, sender_key: str, session_id: str) -> InboundGroupSession | None:
        held = self._at((room_id, session_id)).get(sender_key)
        return None if held is None else held.session

    def of(self, room_id: str, session_id: str) -> tuple[InboundGroupSession, ...]:
        """The session as often as somebody gave it to us, the first giver first."""
        return tuple(held.session for held in self._at((room_id, session_id)).values())

    def add(self, session: InboundGroupSession) -> bool:
        """Take in a session; False where a better one is there."""
        place = (session.room_id, session.id)
        at = self._at(place)
        known = at.get(session.sender_key)
        if known is not None and known.session.first_known_index <= session.first_known_index:
            return False
        self._hold(place, at | {session.sender_key: Held(session, {} if known is None else known.read)})
        return True

    def save(self, session: InboundGroupSession) -> None:
        """Note `session`, if it is the one that `add` took in."""
        place = (session.room_id, session.id)
        held = self._at(place).get(session.sender_key)
        if held is not None and held.session is session:
            self._keep(place)

    def note_read(self, session: InboundGroupSession, index: int, event_id: str) -> None:
        """Note that message number `index` of a session that is held was the event `event_id`.

        Raises:
            Replayed: it was another event before, or is older than what is known of the session.
        """
        place = (session.room_id, session.id)
        read = self._at(place)[session.sender_key].read
        mark = hashlib.sha256(event_id.encode(errors="replace")).hexdigest()[:MARK_CHARS]
        if index in read:
            if read[index] != mark:
                raise Replayed
            return
        if len(read) >= READ_AT_MOST:
            oldest = min(read)
            if index < oldest:
                raise Replayed
            del read[oldest]
        read[index] = mark
        self._keep(place)

    def expect(self, room_id: str, session_id: str) -> None:
        """Take note of a session made just now: nothing is kept of it, so the database is not asked."""
        self._absent[room_id, session_id] = None

    async def recall(self, places: Collection[Place]) -> None:
        """Bring those of `places` (room ID, session ID) into memory that are kept, all with one question."""
        wanted = [place for place in dict.fromkeys(places) if place not in self._held and place not in self._absent]
        if wanted:
            for place, found in zip(wanted, await self._vault.recall(Kind.INBOUND, wanted), strict=True):
                if place not in self._held:
                    self._take(place, found)

    def _at(self, place: Place) -> dict[str, Held]:
        if place in self._held:
            self._held.move_to_end(place)
            return self._held[place]
        if place in self._absent:
            return {}
        return self._take(place, self._vault.find(Kind.INBOUND, place))

    def _take(self, place: Place, found: Found | None) -> dict[str, Held]:
        if found is None:
            self._absent[place] = None
            if len(self._absent) > ABSENT_AT_MOST:
                self._absent.popitem(last=False)
            return {}
        if now() - found.written_at > RENEW_AFTER:
            self._vault.put(Kind.INBOUND, place, found.content)
        sessions = {
            sender_key: Held(
                InboundGroupSession.from_pickle(
                    kept["pickle"].encode(),
                    kept["ed25519"],
                    sender_key,
                    place[0],
                    self._vault.pickle_key,
                    kept["forwarded_by"],
                ),
                {int(index): mark for index, mark in kept.get("read", {}).items()},
            )
            for sender_key, kept in json.loads(found.content)["senders"].items()
        }
        self._hold(place, sessions)
        return sessions

    def _hold(self, place: Place, sessions: dict[str, Held]) -> None:
        self._absent.pop(place, None)
        self._held[place] = sessions
        self._held.move_to_end(place)
        if len(self._held) > HELD_AT_MOST:
            self._held.popitem(last=False)

    def _keep(self, place: Place) -> None:
        # Noted with every message that is read, so it is written out no more often than there is a flush.
        senders = self._at(place)
        self._vault.put(Kind.INBOUND, place, lambda: row_of(place, senders, self._vault.pickle_key))


def row_of(place: Place, senders: Mapping[str, Held], pickle_key: str) -> bytes:
    """The row of the session at `place`, by the Curve25519 keys of those who gave it."""
    kept = {
        sender_key: {
            "ed25519": held.session.ed25519,
            "forwarded_by": held.session.forwarding_chain,
            "pickle": held.session.pickle(pickle_key).decode(),
            "read": held.read,
        }
        for sender_key, held in senders.items()
    }
    return json.dumps({"room_id": place[0], "session_id": place[1], "senders": kept}).encode()
