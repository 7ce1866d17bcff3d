"""A `huep` command that tests fork is the one that a person starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients import commands


@pytest.mark.parametrize("arguments", [("status",), ("hr", "plan"), ("no-such-command",), ("audit", "--help")])
def test_a_forked_command_says_and_exits_as_a_started_one(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    environment = {**os.environ, "HUEP_STATE": str(tmp_path / "state"), "COLUMNS": commands.COLUMNS}
    forked = commands.run(arguments, environment, str(tmp_path), 60)
    started = subprocess.run(
        [sys.executable, "-m", "huep.cli", *arguments],
        env=environment,
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert forked is not None
    assert (forked.returncode, forked.stdout, forked.stderr) == (started.returncode, started.stdout, started.stderr)


def test_a_forked_command_that_lasts_too_long_is_ended(tmp_path: Path) -> None:
    environment = {**os.environ, "HUEP_STATE": str(tmp_path / "state"), "COLUMNS": commands.COLUMNS}
    with pytest.raises(subprocess.TimeoutExpired):
        commands.run(("status",), environment, str(tmp_path), 0)
