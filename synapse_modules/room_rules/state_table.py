"""What people may set in a room, never encrypted in Matrix: one table of types, of what each may hold, and where.

Names and topics are words, and everybody knows that the server reads them. All else is for machines and holds none.
What Element Web, Element X and Element Call set is here; what is not is refused, and so are, of what they would set:
widgets (pages from elsewhere), live locations (the server would read where somebody is, and for how long), server
lists (nobody federates), sticker packs.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from synapse_modules.calls import CALL_MEMBERS
from synapse_modules.room_rules.sealed import MEGOLM
from synapse_modules.room_rules.shapes import (
    LONGEST_TOKEN,
    MXC,
    NAME,
    ROOM_ID,
    USER_ID,
    Keys,
    Shape,
    either,
    listing,
    machine,
    mapping,
    matching,
    nothing,
    number,
    record,
    text,
    token,
)

LONGEST_NAME = 255
LONGEST_TOPIC = 2000
"""Characters."""
MOST_PINNED = 200
MOST_SERVICES = 50
MOST_RENDERINGS = 4

POWER_LEVELS = "m.room.power_levels"
WIDGETS = frozenset({"m.widget", "m.widgets", "im.vector.modular.widgets", "io.element.widgets.layout"})
POLICY_SERVERS = frozenset({"m.room.policy", "org.matrix.msc4284.policy"})
"""State that makes Synapse ask another server about every message."""
LOCATIONS = frozenset({"m.beacon_info", "org.matrix.msc3672.beacon_info"})

Place = Callable[[str, str], bool]
"""Whether a state key is one for this type: the key, and who sets it."""


@dataclass(frozen=True)
class Setting:
    """One type of state."""

    keys: Keys
    place: Place = lambda key, _sender: key == ""
    may_call_out: bool = False
    """Whether its content names servers that clients then use."""


def _in_call(key: str, sender: str) -> bool:
    """A device of whoever sets it: `@user`, `_@user_DEVICE`, `@user_DEVICE_m.call` (MSC3757, MSC3779)."""
    return len(key) <= LONGEST_TOKEN and re.fullmatch(rf"_?{re.escape(sender)}(?:_[!-~]{{0,200}})?", key) is not None


def _room(key: str, _sender: str) -> bool:
    return ROOM_ID(key)


def _slot(key: str, _sender: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9_.#-]{0,64}", key) is not None


_TOPIC: Shape = listing(record(body=text(LONGEST_TOPIC), mimetype=token), MOST_RENDERINGS)
_TOPICS: Shape = either(_TOPIC, mapping(matching("m.text"), _TOPIC))
_POWERS: Shape = either(number, mapping(token, number))
_LINK: Keys = {"via": listing(token, 10), "order": matching("[ -~]{0,50}"), "suggested": number, "canonical": number}
_CALL_MEMBER: Keys = {
    "application": machine,
    "call_id": token,
    "scope": token,
    "device_id": token,
    "membershipID": token,
    "expires": number,
    "expires_ts": number,
    "created_ts": number,
    "m.call.intent": NAME,
    "focus_active": machine,
    "foci_active": machine,
    "foci_preferred": machine,
    "memberships": machine,
    "slot_id": token,
    "transports": machine,
    "rtc_transports": machine,
    "member": machine,
    "versions": machine,
    "sticky_key": token,
    "msc4354_sticky_key": token,
    "leave_reason": NAME,
    "disconnect_reason": machine,
    "m.relation": machine,
}
"""Of every format since 2022: MSC3401, its sessions of one device, MSC4143."""
_CALL = Setting(_CALL_MEMBER, _in_call, may_call_out=True)
_CALL_OF_THE_ROOM = Setting({"m.type": NAME, "m.intent": NAME, "m.terminated": NAME, "io.element.ptt": number}, _slot)
_SLOT = Setting({"application": machine, "status": NAME}, _slot, may_call_out=True)

STATE: Mapping[str, Setting] = {
    "m.room.name": Setting({"name": text(LONGEST_NAME)}),
    "m.room.topic": Setting({"topic": text(LONGEST_TOPIC), "m.topic": _TOPICS, "org.matrix.msc3765.topic": _TOPICS}),
    "m.room.avatar": Setting({"url": either(MXC, nothing), "info": machine, "thumbnail_url": MXC}),
    # No address of a person's exists: alone that there is none can be said.
    "m.room.canonical_alias": Setting({"alias": either(matching(""), nothing), "alt_aliases": listing(token, 0)}),
    "m.room.pinned_events": Setting({"pinned": listing(matching(r"\$[!-~]{1,254}"), MOST_PINNED)}),
    POWER_LEVELS: Setting(
        {
            **dict.fromkeys(
                (
                    "users_default",
                    "events_default",
                    "state_default",
                    "ban",
                    "kick",
                    "redact",
                    "invite",
                    "historical",
                ),
                number,
            ),
            "users": mapping(USER_ID, number),
            "events": _POWERS,
            "notifications": _POWERS,
        }
    ),
    "m.room.join_rules": Setting({"join_rule": NAME, "allow": listing(record(type=NAME, room_id=ROOM_ID), 50)}),
    "m.room.history_visibility": Setting({"history_visibility": NAME}),
    "m.room.guest_access": Setting({"guest_access": NAME}),
    "m.room.encryption": Setting(
        {
            "algorithm": lambda value: value == MEGOLM,
            "rotation_period_ms": number,
            "rotation_period_msgs": number,
            "io.element.msc4362.encrypt_state_events": number,
        }
    ),
    "m.space.child": Setting(_LINK, _room),
    "m.space.parent": Setting(_LINK, _room),
    "org.matrix.room.preview_urls": Setting({"disable": number}),
    "io.element.functional_members": Setting({"service_members": listing(USER_ID, MOST_SERVICES)}),
    **dict.fromkeys(CALL_MEMBERS, _CALL),
    **dict.fromkeys(("m.call", "org.matrix.msc3401.call"), _CALL_OF_THE_ROOM),
    **dict.fromkeys(("m.rtc.slot", "org.matrix.msc4143.rtc.slot"), _SLOT),
}
"""Type to what it may hold, and under which state keys."""

IN_UNIT_ROOMS = frozenset(
    {
        "m.room.topic",
        "m.room.avatar",
        "m.room.pinned_events",
        *CALL_MEMBERS,
    }
)
"""What people may set in a unit's room, where its power levels let them; the rest is the service account's."""

MEMBER_KEYS: Keys = {
    "membership": NAME,
    "displayname": either(text(LONGEST_NAME), nothing),
    "avatar_url": either(MXC, nothing),
    "reason": text(LONGEST_NAME),
    "is_direct": number,
}
"""Of a membership that a client sets as state; names in it are put back by Synapse (`allow_per_room_profiles`)."""


def servers_named(content: object) -> frozenset[str]:
    """Hosts of the addresses that a call's state names, in lower case; "" for one that cannot be told."""
    if isinstance(content, str):
        if "://" not in content:
            return frozenset()
        found = re.fullmatch(r"[a-z]{2,10}://([A-Za-z0-9.-]+)(?::\d+)?(?:[/?#].*)?", content)
        return frozenset({found[1].lower() if found else ""})
    inner = content.values() if isinstance(content, Mapping) else content if isinstance(content, list) else ()
    return frozenset().union(*map(servers_named, inner))
