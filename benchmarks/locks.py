"""Locking accounts: the whole job (plan to read-back, as in `provisioning`) beside a plain loop over the admin API.

The plain loop's people have no devices, so that its PUT is little more than Synapse's own lock, though the doors
are shut behind it too.
"""

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.applies import (
    ACTOR,
    BASELINE,
    IN_PARALLEL,
    admin_client,
    apply_register,
    make_accounts,
    plain_loop,
)
from benchmarks.databases import write_register
from benchmarks.figures import Figure, higher_is_better
from benchmarks.province import RunningProvince, province
from hr_provisioner.planning.actions import LockAccount
from hr_provisioner.records import Register
from hr_provisioner.register.register import read_register
from hr_provisioner.workplace import Workplace, open_workplace

ROUNDS = 7
A_ROUND = 400
WITH_DEVICES = 200
"""Of a round, beside those without."""
PEOPLE = ROUNDS * (A_ROUND + WITH_DEVICES)


def measure() -> Iterator[Figure]:
    """The medians of seven rounds, ours and the plain loop in turn.

    `hr_lock_rate` of 400 leavers without devices; `hr_lock_closed_rate` of 200 who are logged in, so that all doors are
    to be shut.
    """
    with tempfile.TemporaryDirectory() as folder:
        register = read_register(write_register(Path(folder), PEOPLE))
    with province() as running, open_workplace(running.state) as place:
        rates = asyncio.run(_rounds(running, place, register))
    plain = median(rates.plain)
    yield higher_is_better("hr_lock_rate", median(rates.ours), "accounts/s", plain, BASELINE)
    yield higher_is_better("hr_lock_closed_rate", median(rates.closed), "accounts/s", plain, BASELINE)


@dataclass
class Rates:
    """Accounts a second, of each round."""

    ours: list[float] = field(default_factory=list)
    closed: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)


async def _rounds(running: RunningProvince, place: Workplace, register: Register) -> Rates:
    await apply_register(place, register)
    localparts = await _localparts(place, register)
    rates = Rates()
    gone = 0
    for number in range(1, ROUNDS + 1):
        rates.ours.append(await _locked_a_second(place, register, gone, gone := gone + A_ROUND))
        await _give_devices(running, localparts[gone : gone + WITH_DEVICES])
        rates.closed.append(await _locked_a_second(place, register, gone, gone := gone + WITH_DEVICES))
        names = [f"plain-{number}-{one}" for one in range(A_ROUND)]
        await make_accounts(running, names)
        rates.plain.append(await plain_loop(running, names, lambda _: {"locked": True}))
    return rates


async def _locked_a_second(place: Workplace, register: Register, before: int, gone: int) -> float:
    """The next edition, in which the first `gone` people have left and `before` of them were told of already."""
    yesterday = place.today - timedelta(days=1)
    people = tuple(replace(person, leaves_on=yesterday) for person in register.people[:gone])
    edition = replace(register, people=people + register.people[gone:], sha256=f"{gone:064d}")
    started = perf_counter()
    report = await apply_register(place, edition)
    elapsed = perf_counter() - started
    locked = sum(isinstance(action, LockAccount) for action in report.done)
    if locked != gone - before:
        raise RuntimeError(f"{locked} of {gone - before} were locked")
    return locked / elapsed


async def _localparts(place: Workplace, register: Register) -> list[str]:
    """The accounts of the register's people, in its order."""
    known = (await place.current(ACTOR)).by_code
    accounts = [known[person.officer_code].account for person in register.people]
    return [account.localpart for account in accounts if account is not None]


async def _give_devices(running: RunningProvince, localparts: Sequence[str]) -> None:
    """One each; not measured."""
    waiting = iter(localparts)
    async with admin_client(running) as http:

        async def worker() -> None:
            for name in waiting:
                path = f"/_synapse/admin/v2/users/{running.settings.user_id(name)}/devices"
                (await http.post(path, json={"device_id": "PHONE"})).raise_for_status()

        await asyncio.gather(*(worker() for _ in range(IN_PARALLEL)))
