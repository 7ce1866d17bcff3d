"""The body of a createRoom request: what is refused in it, and what is put in. Pure."""

from collections.abc import Collection, Mapping, Set
from enum import StrEnum
from typing import Any

from huep.directory.model import Standing
from huep.synapse_model import ROOM_VERSION
from synapse_modules.room_rules.refusals import Refusal
from synapse_modules.room_rules.rules import RoomFacts, powers_in, state_refusal
from synapse_modules.room_rules.sealed import MEGOLM
from synapse_modules.room_rules.shapes import fits
from synapse_modules.room_rules.state_table import POWER_LEVELS, STATE

HIGHEST_POWER = 100
_ENCRYPTION = "m.room.encryption"
_JOIN_RULES = "m.room.join_rules"
_MADE_BY_SYNAPSE = frozenset({"m.room.create", "m.room.member"})
"""State that a body could smuggle past those callbacks that look at invitations."""
_UP_TO_OURS = frozenset(map(str, range(1, int(ROOM_VERSION) + 1)))
"""Clients that mean "at least this" ask for an old version, Element for rooms that a space opens; they get ours."""

_TYPES = frozenset({"m.space", "io.element.video", "org.matrix.msc3417.call"})
"""What a room may call itself in its first event, which everybody beside the members reads too."""

Body = Mapping[str, Any]


class Kind(StrEnum):
    """What is being made."""

    DIRECT = "direct"
    """Two people."""
    ROOM = "room"
    SPACE = "space"


def kind_of(body: Body, owner: str) -> Kind:
    """What a well-formed body makes. Of more than two people, or with the service account, it is a room after all."""
    if _part(body, "creation_content").get("type") == "m.space":
        return Kind.SPACE
    alone = len(_invited(body)) == 1 and owner not in _invited(body)
    return Kind.DIRECT if body.get("is_direct") is True and alone else Kind.ROOM


def body_refusal(body: Body) -> Refusal | None:
    """What nobody may make, the service account neither: malformed, published, or of a version after ours."""
    if not _is_well_formed(body):
        return Refusal.MALFORMED
    if body.get("room_version", ROOM_VERSION) not in _UP_TO_OURS:
        return Refusal.ROOM_VERSION
    # Synapse makes a public room of every word but this.
    return Refusal.PUBLISHED if body.get("visibility", "private") != "private" else None


def people_refusal(
    body: Body, server_name: str, owner: str, *, sender: str = "", own_hosts: Collection[str] = ()
) -> Refusal | None:
    """What people and bots may not make, of a body that `body_refusal` lets pass."""
    if is_upgrade(body):
        return Refusal.ROOM_VERSION
    if body.get("invite_3pid"):
        return Refusal.BY_ADDRESS
    if body.get("room_alias_name"):
        return Refusal.ALIAS
    if any(user_id.partition(":")[2] != server_name for user_id in _invited(body)):
        return Refusal.FEDERATED
    state = _state(body)
    kinds = {item["type"] for item in state}
    if body.get("preset") == "public_chat" and not _has_join_rules(body):
        return Refusal.PUBLIC
    if kinds & _MADE_BY_SYNAPSE:
        return Refusal.MALFORMED
    if any(power > HIGHEST_POWER for power in powers_in(_levels(body))):
        return Refusal.POWER
    if not _is_wordless(body):
        return Refusal.UNKNOWN_STATE
    new = RoomFacts(of_owner=False, encrypted=False, owner_inside=kind_of(body, owner) is not Kind.DIRECT)
    for item in state:
        # Encryption that is none is not refused: it is replaced.
        if item["type"] != _ENCRYPTION and (
            refusal := state_refusal(
                item["type"],
                item["content"],
                new,
                state_key=item.get("state_key", ""),
                sender=sender,
                own_hosts=own_hosts,
            )
        ):
            return refusal
    return None


def _is_wordless(body: Body) -> bool:
    """Whether nobody could read more in the first events than a name and a topic."""
    made = _part(body, "creation_content")
    named = {kind: body[kind] for kind in ("name", "topic") if body.get(kind) is not None}
    return (
        made.keys() <= {"type", "m.federate"}
        and made.get("type") in {None, *_TYPES}
        and all(fits({kind: value}, STATE[f"m.room.{kind}"].keys) for kind, value in named.items())
        and fits(_part(body, "power_level_content_override"), STATE[POWER_LEVELS].keys)
    )


def position_refusal(
    kind: Kind, standing: str | None, create_rooms: Set[Standing], create_spaces: Set[Standing]
) -> Refusal | None:
    """Who may make what, by the standing of the main post; who holds no post counts as staff."""
    standing = standing or Standing.STAFF
    if kind is Kind.SPACE:
        return None if standing in create_spaces else Refusal.MAY_NOT_CREATE_SPACE
    return None if standing in create_rooms else Refusal.MAY_NOT_CREATE_ROOM


def is_upgrade(body: Body) -> bool:
    """Whether the room is to take another's place, as an upgrade makes it."""
    return "predecessor" in _part(body, "creation_content")


def unfederated(body: Body) -> dict[str, Any]:
    """The body of the same room, of our version and closed to other servers for ever."""
    closed = {**_part(body, "creation_content"), "m.federate": False}
    return {**body, "room_version": ROOM_VERSION, "creation_content": closed}


def shaped(body: Body, creator: str, owner: str) -> dict[str, Any]:
    """The body as people and bots make their room: encrypted, and with the service account above everybody.

    Without it a room would be lost with its last administrator. A direct message has two people, and nobody to lose.
    """
    kind = kind_of(body, owner)
    made, levels = unfederated(body), dict(_levels(body))
    state = [item for item in _state(body) if item["type"] not in (POWER_LEVELS, _ENCRYPTION)]
    if not _has_join_rules(body):
        state.append(_item(_JOIN_RULES, {"join_rule": "invite"}))
    if kind is not Kind.SPACE:
        state.append(_item(_ENCRYPTION, _encryption(body)))
    if kind is not Kind.DIRECT:
        levels["users"] = _users(body, creator) | {owner: HIGHEST_POWER}
        # First: who is invited after it finds the service account there, and no direct message.
        made["invite"] = [owner, *(user_id for user_id in _invited(body) if user_id != owner)]
    if kind is Kind.SPACE:
        levels["events_default"] = HIGHEST_POWER  # a space is no place for messages, and has no encryption
    if any(item["type"] == POWER_LEVELS for item in _state(body)):
        state.append(_item(POWER_LEVELS, levels))
    elif levels:
        made["power_level_content_override"] = levels
    return {**made, "initial_state": state}


def _has_join_rules(body: Body) -> bool:
    """Whether the body says itself who may enter; under another state key it says nothing."""
    return any(item["type"] == _JOIN_RULES and not item.get("state_key") for item in _state(body))


def _users(body: Body, creator: str) -> dict[str, Any]:
    """Power by user as Synapse would give it, which a map of our own replaces."""
    given = _levels(body).get("users")
    users = dict(given) if given else {creator: HIGHEST_POWER}
    if not given and body.get("preset") == "trusted_private_chat":
        users |= dict.fromkeys(_invited(body), HIGHEST_POWER)
    return users


def _encryption(body: Body) -> dict[str, Any]:
    """The encryption that was asked for where it is one, for it may say how often keys change."""
    for item in _state(body):
        if item["type"] == _ENCRYPTION and fits(item["content"], STATE[_ENCRYPTION].keys):
            return {**item["content"], "algorithm": MEGOLM}
    return {"algorithm": MEGOLM}


def _levels(body: Body) -> Mapping[str, Any]:
    """Power levels of the initial state, the first of them if there are more; they overrule the other way."""
    for item in _state(body):
        if item["type"] == POWER_LEVELS:
            return item["content"]  # type: ignore[no-any-return]
    return _part(body, "power_level_content_override")


def _item(kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": kind, "state_key": "", "content": content}


def _is_well_formed(body: Body) -> bool:
    parts = [body.get(name) or {} for name in ("creation_content", "power_level_content_override")]
    invited, state = body.get("invite") or [], body.get("initial_state") or []
    if not (isinstance(invited, list) and isinstance(state, list)):
        return False
    return (
        all(isinstance(part, Mapping) for part in parts)
        and all(isinstance(user_id, str) for user_id in invited)
        and all(_is_state(item) for item in state)
        and isinstance(_levels(body).get("users") or {}, Mapping)
    )


def _is_state(item: object) -> bool:
    return (
        isinstance(item, Mapping)
        and isinstance(item.get("type"), str)
        and isinstance(item.get("state_key", ""), str)
        and isinstance(item.get("content"), Mapping)
    )


def _part(body: Body, name: str) -> Mapping[str, Any]:
    return body.get(name) or {}


def _invited(body: Body) -> list[str]:
    return body.get("invite") or []


def _state(body: Body) -> list[Mapping[str, Any]]:
    return body.get("initial_state") or []
