"""The section `config` of directory_rules in homeserver.yaml."""

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
)


def parse(content: object) -> Policy:
    """The section as a value.

    Raises:
        ConfigError: naming the key at fault and the valid ones.
    """
    section = check_keys(_MODULE, content, _KEYS)
    return Policy(
        services=optional_localparts(_MODULE, section, "services"),
        open_depth=optional_whole(_MODULE, section, "open_depth", Policy.open_depth, (0, DEEPEST)),
        hidden_units=optional_strings(_MODULE, section, "hidden_units"),
        internal_units=optional_strings(_MODULE, section, "internal_units"),
        red_list=posts(_MODULE, section, "red_list"),
        red_list_found=optional_flag(_MODULE, section, "red_list_found", Policy.red_list_found),
        red_list_reached_by=posts(_MODULE, section, "red_list_reached_by"),
    )
