"""Creating accounts: the whole job (directory, journal, audit, read-back) beside a plain loop over the admin API."""

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.applies import BASELINE, apply_register, plain_loop, register_names
from benchmarks.databases import write_register
from benchmarks.figures import Figure, higher_is_better
from benchmarks.province import RunningProvince, province
from hr_provisioner.records import Register
from hr_provisioner.register.register import read_register
from hr_provisioner.workplace import Workplace, open_workplace

PEOPLE = 2_800
ROUNDS = 7
A_ROUND = PEOPLE // ROUNDS


def measure() -> Iterator[Figure]:
    """`hr_create_rate`, the median of seven rounds of 400 accounts, ours and the plain loop in turn.

    `provision_rate` is its older name.
    """
    with tempfile.TemporaryDirectory() as folder:
        register = read_register(write_register(Path(folder), PEOPLE))
    with province() as running, open_workplace(running.state) as place:
        ours, plain = asyncio.run(_rounds(running, place, register))
    for name in ("hr_create_rate", "provision_rate"):
        yield higher_is_better(name, median(ours), "accounts/s", median(plain), BASELINE)


async def _rounds(running: RunningProvince, place: Workplace, register: Register) -> tuple[list[float], list[float]]:
    ours: list[float] = []
    plain: list[float] = []
    for number in range(1, ROUNDS + 1):
        part = replace(register, people=register.people[: number * A_ROUND], sha256=f"{number:064d}")
        started = perf_counter()
        await apply_register(place, part)
        ours.append(A_ROUND / (perf_counter() - started))
        names = [f"plain-{number}-{one}" for one in range(A_ROUND)]
        await register_names(running, names)
        plain.append(await plain_loop(running, names, lambda name: {"displayname": name}))
    return ours, plain
