"""Applies of a whole register killed a hundred times: nothing is lost, nothing is done twice, nobody is locked by it."""

import random
from pathlib import Path

import pytest
from sqlalchemy import text

from hr_provisioner.planning.plan import Plan, make_plan
from hr_provisioner.records import Register
from hr_provisioner.register.register import read_register
from hr_provisioner.workplace import Workplace, open_workplace
from huep import clock
from huep.database import SYNAPSE_DATABASE
from huep.stack.accounts import open_admin
from huep.stack.postgres import EmbeddedPostgres
from huep.state import StateFolder
from huep.synapse_admin import HomeserverUser
from tests.clients.apply_nursery import ACTOR, Nursery, nursery
from tests.clients.running import run_huep, start_huep, stop_huep
from tests.soak.conftest import Tell

PEOPLE = 600
KILLS = 100
KILLS_IN_THE_MIDDLE = 50
"""At least so many must hit a run that had begun, or the test shows nothing."""
LATEST_KILL_S = 0.5
RESUMED = 0.6
"""So often the same plan goes on after a kill; otherwise the other edition is planned from where things stand."""

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]


async def test_an_apply_killed_at_any_moment_loses_and_doubles_nothing(
    state: StateFolder, tmp_path: Path, dice: random.Random, tell: Tell
) -> None:
    process = start_huep(state.root, log=tmp_path / "up.log")
    try:
        run_huep(state.root, "demo-data", "--people", str(PEOPLE), "--seed", "7", "--out", str(tmp_path / "register"))
        editions = [read_register(tmp_path / "register" / f"edition-{number}") for number in (1, 2)]
        with open_workplace(state) as place, nursery(state) as children:
            killed = attempts = cut_off = turn = 0
            plan = await planned(place, editions[0])
            while killed < KILLS:
                attempts += 1
                if not await kill_once(place, children, plan, dice):
                    turn += 1
                    plan = await planned(place, editions[turn % 2])
                    continue
                killed += 1
                cut_off += unfinished(place)
                check_keys(place)
                if dice.random() >= RESUMED:
                    turn += 1
                    plan = await planned(place, editions[turn % 2])
            tell(f"{killed} of {attempts} applies killed, {cut_off} of them in the middle of a run")
            assert cut_off >= KILLS_IN_THE_MIDDLE
            for edition in editions:
                children.start(await planned(place, edition))
                assert children.wait() == 0
                assert (await planned(place, edition)).actions == ()
            await check_province(place, state, editions[1], tell)
        tell(run_huep(state.root, "audit", "verify").stdout.splitlines()[0])
    finally:
        assert stop_huep(process) == 0


async def planned(place: Workplace, edition: Register) -> Plan:
    """What `edition` changes, in the directory or on the homeserver."""
    return make_plan(edition, await place.current(ACTOR), place.today, place.policy)


async def kill_once(place: Workplace, children: Nursery, plan: Plan, dice: random.Random) -> bool:
    """Start an apply and kill it at a random moment, of its whole life or after its first act; False: it was faster."""
    known = done(place)
    anywhere = dice.random() < 0.3
    return children.killed(plan, dice.uniform(0, LATEST_KILL_S), lambda: anywhere or done(place) > known)


def done(place: Workplace) -> int:
    return _count(place, "select count(*) from hr.run_actions where state = 'done'")


def unfinished(place: Workplace) -> bool:
    """Whether a run stands cut off; never more than one does, for the next closes or resumes it."""
    found = _count(place, "select count(*) from hr.runs where finished_at is null")
    assert found <= 1
    return bool(found)


def check_keys(place: Workplace) -> None:
    """Nobody was made twice in the journal: one person, one account, one act of making it."""
    twice = _count(
        place,
        "select count(*) from (select action::json #>> '{who,key}' from hr.run_actions "
        "where name = 'create_account' and state = 'done' group by 1 having count(*) > 1) as twice",
    )
    assert twice == 0


def _count(place: Workplace, query: str) -> int:
    with place.hr.connect() as connection:
        return int(connection.execute(text(query)).scalar_one())


async def homeserver_accounts(place: Workplace) -> dict[str, HomeserverUser]:
    """The people's accounts as Synapse has them."""
    own = set(map(place.settings.user_id, place.settings.accounts.not_people))
    async with open_admin(place.settings, place.state) as admin:
        return {user.user_id: user for user in await admin.users() if user.user_id not in own}


def published_as_left(place: Workplace, state: StateFolder) -> set[str]:
    """Whom the modules inside Synapse were told to let in no more."""
    with EmbeddedPostgres(place.settings, state).connect(SYNAPSE_DATABASE) as connection:
        rows = connection.execute("select localpart from huep_people where status = 'left'")
        return {place.settings.user_id(localpart) for (localpart,) in rows}


async def check_province(place: Workplace, state: StateFolder, edition: Register, tell: Tell) -> None:
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
    people = edition.people
    active = {person.officer_code for person in people if person.leaves_on is None or person.leaves_on >= today}
    leavers = {person.officer_code for person in people} - active
    assert len(active) > 0.9 * len(people)
    assert locked & active == set()
    assert leavers & known <= locked
    assert leavers & known, "edition two has leavers"
    tell(
        f"{len(rows)} accounts on both sides, {len(strangers)} nobody's, {len(locked)} locked, {len(active)} active people, all open"
    )
