"""Events and invitations to JSON and back, by the fields that their dataclasses have."""

from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from bots.matrix.port import Event, Invite
from huep.errors import HuepError

Happening = Event | Invite
"""What a bot may have to deal with."""

_ADAPTERS: dict[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in (*get_args(Event), Invite)}


class EventUnknown(HuepError):
    """An event was written by another version, and this one cannot read it."""


def kind_of(happening: Happening) -> str:
    """The name under which its type is found again."""
    return type(happening).__name__


def write_event(happening: Happening) -> bytes:
    """The event as JSON; ValueError for text that is none, such as half of a surrogate pair."""
    return bytes(_ADAPTERS[kind_of(happening)].dump_json(happening))


def read_event(kind: str, content: bytes) -> Happening:
    """What `write_event` was given.

    Raises:
        EventUnknown: no such kind, or not of this shape.
    """
    adapter = _ADAPTERS.get(kind)
    if adapter is None:
        raise EventUnknown(f"An event of the kind {kind!r} was kept, which this HueP does not know.")
    try:
        happening: Happening = adapter.validate_json(content)
    except ValidationError:
        # The error would show the content.
        raise EventUnknown(f"An event of the kind {kind!r} was kept in a shape that this HueP does not know.") from None
    return happening
