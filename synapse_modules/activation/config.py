"""The section `config` of activation in homeserver.yaml."""

from dataclasses import dataclass

from synapse_modules.configuration import check_keys, optional_localparts, optional_whole

_MODULE = "activation"
_KEYS = ("protected", "minimum_length")

MINIMUM_LENGTHS = (8, 64)
"""Characters: what an operator may ask for."""


@dataclass(frozen=True)
class ActivationConfig:
    """Whom the page never serves, and how long a password must be."""

    protected: frozenset[str] = frozenset()
    """Localparts without activation, as are all server administrators."""
    minimum_length: int = 10
    """Characters; the same as `password_config.policy.minimum_length`."""


def parse(content: object) -> ActivationConfig:
    """The section as a value.

    Raises:
        ConfigError: naming the key at fault and the valid ones.
    """
    section = check_keys(_MODULE, content, _KEYS)
    return ActivationConfig(
        protected=optional_localparts(_MODULE, section, "protected"),
        minimum_length=optional_whole(
            _MODULE, section, "minimum_length", ActivationConfig.minimum_length, MINIMUM_LENGTHS
        ),
    )
