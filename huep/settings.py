"""huep.toml, typed. Every key has a default but `server_name`, which is asked once and then stands for ever."""

import re
import tomllib
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from huep.bots_settings import BotsSettings
from huep.broadcasts_settings import BroadcastsSettings
from huep.calendar_settings import CalendarSettings
from huep.directory.model import Standing
from huep.errors import ConfigError
from huep.hr_settings import HrSettings
from huep.module_settings import DirectorySettings, MediaSettings
from huep.push.addresses import NOTIFY_PATH
from huep.push_settings import PushSettings
from huep.sections import Port, Section
from huep.state import StateFolder

_SERVER_NAME = re.compile(r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$")

HostName = Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]
"""Of two labels at least: all below it counts too, and `vn` would be the whole country."""

_CLAIM = re.compile(r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")
"""It stands in a template of Synapse's."""


class SynapseSettings(Section):
    """Where Synapse listens and what it is called from outside."""

    bind: str = "127.0.0.1"
    """The address of the plain listener; widen it only behind a TLS proxy of your own."""
    port: Port = 8008
    """The plain listener: bots, provisioner and the operator's own proxy come in here; with workers it is nginx's."""
    public_url: str | None = None
    """What phones use, `https://chat.hue.gov.vn`; by default the address Synapse listens on."""
    tls_certificate: Path | None = None
    """The operator's certificate chain, PEM; with it Synapse itself speaks https on `tls_port`."""
    tls_private_key: Path | None = None
    tls_bind: str = "::"
    tls_port: Port = 8443
    bcrypt_rounds: Annotated[int, Field(ge=4, le=16)] = 12

    @model_validator(mode="after")
    def _certificate_and_key_go_together(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_private_key is None):
            raise ValueError("tls_certificate and tls_private_key go together: set both or neither")
        return self

    @property
    def local_url(self) -> str:
        """Where a process on this host reaches Synapse."""
        return f"http://127.0.0.1:{self.port}"


class WorkerSettings(Section):
    """`[workers]`: Synapse in several processes behind nginx, with Redis between them (docs/workers.md)."""

    enabled: bool = False
    generic: Annotated[int, Field(ge=1, le=32)] = 2
    """Processes that serve syncs, messages and reads; the writer of events and the media repository come on top."""
    port: Port = 8020
    """The first of the ports on loopback that Redis and Synapse's processes have, one after another."""


class PostgresSettings(Section):
    """The embedded PostgreSQL."""

    port: Port = 5434
    run_as: str = "nobody"
    """The ordinary user that PostgreSQL becomes when `huep` itself was started by root."""


class AccountSettings(Section):
    """Localparts of the accounts that are not people; the modules let only these in beside the register."""

    service: str = "huep"
    """Owns every unit room and provisions accounts; a server administrator without a device of its own."""
    assistant: str = "tro-ly"
    """Trợ lý HueP, the bot."""
    broadcasts: str = "truyen-thong"
    """Truyền thông, the bot that announces."""

    @property
    def bots(self) -> dict[str, str]:
        """Localpart of each bot, by its name."""
        return {"assistant": self.assistant, "broadcasts": self.broadcasts}

    @property
    def announcers(self) -> frozenset[str]:
        """Localparts that may write in the announcement room of every unit."""
        return frozenset((self.broadcasts,))

    @property
    def not_people(self) -> tuple[str, ...]:
        """Everybody of these."""
        return (self.service, *self.bots.values())


class RoomSettings(Section):
    """Which units get a space and rooms."""

    deepest_level: Annotated[int, Field(ge=0, le=9)] = 2
    """Units down to this level have rooms (0 is the province); people below join those of the nearest unit above."""
    encrypt_announcements: bool = False
    grace_days: Annotated[int, Field(ge=0, le=90)] = 7
    """Who moves away or leaves the service stays in the old rooms so long; a leaver's account is shut at once."""
    public_above: Annotated[int, Field(ge=50)] = 200
    """A space of more members is public inside the closed server: see docs/architecture.md."""
    joins: Literal["eager", "first_login"] = "eager"
    """Whether people are brought into their rooms when their account is made, or when they first log in."""
    create_rooms: tuple[Standing, ...] = tuple(Standing)
    """Whose standing in the main post lets them make rooms of their own; everybody begins direct messages."""
    create_spaces: tuple[Standing, ...] = (Standing.HEAD,)
    call_hosts: tuple[HostName, ...] = ()
    """Hosts that calls may go through beside `server_name` and `public_url`, such as `rtc.hue.gov.vn`."""


class OidcSettings(Section):
    """`[oidc]`: the province's single sign-on, for the clients that can (docs/single-sign-on.md); off by default.

    The client's secret is the file `oidc-client-secret` of the state folder's secrets.
    """

    enabled: bool = False
    name: str = "Tài khoản công vụ"
    """What the button in the client says."""
    issuer: str = ""
    """Its address, where `/.well-known/openid-configuration` lies below."""
    client_id: str = ""
    scopes: tuple[str, ...] = ("openid", "profile")
    claim: str = "preferred_username"
    """The claim that holds the localpart of the person's account; nobody may be able to change their own."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if not _CLAIM.match(self.claim):
            raise ValueError(f"claim {self.claim!r} is not a name of letters, digits and underscores")
        if "openid" not in self.scopes:
            raise ValueError("scopes must hold 'openid'")
        if self.enabled and not self.issuer.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise ValueError(f"issuer {self.issuer!r} is not an https address")
        if self.enabled and not self.client_id:
            raise ValueError("client_id is missing")
        return self


class TurnSettings(Section):
    """`[turn]`: the province's own TURN server, for calls of two (docs/modules/account_guard.md); off by default.

    What it shares with Synapse is the file `turn-secret` of the state folder's secrets.
    """

    uris: tuple[str, ...] = ()
    """`turn:turn.hue.gov.vn:3478?transport=udp`."""
    credential_minutes: Annotated[int, Field(ge=1, le=1440)] = 10
    """How long what Synapse gives out opens the TURN server; for so long it still does after a lock."""


class BuildingSettings(Section):
    """`[building]`: what `huep doctor` takes for inside, beside loopback and private networks."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Public networks that are the province's own."""


class Settings(Section):
    """The whole of huep.toml."""

    server_name: str
    """The right-hand side of every account for ever: `@ten:server_name`."""
    synapse: SynapseSettings = SynapseSettings()
    workers: WorkerSettings = WorkerSettings()
    postgres: PostgresSettings = PostgresSettings()
    accounts: AccountSettings = AccountSettings()
    bots: BotsSettings = BotsSettings()
    broadcasts: BroadcastsSettings = BroadcastsSettings()
    rooms: RoomSettings = RoomSettings()
    directory: DirectorySettings = DirectorySettings()
    media: MediaSettings = MediaSettings()
    push: PushSettings = PushSettings()
    building: BuildingSettings = BuildingSettings()
    hr: HrSettings = HrSettings()
    calendar: CalendarSettings = CalendarSettings()
    oidc: OidcSettings = OidcSettings()
    turn: TurnSettings = TurnSettings()

    @model_validator(mode="after")
    def _server_name_is_one(self) -> Self:
        if not _SERVER_NAME.match(self.server_name):
            raise ValueError(f"server_name {self.server_name!r} is not a host name in lower case")
        return self

    @property
    def public_url(self) -> str:
        """What clients are told to use."""
        synapse = self.synapse
        if synapse.public_url:
            return synapse.public_url.rstrip("/")
        return f"https://{self.server_name}:{synapse.tls_port}" if synapse.tls_certificate else synapse.local_url

    @property
    def push_url(self) -> str:
        """Where phones reach HueP's own push gateway."""
        push = self.push
        if push.public_url:
            return push.public_url
        return f"https://{self.server_name}:{push.tls_port}" if self.synapse.tls_certificate else push.local_url

    @property
    def push_gateway(self) -> str | None:
        """The address of HueP's own push gateway as apps give it to Synapse; None where there is none."""
        return self.push_url + NOTIFY_PATH if self.push.enabled else None

    @property
    def activation_page(self) -> str:
        """Where people turn an activation code into a password; by default Synapse serves it."""
        return (self.hr.activation.page or f"{self.public_url}/kich-hoat").rstrip("/")

    @property
    def own_localparts(self) -> frozenset[str]:
        """Accounts that HR never touches, whoever runs it: services and bots, and those of `[hr] protected`."""
        return frozenset((*self.accounts.not_people, *self.hr.protected))

    def user_id(self, localpart: str) -> str:
        """The full Matrix user ID of a local account."""
        return f"@{localpart}:{self.server_name}"


def load_settings(state: StateFolder) -> Settings:
    """Read the huep.toml of a state folder.

    Raises:
        ConfigError: the file is missing, is not TOML, or has a key that cannot be used; the message names it.
    """
    path = state.config_file
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path} does not exist: start HueP once with `huep up`, which writes it.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.") from error
    return parse_settings(content, path)


def parse_settings(content: dict[str, object], origin: Path) -> Settings:
    """Settings from the parsed content of `origin`; a bad key raises ConfigError naming it."""
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ConfigError(f"{origin}: {key}: {first['msg']}.") from error
