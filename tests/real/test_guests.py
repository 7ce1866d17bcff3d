"""Guests on a real province: from a leader's word to the last day, and what they can do meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from hr_provisioner.activation import store as activation_store
from hr_provisioner.activation.issue import issue, those_named
from hr_provisioner.applying.security_locks import SecurityLocks
from hr_provisioner.dates import day_first
from hr_provisioner.guests import rules
from hr_provisioner.guests.rules import AlreadyEnded, NotASponsor
from hr_provisioner.guests.settling import settle
from hr_provisioner.guests.store import Guests, Sponsored
from hr_provisioner.service.leavers import Leavers
from huep import audit
from huep.synapse_admin import PublishedDetails, PublishedPerson, SynapseAdmin, SynapseRefused
from synapse_modules.account_guard.rules import SPONSORSHIP_OVER
from synapse_modules.directory_rules.rules import NOT_REACHABLE, SENTENCES, Reason
from synapse_modules.room_rules import refusals
from synapse_modules.room_rules.refusals import Refusal
from tests.clients.editions import planned, register
from tests.clients.sealed import sealed
from tests.clients.town import Citizen, Town
from tests.clients.waiting import until_told
from tests.real.homeserver import PASSWORD, Homeserver

BY = "Lê Nga"


@pytest.fixture
async def offices(town: Town) -> AsyncIterator[dict[str, Citizen]]:
    """A unit with a head and a clerk, and another with a head; whoever becomes their guest is gone afterwards."""
    town.opens("A")
    town.opens("B")
    yield {
        "an": await town.hires("an", "A", standing="head"),
        "binh": await town.hires("binh", "A"),
        "chi": await town.hires("chi", "B", standing="head"),
    }
    theirs = (
        "(select g.person_key from register.guests g join register.people s on s.person_key = g.sponsor_key "
        "where s.officer_code like :ours)"
    )
    town.sql(
        f"update register.accounts set locked = true, lock_owner = 'test' where person_key in {theirs}",
        ours=f"{town.prefix}-%",
    )


def entered(town: Town, days: int = 10, name: str = "Trần Thị Khách") -> rules.Invited:
    last = town.today + timedelta(days=days)
    return rules.invited(name, "Báo Huế", "đưa tin hội nghị", town.today, last, BY, today=town.today, longest=90)


async def taken_in(town: Town, sponsor: str = "an") -> Sponsored:
    code = Guests(town.place).add(entered(town), town.code(sponsor))
    assert await settle(town.place, BY, published_anew=True)
    return Guests(town.place).named(code)


def as_citizen(town: Town, guest: Sponsored) -> Citizen:
    account = guest.person.account
    assert account is not None
    return Citizen(town, guest.person.facts.full_name, account.localpart, town.settings.user_id(account.localpart))


async def is_locked(town: Town, guest: Sponsored) -> bool:
    (user,) = await town.admin.roll([as_citizen(town, guest).localpart])
    return bool(user.locked)


async def creates(client: httpx.AsyncClient, **body: Any) -> httpx.Response:
    return await client.post("/createRoom", json=body)


async def invites(client: httpx.AsyncClient, room_id: str, who: Citizen) -> httpx.Response:
    return await client.post(f"/rooms/{quote(room_id)}/invite", json={"user_id": who.user_id})


async def finds(client: httpx.AsyncClient, who: Citizen) -> bool:
    answer = await client.post("/user_directory/search", json={"search_term": who.localpart, "limit": 10})
    return who.user_id in {found["user_id"] for found in answer.raise_for_status().json()["results"]}


def assert_refused(answer: httpx.Response, sentence: str) -> None:
    assert (answer.status_code, answer.json()["error"]) == (403, sentence), answer.text


async def test_a_guest_from_the_leaders_word_to_the_end(
    town: Town, offices: dict[str, Citizen], stack: Any, tmp_path: Path
) -> None:
    last = day_first(town.today + timedelta(days=10))
    said = await asyncio.to_thread(
        stack.huep, "hr", "guests", "add", "--name", f"Trần Thị Khách {town.prefix[1:].translate(LETTERS)}",
        "--organisation", "Báo Huế", "--sponsor", town.code("an"), "--reason", "hội nghị", "--until", last, "--by", BY,
    )  # fmt: skip
    assert "khach-tran-thi-khach" in said.stdout
    [(code,)] = town.sql(
        "select p.officer_code from register.guests g join register.people p using (person_key) "
        "join register.people s on s.person_key = g.sponsor_key where s.officer_code = :code",
        code=town.code("an"),
    )
    guest = Guests(town.place).named(code)
    assert guest.person.account is not None
    assert guest.person.account.display_name.endswith("(khách, Báo Huế)")
    with town.place.hr.connect() as connection:
        everybody = activation_store.recipients(connection, town.today)
    chosen = those_named(everybody, [code], [code], ())
    now = town.place.now()
    issued = await asyncio.to_thread(issue, town.place.hr, town.place.audit, chosen, tmp_path, town.settings, BY, now)
    assert [file.name.startswith("kich-hoat-khong-don-vi") for file in issued.files] == [True]
    visitor = as_citizen(town, guest)
    an, binh, chi = offices.values()
    async with visitor.client() as of_guest, binh.client() as of_binh, chi.client() as of_chi:
        # Whom they find, and who finds them, once whichever process answers has read the register anew
        for client, who in ((of_guest, an), (of_guest, binh), (of_binh, visitor)):
            await until_told(partial(finds, client, who))
        assert [await finds(of_guest, chi), await finds(of_chi, visitor)] == [False, False]
        # A colleague of the sponsor invites them, and they are in
        room = (await creates(of_binh, name="Hội nghị")).json()["room_id"]
        assert (await of_guest.post(f"/join/{quote(room)}")).status_code == 403
        assert (await invites(of_binh, room, visitor)).status_code == 200
        assert (await of_guest.post(f"/join/{quote(room)}")).status_code == 200
        assert (await of_guest.put(f"/rooms/{quote(room)}/send/m.room.encrypted/1", json=sealed())).status_code == 200
        # A stranger cannot, and they make no rooms and bring nobody along
        elsewhere = (await creates(of_chi, name="Việc khác")).json()["room_id"]
        assert_refused(await invites(of_chi, elsewhere, visitor), NOT_REACHABLE)
        assert_refused(await creates(of_chi, is_direct=True, invite=[visitor.user_id]), NOT_REACHABLE)
        assert_refused(await creates(of_guest), refusals.SENTENCES[Refusal.GUEST_MAY_NOT_CREATE])
        assert_refused(await creates(of_guest, is_direct=True, invite=[chi.user_id]), SENTENCES[Reason.GUEST_ASKS])
        powers = f"/rooms/{quote(room)}/state/m.room.power_levels"
        open_to_all = {**(await of_binh.get(powers)).raise_for_status().json(), "invite": 0}
        (await of_binh.put(powers, json=open_to_all)).raise_for_status()
        assert_refused(await invites(of_guest, room, an), refusals.SENTENCES[Refusal.GUEST_INVITES])
        # Direct messages with the unit go both ways
        assert (await creates(of_guest, is_direct=True, invite=[binh.user_id])).status_code == 200
        assert (await creates(of_binh, is_direct=True, invite=[visitor.user_id])).status_code == 200
        # The province's space is open to its people, and to no guest
        [(space,)] = town.sql(
            "select room_id from register.unit_rooms r join register.unit_periods u using (unit_code) "
            "where u.level = 0 and r.purpose = 'space' limit 1"
        )
        assert_refused(await of_guest.post(f"/join/{quote(space)}"), refusals.SENTENCES[Refusal.GUEST_UNINVITED])
        explained = await asyncio.to_thread(stack.huep, "explain", chi.user_id, visitor.user_id, "--lang", "en")
        assert "another unit's guest" in explained.stdout
        # The end
        assert code in (await asyncio.to_thread(stack.huep, "hr", "guests", "list")).stdout
        assert "bảo lãnh" in (await asyncio.to_thread(stack.huep, "hr", "guests", "end", code, "--by", BY)).stdout
        assert (await of_guest.get("/account/whoami")).status_code == 401
    assert await is_locked(town, guest)
    with pytest.raises(AlreadyEnded):
        Guests(town.place).end(code, by=BY)
    assert code not in (await asyncio.to_thread(stack.huep, "hr", "guests", "list")).stdout
    with town.place.hr.connect() as connection:
        acts = [entry.act for entry in audit.read(connection) if entry.subject == code]
    assert acts == ["guest.add", "account.create", "code.issue", "guest.end", "account.lock"]


LETTERS = str.maketrans("0123456789", "ghijklmnop")
"""A name holds no digits."""


async def test_the_next_register_changes_nothing_of_a_guest(town: Town, offices: dict[str, Citizen]) -> None:
    guest = await taken_in(town)
    plan = await planned(town.place, register([], []))
    assert [action for action in plan.actions if guest.code in repr(action)] == []
    assert [one for one in plan.left_alone.absent if one.officer_code == guest.code] == []


async def test_a_guest_comes_and_goes_with_the_sponsor(town: Town, offices: dict[str, Citizen]) -> None:
    guest, place = await taken_in(town), town.place
    locks = SecurityLocks(place.reach(town.admin))
    await locks.lock(town.code("an"), owner=BY, reason="mất máy")
    await settle(place, BY)
    assert await is_locked(town, guest)
    await locks.unlock(town.code("an"), by=BY)
    await settle(place, BY)
    assert not await is_locked(town, guest)
    town.sql("update register.people set leaves_on = :day where officer_code = :code",
             day=town.today - timedelta(days=1), code=town.code("an"))  # fmt: skip
    await Leavers(place, town.admin, "test").lock()
    assert await is_locked(town, guest)
    with pytest.raises(NotASponsor):
        Guests(place).extend(guest.code, town.today + timedelta(days=20), by=BY)
    Guests(place).extend(guest.code, town.today + timedelta(days=20), by=BY, sponsor_code=town.code("chi"))
    await settle(place, BY, published_anew=True)
    assert not await is_locked(town, guest)
    extended = Guests(place).named(guest.code)
    assert extended.guest.ends_on == extended.person.facts.leaves_on == town.today + timedelta(days=20)


async def test_a_guest_whose_time_is_over_cannot_log_in_before_any_run(homeserver: Homeserver) -> None:
    stem = "khach-b"
    name = homeserver.name(stem)
    await homeserver.person(stem)
    await homeserver.admin.set_password(homeserver.user_id(stem), PASSWORD)

    async def until(moment: datetime) -> None:
        details = PublishedDetails("B", None, (), None, None, None, sponsor="an-k1", until=moment)
        await homeserver.admin.publish_people([PublishedPerson(name, "active", details)])

    async with SynapseAdmin(homeserver.url) as anyone:
        await until(datetime.now(UTC) + timedelta(hours=1))
        await anyone.log_in(name, PASSWORD, "test")
        await until(datetime.now(UTC) - timedelta(seconds=1))
        with pytest.raises(SynapseRefused, match=SPONSORSHIP_OVER[:30]):
            await anyone.log_in(name, PASSWORD, "test")
