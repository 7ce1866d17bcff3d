"""System-notice rooms: the one kind of room without encryption that is not of the service account. Pure.

In it a person whose device may have no keys is told how to verify it. Only the account that made it speaks there.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from huep.synapse_model import ROOM_VERSION
from synapse_modules.room_rules.refusals import Refusal

MARK = "vn.huep.system_notice"
"""In the body of createRoom; Synapse itself heeds no such key."""
MEMBERS = 2
HIGHEST_POWER = 100
LONGEST_WORDS = 255
_WORDS = ("name", "topic")

Body = Mapping[str, Any]


def is_asked_for(body: Body) -> bool:
    """Whether the body asks for such a room; who asks decides whether that counts."""
    return body.get(MARK) is True


def refusal(body: Body, is_ours: Callable[[str], bool], not_people: Collection[str]) -> Refusal | None:
    """Such a room is for one person of this server, and its name and topic are short words."""
    invited = body.get("invite") or []
    for_one = len(invited) == 1 and is_ours(invited[0]) and invited[0] not in not_people
    short = all(isinstance(body.get(word, ""), str) and len(body.get(word, "")) <= LONGEST_WORDS for word in _WORDS)
    return None if for_one and short else Refusal.MALFORMED


def shaped(body: Body, creator: str) -> dict[str, Any]:
    """The whole body: of what was asked for only the person and the words are taken."""
    state = {
        "m.room.join_rules": {"join_rule": "invite"},
        "m.room.history_visibility": {"history_visibility": "shared"},
        "m.room.guest_access": {"guest_access": "forbidden"},
    }
    levels = dict.fromkeys(("events_default", "state_default", "invite", "kick", "ban", "redact"), HIGHEST_POWER)
    return {
        "room_version": ROOM_VERSION,
        "visibility": "private",
        # Synapse encrypts every room of the other presets.
        "preset": "public_chat",
        "creation_content": {"m.federate": False},
        "invite": list(body["invite"]),
        **{word: body[word] for word in _WORDS if body.get(word)},
        "power_level_content_override": {
            **levels,
            "users": {creator: HIGHEST_POWER},
            "users_default": 0,
            "events": {},
            "notifications": {"room": HIGHEST_POWER},
        },
        "initial_state": [{"type": kind, "state_key": "", "content": content} for kind, content in state.items()],
    }
