"""Applies as processes of their own that a test can kill at any moment; forked, so that none needs seconds to start."""

import asyncio
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hr_provisioner.advisory import AlreadyRunning, exclusively
from hr_provisioner.applying import apply
from hr_provisioner.applying.apply import Applier
from hr_provisioner.planning.plan import Plan
from hr_provisioner.workplace import Workplace, open_workplace
from huep.stack.accounts import open_admin
from huep.state import StateFolder

REPOSITORY = Path(__file__).parents[2]
ACTIONS_A_BATCH = 10
"""Small, so that a run has many moments at which it can be cut off."""
ACTOR = "nursery"
LOCK_FREE_WITHIN_S = 30.0


class Nursery:
    """The process from which the applies are forked."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        self._process = process
        self._folder = folder
        self._plans = 0

    def start(self, plan: Plan) -> int:
        """Begin to carry out `plan`; returns the process ID of the apply."""
        self._plans += 1
        file = self._folder / str(self._plans)
        file.write_bytes(pickle.dumps(plan))
        self._say(str(file))
        return int(self._hear())

    def wait(self) -> int:
        """The exit status of the apply begun last; negative where a signal ended it."""
        return int(self._hear())

    def killed(self, plan: Plan, after_s: float, begun: Callable[[], bool] = lambda: True) -> bool:
        """Kill an apply of `plan` so many seconds after it has `begun`; False where it had come to its end before."""
        child = self.start(plan)
        while not begun() and _lives(child):
            time.sleep(0.003)
        time.sleep(after_s)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        status = self.wait()
        assert status in (0, -signal.SIGKILL), "the apply failed: see above"
        return status != 0

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _hear(self) -> str:
        assert self._process.stdout is not None
        if line := self._process.stdout.readline():
            return line
        raise AssertionError(f"the nursery ended with status {self._process.wait()}")


def _lives(child: int) -> bool:
    try:
        os.kill(child, 0)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def nursery(state: StateFolder) -> Iterator[Nursery]:
    """A nursery for the province of `state`."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(state.root)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield Nursery(process, Path(folder))
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(30)


def main(state: StateFolder) -> None:
    """For every line of the input: fork an apply of the plan in that file, tell its ID, and how it ended."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            sys.stdout.flush()
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
            carry_out(state, pickle.loads(Path(line.strip()).read_bytes()))
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def carry_out(state: StateFolder, plan: Plan) -> None:
    """In the child, which never returns from it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    apply.ACTIONS_A_BATCH = ACTIONS_A_BATCH

    async def run() -> None:
        with open_workplace(state) as place, lock_of_the_apply(place):
            async with open_admin(place.settings, place.state) as homeserver:
                applier = Applier(place.reach(homeserver), ACTOR)
                report = await applier.carry_out(plan, lambda _stage, _now, _all: None)
        if report.failed:
            raise AssertionError(report.failed[0])

    status = 1
    try:
        asyncio.run(run())
        status = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(status)


@contextmanager
def lock_of_the_apply(place: Workplace) -> Iterator[None]:
    """PostgreSQL notices within moments that a killed process, which held it, is gone."""
    deadline = time.monotonic() + LOCK_FREE_WITHIN_S
    while time.monotonic() < deadline:
        try:
            with exclusively(place.hr):
                yield
                return
        except AlreadyRunning:
            time.sleep(0.02)
    raise AssertionError("a killed apply keeps its lock")


if __name__ == "__main__":
    main(StateFolder(Path(sys.argv[1])))
