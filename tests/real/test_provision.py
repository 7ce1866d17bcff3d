"""Registers applied to a running province: accounts, locks, moves and rooms as Synapse itself shows them.

Each test brings units and people of its own; everybody else of the province is absent from its registers, and absence
does nothing.
"""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from hr_provisioner import apply as apply_module
from hr_provisioner import cli as hr_cli
from hr_provisioner import guard
from hr_provisioner.actions import Stage
from hr_provisioner.apply import AlreadyRunning, BreakerOpen, exclusively
from hr_provisioner.joins import Joins
from hr_provisioner.provisioning import Applied, Workplace, apply_register, open_workplace
from hr_provisioner.records import PersonRecord, PostRecord, Register, UnitRecord
from hr_provisioner.rooms import Purpose, read_rooms
from huep import audit, audit_cli, clock
from huep.directory.model import PostKind, Standing, UnitKind
from huep.stack.accounts import open_admin
from huep.synapse_admin import AccountAction, AccountVerb, ActionResult, SynapseAdmin, SynapseUnreachable

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def place(stack) -> Iterator[Workplace]:
    with open_workplace(stack.state) as opened:
        yield opened


@pytest.fixture
def region() -> str:
    """A prefix of codes that no other test has."""
    return f"TST{uuid4().hex[:6].upper()}"


def unit(code: str, place: Workplace) -> UnitRecord:
    with place.hr.connect() as connection:
        root = connection.execute(text("select unit_code from register.unit_periods where level = 0")).scalar_one()
    return UnitRecord(code, f"Sở {code}", code, UnitKind.DEPARTMENT, 1, root, date(2020, 1, 1), None)


def person(code: str, unit_code: str, name: str = "Lê Thị Thử", standing: Standing = Standing.STAFF) -> PersonRecord:
    post = PostRecord(unit_code, "CV", "Chuyên viên", standing, "01.003", PostKind.MAIN, date(2024, 1, 1), None)
    return PersonRecord(code, name, None, None, (post,), None, None, None)


def register(units: Iterable[UnitRecord], people: Iterable[PersonRecord]) -> Register:
    members = tuple(people)
    return Register(tuple(units), members, (), len(members), uuid4().hex)


def left(who: PersonRecord) -> PersonRecord:
    return replace(who, leaves_on=clock.today() - timedelta(days=1))


async def apply(place: Workplace, edition: Register, urgent: Collection[str] = ()) -> Applied:
    return await apply_register(
        place, edition, actor="test", urgent=urgent, confirm=lambda _plan, _remarks: None,
        progress=lambda _stage, _now, _all: None,
    )  # fmt: skip


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
        assert all(account not in members for members in (await rooms_of(place, admin, region)).values())

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
        assert all(account not in members for members in (await rooms_of(place, admin, old)).values())
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


async def test_too_many_leavers_are_refused_and_nobody_is_locked(place: Workplace, region: str) -> None:
    units = [unit(region, place)]
    people = [person(f"{region}-{n}", region) for n in range(26)]
    await apply(place, register(units, people))
    with pytest.raises(guard.TooManyLocks):
        await apply(place, register(units, map(left, people)))
    async with homeserver(place) as admin:
        accounts = {user.user_id: user for user in await admin.users()}
    assert not any(accounts[str(user_id(place, who.officer_code))].locked for who in people)


async def test_two_applies_never_run_together(place: Workplace, region: str) -> None:
    with exclusively(place.hr), pytest.raises(AlreadyRunning):
        await apply(place, register([unit(region, place)], []))
    await apply(place, register([unit(region, place)], []))


async def test_one_failing_action_fails_alone_and_is_done_the_next_time(
    place: Workplace, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = SynapseAdmin.act_on_accounts

    async def failing(self: SynapseAdmin, actions: Iterable[AccountAction]) -> tuple[ActionResult, ...]:
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

    async def unreachable(_self: SynapseAdmin, _actions: Iterable[AccountAction]) -> tuple[ActionResult, ...]:
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
    assert (await apply(place, edition)).report.failed == []


CUT_OFF = """
import asyncio, sys
from tests.real import test_provision as t
from pathlib import Path
from huep.state import StateFolder
from hr_provisioner import apply as apply_module
from hr_provisioner.provisioning import open_workplace
apply_module.ACTIONS_A_BATCH = 5
state, region = StateFolder(Path(sys.argv[1])), sys.argv[2]
with open_workplace(state) as place:
    asyncio.run(t.apply(place, t.crowd(place, region)))
"""


def crowd(place: Workplace, region: str) -> Register:
    return register([unit(region, place)], [person(f"{region}-{n:03}", region, "Người Bị Ngắt") for n in range(60)])


async def test_an_apply_killed_half_way_is_completed_by_the_next(stack, place: Workplace, region: str) -> None:
    edition = crowd(place, region)
    command = [sys.executable, "-c", CUT_OFF, str(stack.state.root), region]
    process = subprocess.Popen(command, cwd=REPOSITORY)
    made = "select count(*) from register.people where officer_code like :codes"

    def count() -> int:
        with place.hr.connect() as connection:
            return int(connection.execute(text(made), {"codes": f"{region}-%"}).scalar_one())

    while count() == 0 and process.poll() is None:
        await asyncio.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 0 < count() < 60
    await lock_is_free(place)
    assert [run.actor for run in place.interrupted()] == ["test"]
    rest = await apply(place, edition)
    assert rest.report.failed == []
    assert 0 < len(rest.report.done) < 60
    assert count() == 60
    assert place.interrupted() == ()
    async with homeserver(place) as admin:
        accounts = [user.user_id for user in await admin.users()]
    ours = [user_id(place, who.officer_code) for who in edition.people]
    assert len(set(ours)) == 60
    assert set(ours) <= set(accounts)
    nobody_twice = [one for one in accounts if one.startswith("@nguoi-bi-ngat-")]
    assert len(nobody_twice) == 60


async def lock_is_free(place: Workplace) -> None:
    """PostgreSQL notices within moments that the process which held it is gone."""
    for _ in range(100):
        try:
            with exclusively(place.hr):
                return
        except AlreadyRunning:
            await asyncio.sleep(0.1)


async def test_locks_come_before_everything_else(place: Workplace, region: str) -> None:
    units = [unit(region, place)]
    leaver, stays = person(f"{region}-1", region), person(f"{region}-2", region)
    await apply(place, register(units, [leaver]))
    stages: list[Stage] = []
    await apply_register(
        place,
        register([*units, unit(f"{region}N", place)], [left(leaver), stays]),
        actor="test",
        urgent=(),
        confirm=lambda _plan, _remarks: None,
        progress=lambda stage, now, _all: stages.append(stage) if now else None,
    )
    assert stages == [Stage.LOCK, Stage.UNITS, Stage.CREATE, Stage.DIRECTORY]


async def test_a_lock_that_the_homeserver_lost_is_set_again(place: Workplace, region: str) -> None:
    who, stays = person(f"{region}-1", region), person(f"{region}-2", region, "Lê Thị Ở")
    units = [unit(region, place)]
    await apply(place, register(units, [who, stays]))
    await apply(place, register(units, [left(who), stays]))
    account, other = (str(user_id(place, each.officer_code)) for each in (who, stays))
    async with homeserver(place) as admin:
        lost = [
            AccountAction("1", AccountVerb.UNLOCK, account[1:].partition(":")[0]),
            AccountAction("2", AccountVerb.RENAME, other[1:].partition(":")[0], "Ai Đó"),
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
        await Joins(place.settings, place.hr, place.audit, admin).serve_urgent([who.officer_code])
    assert read_rooms(place.hr)[region].ids == before


def test_the_commands_plan_as_json_and_verify_the_chain(place: Workplace) -> None:
    state = ["--state", str(place.state.root)]
    edition = place.state.registers / "edition-1"
    planned = CliRunner().invoke(hr_cli.app, ["plan", str(edition), "--json", *state])
    assert json.loads(planned.stdout)["open_accounts"] > 0
    verified = CliRunner().invoke(audit_cli.app, ["verify", *state])
    assert verified.exit_code == 0
    head = verified.stdout.strip().rpartition(" ")[2]
    assert CliRunner().invoke(audit_cli.app, ["verify", "--head", head, *state]).exit_code == 0
    forged = CliRunner().invoke(audit_cli.app, ["verify", "--head", f"1:{'0' * 64}", *state])
    assert isinstance(forged.exception, audit.ChainBroken)
    exported = CliRunner().invoke(audit_cli.app, ["export", *state])
    assert json.loads(exported.stdout.splitlines()[0])["seq"] == 1
