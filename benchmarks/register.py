"""Reading a register of 60,000 people, every row validated."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.databases import write_register
from benchmarks.figures import Figure, median_of
from hr_provisioner.register.register import read_register

PEOPLE = 60_000
RUNS = 5


def measure() -> Iterator[Figure]:
    """`register_read_60k_s`: CSV to validated records, the median of five reads."""
    with tempfile.TemporaryDirectory() as folder:
        edition = write_register(Path(folder), PEOPLE)
        yield Figure("register_read_60k_s", median_of(RUNS, lambda: read_register(edition)), "s")
