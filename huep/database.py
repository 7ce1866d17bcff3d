"""HueP's own PostgreSQL database: roles, engines, migrations."""

from enum import StrEnum
from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Engine, create_engine

from huep.settings import Settings
from huep.state import StateFolder

HUEP_DATABASE = "huep"
SYNAPSE_DATABASE = "synapse"


class Role(StrEnum):
    """Who connects; each has its own password and no right beyond its work."""

    OWNER = "postgres"
    """Runs migrations and backups; no service connects as this."""
    SYNAPSE = "synapse"
    """Owns Synapse's database, sees nothing of HueP's."""
    HR = "huep_hr"
    """The provisioner: reads and writes the register."""
    BOTS = "huep_bots"
    """Bots: the directory's views, without birth dates and e-mail, and tables of their own."""
    AUDIT = "huep_audit"
    """Inserts into the audit log, and can neither read, change nor delete."""

    @property
    def secret(self) -> str:
        """The name of its password in the state folder."""
        return f"postgres-{self.value.replace('_', '-')}"


def database_url(settings: Settings, state: StateFolder, role: Role, database: str = HUEP_DATABASE) -> URL:
    """Where `role` connects; the password comes from the secrets and shows in no representation."""
    return URL.create(
        "postgresql+psycopg",
        username=role.value,
        password=state.read_secret(role.secret),
        host="127.0.0.1",
        port=settings.postgres.port,
        database=database,
    )


def connect_as(settings: Settings, state: StateFolder, role: Role) -> Engine:
    """An engine on HueP's database with the rights of `role`."""
    return create_engine(database_url(settings, state, role), pool_pre_ping=True, pool_size=5)


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("huep") / "migrations"))
    return config


def revisions(engine: Engine) -> tuple[str | None, str | None]:
    """The revision at which HueP's database stands (None when it is empty), and the newest one there is."""
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current, ScriptDirectory.from_config(_alembic()).get_current_head()


def migrate(engine: Engine) -> None:
    """Bring HueP's database to the newest revision; `engine` is the owner's."""
    config = _alembic()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
