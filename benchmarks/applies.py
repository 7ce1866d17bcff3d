"""What the benchmarks of the provisioner share: the whole job on our side, and plain loops over the admin API."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter

import httpx

from benchmarks.province import RunningProvince
from hr_provisioner.advisory import exclusively
from hr_provisioner.applying.apply import Applier, Report
from hr_provisioner.planning.plan import make_plan
from hr_provisioner.records import Register
from hr_provisioner.workplace import Workplace
from huep.secret_names import ADMIN_TOKEN
from huep.stack.accounts import open_admin
from huep.synapse_admin import AccountRequest, AccountVerb, PublishedPerson

ACTOR = "benchmark"
IN_PARALLEL = 8
BASELINE = "plain_admin_api_8_parallel"


async def apply_register(place: Workplace, register: Register) -> Report:
    """Read the directory and the homeserver, plan, carry out with journal and audit, read back."""
    with exclusively(place.hr):
        current = await place.current(ACTOR)
        plan = make_plan(register, current, place.today, place.policy)
        async with open_admin(place.settings, place.state) as homeserver:
            applier = Applier(place.reach(homeserver), ACTOR)
            report = await applier.carry_out(plan, lambda *_: None)
    if report.failed:
        raise RuntimeError(f"{len(report.failed)} actions failed, the first: {report.failed[0].error}")
    return report


async def register_names(running: RunningProvince, names: Sequence[str]) -> None:
    """Publish people whom the plain loop may then create."""
    async with open_admin(running.settings, running.state) as admin:
        await admin.publish_people([PublishedPerson(name, "active") for name in names])


async def make_accounts(running: RunningProvince, names: Sequence[str]) -> None:
    """Accounts for the plain loop to act upon; not measured."""
    await register_names(running, names)
    async with open_admin(running.settings, running.state) as admin:
        await admin.act_on_accounts([AccountRequest(name, AccountVerb.CREATE, name, name) for name in names])


def admin_client(running: RunningProvince) -> httpx.AsyncClient:
    """The admin API with the service account's token, and nothing of ours in between."""
    headers = {"Authorization": f"Bearer {running.state.read_secret(ADMIN_TOKEN)}"}
    return httpx.AsyncClient(base_url=running.settings.synapse.local_url, headers=headers, trust_env=False, timeout=60)


async def plain_loop(
    running: RunningProvince, names: Sequence[str], body: Callable[[str], Mapping[str, object]]
) -> float:
    """Accounts a second that eight workers change by one PUT each."""
    waiting = iter(names)
    async with admin_client(running) as http:

        async def worker() -> None:
            for name in waiting:
                path = f"/_synapse/admin/v2/users/{running.settings.user_id(name)}"
                (await http.put(path, json=body(name))).raise_for_status()

        started = perf_counter()
        await asyncio.gather(*(worker() for _ in range(IN_PARALLEL)))
        return len(names) / (perf_counter() - started)
