"""Where bots run: one HueP's settings, state folder and database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from prometheus_client import CollectorRegistry
from sqlalchemy import Engine

from bots.matrix.recovery import Account
from bots.matrix.recovery_key import RecoveryKey
from bots.matrix.secret_storage import KeySafe
from bots.matrix.store.postgres import PostgresShelf
from bots.process.package import BotPackage, device_id_of
from bots.runtime.metrics import CommandMetrics
from bots.runtime.preferences import DatabasePreferences
from bots.runtime.tools import Tools
from bots.sealing import Seal
from huep import secret_names
from huep.clock import Clock, now
from huep.database import Role, connect_as
from huep.directory.reader import Directory
from huep.settings import Settings, load_settings
from huep.state import StateFolder


@dataclass(frozen=True)
class Place:
    """What all bots of a process share."""

    settings: Settings
    state: StateFolder
    engine: Engine
    """With the rights of the bots' role."""
    clock: Clock = now
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    """What the bots of this process count."""

    @cached_property
    def command_metrics(self) -> CommandMetrics:
        """Shared by all bots of this process."""
        return CommandMetrics(self.registry)

    def shelf(self) -> PostgresShelf:
        """Where one bot's encrypted device is kept."""
        return PostgresShelf(self.engine, self.state.secrets / secret_names.BOTS_STORE_KEY)

    def tools(self, package: BotPackage) -> Tools:
        """What one bot is given."""
        return Tools(
            settings=self.settings,
            engine=self.engine,
            directory=Directory(self.engine, self.clock),
            preferences=DatabasePreferences(self.engine),
            clock=self.clock,
            user_id=package.user_id(self.settings),
            seal=self.seal(),
            bot=package.name,
            secret=self.state.read_secret,
        )

    def seal(self) -> Seal:
        """Closes what the bots keep of people's words."""
        return Seal(self.state.secret(secret_names.BOTS_MAIL).encode())

    def account(self, package: BotPackage) -> Account:
        """A bot's account, for logging in to it."""
        localpart = package.localpart(self.settings)
        return Account(
            homeserver=self.settings.synapse.local_url,
            user_id=package.user_id(self.settings),
            password=lambda: self.state.read_secret(secret_names.bot_password(localpart)),
            device_id=device_id_of(localpart),
            display_name=package.title,
        )

    def recovery_key(self, localpart: str) -> RecoveryKey:
        """What opens the secret storage of a bot's account.

        Raises:
            SecretMissing, RecoveryKeyDamaged.
        """
        return RecoveryKey.read(self.state.read_secret(secret_names.bot_recovery_key(localpart)))

    def key_safe(self, localpart: str) -> KeySafe:
        """Where the recovery key of a bot's account lies: among the secrets of the state folder."""
        name = secret_names.bot_recovery_key(localpart)
        return KeySafe(
            lambda: self.state.read_secret(name) if (self.state.secrets / name).exists() else None,
            lambda text: self.state.write_secret(name, text),
        )


@contextmanager
def opened(state: StateFolder, clock: Clock = now) -> Iterator[Place]:
    """The place of a state folder, its connections closed at the end."""
    settings = load_settings(state)
    engine = connect_as(settings, state, Role.BOTS)
    try:
        yield Place(settings, state, engine, clock)
    finally:
        engine.dispose()
