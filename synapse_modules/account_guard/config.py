"""The section `config` of account_guard in homeserver.yaml."""

from dataclasses import dataclass

from synapse_modules.configuration import check_keys, optional_localparts

_MODULE = "account_guard"
_KEYS = ("allowed_localparts",)


@dataclass(frozen=True)
class AccountGuardConfig:
    """Who may have an account beside the people of the register."""

    allowed_localparts: frozenset[str] = frozenset()
    """Service accounts and bots."""


def parse(content: object) -> AccountGuardConfig:
    """The section as a value.

    Raises:
        ConfigError: naming the key at fault and the valid ones.
    """
    section = check_keys(_MODULE, content, _KEYS)
    return AccountGuardConfig(allowed_localparts=optional_localparts(_MODULE, section, "allowed_localparts"))
