"""What may be asked about accounts and memberships, as values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from synapse_modules.account_lifecycle.bodies import (
    MalformedRequest,
    listed,
    localpart,
    only,
    optional_text,
    text,
    text_by_text,
    texts,
    whole,
    word,
)

MOST_ACTIONS = 200
"""Actions in one request."""
LONGEST_ROLL = 10_000
"""Accounts in one page of the roll, or asked for by name."""
LONGEST_DISPLAY_NAME = 256
"""Characters, as in Synapse."""

_ROOM_ID = re.compile(r"![^\s:]{1,200}(:[^\s]{1,200})?")


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


@dataclass(frozen=True)
class AccountAction:
    """One act upon one account."""

    id: str
    verb: AccountVerb
    localpart: str
    display_name: str | None
    """Set for create and rename."""


@dataclass(frozen=True)
class MembershipAction:
    """One act upon the membership of one account in one room."""

    id: str
    verb: MembershipVerb
    localpart: str
    room_id: str


@dataclass(frozen=True)
class NamesCall:
    """Asks for the accounts with these localparts."""

    localparts: tuple[str, ...]


@dataclass(frozen=True)
class PageCall:
    """Asks for a page of all, in the order of their user IDs."""

    after: str
    """User ID behind which the page begins."""
    limit: int


@dataclass(frozen=True)
class ShardCall:
    """Asks for the accounts of those shards of which the caller knows something else."""

    digests: Mapping[str, str]
    """By shard: the last two characters of the localparts in it."""


RollCall = NamesCall | PageCall | ShardCall


def parse_account_actions(body: Mapping[str, Any]) -> tuple[AccountAction, ...]:
    """The body of POST /accounts."""
    only(body, "", ("actions",))
    return listed(body, "actions", MOST_ACTIONS, _account_action)


def parse_membership_actions(body: Mapping[str, Any]) -> tuple[MembershipAction, ...]:
    """The body of POST /memberships."""
    only(body, "", ("actions",))
    return listed(body, "actions", MOST_ACTIONS, _membership_action)


def parse_roll_call(body: Mapping[str, Any]) -> RollCall:
    """The body of POST /roll."""
    if "shards" in body:
        only(body, "", ("shards",))
        return ShardCall(text_by_text(body, "shards", ""))
    only(body, "", ("localparts", "after", "limit"))
    named = texts(body, "localparts", "")
    limit = whole(body, "limit", "") if "limit" in body else LONGEST_ROLL
    if not 1 <= limit <= LONGEST_ROLL or (named is not None and len(named) > LONGEST_ROLL):
        raise MalformedRequest(f"limit: 1 to {LONGEST_ROLL} accounts are told of in one request")
    return PageCall(optional_text(body, "after", "") or "", limit) if named is None else NamesCall(named)


def _account_action(item: Mapping[str, Any], where: str) -> AccountAction:
    verb = word(item, "do", where, AccountVerb)
    named = verb in (AccountVerb.CREATE, AccountVerb.RENAME)
    only(item, where, ("id", "do", "localpart", "display_name") if named else ("id", "do", "localpart"))
    display_name = None
    if named:
        display_name = text(item, "display_name", where).strip()
        if not display_name or len(display_name) > LONGEST_DISPLAY_NAME:
            raise MalformedRequest(f"{where}display_name: 1 to {LONGEST_DISPLAY_NAME} characters")
    return AccountAction(text(item, "id", where), verb, localpart(item, where), display_name)


def _membership_action(item: Mapping[str, Any], where: str) -> MembershipAction:
    verb = word(item, "do", where, MembershipVerb)
    only(item, where, ("id", "do", "localpart", "room_id"))
    room_id = text(item, "room_id", where)
    if not _ROOM_ID.fullmatch(room_id):
        raise MalformedRequest(f"{where}room_id: a room ID such as '!abc:server', not {room_id!r}")
    return MembershipAction(text(item, "id", where), verb, localpart(item, where), room_id)
