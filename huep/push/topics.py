"""What waits for phones: few messages a topic, for some hours, in memory alone."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from huep.push.protocol import Message, Since, new_id

MOST_KEPT = 16
"""Of one topic: each only says that there is something, and the app then asks Synapse."""
MOST_TOPICS = 200_000
"""Three apps on each of 60,000 phones."""
MOST_STRANGERS = 2_000
"""Topics that were written to and that nobody ever listened to."""
MOST_BEHIND = 64
"""Messages that a subscriber may leave unread before it is cut off, to come back with `since`."""

Queue = asyncio.Queue[Message | None]
"""None: it is over, because the gateway stops or you are too far behind."""


@dataclass
class _Topic:
    kept: deque[Message] = field(default_factory=lambda: deque(maxlen=MOST_KEPT))
    listeners: set[Queue] = field(default_factory=set)


class Topics:
    """All topics of a gateway; to be used from one event loop.

    Writing to topics that nobody listens to pushes out nothing that a phone waits for.
    """

    def __init__(self, keep_s: int, now_s: Callable[[], int]) -> None:
        self.keep_s = keep_s
        self._now_s = now_s
        self._heard: OrderedDict[str, _Topic] = OrderedDict()
        self._unheard: OrderedDict[str, _Topic] = OrderedDict()

    def publish(self, topic: str, body: bytes) -> Message:
        """Keep a message, and hand it to whoever listens."""
        message = Message(new_id(), topic, self._now_s(), body)
        known = self._heard if topic in self._heard else self._unheard
        entry = known.setdefault(topic, _Topic())
        known.move_to_end(topic)
        entry.kept.append(message)
        for queue in tuple(entry.listeners):
            _hand_over(queue, message)
        self._make_room()
        return message

    def missed(self, topics: Collection[str], since: Since) -> list[Message]:
        """What is still kept for these topics from there on, the oldest first."""
        if since.nothing:
            return []
        oldest = self._now_s() - self.keep_s
        found: list[Message] = []
        for name in topics:
            entry = self._heard.get(name) or self._unheard.get(name)
            if entry is not None:
                found += _after([message for message in entry.kept if message.time_s >= oldest], since)
        return sorted(found, key=lambda message: message.time_s)

    @contextmanager
    def listening(self, topics: Collection[str]) -> Iterator[Queue]:
        """A queue that gets every message of these topics from now on."""
        queue: Queue = asyncio.Queue(MOST_BEHIND)
        for name in topics:
            heard = self._unheard.pop(name, None) or self._heard.get(name) or _Topic()
            self._heard[name] = heard
            self._heard.move_to_end(name)
            heard.listeners.add(queue)
        self._make_room()
        try:
            yield queue
        finally:
            for name in topics:
                if (left := self._heard.get(name)) is not None:
                    left.listeners.discard(queue)

    def end(self) -> None:
        """Tell every listener that it is over."""
        for queue in {queue for entry in self._heard.values() for queue in entry.listeners}:
            if not queue.full():
                queue.put_nowait(None)

    def _make_room(self) -> None:
        while len(self._unheard) > MOST_STRANGERS:
            self._unheard.popitem(last=False)
        for _ in range(len(self._heard) - MOST_TOPICS):
            silent = next((name for name, entry in self._heard.items() if not entry.listeners), None)
            if silent is None:
                return
            del self._heard[silent]


def _hand_over(queue: Queue, message: Message) -> None:
    if queue.qsize() < MOST_BEHIND - 1:
        queue.put_nowait(message)
    elif not queue.full():
        queue.put_nowait(None)


def _after(kept: list[Message], since: Since) -> list[Message]:
    if since.time_s is not None:
        return [message for message in kept if message.time_s >= since.time_s]
    place = next((number for number, message in enumerate(kept) if message.id == since.id), None)
    # An ID that is not known any more is older than all that is kept, or of another topic.
    return kept if place is None else kept[place + 1 :]
