"""Locking accounts: the whole job (plan to read-back, as in `provisioning`) beside a plain loop over the admin API."""

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.applies import BASELINE, apply_register, make_accounts, plain_loop
from benchmarks.databases import write_register
from benchmarks.figures import Figure, higher_is_better
from benchmarks.province import RunningProvince, province
from hr_provisioner.planning.actions import LockAccount
from hr_provisioner.records import Register
from hr_provisioner.register.register import read_register
from hr_provisioner.workplace import Workplace, open_workplace

PEOPLE = 2_800
ROUNDS = 7
A_ROUND = PEOPLE // ROUNDS


def measure() -> Iterator[Figure]:
    """`hr_lock_rate`, the median of seven rounds of 400 leavers, ours and the plain loop in turn."""
    with tempfile.TemporaryDirectory() as folder:
        register = read_register(write_register(Path(folder), PEOPLE))
    with province() as running, open_workplace(running.state) as place:
        ours, plain = asyncio.run(_rounds(running, place, register))
    yield higher_is_better("hr_lock_rate", median(ours), "accounts/s", median(plain), BASELINE)


async def _rounds(running: RunningProvince, place: Workplace, register: Register) -> tuple[list[float], list[float]]:
    await apply_register(place, register)
    yesterday = place.today - timedelta(days=1)
    ours: list[float] = []
    plain: list[float] = []
    for number in range(1, ROUNDS + 1):
        gone = number * A_ROUND
        people = tuple(replace(person, leaves_on=yesterday) for person in register.people[:gone])
        edition = replace(register, people=people + register.people[gone:], sha256=f"{number:064d}")
        started = perf_counter()
        report = await apply_register(place, edition)
        elapsed = perf_counter() - started
        ours.append(sum(isinstance(action, LockAccount) for action in report.done) / elapsed)
        names = [f"plain-{number}-{one}" for one in range(A_ROUND)]
        await make_accounts(running, names)
        plain.append(await plain_loop(running, names, lambda _: {"locked": True}))
    return ours, plain
