"""Registers applied to a running province: accounts, locks, moves and rooms as Synapse itself shows them.

Each test brings units and people of its own; everybody else of the province is absent from its registers, and absence
does nothing.
"""

from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from hr_provisioner.advisory import AlreadyRunning, exclusively
from hr_provisioner.applying import apply as apply_module
from hr_provisioner.applying.apply import Applier, Progress, Report
from hr_provisioner.applying.breaker import BreakerOpen
from hr_provisioner.planning.actions import Stage
from hr_provisioner.planning.plan import Plan
from hr_provisioner.records import Register
from hr_provisioner.rooms.joins import Joins
from hr_provisioner.rooms.looks import Purpose
from hr_provisioner.rooms.store import read_rooms
from hr_provisioner.workplace import Workplace
from huep import audit
from huep.directory.model import Standing
from huep.stack.accounts import open_admin
from huep.synapse_admin import AccountRequest, AccountVerb, ActionResult, SynapseAdmin, SynapseUnreachable
from tests.clients.editions import left, person, planned, register, unit


@pytest.fixture
def region() -> str:
    """A prefix of codes that no other test has."""
    return f"TST{uuid4().hex[:6].upper()}"


@dataclass(frozen=True)
class Applied:
    plan: Plan
    report: Report


async def apply(
    place: Workplace,
    edition: Register,
    urgent: Collection[str] = (),
    progress: Progress = lambda _stage, _now, _all: None,
) -> Applied:
    """Plan and carry out, and bring the urgent people into their rooms; no guard judges it."""
    with exclusively(place.hr):
        plan = await planned(place, edition)
        async with homeserver(place) as admin:
            report = await Applier(place.reach(admin), "test").carry_out(plan, progress)
            await Joins(place.reach(admin)).serve_urgent(urgent)
    return Applied(plan, report)


@asynccontextmanager
async def homeserver(place: Workplace) -> AsyncIterator[SynapseAdmin]:
    async with open_admin(place.settings, place.state) as admin:
        yield admin


def user_id(place: Workplace, code: str) -> str | None:
    with place.hr.connect() as connection:
        return connection.execute(
            text(
                "select a.user_id from register.people p join register.accounts a using (person_key) "
                "where p.officer_code = :code"
            ),
            {"code": code},
        ).scalar_one_or_none()


async def rooms_of(place: Workplace, admin: SynapseAdmin, unit_code: str) -> dict[Purpose, frozenset[str]]:
    """Members of a unit's rooms as Synapse has them."""
    return {purpose: await admin.members(room_id) for purpose, room_id in read_rooms(place.hr)[unit_code].ids.items()}


async def test_a_new_person_is_in_the_rooms_of_the_unit_at_once(place: Workplace, region: str) -> None:
    head = person(f"{region}-1", region, "Đặng Văn Đầu", Standing.HEAD)
    staff = person(f"{region}-2", region)
    edition = register([unit(region, place)], [head, staff])
    await apply(place, edition, urgent=[head.officer_code, staff.officer_code])
    accounts = [user_id(place, who.officer_code) for who in (head, staff)]
    async with homeserver(place) as admin:
        shown = await admin.user(str(accounts[1]))
        for purpose, members in (await rooms_of(place, admin, region)).items():
            assert set(accounts) <= members, purpose
        talk = read_rooms(place.hr)[region].ids[Purpose.DISCUSSION]
        assert (await admin.state(talk, "m.room.encryption")) == {"algorithm": "m.megolm.v1.aes-sha2"}
        power = await admin.state(talk, "m.room.power_levels")
    assert shown is not None
    assert shown.display_name == f"Lê Thị Thử · {region}"
    assert not shown.locked
    assert power is not None
    assert power["users"][accounts[0]] == 50
    assert accounts[1] not in power["users"]


async def test_applying_again_plans_nothing(place: Workplace, region: str) -> None:
    edition = register([unit(region, place)], [person(f"{region}-1", region)])
    await apply(place, edition)
    assert (await apply(place, edition)).plan.actions == ()


async def test_a_leaver_is_out_and_comes_back_to_the_same_account(place: Workplace, region: str) -> None:
    who = person(f"{region}-1", region)
    units = [unit(region, place)]
    await apply(place, register(units, [who]), urgent=[who.officer_code])
    account = str(user_id(place, who.officer_code))
    async with homeserver(place) as admin:
        await admin.set_password(account, "mot-mat-khau-dai")
        session = await admin.log_in(account[1:].partition(":")[0], "mot-mat-khau-dai", "test")

        async def asked() -> httpx.Response:
            async with httpx.AsyncClient(base_url=place.settings.synapse.local_url, trust_env=False) as client:
                return await client.get(
                    "/_matrix/client/v3/account/whoami", headers={"Authorization": f"Bearer {session.access_token}"}
                )

        assert (await asked()).status_code == 200
        await apply(place, register(units, [left(who)]), urgent=[who.officer_code])
        refused = await asked()
        assert (refused.status_code, refused.json()["errcode"]) == (401, "M_USER_LOCKED")
        # The rooms keep a leaver for the grace, whom the lock keeps out.
        assert all(account in members for members in (await rooms_of(place, admin, region)).values())

        await apply(place, register(units, [who]), urgent=[who.officer_code])
        assert user_id(place, who.officer_code) == account
        assert (await asked()).status_code == 200
        assert all(account in members for members in (await rooms_of(place, admin, region)).values())


async def test_a_mover_changes_rooms_and_name(place: Workplace, region: str) -> None:
    old, new = f"{region}A", f"{region}B"
    units = [unit(old, place), unit(new, place)]
    who = person(f"{region}-1", old)
    await apply(place, register(units, [who]), urgent=[who.officer_code])
    moved = person(who.officer_code, new)
    await apply(place, register(units, [moved]), urgent=[who.officer_code])
    account = str(user_id(place, who.officer_code))
    async with homeserver(place) as admin:
        shown = await admin.user(account)
        assert all(account in members for members in (await rooms_of(place, admin, new)).values())
        # Out of the old ones after the grace: test_unit_rooms.
        assert all(account in members for members in (await rooms_of(place, admin, old)).values())
    assert shown is not None
    assert shown.display_name == f"Lê Thị Thử · {new}"


async def test_a_new_head_moderates_and_the_old_one_no_longer_does(place: Workplace, region: str) -> None:
    units = [unit(region, place)]
    first, second = person(f"{region}-1", region), person(f"{region}-2", region)
    heads = [replace(who, posts=(replace(who.posts[0], standing=Standing.HEAD),)) for who in (first, second)]
    urgent = [first.officer_code, second.officer_code]
    await apply(place, register(units, [heads[0], second]), urgent=urgent)
    await apply(place, register(units, [first, heads[1]]), urgent=urgent)
    async with homeserver(place) as admin:
        room = read_rooms(place.hr)[region].ids[Purpose.ANNOUNCEMENTS]
        power = await admin.state(room, "m.room.power_levels")
    assert power is not None
    assert user_id(place, first.officer_code) not in power["users"]
    assert power["users"][user_id(place, second.officer_code)] == 50


async def test_two_applies_never_run_together(place: Workplace, region: str) -> None:
    with exclusively(place.hr), pytest.raises(AlreadyRunning):
        await apply(place, register([unit(region, place)], []))
    await apply(place, register([unit(region, place)], []))


async def test_one_failing_action_fails_alone_and_is_done_the_next_time(
    place: Workplace, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = SynapseAdmin.act_on_accounts

    async def failing(self: SynapseAdmin, actions: Iterable[AccountRequest]) -> tuple[ActionResult, ...]:
        return tuple(
            replace(result, ok=False, error="chosen to fail") if number == 3 else result
            for number, result in enumerate(await real(self, actions))
        )

    people = [person(f"{region}-{n}", region) for n in range(6)]
    edition = register([unit(region, place)], people)
    monkeypatch.setattr(SynapseAdmin, "act_on_accounts", failing)
    report = (await apply(place, edition)).report
    monkeypatch.undo()
    assert [failure.error for failure in report.failed] == ["chosen to fail"]
    again = await apply(place, edition)
    assert len(again.plan.actions) == 1
    assert not again.report.failed
    assert None not in [user_id(place, who.officer_code) for who in people]


async def test_ten_failures_in_a_row_open_the_breaker(
    place: Workplace, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = 0

    async def unreachable(_self: SynapseAdmin, _actions: Iterable[AccountRequest]) -> tuple[ActionResult, ...]:
        nonlocal calls
        calls += 1
        raise SynapseUnreachable("Synapse is away.")

    monkeypatch.setattr(SynapseAdmin, "act_on_accounts", unreachable)
    monkeypatch.setattr(apply_module, "ACTIONS_A_BATCH", 10)
    edition = register([unit(region, place)], [person(f"{region}-{n:03}", region) for n in range(100)])
    with pytest.raises(BreakerOpen):
        await apply(place, edition)
    monkeypatch.undo()
    assert calls <= 3
    assert place.interrupted()
    assert (await apply(place, edition)).report.failed == []


async def test_locks_come_before_everything_else(place: Workplace, region: str) -> None:
    units = [unit(region, place)]
    leaver, stays = person(f"{region}-1", region), person(f"{region}-2", region)
    await apply(place, register(units, [leaver]))
    stages: list[Stage] = []
    edition = register([*units, unit(f"{region}N", place)], [left(leaver), stays])
    await apply(place, edition, progress=lambda stage, now, _all: stages.append(stage) if now else None)
    assert stages == [Stage.LOCK, Stage.UNITS, Stage.CREATE, Stage.DIRECTORY]


async def test_a_lock_that_the_homeserver_lost_is_set_again(place: Workplace, region: str) -> None:
    who, stays = person(f"{region}-1", region), person(f"{region}-2", region, "Lê Thị Ở")
    units = [unit(region, place)]
    await apply(place, register(units, [who, stays]))
    await apply(place, register(units, [left(who), stays]))
    account, other = (str(user_id(place, each.officer_code)) for each in (who, stays))
    async with homeserver(place) as admin:
        lost = [
            AccountRequest("1", AccountVerb.UNLOCK, account[1:].partition(":")[0]),
            AccountRequest("2", AccountVerb.RENAME, other[1:].partition(":")[0], "Ai Đó"),
        ]
        assert all(result.ok for result in await admin.act_on_accounts(lost))
        mended = await apply(place, register(units, [stays]))
        assert [action.name for action in mended.plan.actions] == ["lock_account", "rename_account"]
        found = [await admin.user(each) for each in (account, other)]
    assert [(user.locked, user.display_name) for user in found if user is not None] == [
        (True, f"Lê Thị Thử · {region}"),
        (False, f"Lê Thị Ở · {region}"),
    ]
    assert (await apply(place, register(units, [stays]))).plan.actions == ()


async def test_every_act_is_in_the_audit_chain(place: Workplace, region: str) -> None:
    who = person(f"{region}-1", region)
    units = [unit(region, place)]
    await apply(place, register(units, [who]))
    await apply(place, register(units, [left(who)]))
    with place.hr.connect() as connection:
        entries = list(audit.read(connection))
    audit.verify(entries)
    told = [(entry.act, entry.actor) for entry in entries if entry.subject in (who.officer_code, region)]
    assert told == [
        ("unit.open", "test"),
        ("account.create", "test"),
        ("account.lock", "test"),
        ("person.update", "test"),
    ]


async def test_rooms_that_a_cut_off_run_made_are_found_again(place: Workplace, region: str) -> None:
    who = person(f"{region}-1", region)
    await apply(place, register([unit(region, place)], [who]), urgent=[who.officer_code])
    before = read_rooms(place.hr)[region].ids
    with place.hr.begin() as connection:
        connection.execute(text("delete from register.unit_rooms where unit_code = :code"), {"code": region})
    async with homeserver(place) as admin:
        await Joins(place.reach(admin)).serve_urgent([who.officer_code])
    assert read_rooms(place.hr)[region].ids == before
