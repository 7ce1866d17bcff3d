"""What is said between HueP and Synapse, as values: actions and their results, accounts, sessions, rooms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

ROOM_VERSION = "11"


class AccountVerb(StrEnum):
    """What can be done to an account."""

    CREATE = "create"
    LOCK = "lock"
    UNLOCK = "unlock"
    RENAME = "rename"


class MembershipVerb(StrEnum):
    """What can be done to a membership."""

    JOIN = "join"
    LEAVE = "leave"


class JoinRule(StrEnum):
    """Who may enter a room."""

    PUBLIC = "public"
    INVITE = "invite"
    RESTRICTED = "restricted"


@dataclass(frozen=True)
class AccountAction:
    """One act upon one account; `display_name` is needed for create and rename."""

    id: str
    verb: AccountVerb
    localpart: str
    display_name: str | None = None

    def as_json(self) -> dict[str, str]:
        named = {} if self.display_name is None else {"display_name": self.display_name}
        return {"id": self.id, "do": self.verb.value, "localpart": self.localpart, **named}


@dataclass(frozen=True)
class MembershipAction:
    """One act upon the membership of one account in one room."""

    id: str
    verb: MembershipVerb
    localpart: str
    room_id: str

    def as_json(self) -> dict[str, str]:
        return {"id": self.id, "do": self.verb.value, "localpart": self.localpart, "room_id": self.room_id}


@dataclass(frozen=True)
class ActionResult:
    """What became of the action with the same id."""

    id: str
    ok: bool
    changed: bool
    """False too where the homeserver was already as asked."""
    code: str | None = None
    """Why not, for a program: `protected`, `unknown_account`, `not_in_register`, `locked`, `failed` and so on."""
    error: str | None = None
    """Why not, in words."""


@dataclass(frozen=True)
class PublishedPerson:
    """What Synapse may know of a person: `status` is `active` or `left`."""

    localpart: str
    status: str


@dataclass(frozen=True)
class Session:
    """An account that is logged in; the token shows in no representation."""

    user_id: str
    device_id: str
    access_token: str = field(repr=False)


@dataclass(frozen=True)
class HomeserverUser:
    """An account as the admin API lists it."""

    user_id: str
    display_name: str | None
    admin: bool
    locked: bool
    deactivated: bool


@dataclass(frozen=True)
class RoomSpec:
    """A room or space to be made by the account whose token the client holds."""

    name: str
    topic: str = ""
    alias: str = ""
    """Localpart of an address for it, which also keeps the same room from being made twice."""
    space: bool = False
    encrypted: bool = False
    join_rule: JoinRule = JoinRule.INVITE
    restricted_to: str | None = None
    """The space whose members may enter, with JoinRule.RESTRICTED."""
    history_visibility: str = "shared"
    power_levels: Mapping[str, Any] = field(default_factory=dict)
    """Override of single keys of the power levels."""
    state: tuple[tuple[str, str, Mapping[str, Any]], ...] = ()
    """Further initial state: type, state key, content."""

    def as_json(self) -> dict[str, Any]:
        """Body of createRoom. The preset is always public_chat, which no default of the server encrypts."""
        rule: dict[str, Any] = {"join_rule": self.join_rule.value}
        if self.join_rule is JoinRule.RESTRICTED:
            rule["allow"] = [{"type": "m.room_membership", "room_id": self.restricted_to}]
        state: list[tuple[str, str, Mapping[str, Any]]] = [
            ("m.room.join_rules", "", rule),
            ("m.room.history_visibility", "", {"history_visibility": self.history_visibility}),
            ("m.room.guest_access", "", {"guest_access": "forbidden"}),
            *self.state,
        ]
        if self.encrypted:
            state.append(("m.room.encryption", "", {"algorithm": "m.megolm.v1.aes-sha2"}))
        return {
            "name": self.name,
            "topic": self.topic,
            "preset": "public_chat",
            "visibility": "private",
            "room_version": ROOM_VERSION,
            **({"room_alias_name": self.alias} if self.alias else {}),
            "creation_content": {"type": "m.space"} if self.space else {},
            "power_level_content_override": dict(self.power_levels),
            "initial_state": [{"type": kind, "state_key": key, "content": content} for kind, key, content in state],
        }
