"""A province of 20,000 through the real pipeline into a real Synapse: accounts for all, and nothing left to plan."""

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hr_provisioner.workplace import open_workplace
from huep.state import StateFolder
from tests.clients.running import run_huep, start_huep, stop_huep
from tests.soak.conftest import Tell
from tests.soak.test_killed_applies import homeserver_accounts

PEOPLE = 20_000
UNITS_AT_LEAST = 600
MOST_MEMORY_MIB = 1_500
WITHIN_S = 900
PARTS_BROUGHT_IN = ("chair", "officer")
"""The others' room joins are left out: accounts are what this is about."""

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1200)]


async def test_a_whole_province_gets_its_accounts_and_needs_nothing_more(
    state: StateFolder, tmp_path: Path, tell: Tell
) -> None:
    process = start_huep(state.root, log=tmp_path / "up.log")
    try:
        # Where the demo's officers are known from the cast, who sign the first register.
        out = state.registers
        run_huep(state.root, "demo-data", "--people", str(PEOPLE), "--seed", "11", "--edition", "1", "--out", str(out))
        cast = json.loads((out / "cast.json").read_text("utf-8"))
        urgent = [part for name in PARTS_BROUGHT_IN for part in ("--urgent", cast[name]["officer_code"])]
        took, peak = await asyncio.to_thread(apply_measured, state, out / "edition-1", urgent, tmp_path / "apply.log")
        planned = time.monotonic()
        second = json.loads(run_huep(state.root, "hr", "plan", str(out / "edition-1"), "--json").stdout)
        planned = time.monotonic() - planned
        with open_workplace(state) as place:
            made = len(await homeserver_accounts(place))
        tell(
            f"{made:,} accounts in {took:.0f} s ({made / took:.0f}/s), apply's peak {peak:.0f} MiB; plan {planned:.1f} s"
        )
        assert second["actions"] == []
        assert made >= 0.95 * PEOPLE
        assert made == second["open_accounts"]
        assert len((out / "edition-1" / "don-vi.csv").read_text("utf-8").splitlines()) > UNITS_AT_LEAST
        assert peak < MOST_MEMORY_MIB
        run_huep(state.root, "audit", "verify")
    finally:
        assert stop_huep(process) == 0


def apply_measured(state: StateFolder, edition: Path, urgent: list[str], log: Path) -> tuple[float, float]:
    """Apply a register, parked and signed as every first one; returns seconds and the most memory that the process had, in MiB."""
    began = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "huep.cli", "hr", "demo", str(edition), *urgent],
            env={**os.environ, "HUEP_STATE": str(state.root)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        if time.monotonic() - began > WITHIN_S:
            process.kill()
        time.sleep(0.2)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, log.read_text()
    return time.monotonic() - began, usage.ru_maxrss / 1024
