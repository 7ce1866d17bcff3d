"""The province that all tests against real parts share: PostgreSQL, Synapse with our modules, people, bots."""

import asyncio
import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import settings

from huep import secret_names
from huep.settings import Settings, load_settings
from huep.stack.demo import cast
from huep.state import StateFolder
from tests.clients.fake_clamd import FakeClamd, fake_clamd
from tests.clients.push_gateway import PushGateway, push_gateway
from tests.clients.registers import small_province
from tests.clients.running import Databases, first_settings, run_huep, running_databases, start_huep, stop_huep

PEOPLE = 100
WORKERS = ("--workers",) if os.environ.get("HUEP_TEST_WORKERS") == "1" else ()
"""`make test-workers` runs the tests of the modules on Synapse in several processes."""
MEDIA = """
[media]
largest_mb = 2
clamav = "{clamd}"
[[media.groups]]
level = 0
largest_mb = 3
"""

TURN = """
[turn]
uris = ["turn:127.0.0.1:3478?transport=udp"]
"""
"""Nothing listens there: what Synapse gives out for it is all that is looked at."""

settings.register_profile("test", max_examples=20, deadline=None)
settings.register_profile("soak", max_examples=400, deadline=None)
settings.load_profile("test")


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
    clamd: FakeClamd | None = None
    """The scanner of its uploads."""
    gateway: PushGateway | None = None
    """Where its phones are told."""

    @property
    def url(self) -> str:
        return self.settings.synapse.local_url

    @property
    def synapse_log(self) -> str:
        """What all of Synapse's processes have written."""
        return "".join(log.read_text() for log in sorted(self.state.logs.glob("synapse*.log")))

    def huep(self, *arguments: str, check: bool = True, **options: object) -> "subprocess.CompletedProcess[str]":
        """Run a `huep` command on this province."""
        return run_huep(self.state.root, *arguments, check=check, **options)

    async def has_joined(self) -> None:
        """Wait until the joins of the province's start are done: they bring everybody in, and publish units."""
        progress = self.state.joins_progress
        while not progress.exists() or json.loads(progress.read_text())["finished_at"] is None:
            await asyncio.sleep(0.5)

    def joins(self) -> None:
        """Run `huep hr joins` to its end; it leaves the work to another process that is at it, and is run once more."""
        while "Another process" in self.huep("hr", "joins", env={"HUEP_LANG": "en"}).stdout:
            time.sleep(0.5)

    def person(self, part: str) -> Person:
        """One of the cast: chair, head, hr_officer, officer, mover, leaver."""
        member = next(member for member in cast(self.settings, self.state) if member.part == part)
        password = self.state.read_secret(secret_names.demo_password(member.localpart))
        return Person(part, member.officer_code, member.name, member.user_id, password)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`-m province` and `-m "not province"` part what needs the shared province from what does not.

    The attacks come last: what they compare stands still once the province's own joins are done.
    """
    for item in items:
        if "stack" in getattr(item, "fixturenames", ()):
            item.add_marker("province")
    items.sort(key=lambda item: "scene" in getattr(item, "fixturenames", ()))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "province: needs the province that tests share; set by itself")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: "pytest.CallInfo[None]") -> Iterator[None]:
    """In CI whatever a test needs has been installed, so a skipped test is a failed one."""
    report = (yield).get_result()
    if report.skipped and os.environ.get("CI"):
        report.outcome = "failed"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """One province for the whole session, of 100 people; tests must not count on each other's traces."""
    folder = tmp_path_factory.mktemp("province")
    state = StateFolder(folder / "state")
    first_settings(state.root)
    state.create(load_settings(state).server_name)
    small_province(state.registers, PEOPLE)
    with fake_clamd(folder / "clamd.ctl") as clamd, push_gateway() as gateway:
        with state.config_file.open("a") as settings:
            settings.write(MEDIA.format(clamd=clamd.address) + TURN)
        written = state.config_file.read_text("utf-8")
        state.config_file.write_text(written.replace("[push]\n", f'[push]\nallowed = ["{gateway.url}"]\n'), "utf-8")
        state.write_secret(secret_names.TURN_SECRET, "shared-with-turn")
        process = start_huep(state.root, "--demo", *WORKERS, log=folder / "up.log")
        yield Province(state, load_settings(state), process, clamd, gateway)
        assert stop_huep(process) == 0


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Real PostgreSQL for what needs no Synapse; beneath a folder that only its owner enters."""
    state = StateFolder(tmp_path_factory.mktemp("databases") / "state")
    first_settings(state.root)
    with running_databases(state) as databases:
        yield databases
