"""Messages as JSON text, for the database: in the reader's language only when they are read."""

import json
from collections.abc import Iterable

from huep.catalogue import Argument, Message

Plain = dict[str, object]


def to_json(messages: Iterable[Message]) -> str:
    """A list of messages, with the messages among their arguments."""
    return json.dumps([_plain(message) for message in messages], ensure_ascii=False)


def from_json(text: str) -> tuple[Message, ...]:
    """What `to_json` wrote."""
    return tuple(_message(plain) for plain in json.loads(text))


def _plain(message: Message) -> Plain:
    return {
        "name": message.name,
        "arguments": {
            name: _plain(value) if isinstance(value, Message) else value for name, value in message.arguments
        },
    }


def _message(plain: Plain) -> Message:
    name, arguments = plain["name"], plain["arguments"]
    assert isinstance(name, str) and isinstance(arguments, dict)  # noqa: S101 - ours alone writes it
    return Message.of(name, **{key: _argument(value) for key, value in arguments.items()})


def _argument(value: object) -> Argument:
    if isinstance(value, dict):
        return _message(value)
    assert isinstance(value, str | int | float)  # noqa: S101 - ours alone writes it
    return value
