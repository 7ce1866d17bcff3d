"""The province that all tests against real parts share: PostgreSQL, Synapse with our modules, people, bots."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from huep import secret_names
from huep.database import Role, connect_as
from huep.schema import migrate
from huep.settings import Settings, load_settings
from huep.stack.demo import cast
from huep.stack.postgres import EmbeddedPostgres
from huep.state import StateFolder

PEOPLE = 300
READY_TIMEOUT_S = 240


@dataclass(frozen=True)
class Person:
    """A demo person with what a client needs to log in."""

    part: str
    officer_code: str
    name: str
    user_id: str
    password: str


@dataclass(frozen=True)
class Province:
    """A running HueP."""

    state: StateFolder
    settings: Settings
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return self.settings.synapse.local_url

    def huep(self, *arguments: str, check: bool = True, **options: object) -> "subprocess.CompletedProcess[str]":
        """Run a `huep` command on this province."""
        return run_huep(self.state.root, *arguments, check=check, **options)

    def person(self, part: str) -> Person:
        """One of the cast: chair, head, hr_officer, officer, mover, leaver."""
        member = next(member for member in cast(self.settings, self.state) if member.part == part)
        password = self.state.read_secret(secret_names.demo_password(member.localpart))
        return Person(part, member.officer_code, member.name, member.user_id, password)


def run_huep(
    state: Path, *arguments: str, check: bool = True, timeout: float = 300, **options: object
) -> "subprocess.CompletedProcess[str]":
    """Run `huep` as a person would, on one state folder."""
    done = subprocess.run(
        [sys.executable, "-m", "huep.cli", *arguments],
        env={**os.environ, "HUEP_STATE": str(state), "COLUMNS": "160", **options.pop("env", {})},
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


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def first_settings(state: Path, server_name: str = "test.localhost") -> None:
    """A huep.toml for tests: free ports, cheap password hashes."""
    state.mkdir(mode=0o700, parents=True)
    (state / "huep.toml").write_text(
        f'server_name = "{server_name}"\n'
        f"[synapse]\nport = {free_port()}\nbcrypt_rounds = 4\n"
        f"[postgres]\nport = {free_port()}\n"
        f"[hr.service]\nport = {free_port()}\n"
        '[hr.source]\npath = "registers/live"\n'
    )


def start_huep(state: Path, *arguments: str, log: Path, module: str = "huep.cli") -> "subprocess.Popen[bytes]":
    """Start `huep up` in the background and wait until it is ready."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", module, "up", *arguments],
            env={**os.environ, "HUEP_STATE": str(state)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    deadline = time.monotonic() + READY_TIMEOUT_S
    status = state / "run" / "status.json"
    while time.monotonic() < deadline and process.poll() is None:
        if status.exists():
            said = json.loads(status.read_text())
            if said["pid"] == process.pid and said["phase"] == "ready":
                return process
        time.sleep(0.1)
    process.kill()
    raise AssertionError(f"huep up did not become ready:\n{log.read_text()}")


def stop_huep(process: "subprocess.Popen[bytes]") -> int:
    """End `huep up` as Ctrl-C does; returns its exit code."""
    process.send_signal(signal.SIGINT)
    return process.wait(120)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: "pytest.CallInfo[None]") -> Iterator[None]:
    """In CI whatever a test needs has been installed, so a skipped test is a failed one."""
    report = (yield).get_result()
    if report.skipped and os.environ.get("CI"):
        report.outcome = "failed"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """One province for the whole session, of 300 people; tests must not count on each other's traces."""
    folder = tmp_path_factory.mktemp("province")
    state = StateFolder(folder / "state")
    first_settings(state.root)
    process = start_huep(state.root, "--demo", "--people", str(PEOPLE), log=folder / "up.log")
    yield Province(state, load_settings(state), process)
    assert stop_huep(process) == 0


@dataclass(frozen=True)
class Databases:
    """A PostgreSQL of its own with HueP's database migrated, and no Synapse."""

    state: StateFolder
    settings: Settings
    postgres: EmbeddedPostgres

    def engine(self, role: Role) -> Engine:
        return connect_as(self.settings, self.state, role)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Real PostgreSQL for what needs no Synapse; beneath a folder that only its owner enters."""
    state = StateFolder(tmp_path_factory.mktemp("databases") / "state")
    first_settings(state.root)
    settings = load_settings(state)
    state.create(settings.server_name)
    postgres = EmbeddedPostgres(settings, state)
    state.secret(Role.OWNER.secret)
    with postgres.running():
        postgres.set_up()
        owner = connect_as(settings, state, Role.OWNER)
        migrate(owner)
        owner.dispose()
        yield Databases(state, settings, postgres)
