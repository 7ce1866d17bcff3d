"""What people may send, set, invite and enter: values in, values out."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from synapse_modules.projection import RegisterStatus
from synapse_modules.room_rules.plain import ENCRYPTED, MAY_STAY_PLAIN, REACTION, REDACTION
from synapse_modules.room_rules.refusals import Refusal
from synapse_modules.room_rules.sealed import MEGOLM, is_sealed
from synapse_modules.room_rules.shapes import fits
from synapse_modules.room_rules.state_table import (
    IN_UNIT_ROOMS,
    LOCATIONS,
    MEMBER_KEYS,
    POLICY_SERVERS,
    STATE,
    WIDGETS,
    servers_named,
)


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
        return None if is_sealed(content) else Refusal.NOT_ENCRYPTED_AT_ALL
    keys = MAY_STAY_PLAIN.get(kind)
    if keys is None or fits(content, keys):
        return None
    return Refusal.NO_REACTION if kind == REACTION else Refusal.WORDS_BESIDE


def needs_the_room(kind: str, content: Mapping[str, Any]) -> bool:
    """Whether it depends on the room if such a message may be sent: words in clear, and a redaction's reason."""
    if kind == REDACTION:
        return bool(content.get("reason"))
    return kind != ENCRYPTED and kind not in MAY_STAY_PLAIN


def plain_refusal(room: RoomFacts, kind: str = "") -> Refusal | None:
    """Words in clear are only for rooms of the service account that it made without encryption: announcements."""
    if room.of_owner and not room.encrypted:
        return None
    return Refusal.REASON if kind == REDACTION else Refusal.PLAIN


def state_refusal(
    kind: str,
    content: Mapping[str, Any],
    room: RoomFacts,
    *,
    state_key: str = "",
    sender: str = "",
    own_hosts: Collection[str] = (),
) -> Refusal | None:
    """Whether people may set this; power levels have their own say besides.

    Args:
        kind: the type of the state event.
        content: its content.
        room: where it is to be set.
        state_key: its key.
        sender: user ID of whoever sets it.
        own_hosts: servers that a call may go through, with all below them.
    """
    if room.of_owner and kind not in IN_UNIT_ROOMS:
        return Refusal.UNIT_ROOM
    return _content_refusal(kind, content, room) or _table_refusal(kind, content, state_key, sender, own_hosts)


def _content_refusal(kind: str, content: Mapping[str, Any], room: RoomFacts) -> Refusal | None:
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
        case _ if kind in POLICY_SERVERS:
            return Refusal.OUTSIDE_POLICY
        case _ if kind in WIDGETS:
            return Refusal.WIDGET
        case _ if kind in LOCATIONS:
            return Refusal.LOCATION
    return None


def _table_refusal(
    kind: str, content: Mapping[str, Any], state_key: str, sender: str, own_hosts: Collection[str]
) -> Refusal | None:
    setting = STATE.get(kind)
    if setting is None or not setting.place(state_key, sender) or not fits(content, setting.keys):
        return Refusal.UNKNOWN_STATE
    if setting.may_call_out and not all(_is_among(host, own_hosts) for host in servers_named(content)):
        return Refusal.OUTSIDE_CALL
    return None


def _is_among(host: str, own_hosts: Collection[str]) -> bool:
    return any(host == own or host.endswith(f".{own}") for own in own_hosts)


def member_refusal(content: Mapping[str, Any]) -> Refusal | None:
    """What a client may write into a membership that it sets as state."""
    return None if fits(content, MEMBER_KEYS) else Refusal.UNKNOWN_STATE


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


@dataclass(frozen=True)
class UnitOfRoom:
    """The unit whose space or room it is."""

    code: str
    level: int
    """0 is the province."""


def own_way_refusal(unit: UnitOfRoom | None, units: Collection[str]) -> Refusal | None:
    """Whether somebody may enter a room of the service account without being invited or put in.

    Args:
        unit: whose room it is; None where nobody has said so (yet).
        units: codes of the unit of the person's main post and of all above it.
    """
    return None if unit is not None and (unit.level == 0 or unit.code in units) else Refusal.OTHER_UNIT


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
