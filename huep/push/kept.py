"""The messages that wait, within one budget of memory for all of them."""

from collections import OrderedDict
from collections.abc import Iterator

from huep.push.protocol import Message

MOST_BYTES = 128 * 1024 * 1024
"""Of all messages together: some 190,000 of Synapse's, which have about 300 bytes each."""
MESSAGE_BYTES = 400
"""What a message takes beside its body: its ID, its topic, its place here."""


class Kept:
    """Messages by ID, in two rows, each from the oldest on.

    Those of topics that somebody listens to, or did lately, are given up last.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self._awaited: OrderedDict[str, Message] = OrderedDict()
        self._unawaited: OrderedDict[str, Message] = OrderedDict()

    def __len__(self) -> int:
        return len(self._awaited) + len(self._unawaited)

    def get(self, message_id: str) -> Message | None:
        """None: it is not kept any more."""
        return self._awaited.get(message_id) or self._unawaited.get(message_id)

    def add(self, message: Message, awaited: bool) -> None:
        """Keep a message; whoever adds then takes out what is `over_budget`."""
        (self._awaited if awaited else self._unawaited)[message.id] = message
        self.bytes += _bytes_of(message)

    def drop(self, message_id: str) -> None:
        """Keep a message no longer, if it is still there."""
        message = self._awaited.pop(message_id, None) or self._unawaited.pop(message_id, None)
        if message is not None:
            self.bytes -= _bytes_of(message)

    def await_(self, message_id: str) -> None:
        """Somebody listens to its topic now. It joins the other row at the end, as young as the youngest there."""
        if (message := self._unawaited.pop(message_id, None)) is not None:
            self._awaited[message_id] = message

    def expired(self, oldest_s: int) -> Iterator[Message]:
        """Take out what is older than this Unix time; costs as much as there is to take out."""
        for row in (self._unawaited, self._awaited):
            while row and next(iter(row.values())).time_s < oldest_s:
                yield self._first_out(row)

    def over_budget(self) -> Iterator[Message]:
        """Take out what there is no room for."""
        while self.bytes > MOST_BYTES and len(self):
            yield self._first_out(self._unawaited or self._awaited)

    def _first_out(self, row: OrderedDict[str, Message]) -> Message:
        _, message = row.popitem(last=False)
        self.bytes -= _bytes_of(message)
        return message


def _bytes_of(message: Message) -> int:
    return len(message.body) + MESSAGE_BYTES
