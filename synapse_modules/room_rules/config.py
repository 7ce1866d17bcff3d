"""The section `config` of room_rules in homeserver.yaml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from synapse.config import ConfigError

from huep.directory.model import Standing
from synapse_modules.configuration import check_keys, optional_localparts, optional_strings, required_string

_MODULE = "room_rules"
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_KEYS = ("room_owner", "service_accounts", "create_rooms", "create_spaces", "call_hosts", "notice_account")


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
    call_hosts: frozenset[str]
    """Hosts of our own, in lower case, that calls may go through beside the server's name and public address."""
    notice_account: str | None
    """Localpart of the service account that may make rooms of two without encryption, in which it alone speaks."""


def parse(content: object) -> RoomRulesConfig:
    """The section as a value.

    Raises:
        ConfigError: naming the key at fault and the valid ones.
    """
    section = check_keys(_MODULE, content, _KEYS)
    owner = required_string(_MODULE, section, "room_owner")
    accounts = optional_localparts(_MODULE, section, "service_accounts") | {owner}
    return RoomRulesConfig(
        room_owner=owner,
        service_accounts=accounts,
        create_rooms=_standings(section, "create_rooms"),
        create_spaces=_standings(section, "create_spaces"),
        call_hosts=_hosts(section, "call_hosts"),
        notice_account=_notice_account(section, accounts),
    )


def _notice_account(section: Mapping[str, Any], accounts: frozenset[str]) -> str | None:
    if section.get("notice_account") is None:
        return None
    name = required_string(_MODULE, section, "notice_account")
    if name not in accounts:
        raise ConfigError(f"{_MODULE}: notice_account {name!r} is none of service_accounts")
    return name


def _hosts(section: Mapping[str, Any], key: str) -> frozenset[str]:
    hosts = frozenset(host.lower() for host in optional_strings(_MODULE, section, key))
    if strange := sorted(host for host in hosts if not _HOST.fullmatch(host)):
        raise ConfigError(f"{_MODULE}: {key} lists hosts such as 'rtc.hue.gov.vn', not {strange[0]!r}")
    return hosts


def _standings(section: Mapping[str, Any], key: str) -> frozenset[Standing]:
    words = optional_strings(_MODULE, section, key)
    known = {standing.value for standing in Standing}
    if unknown := sorted(words - known):
        raise ConfigError(f"{_MODULE}: {key}: {unknown[0]!r} is none of {', '.join(sorted(known))}")
    return frozenset(map(Standing, words))
