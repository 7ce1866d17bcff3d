"""What the provisioner publishes into the projection, as values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from huep.names import GUEST_PREFIX
from synapse_modules.account_lifecycle.bodies import (
    MalformedRequest,
    listed,
    localpart,
    only,
    optional_text,
    optional_whole,
    text,
    texts,
    whole,
    word,
)
from synapse_modules.projection import PublishedPerson, PublishedUnit, RegisterStatus, Value

MOST_PEOPLE = 10_000
"""People in one publication."""
MOST_UNITS = 5_000

_DETAILS: Mapping[str, Callable[[Mapping[str, Any], str, str], Value]] = {
    "unit": optional_text,
    "units": texts,
    "level": optional_whole,
    "standing": optional_text,
    "position": optional_text,
    "full_name": optional_text,
    "officer_code": optional_text,
    "code_hash": optional_text,
    "code_expires_at": optional_whole,
    "sponsor": optional_text,
    "until": optional_whole,
}
"""Column to how it is read: absent stays as it is, null clears."""


@dataclass(frozen=True)
class Publication:
    """Rows to be written into the projection."""

    version: int | None
    people: tuple[PublishedPerson, ...]
    units: tuple[PublishedUnit, ...]


def parse_publication(body: Mapping[str, Any]) -> Publication:
    """The body of POST /people."""
    only(body, "", ("version", "people", "units"))
    return Publication(
        optional_whole(body, "version", ""),
        listed(body, "people", MOST_PEOPLE, _person),
        listed(body, "units", MOST_UNITS, _unit) if "units" in body else (),
    )


def _person(item: Mapping[str, Any], where: str) -> PublishedPerson:
    only(item, where, ("localpart", "status", "digest", *_DETAILS))
    name = localpart(item, where)
    if item.get("sponsor") is not None and not name.startswith(GUEST_PREFIX):
        raise MalformedRequest(f"{where}sponsor: only accounts that begin with {GUEST_PREFIX} are guests'")
    return PublishedPerson(
        name,
        word(item, "status", where, RegisterStatus),
        {column: read(item, column, where) for column, read in _DETAILS.items() if column in item},
        optional_text(item, "digest", where),
    )


def _unit(item: Mapping[str, Any], where: str) -> PublishedUnit:
    only(item, where, ("code", "name", "parent", "level", "hidden", "rooms", "digest"))
    hidden = item.get("hidden")
    if not isinstance(hidden, bool):
        raise MalformedRequest(f"{where}hidden: true or false is required")
    return PublishedUnit(
        text(item, "code", where),
        text(item, "name", where),
        optional_text(item, "parent", where),
        whole(item, "level", where),
        hidden,
        optional_text(item, "digest", where),
        texts(item, "rooms", where) or (),
    )
