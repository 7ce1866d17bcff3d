"""What is said between HueP and Synapse, as values: requests and their results, accounts, sessions, rooms."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
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
class AccountRequest:
    """One act upon one account, as it is asked for; `display_name` is needed for create and rename."""

    id: str
    verb: AccountVerb
    localpart: str
    display_name: str | None = None

    def as_json(self) -> dict[str, str]:
        named = {} if self.display_name is None else {"display_name": self.display_name}
        return {"id": self.id, "do": self.verb.value, "localpart": self.localpart, **named}


@dataclass(frozen=True)
class MembershipRequest:
    """One act upon the membership of one account in one room, as it is asked for."""

    id: str
    verb: MembershipVerb
    localpart: str
    room_id: str

    def as_json(self) -> dict[str, str]:
        return {"id": self.id, "do": self.verb.value, "localpart": self.localpart, "room_id": self.room_id}


@dataclass(frozen=True)
class ActionResult:
    """What became of the request with the same id."""

    id: str
    ok: bool
    changed: bool
    """False too where the homeserver was already as asked."""
    code: str | None = None
    """Why not, for a program: `protected`, `unknown_account`, `not_in_register`, `locked`, `failed` and so on."""
    error: str | None = None
    """Why not, in words."""


@dataclass(frozen=True)
class PublishedDetails:
    """What Synapse may know of a person beside the status, for its rules; None where there is nothing to know."""

    full_name: str
    unit: str | None
    """Code of the unit of the main post."""
    units: tuple[str, ...]
    """Codes of that unit and the units above it, the province first."""
    level: int | None
    """How deep that unit lies; 0 is the province."""
    standing: str | None
    """`head`, `deputy` or `staff`."""
    position: str | None
    code_hash: str | None = None
    """Of the activation code that is open; never the code."""
    code_expires_at: datetime | None = None
    officer_code: str | None = None
    """By which people name themselves on the activation page."""
    sponsor: str | None = None
    """Of a guest: localpart of the leader who sponsors them; `units` are then the sponsor's."""
    until: datetime | None = None
    """Of a guest: the moment from which they may not log in."""

    def as_json(self) -> dict[str, Any]:
        moments = {"code_expires_at": _as_ms(self.code_expires_at), "until": _as_ms(self.until)}
        return {**vars(self), "units": list(self.units), **moments}


@dataclass(frozen=True)
class PublishedPerson:
    """What Synapse may know of a person: `status` is `active` or `left`."""

    localpart: str
    status: str
    details: PublishedDetails | None = None
    """None leaves those that were published before as they are."""

    @property
    def digest(self) -> str:
        """The same for the same row: by it a publisher knows what is published already."""
        return _digest(self._content())

    def as_json(self) -> dict[str, Any]:
        return {**self._content(), **({} if self.details is None else {"digest": self.digest})}

    def _content(self) -> dict[str, Any]:
        details = {} if self.details is None else self.details.as_json()
        return {"localpart": self.localpart, "status": self.status, **details}


@dataclass(frozen=True)
class PublishedUnit:
    """What Synapse may know of a unit."""

    code: str
    name: str
    parent: str | None
    level: int
    hidden: bool = False
    """Whether people outside must not find it."""
    rooms: tuple[str, ...] = ()
    """IDs of its space and of the rooms in it: those who enter them by themselves must be of this unit."""

    @property
    def digest(self) -> str:
        """The same for the same row."""
        return _digest(vars(self))

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "rooms": list(self.rooms), "digest": self.digest}


@dataclass(frozen=True)
class Redemption:
    """An activation code that its person has used; Synapse tells of it until it is published no more."""

    localpart: str
    code_hash: str
    at: datetime


@dataclass(frozen=True)
class Published:
    """Digests of what Synapse was told before; None for a row of which a part was published last."""

    people: Mapping[str, str | None]
    """By localpart."""
    units: Mapping[str, str | None]
    """By code."""
    published_at: datetime | None
    redeemed: tuple[Redemption, ...] = ()

    def lacks_people(self, people: Iterable[PublishedPerson]) -> tuple[PublishedPerson, ...]:
        """Those whose row Synapse has otherwise, or not at all; of 60,000 people in about a second."""
        return tuple(person for person in people if self.people.get(person.localpart) != person.digest)

    def lacks_units(self, units: Iterable[PublishedUnit]) -> tuple[PublishedUnit, ...]:
        """Those that Synapse has otherwise, or not at all."""
        return tuple(unit for unit in units if self.units.get(unit.code) != unit.digest)


def _as_ms(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)


def _digest(content: Mapping[str, Any]) -> str:
    # Several times as fast as JSON; the order of the keys is that of the dataclasses.
    return blake2b(repr(content).encode(), digest_size=16).hexdigest()


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
class Roll:
    """Accounts of the homeserver: all, or those of the shards in which somebody knew something else."""

    users: tuple[HomeserverUser, ...]
    shards: frozenset[str] | None = None
    """The shards that are told of, beside every administrator; None: all accounts are here."""

    def tells_of(self, localpart: str) -> bool:
        """Whether the account would be among `users` if it existed."""
        return self.shards is None or shard_of(localpart) in self.shards


def shard_of(localpart: str) -> str:
    """The shard in which an account is compared: localparts end in a random code, so that shards are alike in size."""
    return localpart[-2:]


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
