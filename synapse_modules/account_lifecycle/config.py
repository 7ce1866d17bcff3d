"""The section `config` of account_lifecycle in homeserver.yaml."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from synapse.config import ConfigError

from synapse_modules.configuration import check_keys, optional_localparts, optional_strings, required_string

_MODULE = "account_lifecycle"
_KEYS = ("service_token_path", "room_owner", "protected", "announcers", "allowed_addresses")

SHORTEST_TOKEN = 32
"""Characters; `secrets.token_urlsafe(32)` gives 43."""

Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class AccountLifecycleConfig:
    """Who may command, from where, and whom no command reaches."""

    service_token_path: Path
    room_owner: str
    """Localpart of the service account that owns the unit rooms; memberships change only in rooms that it is in."""
    protected: frozenset[str] = frozenset()
    """Localparts out of reach, as are all server administrators."""
    announcers: frozenset[str] = frozenset()
    """Of these, localparts of services that are put into rooms all the same; nothing else of theirs is changed."""
    allowed_addresses: tuple[Network, ...] = ()
    """Where requests may come from beside loopback."""

    @property
    def kept_out(self) -> frozenset[str]:
        """Localparts whose memberships no command changes."""
        return self.protected - self.announcers


def parse(content: object) -> AccountLifecycleConfig:
    """The section as a value.

    Raises:
        ConfigError: naming the key at fault and the valid ones.
    """
    section = check_keys(_MODULE, content, _KEYS)
    owner = required_string(_MODULE, section, "room_owner")
    return AccountLifecycleConfig(
        service_token_path=Path(required_string(_MODULE, section, "service_token_path")),
        room_owner=owner,
        protected=optional_localparts(_MODULE, section, "protected") | {owner},
        announcers=optional_localparts(_MODULE, section, "announcers") - {owner},
        allowed_addresses=tuple(
            _network(text) for text in sorted(optional_strings(_MODULE, section, "allowed_addresses"))
        ),
    )


def read_token(path: Path) -> str:
    """The service token in the file `path`.

    Raises:
        ConfigError: the file cannot be read, or what it holds is too short to be one.
    """
    try:
        token = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{_MODULE}: service_token_path {path} cannot be read: {type(error).__name__}") from error
    if len(token) < SHORTEST_TOKEN:
        raise ConfigError(f"{_MODULE}: the token in {path} has fewer than {SHORTEST_TOKEN} characters")
    return token


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ConfigError(f"{_MODULE}: allowed_addresses: {text!r} is no address or network: {error}") from error
