"""`huep hr apply` killed again and again: nothing is lost, nothing is done twice, nobody is locked by it."""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from hr_provisioner.apply import is_running
from hr_provisioner.provisioning import Workplace, open_workplace
from hr_provisioner.register import read_register
from huep import clock
from huep.database import SYNAPSE_DATABASE
from huep.stack.accounts import open_admin
from huep.stack.postgres import EmbeddedPostgres
from huep.state import StateFolder
from huep.synapse_admin import HomeserverUser
from tests.conftest import run_huep, start_huep, stop_huep
from tests.soak.conftest import Tell

PEOPLE = 600
KILLS = 20
KILLS_IN_THE_MIDDLE = 5
"""At least so many must hit a run that had begun, or the test shows nothing."""
LATEST_KILL_S = 3.0
LOCK_FREE_WITHIN_S = 30.0

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]


async def test_an_apply_killed_at_any_moment_loses_and_doubles_nothing(
    state: StateFolder, tmp_path: Path, dice: random.Random, tell: Tell
) -> None:
    process = start_huep(state.root, log=tmp_path / "up.log")
    try:
        run_huep(state.root, "demo-data", "--people", str(PEOPLE), "--seed", "7", "--out", str(tmp_path / "register"))
        editions = [tmp_path / "register" / f"edition-{number}" for number in (1, 2)]
        cast = json.loads((tmp_path / "register" / "cast.json").read_text("utf-8"))
        urgent = [part for member in cast.values() for part in ("--urgent", member["officer_code"])]
        with open_workplace(state) as place:
            attempts = killed = cut_off = 0
            while killed < KILLS:
                edition = editions[attempts % 2]
                attempts += 1
                wait_for_lock(place)
                before = runs(place)
                if kill_an_apply(state, place, edition, urgent, dice):
                    killed += 1
                    cut_off += runs(place) > before and bool(unfinished(place))
            tell(f"{killed} of {attempts} applies killed, {cut_off} of them in the middle of a run")
            assert cut_off >= KILLS_IN_THE_MIDDLE
            wait_for_lock(place)
            run_huep(state.root, "hr", "apply", str(editions[1]), "--yes", "--actor", "soak", *urgent)
            assert json.loads(run_huep(state.root, "hr", "plan", str(editions[1]), "--json").stdout)["actions"] == []
            await check_province(place, state, editions[1], tell)
        tell(run_huep(state.root, "audit", "verify").stdout.splitlines()[0])
    finally:
        assert stop_huep(process) == 0


def kill_an_apply(state: StateFolder, place: Workplace, edition: Path, urgent: list[str], dice: random.Random) -> bool:
    """Start an apply and kill it at a random moment, of its whole life or after its run began; False: it was faster."""
    known = runs(place)
    process = subprocess.Popen(
        [sys.executable, "-m", "huep.cli", "hr", "apply", str(edition), "--yes", "--actor", "soak", *urgent],
        env={**os.environ, "HUEP_STATE": str(state.root)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if dice.random() < 0.6:
        while process.poll() is None and runs(place) == known:
            time.sleep(0.005)
        moment = dice.uniform(0, LATEST_KILL_S / 3)
    else:
        moment = dice.uniform(0, LATEST_KILL_S)
    try:
        said, _ = process.communicate(timeout=moment)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return True
    assert process.returncode == 0, said
    return False


def runs(place: Workplace) -> int:
    with place.hr.connect() as connection:
        return int(connection.execute(text("select count(*) from hr.runs")).scalar_one())


def unfinished(place: Workplace) -> int:
    with place.hr.connect() as connection:
        return int(connection.execute(text("select count(*) from hr.runs where finished_at is null")).scalar_one())


def wait_for_lock(place: Workplace) -> None:
    """PostgreSQL notices within moments that the process which held it is gone."""
    deadline = time.monotonic() + LOCK_FREE_WITHIN_S
    while time.monotonic() < deadline:
        with place.hr.connect() as connection:
            if not is_running(connection):
                return
        time.sleep(0.05)
    raise AssertionError("a killed apply keeps its lock")


async def homeserver_accounts(place: Workplace) -> dict[str, HomeserverUser]:
    """The people's accounts as Synapse has them."""
    own = {
        place.settings.user_id(name) for name in (place.settings.accounts.service, place.settings.accounts.assistant)
    }
    async with open_admin(place.settings, place.state) as admin:
        return {user.user_id: user for user in await admin.users() if user.user_id not in own}


def published_as_left(place: Workplace, state: StateFolder) -> set[str]:
    """Whom the modules inside Synapse were told to let in no more."""
    with EmbeddedPostgres(place.settings, state).connect(SYNAPSE_DATABASE) as connection:
        rows = connection.execute("select localpart from huep_people where status = 'left'")
        return {place.settings.user_id(localpart) for (localpart,) in rows}


async def check_province(place: Workplace, state: StateFolder, edition: Path, tell: Tell) -> None:
    """Homeserver, directory and register say the same of every person."""
    with place.hr.connect() as connection:
        rows = connection.execute(
            text(
                "select p.officer_code, a.user_id, a.locked, a.display_name "
                "from register.accounts a join register.people p using (person_key)"
            )
        ).all()
    shown = {user.user_id: (user.locked, user.display_name) for user in (await homeserver_accounts(place)).values()}
    written = {row.user_id: (row.locked, row.display_name) for row in rows}
    strangers = shown.keys() - written.keys()
    # An account made under a name that the next register corrected, and never written down, is nobody's and shut.
    assert strangers <= published_as_left(place, state)
    assert {user_id: shown[user_id] for user_id in shown.keys() - strangers} == written
    locked = {row.officer_code for row in rows if row.locked}
    known = {row.officer_code for row in rows}
    assert len(known) == len(rows)
    today = clock.today()
    people = read_register(edition).people
    active = {person.officer_code for person in people if person.leaves_on is None or person.leaves_on >= today}
    leavers = {person.officer_code for person in people} - active
    assert len(active) > 0.9 * len(people)
    assert locked & active == set()
    assert leavers & known <= locked
    assert leavers & known, "edition two has leavers"
    tell(
        f"{len(rows)} accounts on both sides, {len(strangers)} nobody's, {len(locked)} locked, {len(active)} active people, all open"
    )
