"""Keeps processes running: starts them in order, starts them again with back-off, stops them in reverse."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace

from huep.errors import HuepError
from huep.stack.logs import keep_small, last_line
from huep.stack.parent import end_with_parent
from huep.stack.service import STEADY_AFTER_S, Service, ServiceState, ServiceStatus, backoff_s

POLL_S = 0.1
NOTE_LENGTH = 120
LOG_LOOK_S = 60.0
CLEANLY = "ended with 0"


class ServiceFailed(HuepError):
    """A process did not come up at the first start."""


class Supervised:
    """One service and the process that runs it now."""

    def __init__(self, service: Service, changed: Callable[[ServiceStatus], None]) -> None:
        self.service = service
        self._changed = changed
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
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
        if not await self._wait_until_ready():
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
                async with asyncio.timeout(self.service.stop_timeout_s):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
        self._end_children()
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        if self.status.state is not ServiceState.DONE:
            self._change(ServiceState.STOPPED, pid=None)

    async def _spawn(self) -> None:
        service = self.service
        service.before_start()
        service.log.parent.mkdir(parents=True, exist_ok=True)
        keep_small(service.log)
        with service.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *service.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **service.environment},
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        self._change(ServiceState.STARTING, pid=self._process.pid)

    async def _wait_until_ready(self) -> bool:
        process = self._process
        assert process is not None  # noqa: S101 - _spawn has just set it
        if self.service.once:
            self._change(ServiceState.RUNNING, pid=process.pid)
            return True
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
            started = time.monotonic()
            ending = await self._ending()
            if self._stopping:
                return
            self._end_children()
            if ending == CLEANLY and self.service.once:
                self._change(ServiceState.DONE, pid=None)
                return
            failures = 1 if time.monotonic() - started > STEADY_AFTER_S else failures + 1
            while True:
                pause = backoff_s(failures)
                note = f"{ending} ({last_line(self.service.log)[:NOTE_LENGTH]}); next start in {pause:.0f} s"
                self._change(ServiceState.BACKING_OFF, pid=None, restarts=self.status.restarts + 1, note=note)
                await asyncio.sleep(pause)
                try:
                    await self._spawn()
                    break
                except OSError as error:
                    failures, ending = failures + 1, f"could not be started: {error.strerror}"

    def _end_children(self) -> None:
        """What a process that is over has left behind: it was the leader of a group of its own."""
        if self.service.has_children and self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def _ending(self) -> str:
        """Wait until the process is over, and say how; one that is not ready in time is ended."""
        process = self._process
        assert process is not None  # noqa: S101 - a kept service was spawned
        if self.status.state is ServiceState.STARTING and not await self._wait_until_ready():
            if process.returncode is None:
                process.kill()
                await process.wait()
                return "was not ready in time"
            return f"ended with {process.returncode}"
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOG_LOOK_S):
                    return f"ended with {await process.wait()}"
            with contextlib.suppress(OSError):
                keep_small(self.service.log)

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
