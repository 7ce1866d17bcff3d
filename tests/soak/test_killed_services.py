"""PostgreSQL, Synapse and the supervisor itself killed: all comes back with all data, and nothing is left behind."""

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from sqlalchemy import text

from huep.database import Role, connect_as
from huep.settings import load_settings
from huep.stack.accounts import open_admin
from huep.stack.service import ServiceState
from huep.state import StateFolder
from tests.clients.lent_people import lend_person
from tests.clients.running import run_huep, start_huep, stop_huep
from tests.conftest import Province
from tests.soak.asking import QUESTIONS, asking
from tests.soak.conftest import Tell
from tests.soak.processes import all_ready, kill, processes_of, restarts, services, until

PEOPLE = 200
KILLS_EACH = 10
BACKENDS_KILLED = 3
SUPERVISOR_KILLS = 6
LONGEST_REST_S = 3.0
LONGEST_START_S = 9.0
ALL_GONE_WITHIN_S = 45.0
ANSWERED_WITHIN_S = 120.0
JOINED_WITHIN_S = 600.0

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1200)]


async def test_whatever_is_killed_comes_back_with_all_data(
    state: StateFolder, tmp_path: Path, dice: random.Random, tell: Tell
) -> None:
    process = start_huep(
        state.root, "--demo", "--people", str(PEOPLE), log=tmp_path / "up.log", module="tests.soak.quick_restarts"
    )
    try:
        province = Province(state, load_settings(state), process)
        before = await everything(province)
        async with asking(province, await lend_person(province), tmp_path / "device") as asker:
            victims = ["postgres", "synapse"] * KILLS_EACH + ["backend"] * BACKENDS_KILLED
            dice.shuffle(victims)
            slowest = 0.0
            for victim in victims:
                await asyncio.sleep(dice.uniform(0, LONGEST_REST_S))
                asked = asyncio.create_task(asker.ask(dice.choice(QUESTIONS)))
                await asyncio.sleep(dice.uniform(0, 0.3))
                if victim == "backend":
                    kill_a_backend(state, dice)
                else:
                    counted = restarts(state, victim)
                    assert kill(state, victim)
                    await until(f"{victim} is counted", lambda v=victim, c=counted: restarts(state, v) > c)
                took = await until("everything is ready again", lambda: all_ready(state))
                await asker.answered(await asked, ANSWERED_WITHIN_S)
                slowest = max(slowest, took)
            counts = {name: restarts(state, name) for name in ("postgres", "synapse", "bots")}
            tell(f"{len(victims)} kills, restarts counted: {counts}, back after {slowest:.1f} s at the latest")
            assert counts["postgres"] >= KILLS_EACH
            assert counts["synapse"] >= KILLS_EACH
            asker.check_answers()
            assert await asker.replies_on_server() == dict.fromkeys(asker.asked, 1)
            kept = {event["event_id"] for event in await asker.history()}
            assert asker.asked.keys() <= kept
        assert await everything(province) == before
        await until(
            "the rooms are full", lambda: services(state)["joins"]["state"] == ServiceState.DONE, JOINED_WITHIN_S
        )
        assert await memberships_of(province) > PEOPLE
        run_huep(state.root, "audit", "verify")
        assert "backing off" not in run_huep(state.root, "status").stdout
    finally:
        assert stop_huep(process) == 0


async def everything(province: Province) -> dict[str, object]:
    """What directory and homeserver hold of people and units."""
    engine = connect_as(province.settings, province.state, Role.HR)
    held: dict[str, object] = {}
    try:
        with engine.connect() as connection:
            for table in ("people", "posts", "units", "unit_periods", "absences", "accounts"):
                rows = text(f"select t::text from register.{table} t order by 1")
                held[table] = connection.execute(rows).scalars().all()
    finally:
        engine.dispose()
    async with open_admin(province.settings, province.state) as admin:
        held["users"] = sorted(await admin.users(), key=lambda user: user.user_id)
    return held


async def memberships_of(province: Province) -> int:
    """How many the register wants; each of them stands on the homeserver, and no other person is in a unit's room."""
    engine = connect_as(province.settings, province.state, Role.HR)
    wanted: dict[str, set[str]] = defaultdict(set)
    try:
        with engine.connect() as connection:
            for room_id, user_id in connection.execute(
                text("select room_id, user_id from register.memberships where wanted")
            ):
                wanted[room_id].add(user_id)
    finally:
        engine.dispose()
    service = province.settings.user_id(province.settings.accounts.service)
    async with open_admin(province.settings, province.state) as admin:
        for room_id, people in wanted.items():
            assert await admin.members(room_id) - {service} == people
    return sum(map(len, wanted.values()))


def kill_a_backend(state: StateFolder, dice: random.Random) -> None:
    """One of PostgreSQL's server processes dies: it ends all sessions and recovers by itself."""
    parent = str(services(state)["postgres"]["pid"])
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    assert children
    with contextlib.suppress(ProcessLookupError):
        os.kill(int(dice.choice(children)), signal.SIGKILL)


async def test_a_killed_supervisor_leaves_nothing_running_and_the_next_start_is_ready(
    state: StateFolder, tmp_path: Path, dice: random.Random, tell: Tell
) -> None:
    process = start_huep(state.root, "--demo", "--people", str(PEOPLE), log=tmp_path / "first.log")
    process.kill()
    process.wait()
    slowest = await nothing_left(state)
    moments = ["running"]
    for number in range(1, SUPERVISOR_KILLS):
        log = tmp_path / f"{number}.log"
        if number % 2:
            moment = dice.uniform(0, LONGEST_START_S)
            process = begin_huep(state, log)
            await asyncio.sleep(moment)
            assert process.poll() is None, log.read_text()
            moments.append(f"{moment:.1f} s after its start")
        else:
            process = start_huep(state.root, "--demo", "--people", str(PEOPLE), log=log)
            moments.append("running")
        assert processes_of(state)
        process.kill()
        process.wait()
        slowest = max(slowest, await nothing_left(state))
    tell(f"killed {', '.join(moments)}; all gone after {slowest:.1f} s at the latest")
    process = start_huep(state.root, "--demo", "--people", str(PEOPLE), log=tmp_path / "last.log")
    try:
        province = Province(state, load_settings(state), process)
        async with asking(province, await lend_person(province), tmp_path / "device") as asker:
            await asker.answered(await asker.ask(QUESTIONS[0]), ANSWERED_WITHIN_S)
            asker.check_answers()
        run_huep(state.root, "audit", "verify")
    finally:
        assert stop_huep(process) == 0
    assert processes_of(state) == {}


def begin_huep(state: StateFolder, log: Path) -> "subprocess.Popen[bytes]":
    """Start `huep up` and do not wait for it."""
    with log.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "huep.cli", "up", "--demo", "--people", str(PEOPLE)],
            env={**os.environ, "HUEP_STATE": str(state.root)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )


async def nothing_left(state: StateFolder) -> float:
    """Seconds until no process of this province is left."""
    try:
        return await until("no process is left", lambda: not processes_of(state), ALL_GONE_WITHIN_S)
    except AssertionError:
        raise AssertionError(f"left running: {processes_of(state)}") from None
