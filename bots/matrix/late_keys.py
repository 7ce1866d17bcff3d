"""Encrypted events that wait for their key: told of after a while, and read whenever the key comes, hours later too.

The sender's devices are asked for a key that stays away (specification, "Key sharing"): what shared it with us once,
and knows that, gives it again. Anybody may send what can never be read, so all that waits is bounded, by sender and
altogether.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bots.matrix.algorithms import MEGOLM
from bots.matrix.encrypted import session_id_of
from bots.matrix.events import is_text
from bots.matrix.progress import WaitingEvent
from bots.matrix.signing import Json

KEY_PATIENCE_MS = 20_000
"""How long an encrypted message waits for its key before its sender is told."""
LONGEST_WAIT_MS = 7 * 86_400_000
"""Then nobody remembers what was asked."""
MOST_WAITING, MOST_OF_SENDER = 2_000, 200
"""Events, of about 2 KiB as people write them, of 64 KiB at most."""
REQUEST_AFTER_MS = (4_000, 300_000, 3_600_000, 21_600_000)
"""How long after an event came its sender's devices are asked for its key, each time once more."""
REQUESTS_AT_ONCE = 20


@dataclass(frozen=True)
class KeyRequest:
    """A to-device message to all devices of `user_id`: that we want a key, or want it no longer."""

    user_id: str
    content: Json


@dataclass
class Waiter:
    """An event that waits, taken apart."""

    event: WaitingEvent
    source: Json
    sender: str
    session_id: str
    asked: int = 0
    """How many of the moments at which its key is asked for have passed."""

    @property
    def event_id(self) -> str:
        return self.event.event_id

    @property
    def room_id(self) -> str:
        return self.event.room_id

    @property
    def ask_at_ms(self) -> int | None:
        """When its key is asked for next; None where that was done often enough."""
        return None if self.asked >= len(REQUEST_AFTER_MS) else self.event.since_ms + REQUEST_AFTER_MS[self.asked]

    def is_due(self, now_ms: int) -> bool:
        """Whether its sender is to be told that it cannot be read."""
        return not self.event.told and now_ms - self.event.since_ms >= KEY_PATIENCE_MS

    def is_over(self, now_ms: int) -> bool:
        """Whether nobody waits for it any more."""
        return now_ms - self.event.since_ms >= LONGEST_WAIT_MS


class LateKeys:
    """What waits, in the order in which it came; knows neither the crypto store nor the server."""

    def __init__(self, waiting: Iterable[WaitingEvent]) -> None:
        self._waiting: dict[str, Waiter] = {}
        self._of_sender: Counter[str] = Counter()
        for event in waiting:
            if (waiter := waiter_of(event)) is not None:
                self._take_in(waiter)

    def __contains__(self, event_id: str) -> bool:
        return event_id in self._waiting

    def __iter__(self) -> Iterator[Waiter]:
        return iter(tuple(self._waiting.values()))

    def __len__(self) -> int:
        return len(self._waiting)

    def find(self, event_id: str) -> Waiter | None:
        """The event of that ID; None where it does not wait."""
        return self._waiting.get(event_id)

    def add(self, waiter: Waiter) -> tuple[str, ...]:
        """Let an event wait; returns the IDs of those that give way to it."""
        displaced = []
        if self._of_sender[waiter.sender] >= MOST_OF_SENDER:
            displaced.append(next(other.event_id for other in self if other.sender == waiter.sender))
        elif len(self._waiting) >= MOST_WAITING:
            displaced.append(next(iter(self._waiting)))
        for event_id in displaced:
            self.drop(event_id)
        self._take_in(waiter)
        return tuple(displaced)

    def drop(self, event_id: str) -> None:
        """It was read, was taken back, or waited too long."""
        if (waiter := self._waiting.pop(event_id, None)) is not None:
            self._of_sender[waiter.sender] -= 1
            if not self._of_sender[waiter.sender]:
                del self._of_sender[waiter.sender]

    def tell(self, event_id: str) -> WaitingEvent:
        """It was handed on as unreadable; returns what is to be kept of it."""
        waiter = self._waiting[event_id]
        waiter.event = replace(waiter.event, told=True)
        return waiter.event

    def next_moment_ms(self) -> int | None:
        """When the next of them is to be told of, or its key asked for; None where nothing is due before a sync."""
        moments = [waiter.event.since_ms + KEY_PATIENCE_MS for waiter in self if not waiter.event.told]
        moments += [waiter.ask_at_ms for waiter in self if waiter.ask_at_ms is not None]
        return min(moments, default=None)

    def requests(self, now_ms: int, device_id: str) -> tuple[KeyRequest, ...]:
        """The requests that are due, one a session; calling it counts them as made."""
        due: dict[str, KeyRequest] = {}
        for waiter in self:
            if waiter.ask_at_ms is None or waiter.ask_at_ms > now_ms:
                continue
            if waiter.session_id in due or len(due) < REQUESTS_AT_ONCE:
                waiter.asked = sum(now_ms - waiter.event.since_ms >= after_ms for after_ms in REQUEST_AFTER_MS)
                due.setdefault(waiter.session_id, _request(waiter, device_id))
        return tuple(due.values())

    def _take_in(self, waiter: Waiter) -> None:
        self._waiting[waiter.event_id] = waiter
        self._of_sender[waiter.sender] += 1


def waiter_of(event: WaitingEvent) -> Waiter | None:
    """The event taken apart; None for what no key could ever open."""
    try:
        source = json.loads(event.source)
    except (ValueError, RecursionError):
        return None
    if not isinstance(source, dict) or source.get("event_id") != event.event_id:
        return None
    session_id, sender = session_id_of(source), source.get("sender")
    if (
        session_id is None
        or not (is_text(sender) and is_text(event.event_id))
        or type(source.get("origin_server_ts")) is not int
    ):
        return None
    return Waiter(event, source, sender, session_id)


def cancellation(waiter: Waiter, device_id: str) -> KeyRequest:
    """The word that the key, which was asked for, is wanted no longer."""
    content = {
        "action": "request_cancellation",
        "request_id": _request_id(waiter),
        "requesting_device_id": device_id,
    }
    return KeyRequest(waiter.sender, content)


def _request(waiter: Waiter, device_id: str) -> KeyRequest:
    body: Json = {"algorithm": MEGOLM, "room_id": waiter.room_id, "session_id": waiter.session_id}
    sender_key = waiter.source["content"].get("sender_key")
    if isinstance(sender_key, str) and sender_key:
        body["sender_key"] = sender_key
    content = {
        "action": "request",
        "request_id": _request_id(waiter),
        "requesting_device_id": device_id,
        "body": body,
    }
    return KeyRequest(waiter.sender, content)


def _request_id(waiter: Waiter) -> str:
    return hashlib.sha256(f"{waiter.room_id}\n{waiter.session_id}".encode()).hexdigest()[:32]
