"""What five bots take that nobody talks to: memory of their one process, and how long they need to start."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from time import time

from benchmarks.figures import Figure
from benchmarks.province import RunningProvince, province
from huep import secret_names
from huep.stack.accounts import open_admin
from huep.synapse_admin import AccountRequest, AccountVerb, PublishedPerson

COUNT, STARTS = 5, 3
LOCALPARTS = tuple(f"benchmark-bot-{number}" for number in range(1, COUNT + 1))


@dataclass(frozen=True)
class Start:
    """One process, until its bots were ready and idle."""

    peak_mb: float
    started_in_s: tuple[float, ...]
    """Of each bot, in a process that runs already."""
    ready_s: float
    """From the start of the process until its last bot was ready."""


def measure() -> Iterator[Figure]:
    """`bots_idle_mb`, and the seconds of a first start and of later ones, of five bots and of one in its process."""
    with province() as running:
        asyncio.run(_make_accounts(running))
        first, again = _started(running, LOCALPARTS), _started(running, LOCALPARTS)
        alone = [_started(running, LOCALPARTS[:1]).ready_s for _ in range(STARTS)]
    yield Figure("bots_idle_mb", again.peak_mb, "MB")
    yield Figure("bots_first_start_s", median(first.started_in_s), "s")
    yield Figure("bots_start_s", median(again.started_in_s), "s")
    yield Figure("bots_all_ready_s", again.ready_s, "s")
    yield Figure("bot_ready_s", median(alone), "s")


async def _make_accounts(running: RunningProvince) -> None:
    """Five accounts with passwords, free of rate limits as bots are."""
    async with open_admin(running.settings, running.state) as admin:
        await admin.publish_people([PublishedPerson(name, "active") for name in LOCALPARTS])
        requests = [AccountRequest(name, AccountVerb.CREATE, name, "Trợ lý") for name in LOCALPARTS]
        await admin.act_on_accounts(requests)
        for name in LOCALPARTS:
            password = running.state.secret(secret_names.bot_password(name))
            await admin.set_password(running.settings.user_id(name), password)
            await admin.lift_rate_limits(running.settings.user_id(name))


def _started(running: RunningProvince, localparts: Sequence[str]) -> Start:
    began_s = time()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.assistants", str(running.state.root), *localparts],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    said = json.loads(done.stdout.splitlines()[-1])
    return Start(said["peak_mb"], tuple(said["started_in_s"]), said["ready_at_s"] - began_s)
