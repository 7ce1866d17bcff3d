"""A joined room of a sync as nio may have it: its state alone, little of it at a time."""

from collections.abc import Iterator
from typing import Any

from bots.matrix.signing import Json

EVENTS_A_PART = 20
"""nio takes a quarter of a millisecond to validate one."""


def parts_of(room: Json) -> Iterator[Json]:
    """The room without its messages, which are decrypted one by one outside nio's reach; the state in pieces, in order.

    An empty room is one empty part: that it is joined is news as well.
    """
    timeline = room.get("timeline") or {}
    state = [*_events(room.get("state")), *(event for event in _events(timeline) if "state_key" in event)]
    yield room | {"state": {"events": []}, "timeline": timeline | {"events": []}}
    for start in range(0, len(state), EVENTS_A_PART):
        part = state[start : start + EVENTS_A_PART]
        yield {"state": {"events": part}, "timeline": {"events": [], "limited": False, "prev_batch": ""}}


def encryption_in(room: Json) -> Any:
    """The content of the latest `m.room.encryption` in a room's state and timeline; None where there is none."""
    latest = None
    for part in (room.get("state"), room.get("timeline")):
        for event in _events(part):
            if event.get("type") == "m.room.encryption" and event.get("state_key") == "":
                latest = event.get("content")
    return latest


def _events(part: Any) -> list[Json]:
    events = part.get("events") if isinstance(part, dict) else None
    return [event for event in events if isinstance(event, dict)] if isinstance(events, list) else []
