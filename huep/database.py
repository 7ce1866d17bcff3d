"""HueP's own PostgreSQL database: who connects to it, and how."""

from collections.abc import Collection
from enum import StrEnum
from typing import Any

import psycopg
from sqlalchemy import URL, Column, ColumnElement, Engine, any_, bindparam, create_engine, true
from sqlalchemy.dialects.postgresql import ARRAY

from huep.errors import HuepError
from huep.settings import Settings
from huep.state import StateFolder

HUEP_DATABASE = "huep"
SYNAPSE_DATABASE = "synapse"
CONNECT_TIMEOUT_S = 10


class DatabaseUnreachable(HuepError):
    """PostgreSQL does not answer, or not to this role."""


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


def connect_as(settings: Settings, state: StateFolder, role: Role, database: str = HUEP_DATABASE) -> Engine:
    """An engine on `database`, HueP's own by default, with the rights of `role`.

    Whoever uses it gets DatabaseUnreachable when PostgreSQL does not answer.
    """
    url = database_url(settings, state, role, database)

    def connect() -> psycopg.Connection:
        try:
            return psycopg.connect(
                host=url.host,
                port=url.port,
                user=url.username,
                password=str(url.password),
                dbname=url.database,
                connect_timeout=CONNECT_TIMEOUT_S,
            )
        except psycopg.OperationalError as error:
            raise DatabaseUnreachable(
                f"HueP's database does not answer on {url.host}:{url.port}: start HueP in {state.root} with `huep up`."
            ) from error

    return create_engine(url, creator=connect, pool_pre_ping=True, pool_size=5)


def among(column: Column[Any], values: Collection[Any] | None) -> ColumnElement[bool]:
    """One parameter, however many values, for a statement of thousands would be parsed anew each time; None: all."""
    return true() if values is None else column == any_(bindparam(None, list(values), type_=ARRAY(column.type)))
