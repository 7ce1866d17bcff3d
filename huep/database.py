"""HueP's own PostgreSQL database: who connects to it, and how."""

from enum import StrEnum

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
