"""A running HueP for a benchmark, in a temporary state folder, on free ports."""

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from huep.settings import Settings, load_settings
from huep.state import StateFolder
from tests.clients.running import Source, first_settings, start_huep, stop_huep

READY_WITHIN_S = 900.0
JOINS_TIMEOUT_S = 1_800.0
BCRYPT_ROUNDS = 12
"""As a province has them: what they cost belongs to the figures."""


@dataclass(frozen=True)
class RunningProvince:
    """What a benchmark talks to."""

    state: StateFolder
    settings: Settings
    ready_after_s: float


@contextmanager
def new_state(source: Source = lambda _port: "", *, bcrypt_rounds: int = BCRYPT_ROUNDS) -> Iterator[StateFolder]:
    """A new state folder with a huep.toml of its own; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="huep-bench-"))
    try:
        first_settings(folder / "state", "bench.localhost", source=source, bcrypt_rounds=bcrypt_rounds)
        yield StateFolder(folder / "state")
    finally:
        shutil.rmtree(folder)


@contextmanager
def province(
    *arguments: str, source: Source = lambda _port: "", furnish: Callable[[StateFolder], None] = lambda _state: None
) -> Iterator[RunningProvince]:
    """`huep up` with these arguments, from nothing until it says that it is ready; `furnish` comes before."""
    with new_state(source) as state:
        furnish(state)
        started = time.monotonic()
        log = state.root.parent / "up.log"
        process = start_huep(state.root, *arguments, log=log, within_s=READY_WITHIN_S)
        try:
            yield RunningProvince(state, load_settings(state), time.monotonic() - started)
        finally:
            if process.poll() is None:
                stop_huep(process)


def wait_for(condition: Callable[[], bool], timeout_s: float) -> None:
    """Return when `condition()` holds; RuntimeError when it does not in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError("what the benchmark waited for did not happen")
        time.sleep(0.05)


def wait_for_joins(running: RunningProvince) -> None:
    """Return when everybody is in their rooms."""
    progress = running.state.joins_progress
    wait_for(lambda: progress.exists() and json.loads(progress.read_text())["finished_at"] is not None, JOINS_TIMEOUT_S)
