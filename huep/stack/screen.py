"""What the terminal shows: steps while starting, one table of what runs, and what to try next."""

import contextlib
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from huep.stack.bots import READY, BotStanding
from huep.stack.service import ServiceState, ServiceStatus

COLOURS = {
    ServiceState.READY: "green",
    ServiceState.RUNNING: "green",
    ServiceState.DONE: "green",
    ServiceState.STARTING: "yellow",
    ServiceState.WAITING: "dim",
    ServiceState.BACKING_OFF: "red",
    ServiceState.STOPPED: "dim",
}


@contextlib.contextmanager
def step(console: Console, title: str) -> Iterator[None]:
    """Show that something goes on, and how long it took when it is done."""
    started = time.monotonic()
    with console.status(f"{title} …"):
        yield
    console.print(f"[green]✓[/] {title} [dim]{time.monotonic() - started:.1f} s[/]", highlight=False)


def service_table(services: Iterable[ServiceStatus]) -> Table:
    """One row a service."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Service", "State", "Where", "Process", "Restarts", "Log"):
        table.add_column(heading, justify="right" if heading in ("Process", "Restarts") else "left", overflow="fold")
    for service in services:
        state = f"[{COLOURS[service.state]}]{service.state}[/]"
        if service.note:
            state += f" [dim]{escape(service.note)}[/]"
        process = "" if service.pid is None else str(service.pid)
        table.add_row(service.title, state, service.where, process, str(service.restarts), str(shown(service.log)))
    return table


def bot_table(bots: Iterable[BotStanding]) -> Table:
    """One row a bot."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Bot", "State", "Account", "Device", "Restarts"):
        table.add_column(heading, justify="right" if heading == "Restarts" else "left", overflow="fold")
    for bot in bots:
        state = f"[{'green' if bot.state == READY else 'red' if bot.note else 'yellow'}]{bot.state}[/]"
        if bot.note:
            state += f" [dim]{escape(bot.note)}[/]"
        table.add_row(bot.name, state, bot.user_id, bot.device_id or "", str(bot.restarts))
    return table


def shown(path: Path | str) -> Path:
    """The path as the person in this folder would type it."""
    path, here = Path(path), Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
