"""Bringing people into their rooms, told on a terminal by a bar and in a log by a line every few seconds."""

import asyncio
import time

from rich.console import Console

from hr_provisioner.provisioning import run_joins
from hr_provisioner.rooms.joins import Tally
from hr_provisioner.screens import show
from hr_provisioner.workplace import Workplace
from huep.catalogue import Voice

PROGRESS_LINE_EVERY_S = 5.0
"""Where nobody watches a bar, one line in the log so often."""


def join(console: Console, say: Voice, place: Workplace) -> None:
    """Make all rooms and bring about all memberships; says so when another process is at it."""
    if console.is_terminal:
        with show.progress_bar(console, say) as bar:
            task = bar.add_task(say("joins"), total=None)
            changed = asyncio.run(
                run_joins(place, lambda tally: bar.update(task, completed=tally.done, total=tally.total))
            )
    else:
        changed = asyncio.run(run_joins(place, _LogLines(console, say).tell))
    if changed is None:
        console.print(say("joins-elsewhere"))
    else:
        show.show_well(console, say("joins-done", count=changed))


class _LogLines:
    def __init__(self, console: Console, say: Voice) -> None:
        self._console = console
        self._say = say
        self._last = 0.0

    def tell(self, tally: Tally) -> None:
        now = time.monotonic()
        if now - self._last < PROGRESS_LINE_EVERY_S:
            return
        self._last = now
        self._console.print(
            self._say(
                "joins-progress",
                done=tally.done,
                total=tally.total,
                left=tally.total - tally.done,
                rate=tally.rate,
                units=tally.units_built,
                changed=tally.units_changed,
            )
        )
