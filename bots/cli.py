"""`huep bots`: the bots' process."""

import asyncio
import json
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import structlog
import typer

from bots.assistant.process import run_assistant
from bots.matrix.connection import MatrixConnection
from huep.options import StateOption
from huep.settings import load_settings
from huep.state import StateFolder, locate_state, write_private

app = typer.Typer(help="The bots.", no_args_is_help=True)


@app.callback()
def bots() -> None:
    """The bots of HueP; `huep up` starts and supervises them."""


@app.command()
def run(state: StateOption = None) -> None:
    """Run the bots until SIGTERM or Ctrl-C."""
    _log_to_stderr()
    asyncio.run(_run(locate_state(state)))


async def _run(folder: StateFolder) -> None:
    ready = folder.bots_ready
    ready.unlink(missing_ok=True)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        await run_assistant(load_settings(folder), folder, stop, lambda connection: _say_ready(ready, connection))
    finally:
        ready.unlink(missing_ok=True)


def _say_ready(path: Path, connection: MatrixConnection) -> None:
    """Tell the supervisor: synced, and trusted by clients that follow MSC4153."""
    said = {
        "user_id": connection.user_id,
        "device_id": connection.device_id,
        "cross_signed": connection.is_cross_signed(),
        "at": datetime.now(UTC).isoformat(),
    }
    write_private(path, json.dumps(said) + "\n")
    structlog.get_logger(__name__).info("ready", **said)


def _log_to_stderr() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(20),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
