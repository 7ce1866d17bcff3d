"""A HueP of its own, for a test or a benchmark: settings on free ports, `huep up` until it is ready, or databases alone."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine

from huep import clock
from huep.clock import PROVINCE_TIMEZONE
from huep.database import Role, connect_as
from huep.schema import migrate
from huep.settings import Settings, load_settings
from huep.stack.postgres import EmbeddedPostgres
from huep.state import StateFolder
from tests.clients import commands

READY_WITHIN_S = 480.0
STOPPED_WITHIN_S = 120.0
POLL_S = 0.05
PORTS = range(15_000, 32_000)
GIVEN = set[int]()
"""Ports that this process has given out, whether they are in use yet or not."""
WORKER_PORTS = 8
"""More than Redis, Synapse's main process and its workers have."""

Source = Callable[[int], str]
"""Lines for `[hr.source]`, given the port of PostgreSQL."""


def free_port() -> int:
    """A port that nobody has now, nor was given here; below those that the system gives to connections going out."""
    return free_ports(1)


def free_ports(count: int) -> int:
    """The first of so many such ports in a row."""
    while True:
        first = secrets.choice(PORTS)  # the seeded generator would give two runs the same
        row = range(first, first + count)
        if row.stop <= PORTS.stop and GIVEN.isdisjoint(row) and all(map(_is_free, row)):
            GIVEN.update(row)
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def first_settings(
    state: Path,
    server_name: str = "test.localhost",
    *,
    source: Source = lambda _port: 'path = "registers/live"',
    bcrypt_rounds: int = 4,
) -> None:
    """A new state folder with its huep.toml: free ports, and password hashes that cost little.

    What the HR service does unasked, by night and every ten minutes, it does not do amidst tests.
    """
    postgres, night = free_port(), clock.now().astimezone(PROVINCE_TIMEZONE) + timedelta(hours=12)
    state.mkdir(mode=0o700, parents=True)
    (state / "huep.toml").write_text(
        f'server_name = "{server_name}"\n'
        f"[synapse]\nport = {free_port()}\nbcrypt_rounds = {bcrypt_rounds}\n"
        f"[workers]\nport = {free_ports(WORKER_PORTS)}\n"
        f"[postgres]\nport = {postgres}\n"
        f'[hr.service]\nport = {free_port()}\nnightly_at = "{night:%H:%M}"\nrooms_every_min = 1440\n'
        f"[bots]\nport = {free_port()}\n"
        f"[push]\nport = {free_port()}\n"
        f"[hr.source]\n{source(postgres)}\n"
    )


def run_huep(
    state: Path, *arguments: str, check: bool = True, timeout: float = 300, **options: object
) -> "subprocess.CompletedProcess[str]":
    """Run `huep` as a person would, on one state folder."""
    environment = {**os.environ, "HUEP_STATE": str(state), "COLUMNS": commands.COLUMNS, **options.pop("env", {})}
    done = None
    if not options and environment["COLUMNS"] == commands.COLUMNS:
        done = commands.run(arguments, environment, str(Path.cwd()), timeout)
    if done is None:
        done = subprocess.run(
            [sys.executable, "-m", "huep.cli", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            check=False,
            **options,
        )
    if check and done.returncode != 0:
        raise AssertionError(f"huep {' '.join(arguments)} exited {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done


def start_huep(
    state: Path, *arguments: str, log: Path, module: str = "huep.cli", within_s: float = READY_WITHIN_S
) -> "subprocess.Popen[bytes]":
    """Start `huep up` in the background and wait until it is ready; AssertionError with its log where it is not."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", module, "up", *arguments],
            env={**os.environ, "HUEP_STATE": str(state)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    deadline = time.monotonic() + within_s
    status = state / "run" / "status.json"
    while time.monotonic() < deadline and process.poll() is None:
        if status.exists():
            said = json.loads(status.read_text())
            if said["pid"] == process.pid and said["phase"] == "ready":
                return process
        time.sleep(POLL_S)
    if process.poll() is None:
        stop_huep(process)
    raise AssertionError(f"huep up did not become ready:\n{log.read_text()}")


def stop_huep(process: "subprocess.Popen[bytes]") -> int:
    """End `huep up` as Ctrl-C does; returns its exit code."""
    process.send_signal(signal.SIGINT)
    return process.wait(STOPPED_WITHIN_S)


@dataclass(frozen=True)
class Databases:
    """A PostgreSQL of its own with HueP's database migrated, and no Synapse."""

    state: StateFolder
    settings: Settings
    postgres: EmbeddedPostgres

    def engine(self, role: Role) -> Engine:
        return connect_as(self.settings, self.state, role)


@contextmanager
def running_databases(state: StateFolder) -> Iterator[Databases]:
    """The databases of a state folder that has its settings and nothing else."""
    settings = load_settings(state)
    state.create(settings.server_name)
    postgres = EmbeddedPostgres(settings, state)
    with postgres.running():
        postgres.set_up()
        databases = Databases(state, settings, postgres)
        owner = databases.engine(Role.OWNER)
        migrate(owner)
        owner.dispose()
        yield databases
