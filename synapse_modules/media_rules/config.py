"""The section `config` of media_rules in homeserver.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synapse.config import ConfigError

from huep.module_settings import MediaKind as Kind
from synapse_modules.colleagues import NO_POSTS
from synapse_modules.configuration import (
    check_keys,
    optional_flag,
    optional_localparts,
    optional_strings,
    optional_whole,
    posts,
)
from synapse_modules.media_rules.clamav import Scanner
from synapse_modules.media_rules.quarantine import Quarantine
from synapse_modules.media_rules.rules import MEGABYTE, Allowance, Group, Policy

_MODULE = "media_rules"
_ALLOWANCE_KEYS = ("largest_mb", "daily_mb", "kinds")
_GROUP_KEYS = (*_ALLOWANCE_KEYS, "posts", "units")
_KEYS = ("services", *_ALLOWANCE_KEYS, "groups", "clamav", "unscanned_allowed", "scan_timeout_s")
_QUARANTINE_KEYS = ("quarantine", "quarantine_mb")
_MOST_MB = 1_000_000
QUARANTINE_MB = 1_000


@dataclass(frozen=True)
class MediaRulesConfig:
    """What may be uploaded, and who looks at it."""

    policy: Policy
    scanner: Scanner | None = None
    unscanned_allowed: bool = False
    """What happens to a file when the scanner does not answer: whether it is let through."""
    quarantine: Quarantine | None = None
    """Where infected files are kept; None: they are thrown away."""


def parse(content: object) -> MediaRulesConfig:
    """The section as a value.

    Raises:
        ConfigError: naming the key at fault and the valid ones.
    """
    section = check_keys(_MODULE, content, (*_KEYS, *_QUARANTINE_KEYS))
    everybody = _allowance(_MODULE, section)
    return MediaRulesConfig(
        policy=Policy(
            services=optional_localparts(_MODULE, section, "services"),
            everybody=everybody,
            groups=tuple(_groups(section)),
        ),
        scanner=_scanner(section),
        unscanned_allowed=optional_flag(_MODULE, section, "unscanned_allowed", False),
        quarantine=_quarantine(section),
    )


def _quarantine(section: Mapping[str, Any]) -> Quarantine | None:
    most_mb = optional_whole(_MODULE, section, "quarantine_mb", QUARANTINE_MB, (1, _MOST_MB))
    folder = section.get("quarantine")
    return None if folder is None else Quarantine(Path(str(folder)), most_mb * MEGABYTE)


def _groups(section: Mapping[str, Any]) -> list[Group]:
    listed = section.get("groups", [])
    if not isinstance(listed, list):
        raise ConfigError(f"{_MODULE}: groups must be a list of mappings, not {listed!r}")
    groups = []
    for number, item in enumerate(listed):
        where = f"{_MODULE}: groups[{number}]"
        content = check_keys(where, item, _GROUP_KEYS)
        group = Group(
            _allowance(where, content), posts(where, content, "posts"), optional_strings(where, content, "units")
        )
        if group.posts == NO_POSTS and not group.units:
            raise ConfigError(f"{where}: posts or units must say who belongs to it")
        groups.append(group)
    return groups


def _allowance(where: str, content: Mapping[str, Any]) -> Allowance:
    daily_mb = None if content.get("daily_mb") is None else optional_whole(where, content, "daily_mb", 0, (1, _MOST_MB))
    largest_mb = optional_whole(where, content, "largest_mb", Allowance.largest_bytes // MEGABYTE, (1, _MOST_MB))
    return Allowance(
        largest_bytes=largest_mb * MEGABYTE,
        daily_bytes=None if daily_mb is None else daily_mb * MEGABYTE,
        kinds=_kinds(where, content),
    )


def _kinds(where: str, content: Mapping[str, Any]) -> frozenset[Kind]:
    if "kinds" not in content:
        return frozenset(Allowance.kinds)
    words = optional_strings(where, content, "kinds")
    if unknown := sorted(words - set(Kind)):
        raise ConfigError(f"{where}: kinds: {unknown[0]!r} is none of {', '.join(Kind)}")
    return frozenset(map(Kind, words))


def _scanner(section: Mapping[str, Any]) -> Scanner | None:
    """A path beginning with a slash, or `host:port`."""
    address = section.get("clamav")
    if address is None:
        return None
    timeout_s = optional_whole(_MODULE, section, "scan_timeout_s", int(Scanner.timeout_s), (1, 600))
    if isinstance(address, str) and address.startswith("/"):
        return Scanner(Path(address), timeout_s)
    host, _, port = str(address).rpartition(":")
    if not host or not port.isascii() or not port.isdigit():
        raise ConfigError(f"{_MODULE}: clamav must be the path of a socket or 'host:port', not {address!r}")
    return Scanner((host, int(port)), timeout_s)
