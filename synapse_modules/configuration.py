"""Reading a module's section of homeserver.yaml: the error names the key at fault and the valid ones."""

from collections.abc import Collection, Mapping
from typing import Any

from synapse.config import ConfigError


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


def _listed(keys: Collection[str]) -> str:
    return ", ".join(repr(key) for key in sorted(keys))
