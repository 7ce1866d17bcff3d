"""Reading a module's section of homeserver.yaml: the error names the key at fault and the valid ones."""

from collections.abc import Collection, Mapping
from typing import Any

from synapse.config import ConfigError

from huep.names import fold
from synapse_modules.colleagues import Posts

DEEPEST = 9
"""Levels of units that a configuration may speak of; a register has fewer."""


def check_keys(module: str, content: object, valid: Collection[str]) -> Mapping[str, Any]:
    """The section as a mapping that has none but `valid` keys."""
    if content is None:
        return {}
    if not isinstance(content, Mapping):
        raise ConfigError(f"{module}: config must be a mapping with the keys {_listed(valid)}")
    unknown = sorted(str(key) for key in content if key not in valid)
    if unknown:
        raise ConfigError(f"{module}: unknown key {unknown[0]!r}; valid keys are {_listed(valid)}")
    return content


def required_string(module: str, content: Mapping[str, Any], key: str) -> str:
    """The non-empty string under `key`."""
    value = content.get(key)
    if not isinstance(value, str) or not value:
        raise ConfigError(f"{module}: {key} is required and must be a non-empty string, not {value!r}")
    return value


def optional_strings(module: str, content: Mapping[str, Any], key: str) -> frozenset[str]:
    """The list of strings under `key`, empty where it is absent."""
    value = content.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ConfigError(f"{module}: {key} must be a list of non-empty strings, not {value!r}")
    return frozenset(value)


def optional_localparts(module: str, content: Mapping[str, Any], key: str) -> frozenset[str]:
    """The localparts under `key`; a full user ID there would silently match nobody, so it is refused."""
    localparts = optional_strings(module, content, key)
    full = sorted(name for name in localparts if name.startswith("@") or ":" in name)
    if full:
        raise ConfigError(f"{module}: {key} lists localparts such as 'huep', not user IDs such as {full[0]!r}")
    return localparts


def optional_whole(module: str, content: Mapping[str, Any], key: str, default: int, span: tuple[int, int]) -> int:
    """The whole number under `key`, from the first to the last of `span`."""
    value = content.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not span[0] <= value <= span[1]:
        raise ConfigError(f"{module}: {key} must be a whole number from {span[0]} to {span[1]}, not {value!r}")
    return value


def optional_flag(module: str, content: Mapping[str, Any], key: str, default: bool) -> bool:
    """True or false under `key`."""
    value = content.get(key, default)
    if not isinstance(value, bool):
        raise ConfigError(f"{module}: {key} must be true or false, not {value!r}")
    return value


def posts(module: str, content: Mapping[str, Any], key: str) -> Posts:
    """The posts that the mapping under `key` describes by level and position, none where it is absent."""
    inner = f"{module}: {key}"
    described = check_keys(inner, content.get(key), ("level", "positions"))
    return Posts(
        level=optional_whole(inner, described, "level", Posts.level, (-1, DEEPEST)),
        positions=frozenset(map(fold, optional_strings(inner, described, "positions"))),
    )


def _listed(keys: Collection[str]) -> str:
    return ", ".join(repr(key) for key in sorted(keys))
