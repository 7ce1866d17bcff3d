"""A bot that was locked, lost its device or crashes: what people, operators and programs see, and how it comes back."""

import json
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from bots.process import runs
from bots.process.package import device_id_of
from huep import secret_names
from huep.bots_settings import ALL, BOT_NAMES
from huep.clock import now
from huep.database import HUEP_DATABASE, SYNAPSE_DATABASE, Role, connect_as
from huep.settings import load_settings
from huep.state import StateFolder
from tests.clients.running import run_huep
from tests.real.own_province import OwnProvince

WITHIN_S = 120.0
BOT, LOCALPART = "assistant", "tro-ly"


@pytest.fixture
def state(own: OwnProvince) -> StateFolder:
    own.running()
    return own.state


def bot(state: StateFolder) -> dict[str, Any]:
    """How the bot stands, as its process says; empty where it says nothing."""
    try:
        return next(dict(said) for said in standings(state) if said["name"] == BOT)
    except (OSError, ValueError):
        return {}


def standings(state: StateFolder) -> list[dict[str, Any]]:
    """How all bots stand."""
    return list(json.loads(state.bots_standing(ALL).read_text())["bots"])


def until(state: StateFolder, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    deadline = time.monotonic() + WITHIN_S
    while not is_so(said := bot(state)):
        assert time.monotonic() < deadline, said
        time.sleep(0.2)
    return said


def execute(state: StateFolder, role: Role, database: str, command: str, **bound: str) -> int:
    """Run a command about the bot's account; returns how many rows it changed."""
    settings = load_settings(state)
    engine = connect_as(settings, state, role, database)
    try:
        with engine.begin() as connection:
            return connection.execute(text(command), {"user_id": settings.user_id(LOCALPART)} | bound).rowcount
    finally:
        engine.dispose()


def kill(state: StateFolder) -> None:
    """End the bots' process as a crash does, and wait until another has begun."""
    before = json.loads(state.bots_standing(ALL).read_text())["pid"]
    os.kill(before, signal.SIGKILL)
    until(state, lambda said: bool(said) and json.loads(state.bots_standing(ALL).read_text())["pid"] != before)


def doctor(state: StateFolder, *arguments: str) -> tuple[int, dict[str, dict[str, Any]]]:
    done = run_huep(state.root, "bots", "doctor", "--json", "--bot", BOT, *arguments, check=False)
    assert done.stdout.startswith("["), done.stdout + done.stderr
    return done.returncode, {verdict["about"]: verdict for verdict in json.loads(done.stdout)}


def master_key(state: StateFolder) -> str:
    settings = load_settings(state)
    headers = {"Authorization": f"Bearer {state.read_secret(secret_names.ADMIN_TOKEN)}"}
    user_id = settings.user_id(LOCALPART)
    answer = httpx.post(
        f"{settings.synapse.local_url}/_matrix/client/v3/keys/query",
        json={"device_keys": {user_id: []}},
        headers=headers,
        trust_env=False,
        timeout=30,
    )
    return str(answer.json()["master_keys"][user_id]["keys"])


def set_locked(state: StateFolder, *, locked: bool) -> None:
    settings = load_settings(state)
    httpx.put(
        f"{settings.synapse.local_url}/_synapse/admin/v2/users/{settings.user_id(LOCALPART)}",
        json={"locked": locked},
        headers={"Authorization": f"Bearer {state.read_secret(secret_names.ADMIN_TOKEN)}"},
        trust_env=False,
        timeout=30,
    ).raise_for_status()


def test_a_locked_bot_stays_down_and_says_so_and_comes_back_when_it_is_unlocked(state: StateFolder) -> None:
    until(state, lambda said: said.get("state") == "ready")
    set_locked(state, locked=True)
    try:
        said = until(state, lambda said: said.get("state") == "down")
        assert "M_USER_LOCKED" in said["note"]
        assert {other["name"]: other["state"] for other in standings(state)} == {BOT: "down", "broadcasts": "ready"}
        ready = httpx.get(f"{load_settings(state).bots.url()}/ready", trust_env=False, timeout=30)
        assert (ready.status_code, ready.json()["reasons"][0]["reason"]) == (503, "state")
        assert "down" in run_huep(state.root, "status").stdout
        code, verdicts = doctor(state)
        assert code == 1
        assert "is locked" in verdicts["account"]["said"]
        time.sleep(3)
        assert bot(state)["restarts"] == said["restarts"], "it does not hammer at a shut door"
    finally:
        set_locked(state, locked=False)
    kill(state)
    until(state, lambda said: said.get("state") == "ready")


def test_a_bot_that_lost_its_device_comes_back_as_the_same_person_by_its_recovery_key(state: StateFolder) -> None:
    until(state, lambda said: said.get("state") == "ready")
    before = master_key(state)
    rows = "delete from bots.device_rows using bots.devices where device = number and user_id = :user_id"
    assert execute(state, Role.BOTS, HUEP_DATABASE, rows) > 0
    kill(state)
    said = until(state, lambda said: said.get("state") == "down")
    assert "huep bots recover" in said["note"]
    code, verdicts = doctor(state)
    assert (code, verdicts["process"]["said"]) == (1, said["note"])
    assert master_key(state) == before, "nothing is reset without a word"
    recovered = run_huep(state.root, "bots", "recover", BOT).stdout
    kill(state)
    said = until(state, lambda said: said.get("state") == "ready")
    assert said["device"]["signed"]
    assert said["device"]["device_id"].startswith(f"{device_id_of(LOCALPART)}-")
    assert said["device"]["device_id"] in recovered
    assert master_key(state) == before
    code, verdicts = doctor(state)
    assert code == 0, verdicts
    again = run_huep(state.root, "bots", "recover", BOT, check=False)
    assert again.returncode == 1


def test_the_doctor_mends_a_signature_that_is_gone(own: OwnProvince, state: StateFolder) -> None:
    until(state, lambda said: said.get("state") == "ready")
    signatures = (
        "delete from e2e_cross_signing_signatures where target_user_id = :user_id and target_device_id like :device"
    )
    device = f"{device_id_of(LOCALPART)}%"
    assert execute(state, Role.SYNAPSE, SYNAPSE_DATABASE, signatures, device=device) > 0
    own.kill("synapse")  # it remembers signatures
    code, verdicts = doctor(state)
    assert (code, verdicts["signature"]["sound"], verdicts["signature"]["mendable"]) == (1, False, True)
    code, verdicts = doctor(state, "--mend")
    assert code == 0, verdicts
    assert verdicts["signature"]["sound"]


def test_kills_are_written_down_and_make_a_crash_loop(state: StateFolder) -> None:
    engine = connect_as(load_settings(state), state, Role.BOTS)
    try:
        for _ in range(runs.LOOP_STARTS):
            until(state, lambda _said: all(said["state"] == "ready" for said in standings(state)))
            kill(state)
        until(state, lambda _said: all(said["state"] == "ready" for said in standings(state)))
        with engine.begin() as connection:
            loops = runs.claim_crash_loops(connection, now())
        assert [(loop.bot, loop.last) for loop in loops] == [(name, runs.KILLED) for name in sorted(BOT_NAMES)]
        assert all(loop.crashes >= runs.LOOP_STARTS for loop in loops)
    finally:
        engine.dispose()
