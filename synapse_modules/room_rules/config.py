"""The section `config` of room_rules in homeserver.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from synapse.config import ConfigError

from huep.directory.model import Standing
from synapse_modules.configuration import check_keys, optional_localparts, optional_strings, required_string

_MODULE = "room_rules"
_KEYS = ("room_owner", "service_accounts", "create_rooms", "create_spaces")


@dataclass(frozen=True)
class RoomRulesConfig:
    """Whose rooms are whose, and who may make new ones."""

    room_owner: str
    """Localpart of the service account that makes the unit rooms, and keeps power in every room but direct messages."""
    service_accounts: frozenset[str]
    """Localparts that are not people, the owner among them."""
    create_rooms: frozenset[Standing]
    """Whose standing lets them make rooms; everybody may start a direct message."""
    create_spaces: frozenset[Standing]


def parse(content: object) -> RoomRulesConfig:
    """The section as a value.

    Raises:
        ConfigError: naming the key at fault and the valid ones.
    """
    section = check_keys(_MODULE, content, _KEYS)
    owner = required_string(_MODULE, section, "room_owner")
    return RoomRulesConfig(
        room_owner=owner,
        service_accounts=optional_localparts(_MODULE, section, "service_accounts") | {owner},
        create_rooms=_standings(section, "create_rooms"),
        create_spaces=_standings(section, "create_spaces"),
    )


def _standings(section: Mapping[str, Any], key: str) -> frozenset[Standing]:
    words = optional_strings(_MODULE, section, key)
    known = {standing.value for standing in Standing}
    if unknown := sorted(words - known):
        raise ConfigError(f"{_MODULE}: {key}: {unknown[0]!r} is none of {', '.join(sorted(known))}")
    return frozenset(map(Standing, words))
