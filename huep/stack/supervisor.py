"""Keeps processes running: starts them in order, starts them again with back-off, stops them in reverse."""

import asyncio
import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace

from huep.errors import HuepError
from huep.stack.postgres import last_line
from huep.stack.service import STEADY_AFTER_S, Service, ServiceState, ServiceStatus, backoff_s

POLL_S = 0.1
NOTE_LENGTH = 120
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


class ServiceFailed(HuepError):
    """A process did not come up at the first start."""


def _end_with_parent() -> None:
    # Linux only; a supervisor that was killed leaves no process behind.
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervised:
    """One service and the process that runs it now."""

    def __init__(self, service: Service, changed: Callable[[ServiceStatus], None]) -> None:
        self.service = service
        self._changed = changed
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._settled = asyncio.Event()
        self._stopping = False
        self.status = ServiceStatus(
            service.name, service.title, ServiceState.WAITING, service.where, None, 0, time.time(), str(service.log)
        )

    async def start(self) -> None:
        """Start the process and wait until it is ready (a task: until it runs).

        Raises:
            ServiceFailed: it ended, or was not ready in time; the message carries the last line of its log.
        """
        await self._spawn()
        if not self.service.once and not await self._wait_until_ready():
            reason = last_line(self.service.log)
            await self.stop()
            raise ServiceFailed(f"{self.service.title} did not start: {reason} (all of it in {self.service.log}).")
        self._keeper = asyncio.create_task(self._keep(), name=f"keep {self.service.name}")

    async def stop(self) -> None:
        """Ask the process to end, wait, and end it by force after `stop_timeout_s`."""
        self._stopping = True
        process = self._process
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(self.service.stop_signal)
            try:
                await asyncio.wait_for(process.wait(), self.service.stop_timeout_s)
            except TimeoutError:
                process.kill()
                await process.wait()
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        if self.status.state is not ServiceState.DONE:
            self._change(ServiceState.STOPPED, pid=None)

    async def finished(self) -> None:
        """Wait until a task is done, or the service stopped for good."""
        await self._settled.wait()

    async def _spawn(self) -> None:
        service = self.service
        service.log.parent.mkdir(parents=True, exist_ok=True)
        with service.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *service.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **service.environment},
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        self._change(ServiceState.STARTING, pid=self._process.pid)

    async def _wait_until_ready(self) -> bool:
        process = self._process
        assert process is not None  # noqa: S101 - _spawn has just set it
        deadline = time.monotonic() + self.service.start_timeout_s
        while time.monotonic() < deadline and process.returncode is None:
            if await self.service.ready():
                self._change(ServiceState.READY, pid=process.pid)
                return True
            await asyncio.sleep(POLL_S)
        return False

    async def _keep(self) -> None:
        failures = 0
        while True:
            process = self._process
            assert process is not None  # noqa: S101 - a kept service was spawned
            started = time.monotonic()
            code = await process.wait()
            if self._stopping:
                break
            if self.service.once and code == 0:
                self._change(ServiceState.DONE, pid=None)
                break
            failures = 1 if time.monotonic() - started > STEADY_AFTER_S else failures + 1
            pause = backoff_s(failures)
            note = f"ended with {code} ({last_line(self.service.log)[:NOTE_LENGTH]}); next start in {pause:.0f} s"
            self._change(ServiceState.BACKING_OFF, pid=None, restarts=self.status.restarts + 1, note=note)
            await asyncio.sleep(pause)
            await self._spawn()
            if not self.service.once:
                await self._wait_until_ready()
        self._settled.set()

    def _change(self, state: ServiceState, *, pid: int | None, restarts: int | None = None, note: str = "") -> None:
        self.status = replace(
            self.status,
            state=state,
            pid=pid,
            restarts=self.status.restarts if restarts is None else restarts,
            since=time.time(),
            note=note,
        )
        self._changed(self.status)


class Supervisor:
    """The services of one HueP, in the order in which they were started."""

    def __init__(self, changed: Callable[[list[ServiceStatus]], None]) -> None:
        self._services: list[Supervised] = []
        self._changed = changed

    def statuses(self) -> list[ServiceStatus]:
        return [supervised.status for supervised in self._services]

    async def start(self, service: Service) -> Supervised:
        """Start one more service; returns when it is ready."""
        supervised = Supervised(service, lambda _: self._changed(self.statuses()))
        self._services.append(supervised)
        await supervised.start()
        return supervised

    async def stop(self) -> None:
        """Stop all, the last started first."""
        for supervised in reversed(self._services):
            await supervised.stop()
