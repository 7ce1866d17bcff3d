"""`huep` commands forked from one process that has imported them: the same program, without the seconds of its start.

A command runs in a process of its own with its own arguments, environment, folder and standard streams.
"""

import atexit
import gc
import importlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path

from huep.cli import COMMAND_GROUP, main
from huep.stack.parent import end_with_parent

REPOSITORY = Path(__file__).parents[2]
COLUMNS = "160"
"""Consoles that are made at import know no other width."""
POLL_S = 0.01
TIMED_OUT = "timed out"
ALSO_IMPORTED = (
    "huep.schema",
    "hr_provisioner.workplace",
    "bots.chat.session",
    "bots.process.running",
    "bots.doctor.examination",
)
"""What commands import only when they run."""


class Commands:
    """The process from which commands are forked, one at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.clients.commands"],
            cwd=REPOSITORY,
            env={**os.environ, "COLUMNS": COLUMNS},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=end_with_parent,
        )

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str], folder: str, timeout_s: float
    ) -> "subprocess.CompletedProcess[str]":
        """As subprocess.run does, with captured text and nothing to read from standard input."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory() as streams:
            out, err = Path(streams) / "out", Path(streams) / "err"
            for stream in (out, err):
                stream.touch(mode=0o600)
            asked = {
                "arguments": list(arguments),
                "environment": dict(environment),
                "folder": folder,
                "timeout_s": timeout_s,
                "streams": [os.devnull, str(out), str(err)],
            }
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline().strip()
            if answer == TIMED_OUT:
                raise subprocess.TimeoutExpired(list(arguments), timeout_s, out.read_text(), err.read_text())
            return subprocess.CompletedProcess(list(arguments), int(answer), out.read_text(), err.read_text())


_COMMANDS: list[Commands] = []
_TURN = threading.Lock()


def run(
    arguments: Sequence[str], environment: Mapping[str, str], folder: str, timeout_s: float
) -> "subprocess.CompletedProcess[str] | None":
    """Run a `huep` command; None where another is running, for which nobody shall wait."""
    if not _TURN.acquire(blocking=False):
        return None
    try:
        if not _COMMANDS:
            _COMMANDS.append(Commands())
        return _COMMANDS[0].run(arguments, environment, folder, timeout_s)
    finally:
        _TURN.release()


def serve() -> None:
    """Fork a command for each line that comes in, and answer its exit status; ends with the input."""
    for entry in entry_points(group=COMMAND_GROUP):
        entry.load()
    for name in ALSO_IMPORTED:
        importlib.import_module(name)
    gc.freeze()
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(asked)
        sys.stdout.write(f"{_ended(child, asked['timeout_s'])}\n")
        sys.stdout.flush()


def _ended(child: int, timeout_s: float) -> str:
    deadline = time.monotonic() + timeout_s
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return str(os.waitstatus_to_exitcode(status))
        if time.monotonic() > deadline:
            os.kill(child, 9)
            os.waitpid(child, 0)
            return TIMED_OUT
        time.sleep(POLL_S)


def _become(asked: dict[str, object]) -> None:
    """In the fork: be that command, and end as it does."""
    end_with_parent()
    code = 1
    try:
        for number, stream in enumerate(asked["streams"]):  # type: ignore[arg-type, var-annotated]
            opened = os.open(stream, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT, 0o600)
            os.dup2(opened, number)
        os.environ.clear()
        os.environ.update(asked["environment"])  # type: ignore[arg-type, call-overload]
        os.chdir(str(asked["folder"]))
        sys.argv = [str(REPOSITORY / "huep" / "cli.py"), *asked["arguments"]]  # type: ignore[misc]
        sys.modules["__main__"].__package__ = "huep"  # by which the usage line names the program
        main()
        code = 0
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except BaseException:  # noqa: BLE001 - as the interpreter does
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve()
