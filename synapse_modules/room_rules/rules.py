"""What people may send, set, invite and enter: values in, values out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from synapse_modules.projection import RegisterStatus
from synapse_modules.room_rules.plain import ENCRYPTED, MAY_STAY_PLAIN, REACTION
from synapse_modules.room_rules.refusals import Refusal

MEGOLM = "m.megolm.v1.aes-sha2"
LONGEST_REACTION = 100
"""Characters; a reaction is not encrypted, so it must not become a message."""

STATE_IN_UNIT_ROOMS = frozenset(
    {
        "m.room.topic",
        "m.room.avatar",
        "m.room.pinned_events",
        "m.call.member",
        "org.matrix.msc3401.call.member",
    }
)
"""What people may set in a unit's room, where its power levels let them; the rest is the service account's."""
_POLICY_SERVERS = frozenset({"m.room.policy", "org.matrix.msc4284.policy"})
"""State that makes Synapse ask another server about every message."""


@dataclass(frozen=True)
class RoomFacts:
    """What the rules must know of a room."""

    of_owner: bool
    """Whether the service account made it, as it makes every unit room."""
    encrypted: bool
    owner_inside: bool
    """Whether the service account is in it, or invited; if not, it is a direct message."""


def message_refusal(kind: str, content: Mapping[str, Any]) -> Refusal | None:
    """What can be said of a message without knowing its room; `needs_the_room` says whether more is to be asked."""
    if kind == ENCRYPTED:
        sealed = content.get("algorithm") == MEGOLM and isinstance(content.get("ciphertext"), str)
        return None if sealed and "body" not in content else Refusal.NOT_ENCRYPTED_AT_ALL
    if kind == REACTION:
        relation = content.get("m.relates_to")
        key = relation.get("key") if isinstance(relation, Mapping) else None
        return Refusal.LONG_REACTION if isinstance(key, str) and len(key) > LONGEST_REACTION else None
    return None


def needs_the_room(kind: str) -> bool:
    """Whether it depends on the room if a message of this type may be sent."""
    return kind != ENCRYPTED and kind not in MAY_STAY_PLAIN


def plain_refusal(room: RoomFacts) -> Refusal | None:
    """Words in clear are only for rooms of the service account that it made without encryption: announcements."""
    return None if room.of_owner and not room.encrypted else Refusal.PLAIN


def state_refusal(kind: str, content: Mapping[str, Any], room: RoomFacts) -> Refusal | None:
    """Whether people may set this; power levels have their own say besides."""
    if room.of_owner and kind not in STATE_IN_UNIT_ROOMS:
        return Refusal.UNIT_ROOM
    match kind:
        case "m.room.encryption":
            if room.encrypted or content.get("algorithm") != MEGOLM:
                return Refusal.ENCRYPTION_FIXED
        case "m.room.join_rules":
            if content.get("join_rule") == "public":
                return Refusal.PUBLIC
            if not room.owner_inside and content.get("join_rule") not in ("invite", "private"):
                return Refusal.DIRECT
        case "m.room.history_visibility":
            if content.get("history_visibility") == "world_readable":
                return Refusal.WORLD_READABLE
        case "m.room.tombstone":
            return Refusal.ROOM_VERSION
        case "m.room.third_party_invite":
            return Refusal.BY_ADDRESS
        case _ if kind in _POLICY_SERVERS:
            return Refusal.OUTSIDE_POLICY
    return None


@dataclass(frozen=True)
class Invitation:
    """Somebody is about to be invited."""

    to_here: bool
    """Whether the account is one of this server."""
    to_owner: bool
    owner_has_power: bool
    """Whether the room's power levels already give the service account the highest power."""
    by_room_maker: bool
    """Whether whoever invites may make rooms; told where the service account is invited."""
    others: int
    """How many are in the room or invited beside the one in question; more than two count as two."""


def invitation_refusal(room: RoomFacts, invitation: Invitation) -> Refusal | None:
    """Nobody from elsewhere, nobody by hand into a unit's room, and no third into a direct message."""
    if not invitation.to_here:
        return Refusal.FEDERATED
    if room.of_owner:
        return Refusal.UNIT_ROOM
    if invitation.to_owner:
        # It is the first whom a new room invites; a direct message would become a room by it.
        is_new_room = invitation.owner_has_power and invitation.others < 2 and invitation.by_room_maker
        return None if is_new_room else Refusal.DIRECT
    if not room.owner_inside and invitation.others >= 2:
        return Refusal.DIRECT
    return None


def entry_refusal(status: RegisterStatus | None, *, stale: bool) -> Refusal | None:
    """Rooms of the service account, and making new ones, are for people whom the register knows as active.

    Args:
        status: None for somebody whom the register does not know.
        stale: nothing was published for so long that it cannot be relied upon.
    """
    if stale:
        return Refusal.STALE_REGISTER
    return None if status is RegisterStatus.ACTIVE else Refusal.NOT_IN_REGISTER


def powers_in(levels: Mapping[str, Any]) -> Iterator[int]:
    """Every number of a room's power levels: of users, of types of events, of acts."""
    for value in levels.values():
        for number in value.values() if isinstance(value, Mapping) else (value,):
            if isinstance(number, int):
                yield number


def has_highest_power(levels: Mapping[str, Any], user_id: str) -> bool:
    """Whether nobody outranks this account in a room of these power levels, and it may do everything."""
    own = levels.get("users", {}).get(user_id, 0)
    return isinstance(own, int) and own > 0 and own >= max(powers_in(levels))
