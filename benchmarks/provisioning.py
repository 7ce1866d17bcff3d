"""Creating accounts: the whole job (directory, journal, audit, read-back) beside a plain loop over the admin API."""

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter

import httpx

from benchmarks.databases import write_register
from benchmarks.figures import Figure, higher_is_better
from benchmarks.province import RunningProvince, province
from hr_provisioner.provisioning import Workplace, apply_register, open_workplace
from hr_provisioner.records import Register
from hr_provisioner.register import read_register
from huep.secret_names import ADMIN_TOKEN
from huep.stack.accounts import open_admin
from huep.synapse_admin import PublishedPerson

PEOPLE = 2_000
ROUNDS = 5
A_ROUND = PEOPLE // ROUNDS
IN_PARALLEL = 8


def measure() -> Iterator[Figure]:
    """`provision_rate`, the median of five rounds of 400 accounts, ours and the plain loop in turn."""
    with tempfile.TemporaryDirectory() as folder:
        register = read_register(write_register(Path(folder), PEOPLE))
    with province() as running, open_workplace(running.state) as place:
        ours, plain = asyncio.run(_rounds(running, place, register))
    yield higher_is_better("provision_rate", median(ours), "accounts/s", median(plain), "plain_admin_api_8_parallel")


async def _rounds(running: RunningProvince, place: Workplace, register: Register) -> tuple[list[float], list[float]]:
    ours: list[float] = []
    plain: list[float] = []
    for number in range(1, ROUNDS + 1):
        part = replace(register, people=register.people[: number * A_ROUND], sha256=f"{number:064d}")
        started = perf_counter()
        await apply_register(
            place,
            part,
            actor="benchmark",
            urgent=(),
            confirm=lambda *_: None,
            progress=lambda *_: None,
        )
        ours.append(A_ROUND / (perf_counter() - started))
        plain.append(await _plain_loop(running, number))
    return ours, plain


async def _plain_loop(running: RunningProvince, number: int) -> float:
    """Accounts a second that eight workers create with the admin API alone."""
    names = [f"plain-{number}-{one}" for one in range(A_ROUND)]
    async with open_admin(running.settings, running.state) as admin:
        await admin.publish_people([PublishedPerson(name, "active") for name in names])
    waiting = iter(names)
    headers = {"Authorization": f"Bearer {running.state.read_secret(ADMIN_TOKEN)}"}
    async with httpx.AsyncClient(
        base_url=running.settings.synapse.local_url, headers=headers, trust_env=False, timeout=60
    ) as http:

        async def worker() -> None:
            for name in waiting:
                path = f"/_synapse/admin/v2/users/{running.settings.user_id(name)}"
                (await http.put(path, json={"displayname": name})).raise_for_status()

        started = perf_counter()
        await asyncio.gather(*(worker() for _ in range(IN_PARALLEL)))
        return A_ROUND / (perf_counter() - started)
