"""The whole demo where there is nothing but loopback: its story happens, and nothing of it tried to leave."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.no_way_out import Figures, in_namespace, why_not
from tests.clients.running import first_settings, run_huep
from tests.real.test_story import PEOPLE, SENTENCES

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _namespaces() -> None:
    if reason := why_not():
        pytest.skip(f"no network namespace of one's own: {reason}")


def closed_in(folder: Path, *command: str, timeout_s: float = 60, **environment: str) -> tuple[Figures, str]:
    """Run a command with loopback alone; what the kernel counted, and what it printed."""
    figures = folder / "figures.json"
    done = subprocess.run(
        in_namespace(sys.executable, "-m", "tests.clients.no_way_out", str(figures), *command),
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    assert figures.exists(), done.stdout + done.stderr
    return Figures(**json.loads(figures.read_text())), done.stdout + done.stderr


@pytest.mark.timeout(1200)
def test_the_whole_story_happens_with_loopback_alone_and_nothing_tries_to_leave(tmp_path: Path) -> None:
    state = tmp_path / "state"
    first_settings(state, "hue.localhost")
    told = ("up", "--demo", "--once", "--people", PEOPLE)
    figures, printed = closed_in(
        tmp_path, sys.executable, "-m", "huep.cli", *told, timeout_s=1100, HUEP_STATE=str(state), COLUMNS="160"
    )
    assert figures == Figures(proof=2, attempts=0, exit_code=0), printed
    for sentence in SENTENCES:
        assert sentence in printed
    assert run_huep(state, "status", check=False).returncode == 3


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('8.8.8.8', 443))",
        "import socket; socket.create_connection(('2001:4860:4860::8888', 443))",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'', ('8.8.8.8', 53))",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'', ('127.0.0.53', 53))",
        "import socket; socket.getaddrinfo('matrix.org', 443)",
    ],
)
def test_an_attempt_to_leave_is_seen(tmp_path: Path, attempt: str) -> None:
    figures, _ = closed_in(tmp_path, sys.executable, "-c", attempt)
    assert figures.attempts > 0


def test_a_connection_on_loopback_is_no_attempt(tmp_path: Path) -> None:
    here = "import socket; s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname())"
    assert closed_in(tmp_path, sys.executable, "-c", here)[0] == Figures(proof=2, attempts=0, exit_code=0)
