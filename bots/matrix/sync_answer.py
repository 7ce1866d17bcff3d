"""The parts of a `/sync` answer, whatever somebody has put into them; pure."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeGuard

from bots.matrix.events import LATEST_MOMENT_MS, is_text
from bots.matrix.port import Invite, Placed, Receipt
from bots.matrix.signing import Json

ALL_THREADS = (None, "main")
"""The receipts of a room that speak of what is not in a thread."""
LONGEST_ID_BYTES = 255
"""Of events, rooms and users (specification, "Identifier Grammar"); an index takes no text of any length."""


def section(value: Any, *path: str) -> Json:
    """The object at `path`; empty where there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def objects(events: Any) -> list[Json]:
    """The events of a list that are events at all."""
    return [event for event in events if isinstance(event, dict)] if isinstance(events, list) else []


def events_in(part: Any) -> list[Json]:
    """The events of a part of an answer: `timeline`, `state`, `to_device`, `invite_state`."""
    return objects(part.get("events")) if isinstance(part, dict) else []


def invite_to(room_id: str, room: Json, user_id: str) -> Invite | None:
    """The invitation in a room of `rooms.invite`."""
    for event in events_in(room.get("invite_state")):
        if _makes_us(event, user_id, "invite") and isinstance(event.get("sender"), str):
            return Invite(room_id, str(event["sender"]))
    return None


def from_our_invite_on(events: list[Json], user_id: str) -> list[Json] | None:
    """The part of a timeline that was said to us: behind our invitation, or where that is not in it behind our joining.

    None where we do not join in it.
    """
    invited, joined = None, None
    for place, event in enumerate(events):
        if _makes_us(event, user_id, "invite"):
            invited = place
        elif joins(event, user_id):
            joined = place
    if joined is None:
        return None
    return events[(joined if invited is None else invited) + 1 :]


def from_our_entry_on(events: list[Json], user_id: str) -> list[Json] | None:
    """What stands behind the first invitation or joining of ours; None where there is neither."""
    for place, event in enumerate(events):
        if _makes_us(event, user_id, "invite") or joins(event, user_id):
            return events[place + 1 :]
    return None


def joins(event: Json, user_id: str) -> bool:
    """Whether in this event we come into the room, and do not merely change our name in it."""
    before = _membership(section(event, "unsigned").get("prev_content"))
    return _makes_us(event, user_id, "join") and before != "join"


def receipts_in(room_id: str, room: Json, user_id: str) -> Iterator[Receipt]:
    """How far others than `user_id` have read a joined room, as they let everybody know.

    Left out are private receipts, those of a single thread, and what is no receipt.
    """
    if not _is_id(room_id):
        return
    for event in events_in(room.get("ephemeral")):
        content = event.get("content")
        if event.get("type") != "m.receipt" or not isinstance(content, dict):
            continue
        for event_id, said in content.items():
            for reader, receipt in section(said, "m.read").items():
                at_ms = receipt.get("ts") if isinstance(receipt, dict) else None
                if reader == user_id or type(at_ms) is not int or not 0 <= at_ms <= LATEST_MOMENT_MS:
                    continue
                if receipt.get("thread_id") in ALL_THREADS and _is_id(event_id) and _is_id(reader):
                    yield Receipt(room_id, reader, event_id, at_ms)


def placed(room_id: str, events: Iterable[Json], user_id: str) -> Iterator[Placed]:
    """Where the events of a part of a timeline stand; `user_id` is ours."""
    for event in events:
        event_id, member = event.get("event_id"), event.get("state_key")
        if not (_is_id(room_id) and _is_id(event_id)):
            continue
        if member is None:
            yield Placed(room_id, event_id, user_id if event.get("sender") == user_id else None)
        else:
            comes = _is_id(member) and member != user_id and joins(event, member)
            yield Placed(room_id, event_id, member if comes else None)


def _is_id(value: Any) -> TypeGuard[str]:
    return is_text(value) and len(value.encode()) <= LONGEST_ID_BYTES


def _makes_us(event: Json, user_id: str, membership: str) -> bool:
    about_us = event.get("type") == "m.room.member" and event.get("state_key") == user_id
    return about_us and _membership(event.get("content")) == membership


def _membership(content: Any) -> str | None:
    membership = content.get("membership") if isinstance(content, dict) else None
    return membership if isinstance(membership, str) else None
