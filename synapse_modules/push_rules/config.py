"""The section `config` of push_rules in homeserver.yaml."""

from collections.abc import Mapping
from typing import Any

from synapse.config import ConfigError

from huep.push.addresses import gateway_address
from synapse_modules.configuration import check_keys, optional_strings
from synapse_modules.push_rules.rules import Policy

_MODULE = "push_rules"
_KEYS = ("own", "own_listens_on", "inside", "declared")


def parse(content: object) -> Policy:
    """The section as a value.

    Raises:
        ConfigError: naming the key at fault and the valid ones.
    """
    section = check_keys(_MODULE, content, _KEYS)
    policy = Policy(
        own=_optional_address(section, "own"),
        own_listens_on=_optional_address(section, "own_listens_on"),
        inside=_addresses(section, "inside"),
        declared=_addresses(section, "declared"),
    )
    if (policy.own is None) != (policy.own_listens_on is None):
        raise ConfigError(f"{_MODULE}: own and own_listens_on go together: set both or neither")
    return policy


def _optional_address(section: Mapping[str, Any], key: str) -> str | None:
    return None if section.get(key) is None else _address(key, section[key])


def _addresses(section: Mapping[str, Any], key: str) -> frozenset[str]:
    return frozenset(_address(key, text) for text in optional_strings(_MODULE, section, key))


def _address(key: str, text: object) -> str:
    try:
        return gateway_address(text)
    except ValueError as error:
        raise ConfigError(f"{_MODULE}: {key}: {error}") from error
