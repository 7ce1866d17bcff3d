"""One Synapse with our modules and one without any, on copies of one database: they differ in nothing else.

Two processes of the same Synapse differ by some percent as long as they live: where their memory lies, and how a
database came to lie on the disk. So each pair begins with new processes, and every other pair with exchanged databases.
"""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from psycopg import sql

from benchmarks.province import new_state
from huep.database import SYNAPSE_DATABASE, Role
from huep.settings import Settings, load_settings
from huep.stack.accounts import ensure_service_accounts, open_admin
from huep.stack.parent import end_with_parent
from huep.stack.postgres import EmbeddedPostgres
from huep.stack.synapse_config import write_configuration
from huep.state import StateFolder, write_private
from huep.synapse_admin import SynapseAdmin
from huep.synapse_http import open_http
from tests.clients.running import free_port

PLAIN_DATABASE = "synapse_plain"
BCRYPT_ROUNDS = 4
START_TIMEOUT_S, STOP_TIMEOUT_S, POLL_S = 120.0, 60.0, 0.1
_CPU_CLOCK_OF_A_PROCESS = 2

Json = dict[str, Any]
Furnish = Callable[[SynapseAdmin, Settings], Awaitable[None]]
"""Fills the homeserver before it is copied."""


@dataclass(frozen=True)
class Twin:
    """A running Synapse."""

    url: str
    database: str
    process: "subprocess.Popen[bytes]"

    def cpu_s(self) -> float:
        """Seconds of processor that all its threads have used; what else runs on the machine does not count."""
        return time.clock_gettime((~self.process.pid << 3) | _CPU_CLOCK_OF_A_PROCESS)


@dataclass(frozen=True)
class Twins:
    """Both, with the same accounts, passwords, access tokens and rooms."""

    ours: Twin
    plain: Twin


class Furnished:
    """Two equal databases; `begin` runs the twins on them, again and again. Made by `furnished`."""

    def __init__(self, settings: Settings, state: StateFolder, configuration: Path) -> None:
        self._settings = settings
        self._state = state
        self._ours = configuration_in(configuration)
        self._plain = _without_modules(self._ours, state)

    @asynccontextmanager
    async def begin(self, *, exchanged: bool) -> AsyncIterator[Twins]:
        """Both, just started; gone afterwards.

        Args:
            exchanged: each on the database that is the other's else.
        """
        databases = (PLAIN_DATABASE, SYNAPSE_DATABASE) if exchanged else (SYNAPSE_DATABASE, PLAIN_DATABASE)
        async with (
            self._runs("ours", self._ours, databases[0]) as ours,
            self._runs("plain", self._plain, databases[1]) as plain,
        ):
            yield Twins(ours, plain)

    def _runs(self, name: str, content: Json, database: str) -> "AbstractAsyncContextManager[Twin]":
        password_file = self._state.secrets / f"{database}.pgpass"
        password, port = self._state.read_secret(Role.SYNAPSE.secret), self._settings.postgres.port
        write_private(password_file, f"127.0.0.1:{port}:{database}:{Role.SYNAPSE}:{password}\n")
        args = content["database"]["args"] | {"dbname": database, "passfile": str(password_file)}
        return synapse(name, content | {"database": content["database"] | {"args": args}}, self._state)


@asynccontextmanager
async def furnished(furnish: Furnish, same_password_as: str) -> AsyncIterator[Furnished]:
    """Furnish a Synapse with modules, and copy its database: the same accounts, passwords, tokens and rooms twice.

    Args:
        furnish: makes accounts and rooms.
        same_password_as: localpart of an account; everybody who has no password gets this one's.
    """
    with new_state(bcrypt_rounds=BCRYPT_ROUNDS) as state:
        settings = load_settings(state)
        state.create(settings.server_name)
        postgres = EmbeddedPostgres(settings, state)
        with postgres.running():
            postgres.set_up()
            configuration = write_configuration(settings, state)
            hasty = configuration_in(configuration) | {"background_updates": {"sleep_enabled": False}}
            async with synapse("hasty", hasty, state):
                await _wait_for_a_new_database(postgres)
                await ensure_service_accounts(settings, state)
                async with open_admin(settings, state) as admin:
                    await furnish(admin, settings)
            _copy_database(postgres, settings.user_id(same_password_as))
            yield Furnished(settings, state, configuration)


def _copy_database(postgres: EmbeddedPostgres, same_password_as: str) -> None:
    with postgres.connect(SYNAPSE_DATABASE) as synapse:
        synapse.execute(
            "update users set password_hash = (select password_hash from users where name = %s) "
            "where password_hash is null",
            (same_password_as,),
        )
        synapse.execute("vacuum analyze")  # now, for it would disturb the measurement later
    with postgres.connect() as owner:
        owner.execute(
            sql.SQL("create database {} template {} owner {}").format(
                sql.Identifier(PLAIN_DATABASE), sql.Identifier(SYNAPSE_DATABASE), sql.Identifier(Role.SYNAPSE.value)
            )
        )
        owner.execute("checkpoint")


def _without_modules(content: Json, state: StateFolder) -> Json:
    """The same configuration without its section `modules`, on another port and with a log of its own."""
    listener, *others = content["listeners"]
    log = configuration_in(Path(content["log_config"]))
    log["handlers"]["file"]["filename"] = str(state.logs / "synapse-plain.log")
    log_file = state.synapse / "log-plain.yaml"
    write_private(log_file, yaml.safe_dump(log))
    return content | {
        "modules": [],
        "listeners": [listener | {"port": free_port()}, *others],
        "log_config": str(log_file),
    }


def configuration_in(file: Path) -> Json:
    """What a YAML file of Synapse's configuration holds."""
    content: Json = yaml.safe_load(file.read_text())
    return content


async def _wait_for_a_new_database(postgres: EmbeddedPostgres) -> None:
    """Until Synapse has nothing left to bring up to date behind the scenes: with people in it that would take long."""
    with postgres.connect(SYNAPSE_DATABASE) as synapse:
        while synapse.execute("select 1 from background_updates limit 1").fetchone():  # noqa: ASYNC110 - Synapse tells nobody
            await asyncio.sleep(POLL_S)


@asynccontextmanager
async def synapse(name: str, content: Json, state: StateFolder) -> AsyncIterator[Twin]:
    """A Synapse of this configuration, from when it answers to the end of the block.

    Args:
        name: of its configuration's file and its log.
        content: what homeserver.yaml is to hold.
    """
    configuration, log = state.synapse / f"homeserver-{name}.yaml", state.logs / f"homeserver-{name}.out.log"
    write_private(configuration, yaml.safe_dump(content))
    url = f"http://127.0.0.1:{content['listeners'][0]['port']}"
    process = _start(configuration, log)
    try:
        deadline = time.monotonic() + START_TIMEOUT_S
        async with open_http(url, 2.0) as http:
            while not await _is_healthy(http):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"Synapse did not start:\n{log.read_text()}")
                await asyncio.sleep(POLL_S)
        yield Twin(url, content["database"]["args"]["dbname"], process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_TIMEOUT_S)


def _start(configuration: Path, log: Path) -> "subprocess.Popen[bytes]":
    with log.open("ab") as out:
        command = [sys.executable, "-m", "synapse.app.homeserver", "-c", str(configuration)]
        return subprocess.Popen(command, stdout=out, stderr=out, preexec_fn=end_with_parent)


async def _is_healthy(http: Any) -> bool:
    try:
        return bool((await http.get("/health")).is_success)
    except Exception:  # noqa: BLE001 - whatever keeps it from answering
        return False
