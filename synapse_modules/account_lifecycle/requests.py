"""The bodies of the three endpoints, as values.

Every error is a MalformedRequest that names the key: `actions[3].localpart: ...`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from synapse_modules.projection import PublishedPerson, RegisterStatus

MOST_ACTIONS = 200
"""Actions in one request."""
MOST_PEOPLE = 10_000
"""People in one publication."""
LONGEST_DISPLAY_NAME = 256
"""Characters, as in Synapse."""

_LOCALPART = re.compile(r"[a-z0-9][a-z0-9._=/+-]{0,199}")
_ROOM_ID = re.compile(r"![^\s:]{1,200}(:[^\s]{1,200})?")
_T = TypeVar("_T")


class MalformedRequest(ValueError):
    """The body cannot be used; the message begins with the key."""


class TooManyActions(MalformedRequest):
    """More in one request than is served."""


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
class Publication:
    """People to be written into the projection."""

    version: int | None
    people: tuple[PublishedPerson, ...]


def parse_publication(body: Mapping[str, Any]) -> Publication:
    """The body of POST /people."""
    _only(body, "", ("version", "people"))
    version = body.get("version")
    if version is not None and (isinstance(version, bool) or not isinstance(version, int) or version < 0):
        raise MalformedRequest(f"version: a whole number of 0 or more, or null, not {version!r}")
    return Publication(version, _listed(body, "people", MOST_PEOPLE, _person))


def parse_account_actions(body: Mapping[str, Any]) -> tuple[AccountAction, ...]:
    """The body of POST /accounts."""
    _only(body, "", ("actions",))
    return _listed(body, "actions", MOST_ACTIONS, _account_action)


def parse_membership_actions(body: Mapping[str, Any]) -> tuple[MembershipAction, ...]:
    """The body of POST /memberships."""
    _only(body, "", ("actions",))
    return _listed(body, "actions", MOST_ACTIONS, _membership_action)


def _person(item: Mapping[str, Any], where: str) -> PublishedPerson:
    _only(item, where, ("localpart", "status"))
    return PublishedPerson(_localpart(item, where), _word(item, "status", where, RegisterStatus))


def _account_action(item: Mapping[str, Any], where: str) -> AccountAction:
    verb = _word(item, "do", where, AccountVerb)
    named = verb in (AccountVerb.CREATE, AccountVerb.RENAME)
    _only(item, where, ("id", "do", "localpart", "display_name") if named else ("id", "do", "localpart"))
    display_name = None
    if named:
        display_name = _text(item, "display_name", where).strip()
        if not display_name or len(display_name) > LONGEST_DISPLAY_NAME:
            raise MalformedRequest(f"{where}display_name: 1 to {LONGEST_DISPLAY_NAME} characters")
    return AccountAction(_text(item, "id", where), verb, _localpart(item, where), display_name)


def _membership_action(item: Mapping[str, Any], where: str) -> MembershipAction:
    verb = _word(item, "do", where, MembershipVerb)
    _only(item, where, ("id", "do", "localpart", "room_id"))
    room_id = _text(item, "room_id", where)
    if not _ROOM_ID.fullmatch(room_id):
        raise MalformedRequest(f"{where}room_id: a room ID such as '!abc:server', not {room_id!r}")
    return MembershipAction(_text(item, "id", where), verb, _localpart(item, where), room_id)


def _listed(
    body: Mapping[str, Any], key: str, most: int, parse_item: Callable[[Mapping[str, Any], str], _T]
) -> tuple[_T, ...]:
    items = body.get(key)
    if not isinstance(items, list):
        raise MalformedRequest(f"{key}: a list is required")
    if len(items) > most:
        raise TooManyActions(f"{key}: {len(items)} items, and at most {most} are served in one request")
    parsed = []
    for index, item in enumerate(items):
        where = f"{key}[{index}]"
        if not isinstance(item, Mapping):
            raise MalformedRequest(f"{where}: an object is required")
        parsed.append(parse_item(item, f"{where}."))
    return tuple(parsed)


def _only(item: Mapping[str, Any], where: str, valid: tuple[str, ...]) -> None:
    for key in item:
        if key not in valid:
            raise MalformedRequest(f"{where}{key}: unknown key; valid keys are {', '.join(valid)}")


def _text(item: Mapping[str, Any], key: str, where: str) -> str:
    value = item.get(key)
    if not isinstance(value, str) or not value or "\x00" in value:
        raise MalformedRequest(f"{where}{key}: a non-empty string is required")
    return value


def _word(item: Mapping[str, Any], key: str, where: str, words: Callable[[str], _T]) -> _T:
    text = _text(item, key, where)
    try:
        return words(text)
    except ValueError as error:
        valid = ", ".join(str(word) for word in words)  # type: ignore[attr-defined]
        raise MalformedRequest(f"{where}{key}: one of {valid}, not {text!r}") from error


def _localpart(item: Mapping[str, Any], where: str) -> str:
    localpart = _text(item, "localpart", where)
    if not _LOCALPART.fullmatch(localpart):
        raise MalformedRequest(f"{where}localpart: lower-case letters, digits and ._=/+- only, not {localpart!r}")
    return localpart
