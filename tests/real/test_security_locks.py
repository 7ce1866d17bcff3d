"""Security locks: at once, with an owner; never lifted by HR, and never lifting HR's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import text

from hr_provisioner.applying.security_locks import (
    Lifted,
    LockedByAnother,
    NameNeeded,
    NoAccount,
    NotSecurityLocked,
    Protected,
    SecurityLocks,
)
from hr_provisioner.directory.publishing import publish
from hr_provisioner.planning.actions import LockAccount, LockReason
from hr_provisioner.records import PersonRecord, UnitRecord
from hr_provisioner.workplace import Workplace
from huep import audit
from huep.stack.accounts import open_admin
from tests.clients.editions import accounts, carry_out, left, person, planned, register, unit


@pytest.fixture
def home(place: Workplace) -> UnitRecord:
    return unit(f"SEC{uuid4().hex[:6].upper()}", place)


@asynccontextmanager
async def locks_of(place: Workplace) -> AsyncIterator[SecurityLocks]:
    async with open_admin(place.settings, place.state) as homeserver:
        yield SecurityLocks(place.reach(homeserver))


async def hire(place: Workplace, home: UnitRecord) -> PersonRecord:
    who = person(f"{home.code}-1", home.code)
    await carry_out(place, await planned(place, register([home], [who])))
    return who


async def is_locked(place: Workplace, code: str) -> bool:
    return (await accounts(place, [code]))[code][0]


async def test_only_its_owner_or_who_names_the_owner_lifts_it(place: Workplace, home: UnitRecord) -> None:
    code = (await hire(place, home)).officer_code
    async with locks_of(place) as locks:
        await locks.lock(code, owner="Trần An", reason="mất điện thoại")
        assert await is_locked(place, code)
        with pytest.raises(LockedByAnother):
            await locks.lock(code, owner="Lê Bình", reason="cũng thế")
        with pytest.raises(LockedByAnother):
            await locks.unlock(code, by="Lê Bình")
        assert await is_locked(place, code)
        assert await locks.unlock(code, by="Lê Bình", owner="Trần An") is Lifted.OPEN
        assert not await is_locked(place, code)
        with pytest.raises(NotSecurityLocked):
            await locks.unlock(code, by="Trần An")
    with place.hr.connect() as connection:
        told = [
            (entry.act, entry.actor)
            for entry in audit.read(connection)
            if entry.subject == code and entry.act.startswith("account.security")
        ]
    assert told == [("account.security_lock", "Trần An"), ("account.security_unlock", "Lê Bình")]


async def test_hr_never_lifts_it_and_a_leaver_stays_locked_when_it_is_lifted(
    place: Workplace, home: UnitRecord
) -> None:
    who = await hire(place, home)
    code = who.officer_code
    async with locks_of(place) as locks:
        await locks.lock(code, owner="Trần An", reason="điều tra")
        await carry_out(place, await planned(place, register([home], [left(who)])))
        await carry_out(place, await planned(place, register([home], [who])))
        assert await is_locked(place, code)
        await carry_out(place, await planned(place, register([home], [left(who)])))
        assert await locks.unlock(code, by="Trần An") is Lifted.STILL_LOCKED
        assert await is_locked(place, code)
        with pytest.raises(NotSecurityLocked):
            await locks.unlock(code, by="Trần An")
    await carry_out(place, await planned(place, register([home], [who])))
    assert not await is_locked(place, code)


async def test_hrs_lock_becomes_a_security_lock_and_the_register_opens_nothing(
    place: Workplace, home: UnitRecord
) -> None:
    who = await hire(place, home)
    await carry_out(place, await planned(place, register([home], [left(who)])))
    async with locks_of(place) as locks:
        await locks.lock(who.officer_code, owner="Trần An", reason="điều tra")
    await carry_out(place, await planned(place, register([home], [who])))
    assert await is_locked(place, who.officer_code)


@pytest.mark.parametrize("reason", [LockReason.DISMISSED, LockReason.ABSENT, LockReason.UNDONE, LockReason.ON_LEAVE])
async def test_lifting_it_leaves_what_hr_had_locked_with_hrs_own_reason(
    place: Workplace, home: UnitRecord, reason: LockReason
) -> None:
    who = await hire(place, home)
    plan = await planned(place, register([home], [left(who)]))
    (lock,) = [action for action in plan.actions if isinstance(action, LockAccount)]
    await carry_out(place, replace(plan, actions=(replace(lock, reason=reason, leaves_on=None),)))
    async with locks_of(place) as locks:
        await locks.lock(who.officer_code, owner="Trần An", reason="điều tra")
        await locks.lock(who.officer_code, owner="Trần An", reason="điều tra thêm")
        assert await locks.unlock(who.officer_code, by="Trần An") is Lifted.STILL_LOCKED
    assert await is_locked(place, who.officer_code)
    with place.hr.connect() as connection:
        stands = connection.execute(
            text(
                "select lock_owner, lock_reason, hr_lock_reason from register.accounts "
                "join register.people using (person_key) where officer_code = :code"
            ),
            {"code": who.officer_code},
        ).one()
    assert tuple(stands) == ("hr", reason.value, None)


async def test_who_is_let_in_again_can_log_in_though_the_lock_was_published_meanwhile(
    place: Workplace, home: UnitRecord
) -> None:
    code = (await hire(place, home)).officer_code
    current = place.read_directory()
    localpart = current.by_code[code].account.localpart
    async with locks_of(place) as locks, open_admin(place.settings, place.state) as homeserver:
        await homeserver.set_password(place.settings.user_id(localpart), "một mật khẩu dài")
        await locks.lock(code, owner="Trần An", reason="mất điện thoại")
        await publish(place.hr, place.audit, homeserver, place.read_directory(), place.now(), place.today)
        assert await locks.unlock(code, by="Trần An") is Lifted.OPEN
        session = await homeserver.log_in(localpart, "một mật khẩu dài", "test")
        assert session.user_id == place.settings.user_id(localpart)


async def test_nobody_locks_without_a_name_and_a_reason_or_out_of_reach(place: Workplace, home: UnitRecord) -> None:
    code = (await hire(place, home)).officer_code
    query = text(
        "select user_id from register.accounts join register.people using (person_key) where officer_code = :c"
    )
    with place.hr.connect() as connection:
        user_id = connection.execute(query, {"c": code}).scalar_one()
    async with locks_of(place) as locks:
        for owner, reason in (("", "x"), ("HR", "x"), ("Trần An", "  ")):
            with pytest.raises(NameNeeded):
                await locks.lock(code, owner=owner, reason=reason)
        with pytest.raises(NoAccount):
            await locks.lock("KHONG-CO", owner="Trần An", reason="x")
    hr = place.settings.hr.model_copy(update={"protected": (user_id[1:].partition(":")[0],)})
    settings = place.settings.model_copy(update={"hr": hr})
    async with open_admin(place.settings, place.state) as homeserver:
        reach = replace(place.reach(homeserver), settings=settings)
        with pytest.raises(Protected):
            await SecurityLocks(reach).lock(code, owner="Trần An", reason="x")
    assert not await is_locked(place, code)
