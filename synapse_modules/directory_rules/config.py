"""The section `config` of directory_rules in homeserver.yaml."""

from dataclasses import dataclass

from synapse_modules.configuration import (
    DEEPEST,
    check_keys,
    optional_flag,
    optional_localparts,
    optional_strings,
    optional_whole,
    posts,
)
from synapse_modules.directory_rules.rules import Policy

_MODULE = "directory_rules"
_KEYS = (
    "services",
    "open_depth",
    "hidden_units",
    "internal_units",
    "red_list",
    "red_list_found",
    "red_list_reached_by",
    "searches_on",
)


@dataclass(frozen=True)
class DirectoryRulesConfig:
    """What a province lays down, and where it is asked."""

    policy: Policy
    searches_on: frozenset[str] = frozenset()
    """Names of the workers to which searches are led; none: they arrive in the main process."""

    def is_searched_on(self, worker_name: str | None) -> bool:
        """Whether searches arrive in the process of this name; the main one has none."""
        return worker_name in self.searches_on if self.searches_on else worker_name is None


def parse(content: object) -> DirectoryRulesConfig:
    """The section as a value.

    Raises:
        ConfigError: naming the key at fault and the valid ones.
    """
    section = check_keys(_MODULE, content, _KEYS)
    policy = Policy(
        services=optional_localparts(_MODULE, section, "services"),
        open_depth=optional_whole(_MODULE, section, "open_depth", Policy.open_depth, (0, DEEPEST)),
        hidden_units=optional_strings(_MODULE, section, "hidden_units"),
        internal_units=optional_strings(_MODULE, section, "internal_units"),
        red_list=posts(_MODULE, section, "red_list"),
        red_list_found=optional_flag(_MODULE, section, "red_list_found", Policy.red_list_found),
        red_list_reached_by=posts(_MODULE, section, "red_list_reached_by"),
    )
    return DirectoryRulesConfig(policy, optional_strings(_MODULE, section, "searches_on"))
