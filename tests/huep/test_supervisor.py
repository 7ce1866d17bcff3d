"""Processes are started in order, started again with back-off, and stopped in reverse: with real processes."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from huep.stack.service import Service, ServiceState, backoff_s
from huep.stack.supervisor import ServiceFailed, Supervised, Supervisor

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open('{0}', 'w'); time.sleep(60)"


def service(tmp_path: Path, name: str, code: str, **options: object) -> Service:
    async def ready() -> bool:
        return True

    values = {"ready": ready, "start_timeout_s": 5.0, **options}
    return Service(name, name, (sys.executable, "-c", code), tmp_path / f"{name}.log", **values)  # type: ignore[arg-type]


async def until(supervised: Supervised, state: ServiceState) -> None:
    async with asyncio.timeout(10):
        while supervised.status.state is not state:
            await asyncio.sleep(0.02)


async def test_a_killed_process_comes_back_and_is_counted(tmp_path: Path) -> None:
    supervisor = Supervisor(lambda _: None)
    running = await supervisor.start(service(tmp_path, "sleeper", "import time; time.sleep(60)"))
    first = running.status.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(running, ServiceState.BACKING_OFF)
    assert "-9" in running.status.note
    await until(running, ServiceState.READY)
    assert running.status.restarts == 1
    assert running.status.pid != first
    await supervisor.stop()
    assert running.status.state is ServiceState.STOPPED


async def test_a_process_that_cannot_start_says_its_last_word(tmp_path: Path) -> None:
    async def never() -> bool:
        return False

    broken = service(tmp_path, "broken", "raise SystemExit('no such cable')", ready=never)
    with pytest.raises(ServiceFailed, match="no such cable"):
        await Supervisor(lambda _: None).start(broken)


async def test_services_stop_in_reverse_order(tmp_path: Path) -> None:
    stopped: list[str] = []
    supervisor = Supervisor(
        lambda statuses: stopped.extend(
            status.name for status in statuses if status.state is ServiceState.STOPPED and status.name not in stopped
        )
    )
    for name in ("first", "second"):
        await supervisor.start(service(tmp_path, name, "import time; time.sleep(60)"))
    await supervisor.stop()
    assert stopped == ["second", "first"]


async def test_a_process_that_will_not_stop_is_ended(tmp_path: Path) -> None:
    deaf = tmp_path / "deaf"

    async def ready() -> bool:
        return deaf.exists()

    supervisor = Supervisor(lambda _: None)
    running = await supervisor.start(
        service(tmp_path, "stubborn", STUBBORN.format(deaf), stop_timeout_s=0.3, ready=ready)
    )
    pid = running.status.pid
    assert pid is not None
    await supervisor.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_task_that_ends_well_is_done_and_not_started_again(tmp_path: Path) -> None:
    supervisor = Supervisor(lambda _: None)
    task = await supervisor.start(service(tmp_path, "task", "pass", once=True))
    await until(task, ServiceState.DONE)
    assert task.status.restarts == 0
    await supervisor.stop()
    assert task.status.state is ServiceState.DONE


def test_back_off_doubles_up_to_a_minute() -> None:
    assert [backoff_s(failures) for failures in (1, 2, 3, 6, 7, 50)] == [1, 2, 4, 32, 60, 60]


PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({0!r}, "w").write(str(child.pid))
time.sleep(60)
"""


async def test_children_that_would_keep_a_killed_process_ports_end_with_it(tmp_path: Path) -> None:
    supervisor, written = Supervisor(lambda _: None), tmp_path / "child"

    async def ready() -> bool:
        return written.exists() and bool(written.read_text())

    running = await supervisor.start(
        service(tmp_path, "parent", PARENT.format(str(written)), ready=ready, has_children=True)
    )
    child, parent = int(written.read_text()), running.status.pid
    assert parent is not None and parent != child
    os.kill(parent, signal.SIGKILL)
    await until(running, ServiceState.BACKING_OFF)
    async with asyncio.timeout(10):
        while is_alive(child):
            await asyncio.sleep(0.02)
    await supervisor.stop()


def is_alive(pid: int) -> bool:
    """A zombie is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
