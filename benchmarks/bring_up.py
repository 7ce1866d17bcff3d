"""From an installed HueP to a province of 2,000 people that is ready, and to the last room joined."""

import time
from collections.abc import Iterator

from benchmarks.figures import Figure
from benchmarks.province import province, wait_for_joins

PEOPLE = 2_000


def measure() -> Iterator[Figure]:
    """`ready_s` and `joins_done_s`, both from the start of `huep up --demo`."""
    started = time.monotonic()
    with province("--demo", "--people", str(PEOPLE)) as running:
        yield Figure("ready_s", running.ready_after_s, "s")
        wait_for_joins(running)
        yield Figure("joins_done_s", time.monotonic() - started, "s")
