"""Reading the JSON bodies of the endpoints: every error names the key, `actions[3].localpart: ...`."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

_LOCALPART = re.compile(r"[a-z0-9][a-z0-9._=/+-]{0,199}")
_T = TypeVar("_T")
_E = TypeVar("_E", bound=StrEnum)


class MalformedRequest(ValueError):
    """The body cannot be used; the message begins with the key."""


class TooManyActions(MalformedRequest):
    """More in one request than is served."""


def only(item: Mapping[str, Any], where: str, valid: tuple[str, ...]) -> None:
    """Refuse every key but `valid`."""
    for key in item:
        if key not in valid:
            raise MalformedRequest(f"{where}{key}: unknown key; valid keys are {', '.join(valid)}")


def listed(
    body: Mapping[str, Any], key: str, most: int, parse_item: Callable[[Mapping[str, Any], str], _T]
) -> tuple[_T, ...]:
    """The objects under `key`, each read by `parse_item(item, where)`."""
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


def text(item: Mapping[str, Any], key: str, where: str) -> str:
    """The non-empty string under `key`."""
    value = item.get(key)
    if not isinstance(value, str) or not value or "\x00" in value:
        raise MalformedRequest(f"{where}{key}: a non-empty string is required")
    return value


def optional_text(item: Mapping[str, Any], key: str, where: str) -> str | None:
    """The non-empty string under `key`, or null."""
    return None if item.get(key) is None else text(item, key, where)


def whole(item: Mapping[str, Any], key: str, where: str) -> int:
    """The whole number of 0 or more under `key`."""
    value = item.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise MalformedRequest(f"{where}{key}: a whole number of 0 or more is required, not {value!r}")
    return value


def optional_whole(item: Mapping[str, Any], key: str, where: str) -> int | None:
    """The whole number under `key`, or null."""
    return None if item.get(key) is None else whole(item, key, where)


def texts(item: Mapping[str, Any], key: str, where: str) -> tuple[str, ...] | None:
    """The list of non-empty strings under `key`, or null."""
    value = item.get(key)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(one, str) and one and "\x00" not in one for one in value):
        raise MalformedRequest(f"{where}{key}: a list of non-empty strings is required")
    return tuple(value)


def text_by_text(item: Mapping[str, Any], key: str, where: str) -> dict[str, str]:
    """The object of non-empty strings under `key`."""
    value = item.get(key)
    if not isinstance(value, Mapping):
        raise MalformedRequest(f"{where}{key}: an object is required")
    return {name: text(value, name, f"{where}{key}.") for name in value}


def word(item: Mapping[str, Any], key: str, where: str, words: type[_E]) -> _E:
    """The member of `words` whose value stands under `key`."""
    given = text(item, key, where)
    try:
        return words(given)
    except ValueError as error:
        raise MalformedRequest(f"{where}{key}: one of {', '.join(words)}, not {given!r}") from error


def localpart(item: Mapping[str, Any], where: str) -> str:
    """The localpart under `localpart`."""
    given = text(item, "localpart", where)
    if not _LOCALPART.fullmatch(given):
        raise MalformedRequest(f"{where}localpart: lower-case letters, digits and ._=/+- only, not {given!r}")
    return given
