"""Single people are locked at once, whatever the slow lane is doing, and neither lane undoes the other."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count
from uuid import uuid4

import pytest
from sqlalchemy import text

from hr_provisioner.advisory import AlreadyRunning, exclusively
from hr_provisioner.applying import apply, fast_lane
from hr_provisioner.applying.apply import READ_BACK_ATTEMPTS, Applier, Report
from hr_provisioner.applying.batch import IN_HAND
from hr_provisioner.applying.fast_lane import FastLane, NotUrgent, Urgent
from hr_provisioner.applying.read_back import NotAsPlanned
from hr_provisioner.applying.run_history import find_run
from hr_provisioner.lanes import part_of
from hr_provisioner.planning.plan import Plan
from hr_provisioner.records import PersonRecord, UnitRecord
from hr_provisioner.workplace import Workplace
from huep import clock
from huep.stack.accounts import open_admin
from huep.synapse_admin import (
    AccountRequest,
    AccountVerb,
    ActionResult,
    HomeserverUser,
    SynapseAdmin,
    SynapseUnreachable,
)
from tests.clients.editions import ACTOR, accounts, carry_out, left, person, planned, register, unit


@pytest.fixture
def home(place: Workplace) -> UnitRecord:
    return unit(f"FST{uuid4().hex[:6].upper()}", place)


async def leaving(place: Workplace, home: UnitRecord, *people: PersonRecord) -> list[Plan]:
    """One plan a person that locks them, and does nothing else."""
    plan = await planned(place, register([home], map(left, people)))
    return [part_of(plan, [place]) for place, action in enumerate(plan.actions) if action.name == "lock_account"]


async def in_a_hurry(place: Workplace, plans: list[Plan]) -> tuple[Urgent, ...]:
    async with open_admin(place.settings, place.state) as homeserver:
        lane = FastLane(place.reach(homeserver), "webhook")
        # Approved, so that the guard of the province that all tests share counts nothing of it.
        return await lane.carry_out(plans, approved=True)


@asynccontextmanager
async def held_up(
    monkeypatch: pytest.MonkeyPatch, slow: Callable[[], Awaitable[Report]], verb: AccountVerb
) -> AsyncIterator["asyncio.Future[Report]"]:
    """A slow lane whose requests of this verb are on their way until the block ends."""
    real = SynapseAdmin.act_on_accounts
    waiting, go_on = asyncio.Event(), asyncio.Event()

    async def act(self: SynapseAdmin, actions: Iterable[AccountRequest]) -> tuple[ActionResult, ...]:
        asked = list(actions)
        if any(action.verb is verb for action in asked) and not go_on.is_set():
            waiting.set()
            await go_on.wait()
        return await real(self, asked)

    monkeypatch.setattr(SynapseAdmin, "act_on_accounts", act)
    task = asyncio.ensure_future(slow())
    await waiting.wait()
    yield task
    go_on.set()


def lock_of(place: Workplace, code: str) -> tuple[bool, str | None, str | None]:
    query = text(
        "select locked, lock_owner, lock_reason from register.accounts join register.people using (person_key) "
        "where officer_code = :code"
    )
    with place.hr.connect() as connection:
        return tuple(connection.execute(query, {"code": code}).one())


async def test_a_lock_waits_for_no_slow_apply(
    place: Workplace, home: UnitRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaver, stays = (person(f"{home.code}-{n}", home.code) for n in range(2))
    await carry_out(place, await planned(place, register([home], [leaver, stays])))
    (urgent,) = await leaving(place, home, leaver)
    renamed = [replace(who, full_name="Lê Thị Khác") for who in (leaver, stays)]
    slow_plan = await planned(place, register([home], renamed))

    async def slow() -> Report:
        with exclusively(place.hr):
            return await carry_out(place, slow_plan)

    async with held_up(monkeypatch, slow, AccountVerb.RENAME) as task:
        with pytest.raises(AlreadyRunning), exclusively(place.hr):
            pass
        began = time.monotonic()
        (ran,) = await in_a_hurry(place, [urgent])
        assert time.monotonic() - began < 2
        assert len(ran.done) == 1
        assert (clock.now() - ran.in_force_at) < timedelta(seconds=2)
        assert (await accounts(place, [leaver.officer_code]))[leaver.officer_code][0]
        assert not task.done()
    await task
    shown = await accounts(place, [leaver.officer_code, stays.officer_code])
    assert shown == {
        leaver.officer_code: (True, f"Lê Thị Khác · {home.code}"),
        stays.officer_code: (False, f"Lê Thị Khác · {home.code}"),
    }
    assert lock_of(place, leaver.officer_code) == (True, "hr", "left")
    with place.hr.connect() as connection:
        run = find_run(connection, str(ran.run_id))
    assert (run.kind, run.actor, run.done) == ("person", "webhook", {"lock_account": 1})
    assert run.finished_at is not None


async def test_who_is_locked_while_the_slow_lane_opens_the_account_ends_up_locked(
    place: Workplace, home: UnitRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = person(f"{home.code}-1", home.code)
    await carry_out(place, await planned(place, register([home], [who])))
    (lock,) = await leaving(place, home, who)
    await in_a_hurry(place, [lock])
    opening = await planned(place, register([home], [who]))
    security = text(
        "update register.accounts set lock_owner = 'chief' from register.people p "
        "where p.person_key = accounts.person_key and p.officer_code = :code"
    )

    async def slow() -> Report:
        async with open_admin(place.settings, place.state) as homeserver:
            applier = Applier(place.reach(homeserver), ACTOR)
            return await applier.carry_out(opening, lambda _stage, _now, _all: None)

    async with held_up(monkeypatch, slow, AccountVerb.UNLOCK) as task:
        with place.hr.begin() as connection:
            connection.execute(security, {"code": who.officer_code})
    report = await task
    assert [failure.action.name for failure in report.failed] == ["unlock_account"]
    assert (await accounts(place, [who.officer_code]))[who.officer_code][0]
    assert lock_of(place, who.officer_code)[:2] == (True, "chief")


async def test_a_lock_of_whom_the_slow_lane_is_opening_is_not_called_done(
    place: Workplace, home: UnitRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = person(f"{home.code}-1", home.code)
    await carry_out(place, await planned(place, register([home], [who])))
    (lock,) = await leaving(place, home, who)
    await in_a_hurry(place, [lock])
    opening = await planned(place, register([home], [who]))
    monkeypatch.setattr(fast_lane, "PATIENCE", timedelta(seconds=0.2))
    async with held_up(monkeypatch, lambda: carry_out(place, opening), AccountVerb.UNLOCK) as task:
        (ran,) = await in_a_hurry(place, [lock])
        assert [failure.error for failure in ran.failed] == [IN_HAND]
    await task
    (ran,) = await in_a_hurry(place, [lock])
    assert len(ran.done) == 1
    assert (await accounts(place, [who.officer_code]))[who.officer_code][0]


async def test_many_leavers_are_locked_in_one_go_and_the_second_telling_changes_nothing(
    place: Workplace, home: UnitRecord
) -> None:
    people = [person(f"{home.code}-{n:03}", home.code) for n in range(200)]
    await carry_out(place, await planned(place, register([home], people)))
    plans = await leaving(place, home, *people)
    assert len(plans) == 200
    began = time.monotonic()
    ran = await in_a_hurry(place, plans)
    assert time.monotonic() - began < 10
    assert all(len(one.done) == 1 and not one.failed for one in ran)
    shown = await accounts(place, [who.officer_code for who in people])
    assert len(shown) == 200
    assert all(locked for locked, _ in shown.values())
    again = await in_a_hurry(place, plans[:3])
    assert [(len(one.done), len(one.stood)) for one in again] == [(0, 1)] * 3


async def test_while_synapse_is_away_it_says_so_and_the_next_call_locks(
    place: Workplace, home: UnitRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = person(f"{home.code}-1", home.code)
    await carry_out(place, await planned(place, register([home], [who])))
    (plan,) = await leaving(place, home, who)

    async def away(_self: SynapseAdmin, _actions: object) -> object:
        raise SynapseUnreachable("away")

    with monkeypatch.context() as patched:
        patched.setattr(SynapseAdmin, "act_on_accounts", away)
        with pytest.raises(SynapseUnreachable):
            await in_a_hurry(place, [plan])
    query = text(
        "select r.finished_at is not null, a.state from hr.runs r join hr.run_actions a using (run_id) "
        "where r.plan_hash = :plan"
    )
    with place.hr.connect() as connection:
        assert connection.execute(query, {"plan": plan.sha256}).all() == [(True, "failed")]
    assert lock_of(place, who.officer_code)[0] is False
    (ran,) = await in_a_hurry(place, [plan])
    assert len(ran.done) == 1


async def test_two_hints_about_one_person_in_one_go_lock_once(place: Workplace, home: UnitRecord) -> None:
    who = person(f"{home.code}-1", home.code)
    await carry_out(place, await planned(place, register([home], [who])))
    (plan,) = await leaving(place, home, who)
    ran = await in_a_hurry(place, [plan, plan])
    assert [(len(one.done), len(one.stood)) for one in ran] == [(1, 0), (0, 1)]


async def test_only_locks_and_unlocks_are_urgent(place: Workplace, home: UnitRecord) -> None:
    plan = await planned(place, register([home], [person(f"{home.code}-1", home.code)]))
    with pytest.raises(NotUrgent):
        await in_a_hurry(place, [plan])


async def test_a_run_reads_back_while_one_after_the_other_is_being_locked(
    place: Workplace, home: UnitRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of whom the other lane has locked at this very moment, only the homeserver knows: somebody else at each look."""
    real, looks = SynapseAdmin.roll, count()

    async def roll(self: SynapseAdmin, localparts: Collection[str] | None = None) -> tuple[HomeserverUser, ...]:
        users, at = await real(self, localparts), next(looks)
        return tuple(replace(user, locked=True) if number == at else user for number, user in enumerate(users))

    everybody = [person(f"{home.code}-{n}", home.code) for n in range(READ_BACK_ATTEMPTS + 1)]
    plan = await planned(place, register([home], everybody))
    monkeypatch.setattr(SynapseAdmin, "roll", roll)
    monkeypatch.setattr(apply, "READ_BACK_PAUSE_S", 0.01)
    report = await carry_out(place, plan)
    assert len(report.done) == len(plan.actions)
    assert next(looks) == 2


async def test_a_lock_of_somebody_else_that_stays_is_told(
    place: Workplace, home: UnitRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = SynapseAdmin.roll

    async def roll(self: SynapseAdmin, localparts: Collection[str] | None = None) -> tuple[HomeserverUser, ...]:
        first, *others = await real(self, localparts)
        return (replace(first, locked=True), *others)

    plan = await planned(place, register([home], [person(f"{home.code}-{n}", home.code) for n in range(2)]))
    monkeypatch.setattr(SynapseAdmin, "roll", roll)
    monkeypatch.setattr(apply, "READ_BACK_PAUSE_S", 0.01)
    with pytest.raises(NotAsPlanned, match="HR lifts no lock of others"):
        await carry_out(place, plan)
