"""`huep up`: from an empty folder, or one that was stopped, to a running province, and down again."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text

from huep.database import Role, connect_as
from huep.errors import HuepError
from huep.settings import Settings
from huep.stack import presence
from huep.stack.accounts import check_nothing_is_lost, ensure_service_accounts
from huep.stack.postgres import EmbeddedPostgres
from huep.stack.preflight import check_disk, check_ports, check_workers
from huep.stack.screen import step
from huep.stack.service import Service, ServiceState, ServiceStatus
from huep.stack.services import (
    bots_services,
    hr_service,
    postgres_service,
    proxy_service,
    push_service,
    redis_service,
    synapse_service,
    worker_service,
)
from huep.stack.supervisor import Supervisor
from huep.stack.synapse_config import write_configuration
from huep.stack.versions import UpgradeNeeded, check_versions, note_versions
from huep.stack.workers import layout_of
from huep.state import StateFolder


class Interrupted(HuepError):
    """A signal ended what should have come to its own end."""

    exit_code = 130


@dataclass
class Stack:
    """A HueP that is being brought up, runs, or is being stopped."""

    settings: Settings
    state: StateFolder
    console: Console
    phase: str = "starting"
    supervisor: Supervisor = field(init=False)
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.supervisor = Supervisor(self._changed)

    async def start(self, service: Service) -> None:
        """Start one more service and keep it running; returns when it is ready."""
        await self.supervisor.start(service)

    def enter(self, phase: str) -> None:
        """Publish that a new phase began: starting, ready or stopping."""
        self.phase = phase
        presence.announce(self.state, phase, self.supervisor.statuses())

    def _changed(self, statuses: list[ServiceStatus]) -> None:
        presence.announce(self.state, self.phase, statuses)
        newest = max(statuses, key=lambda status: status.since)
        if newest.state is ServiceState.BACKING_OFF or (newest.restarts and newest.state is ServiceState.READY):
            said = f"{newest.title}: {newest.state} {newest.note}"
            self.console.print(Text.assemble(("! ", "yellow"), said))


Chapter = Callable[[Stack], Awaitable[None]]
"""What goes on after the foundation stands: provisioning the demo, telling the story."""


def run(settings: Settings, state: StateFolder, console: Console, chapters: list[Chapter], *, stay: bool) -> None:
    """Bring everything up, run the chapters, stay until SIGINT or SIGTERM where `stay`, and stop everything.

    Raises:
        HuepError: something could not be started; all that was started has been stopped.
    """
    with presence.hold(state):
        check_workers(settings)
        check_disk(state.root)
        check_ports(settings, state)
        check_nothing_is_lost(settings, state)
        check_versions(state)
        asyncio.run(_run(Stack(settings, state, console), chapters, stay=stay))


async def _run(stack: Stack, chapters: list[Chapter], *, stay: bool) -> None:
    work = asyncio.create_task(_work(stack, chapters, stay=stay))
    with _signals_cancel(work):
        try:
            await work
        except asyncio.CancelledError:
            stack.console.print()
            if not stay:
                raise Interrupted("Stopped before the story was told to its end.") from None
        finally:
            stack.enter("stopping")
            with step(stack.console, "Stopping"):
                await stack.supervisor.stop()
            stack.enter("stopped")


@contextlib.contextmanager
def _signals_cancel(work: "asyncio.Task[None]") -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, work.cancel)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def _work(stack: Stack, chapters: list[Chapter], *, stay: bool) -> None:
    await bring_up(stack)
    for chapter in chapters:
        await chapter(stack)
    if stay:
        stack.enter("ready")
        await asyncio.Event().wait()


async def bring_up(stack: Stack) -> None:
    """PostgreSQL, both databases, Synapse with our modules in one process or more, the service accounts, the bots."""
    settings, state, console = stack.settings, stack.state, stack.console
    layout = layout_of(settings)
    postgres = EmbeddedPostgres(settings, state)
    with step(console, "PostgreSQL"):
        await asyncio.to_thread(postgres.create)
        await stack.start(postgres_service(postgres))
        await asyncio.to_thread(postgres.set_up)
    with step(console, "Databases and Synapse"):
        await asyncio.to_thread(write_configuration, settings, state)
        if layout is not None:
            await stack.start(redis_service(layout, state))
        await asyncio.gather(
            asyncio.to_thread(_bring_database_up, stack), stack.start(synapse_service(settings, state))
        )
    if layout is not None:
        with step(console, f"{len(layout.workers)} workers and the proxy"):
            await asyncio.gather(*(stack.start(worker_service(worker, state)) for worker in layout.workers))
            await stack.start(proxy_service(settings, state))
    note_versions(state)
    with step(console, "Service accounts"):
        await ensure_service_accounts(settings, state)
    with step(console, "Bots, HR service and push gateway"):
        services = [*bots_services(settings, state)]
        if settings.hr.service.enabled:
            services.append(hr_service(settings, state))
        if settings.push.enabled:
            services.append(push_service(settings, state))
        await asyncio.gather(*map(stack.start, services))


def _bring_database_up(stack: Stack) -> None:
    from huep.schema import migrate, revisions  # Alembic takes a third of a second, while Synapse starts beside it

    engine = connect_as(stack.settings, stack.state, Role.OWNER)
    try:
        current, newest = revisions(engine)
        if current is None:
            migrate(engine)
        elif current != newest:
            raise UpgradeNeeded(
                f"The database in {stack.state.root} is at revision {current} and this HueP needs {newest}: "
                "run `huep upgrade`, which takes a backup first."
            )
    finally:
        engine.dispose()
