"""What waits for phones: few messages a topic, for some hours, in memory alone."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from huep.push.kept import Kept
from huep.push.protocol import Message, Since, new_id

MOST_KEPT = 16
"""Of one topic: each only says that there is something, and the app then asks Synapse."""
MOST_TOPICS = 200_000
"""Three apps on each of 60,000 phones; a topic takes about 500 bytes."""
MOST_BEHIND = 64
"""Messages that a subscriber may leave unread before it is cut off, to come back with `since`."""

Queue = asyncio.Queue[str | None]
"""IDs of messages, so that who reads slowly holds none of them.

None: it is over, because the gateway stops or you are too far behind.
"""


class Full(Exception):
    """Somebody listens to each of `MOST_TOPICS` topics, and there is no room for one more."""


@dataclass(slots=True)
class _Topic:
    kept: list[str] = field(default_factory=list)
    """IDs, the oldest first."""
    listeners: set[Queue] = field(default_factory=set)
    left_s: int = 0
    """Unix time at which the last listener went."""


class Topics:
    """All topics of a gateway; to be used from one event loop.

    A topic is heard while somebody listens and `keep_s` longer. Whatever is written to others pushes out nothing that a
    phone waits for, and a topic that is not heard is here only as long as a message of it is.
    """

    def __init__(self, keep_s: int, now_s: Callable[[], int]) -> None:
        self.keep_s = keep_s
        self._now_s = now_s
        self._kept = Kept()
        self._listened: dict[str, _Topic] = {}
        # The one that was left, or written to, the longest ago comes first.
        self._left: OrderedDict[str, _Topic] = OrderedDict()
        self._unheard: OrderedDict[str, _Topic] = OrderedDict()

    def publish(self, topic: str, body: bytes) -> Message:
        """Keep a message, and tell whoever listens.

        Raises:
            Full: the topic is new and there is no room.
        """
        self._forget()
        entry = self._known(topic)
        if entry is None:
            self._make_room()
            entry = self._unheard[topic] = _Topic()
        elif topic in self._unheard:
            self._unheard.move_to_end(topic)
        message = Message(new_id(), topic, self._now_s(), body)
        self._kept.add(message, awaited=topic not in self._unheard)
        entry.kept.append(message.id)
        if len(entry.kept) > MOST_KEPT:
            self._kept.drop(entry.kept.pop(0))
        for gone in self._kept.over_budget():
            self._lost(gone)
        for queue in tuple(entry.listeners):
            _hand_over(queue, message.id)
        return message

    def message(self, message_id: str) -> Message | None:
        """None: it is not kept any more."""
        message = self._kept.get(message_id)
        return message if message is not None and message.time_s >= self._oldest_s() else None

    def missed(self, topics: Collection[str], since: Since) -> list[str]:
        """The IDs of what is still kept for these topics from there on, the oldest first."""
        if since.nothing:
            return []
        found: list[Message] = []
        for name in topics:
            if (entry := self._known(name)) is not None:
                kept = [message for message_id in entry.kept if (message := self.message(message_id)) is not None]
                found += _after(kept, since)
        return [message.id for message in sorted(found, key=lambda message: message.time_s)]

    def unknown(self, topics: Collection[str]) -> int:
        """How many of these are new here."""
        return sum(self._known(name) is None for name in topics)

    @contextmanager
    def listening(self, topics: Collection[str]) -> Iterator[Queue]:
        """A queue that gets the ID of every message of these topics from now on.

        Raises:
            Full: one of them is new and there is no room.
        """
        queue: Queue = asyncio.Queue(MOST_BEHIND)
        self._forget()
        try:
            for name in topics:
                self._listen(name, queue)
            yield queue
        finally:
            for name in topics:
                self._leave(name, queue)

    def end(self) -> None:
        """Tell every listener that it is over."""
        for queue in {queue for entry in self._listened.values() for queue in entry.listeners}:
            if not queue.full():
                queue.put_nowait(None)

    def _oldest_s(self) -> int:
        return self._now_s() - self.keep_s

    def _known(self, name: str) -> _Topic | None:
        return self._listened.get(name) or self._left.get(name) or self._unheard.get(name)

    def _listen(self, name: str, queue: Queue) -> None:
        entry = self._known(name)
        if entry is None:
            self._make_room()
            entry = _Topic()
        self._left.pop(name, None)
        if self._unheard.pop(name, None) is not None:
            for message_id in entry.kept:
                self._kept.await_(message_id)
        self._listened[name] = entry
        entry.listeners.add(queue)

    def _leave(self, name: str, queue: Queue) -> None:
        entry = self._listened.get(name)
        if entry is None:
            return
        entry.listeners.discard(queue)
        if not entry.listeners:
            entry.left_s = self._now_s()
            self._left[name] = self._listened.pop(name)

    def _forget(self) -> None:
        """Messages that are too old, and the topics that nobody came back to."""
        for gone in self._kept.expired(self._oldest_s()):
            self._lost(gone)
        while self._left and next(iter(self._left.values())).left_s < self._oldest_s():
            name, entry = self._left.popitem(last=False)
            if entry.kept:
                self._unheard[name] = entry

    def _lost(self, gone: Message) -> None:
        entry = self._known(gone.topic)
        if entry is None:
            return
        entry.kept.remove(gone.id)
        if not entry.kept:
            self._unheard.pop(gone.topic, None)

    def _make_room(self) -> None:
        if len(self._listened) + len(self._left) + len(self._unheard) < MOST_TOPICS:
            return
        silent = self._unheard or self._left
        if not silent:
            raise Full
        _, entry = silent.popitem(last=False)
        for message_id in entry.kept:
            self._kept.drop(message_id)


def _hand_over(queue: Queue, message_id: str) -> None:
    if queue.qsize() < MOST_BEHIND - 1:
        queue.put_nowait(message_id)
    elif not queue.full():
        queue.put_nowait(None)


def _after(kept: list[Message], since: Since) -> list[Message]:
    if since.time_s is not None:
        return [message for message in kept if message.time_s >= since.time_s]
    place = next((number for number, message in enumerate(kept) if message.id == since.id), None)
    # An ID that is not known any more is older than all that is kept, or of another topic.
    return kept if place is None else kept[place + 1 :]
