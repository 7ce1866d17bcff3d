"""A running HueP for a benchmark, in a temporary state folder, on free ports."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from huep.settings import Settings, load_settings
from huep.state import StateFolder

READY_TIMEOUT_S = 900.0
STOP_TIMEOUT_S = 120.0
JOINS_TIMEOUT_S = 1_800.0


Source = Callable[[int], str]
"""Lines for `[hr.source]`, given the port of PostgreSQL."""


@dataclass(frozen=True)
class RunningProvince:
    """What a benchmark talks to."""

    state: StateFolder
    settings: Settings
    ready_after_s: float


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def new_state(source: Source = lambda _port: "") -> Iterator[StateFolder]:
    """A new state folder with a huep.toml of its own; gone afterwards."""
    folder, postgres = Path(tempfile.mkdtemp(prefix="huep-bench-")), free_port()
    try:
        (folder / "state").mkdir(mode=0o700)
        (folder / "state" / "huep.toml").write_text(
            'server_name = "bench.localhost"\n'
            f"[synapse]\nport = {free_port()}\n[postgres]\nport = {postgres}\n[hr.service]\nport = {free_port()}\n"
            f"[hr.source]\n{source(postgres)}\n"
        )
        yield StateFolder(folder / "state")
    finally:
        shutil.rmtree(folder)


@contextmanager
def province(*arguments: str, source: Source = lambda _port: "") -> Iterator[RunningProvince]:
    """`huep up` with these arguments, from nothing until it says that it is ready."""
    with new_state(source) as state:
        started = time.monotonic()
        log = state.root.parent / "up.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "huep.cli", "up", *arguments],
                env={**os.environ, "HUEP_STATE": str(state.root)},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        try:
            wait_for(lambda: phase(state) == "ready", READY_TIMEOUT_S, process)
            yield RunningProvince(state, load_settings(state), time.monotonic() - started)
        except RuntimeError:
            sys.stderr.write(log.read_text())
            raise
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.wait(STOP_TIMEOUT_S)


def phase(state: StateFolder) -> str:
    """What the supervisor says of itself now."""
    try:
        return str(json.loads((state.run / "status.json").read_text())["phase"])
    except FileNotFoundError:
        return "not started"


def wait_for(condition: Callable[[], bool], timeout_s: float, process: "subprocess.Popen[bytes] | None" = None) -> None:
    """Return when `condition()` holds; RuntimeError when it does not in time, or the process ended."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline or (process is not None and process.poll() is not None):
            raise RuntimeError("what the benchmark waited for did not happen")
        time.sleep(0.05)


def wait_for_joins(running: RunningProvince) -> None:
    """Return when everybody is in their rooms."""
    progress = running.state.joins_progress
    wait_for(lambda: progress.exists() and json.loads(progress.read_text())["finished_at"] is not None, JOINS_TIMEOUT_S)
