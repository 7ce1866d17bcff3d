"""The org tree on a real homeserver: units open, move, are renamed, merged, split, dissolved; people keep reading."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from hr_provisioner.rooms import wishes
from hr_provisioner.rooms.building import RoomBuilder
from hr_provisioner.rooms.joins import Joins
from hr_provisioner.rooms.life import units_with_rooms
from hr_provisioner.rooms.looks import Purpose, UnitRooms, alias
from hr_provisioner.rooms.store import read_rooms
from hr_provisioner.rooms.upkeep import RoomKeeper
from hr_provisioner.workplace import Workplace, open_workplace
from huep import clock
from huep.settings import Settings
from huep.stack.accounts import open_admin
from huep.synapse_admin import AccountAction, AccountVerb, PublishedPerson, SynapseAdmin

PASSWORD = "mot-mat-khau-dai"
SINCE = date(2020, 1, 1)


@dataclass
class Town:
    """Units and people of their own, written straight into the directory."""

    place: Workplace
    admin: SynapseAdmin
    settings: Settings
    prefix: str = field(default_factory=lambda: f"U{uuid4().hex[:6].upper()}")

    @property
    def today(self) -> date:
        return clock.today()

    def code(self, name: str) -> str:
        return f"{self.prefix}-{name}"

    def sql(self, statement: str, **values: object) -> list[Any]:
        with self.place.hr.begin() as connection:
            result = connection.execute(text(statement), values)
            return list(result) if result.returns_rows else []

    def opens(self, name: str, parent: str | None = None, called: str | None = None, since: date = SINCE) -> None:
        [(root,)] = self.sql("select unit_code from register.unit_periods where level = 0")
        code = self.code(name)
        self.sql("insert into register.units values (:code) on conflict do nothing", code=code)
        self.sql(
            "insert into register.unit_periods (unit_code, valid_from, parent_code, name, short_name, kind, level) "
            "values (:code, :since, :parent, :name, :short, 'department', :level)",
            code=code, since=since, parent=self.code(parent) if parent else root,
            name=called or f"Đơn vị {code}", short=name, level=2 if parent else 1,
        )  # fmt: skip

    def ends(self, name: str, *successors: str) -> None:
        self.sql(
            "update register.unit_periods set valid_to = :today, successors = :successors "
            "where unit_code = :code and valid_to is null",
            today=self.today, successors=" ".join(map(self.code, successors)), code=self.code(name),
        )  # fmt: skip

    async def hires(self, name: str, unit: str, *, standing: str = "staff") -> "Citizen":
        key, localpart = uuid4(), f"{name}-{self.prefix.lower()}"
        user_id = self.settings.user_id(localpart)
        await self.admin.publish_people([PublishedPerson(localpart, "active")])
        [made] = await self.admin.act_on_accounts([AccountAction("1", AccountVerb.CREATE, localpart, name)])
        assert made.ok
        self.sql(
            "insert into register.people (person_key, officer_code, full_name, folded_name) "
            "values (:key, :code, :name, :name)", key=key, code=self.code(name), name=name,
        )  # fmt: skip
        self.sql(
            "insert into register.accounts (person_key, user_id, display_name, locked) "
            "values (:key, :user_id, :name, false)", key=key, user_id=user_id, name=name,
        )  # fmt: skip
        citizen = Citizen(self, name, localpart, user_id)
        self.puts(citizen, unit, standing=standing)
        return citizen

    def puts(self, who: "Citizen", unit: str, *, standing: str = "staff") -> None:
        """Give somebody this post instead of all others."""
        key = "(select person_key from register.accounts where user_id = :user_id)"
        self.sql(f"delete from register.posts where person_key = {key}", user_id=who.user_id)
        self.sql(
            "insert into register.posts (person_key, unit_code, position_code, position, standing, rank, kind, "
            f"valid_from) values ({key}, :unit, 'CV', 'Chuyên viên', :standing, '', 'main', '2024-01-01')",
            user_id=who.user_id, unit=self.code(unit), standing=standing,
        )  # fmt: skip

    def joins(self, **rooms: object) -> Joins:
        """With other room settings where these are given."""
        settings = self.settings.model_copy(update={"rooms": self.settings.rooms.model_copy(update=rooms)})
        return Joins(settings, self.place.hr, self.place.audit, self.admin)

    async def settle(self) -> int:
        """All of this town's rooms and people, and no others; returns of how many units the rooms changed."""
        parts = (self.settings, self.place.hr, self.place.audit, self.admin)
        with self.place.hr.connect() as connection:
            current, scene = wishes.read_scene(connection, self.settings.rooms, self.today)
        units = [unit for unit in units_with_rooms(scene) if unit.code.startswith(self.prefix)]
        await RoomBuilder(*parts).build(units, scene)
        ours = {code for code in scene.units if code.startswith(self.prefix)}
        upkeep = await RoomKeeper(*parts).keep_up(scene, urgent=ours)
        assert upkeep.failed == ()
        await self.joins().serve_urgent([code for code in current.by_code if code.startswith(self.prefix)])
        return upkeep.changed

    def rooms(self, name: str) -> UnitRooms:
        return read_rooms(self.place.hr)[self.code(name)]

    async def state(self, room_id: str, kind: str, key: str = "") -> dict[str, Any] | None:
        return await self.admin.state(room_id, kind, key)

    async def inside(self, who: "Citizen", name: str) -> list[bool]:
        return [who.user_id in await self.admin.members(room_id) for room_id in self.rooms(name).ids.values()]


@dataclass(frozen=True)
class Citizen:
    """Somebody with an account, and what a client does for them."""

    town: Town
    name: str
    localpart: str
    user_id: str

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        await self.town.admin.set_password(self.user_id, PASSWORD)
        session = await self.town.admin.log_in(self.localpart, PASSWORD, "test", "TEST")
        async with httpx.AsyncClient(
            base_url=f"{self.town.settings.synapse.local_url}/_matrix/client/v3",
            headers={"Authorization": f"Bearer {session.access_token}"},
            trust_env=False,
            timeout=60,
        ) as client:
            yield client

    async def says(self, room_id: str, words: str) -> int:
        """Status of the answer."""
        async with self.client() as client:
            path = f"/rooms/{quote(room_id)}/send/m.room.message/{uuid4()}"
            return (await client.put(path, json={"msgtype": "m.text", "body": words})).status_code

    async def reads(self, room_id: str) -> list[str]:
        async with self.client() as client:
            answer = await client.get(f"/rooms/{quote(room_id)}/messages", params={"dir": "b", "limit": "100"})
            events = answer.raise_for_status().json()["chunk"]
        return [event["content"]["body"] for event in events if event["type"] == "m.room.message"]


@pytest.fixture
async def town(stack) -> AsyncIterator[Town]:
    with open_workplace(stack.state) as place:
        async with open_admin(place.settings, place.state) as admin:
            await admin.lift_rate_limits(place.settings.user_id(place.settings.accounts.service))
            found = Town(place, admin, place.settings)
            yield found
            # Whoever comes after finds nobody of this town wanted anywhere.
            found.sql(
                "update register.accounts set locked = true, lock_owner = 'test' where user_id like :ours",
                ours=f"@%-{found.prefix.lower()}:%",
            )


async def test_units_are_merged_split_renamed_and_moved_and_their_people_read_on(town: Town) -> None:
    for name in ("A", "B", "C", "S", "R", "P"):
        town.opens(name)
    town.opens("M", parent="R")
    head, staff = await town.hires("dau", "A", standing="head"), await town.hires("binh", "A")
    other = await town.hires("cuong", "S")
    stays = await town.hires("moc", "M")
    await town.settle()
    old, split = town.rooms("A"), town.rooms("S")
    talk = old.ids[Purpose.DISCUSSION]
    assert await staff.says(talk, "trước khi sáp nhập") == 200
    assert await head.says(old.ids[Purpose.ANNOUNCEMENTS], "họp lúc 8 giờ") == 200

    for name in ("N", "S1", "S2"):
        town.opens(name, since=town.today, called=f"Phường {name}")
    for name in ("A", "B", "C"):
        town.ends(name, "N")
    town.ends("S", "S1", "S2")
    town.ends("R")
    town.opens("R", since=town.today, called="Sở Tên Mới")
    town.ends("M")
    town.opens("M", parent="P", since=town.today)
    town.puts(head, "N", standing="head")
    town.puts(staff, "N")
    town.puts(other, "S2")
    await town.settle()

    new = town.rooms("N")
    for purpose, room_id in old.ids.items():
        assert (await town.state(room_id, "m.room.tombstone") or {})["replacement_room"] == new.ids[purpose]
        assert (await town.state(room_id, "m.room.name") or {})["name"].endswith("(đã đóng)")
        assert head.user_id not in (await town.state(room_id, "m.room.power_levels") or {})["users"]
    assert await staff.reads(talk) == ["trước khi sáp nhập"]
    assert await staff.says(talk, "còn ai không?") == 403
    told = await staff.reads(old.ids[Purpose.ANNOUNCEMENTS])
    assert told[-1] == "họp lúc 8 giờ"
    assert len(told) == 2
    assert "Phường N" in told[0]
    assert await head.says(old.ids[Purpose.ANNOUNCEMENTS], "còn ai không?") == 403
    assert await town.inside(staff, "A") == [True] * 3
    assert await town.inside(staff, "N") == [True] * 3
    assert await staff.says(new.ids[Purpose.DISCUSSION], "chào phường mới") == 200
    assert await head.says(new.ids[Purpose.ANNOUNCEMENTS], "họp lúc 9 giờ") == 200

    stone = await town.state(split.ids[Purpose.DISCUSSION], "m.room.tombstone") or {}
    assert stone["replacement_room"] == town.rooms("S1").ids[Purpose.DISCUSSION]
    assert "Phường S1; Phường S2" in stone["body"]
    assert await town.inside(other, "S2") == [True] * 3

    renamed = town.rooms("R").ids[Purpose.SPACE]
    assert await town.state(renamed, "m.room.name") == {"name": "Sở Tên Mới"}
    moved, parent = town.rooms("M").ids[Purpose.SPACE], town.rooms("P").ids[Purpose.SPACE]
    assert await town.state(renamed, "m.space.child", moved) == {}
    assert (await town.state(parent, "m.space.child", moved) or {})["via"] == [town.settings.server_name]
    assert await town.inside(stays, "M") == [True] * 3

    [(root,)] = town.sql("select unit_code from register.unit_periods where level = 0")
    top = read_rooms(town.place.hr)[root].ids[Purpose.SPACE]
    closed_child = await town.state(top, "m.space.child", old.ids[Purpose.SPACE]) or {}
    assert (closed_child["order"], closed_child["suggested"]) == ("~", False)
    async with staff.client() as client:
        answer = await client.get(f"/../v1/rooms/{quote(top)}/hierarchy", params={"max_depth": "1", "limit": "500"})
        shown = {room["room_id"] for room in answer.raise_for_status().json()["rooms"]}
    assert new.ids[Purpose.SPACE] in shown
    assert await town.settle() == 0


async def test_who_moves_is_in_the_new_rooms_at_once_and_out_of_the_old_ones_after_the_grace(town: Town) -> None:
    town.opens("X")
    town.opens("Y")
    who = await town.hires("chi", "X", standing="head")
    urgent = [town.code("chi")]
    await town.joins().serve_urgent(urgent)
    assert await town.inside(who, "X") == [True] * 3
    town.puts(who, "Y")
    await town.joins().serve_urgent(urgent)
    assert await town.inside(who, "Y") == [True] * 3
    assert await town.inside(who, "X") == [True] * 3
    due = "select distinct due_on from register.memberships where user_id = :who and not wanted and not done"
    assert town.sql(due, who=who.user_id) == [(town.today + timedelta(days=7),)]
    assert town.rooms("X").moderators == frozenset()
    power = await town.state(town.rooms("X").ids[Purpose.DISCUSSION], "m.room.power_levels") or {}
    assert who.user_id not in power["users"]

    town.puts(who, "X")
    await town.joins().serve_urgent(urgent)
    assert await town.inside(who, "X") == [True] * 3
    town.puts(who, "Y")
    await town.joins().serve_urgent(urgent)
    past = "update register.memberships set due_on = :today where user_id = :who and due_on is not null"
    town.sql(past, today=town.today, who=who.user_id)
    await town.joins().serve_urgent(urgent)
    assert await town.inside(who, "X") == [False] * 3
    assert await town.inside(who, "Y") == [True] * 3


async def test_a_unit_that_opens_again_opens_its_rooms_or_gets_new_ones(town: Town) -> None:
    for name in ("D", "E", "F"):
        town.opens(name)
    who, other = await town.hires("dung", "D"), await town.hires("em", "E")
    urgent = [town.code("dung"), town.code("em")]
    await town.joins().serve_urgent(urgent)
    before, replaced = town.rooms("D").ids, town.rooms("E").ids
    town.ends("D")
    town.ends("E", "F")
    await town.settle()
    assert await who.says(before[Purpose.DISCUSSION], "?") == 403
    assert await town.state(before[Purpose.DISCUSSION], "m.room.tombstone") is None

    town.sql("update register.unit_periods set valid_to = null where unit_code like :ours", ours=f"{town.prefix}-%")
    await town.settle()
    assert town.rooms("D").ids == before
    assert await who.says(before[Purpose.DISCUSSION], "lại có phòng") == 200
    assert not ({*town.rooms("E").ids.values()} & {*replaced.values()})
    address = f"#{alias(town.code('E'), Purpose.DISCUSSION)}:{town.settings.server_name}"
    assert await town.admin.room_of_alias(address) == town.rooms("E").ids[Purpose.DISCUSSION]
    assert await town.inside(other, "E") == [True] * 3
    assert await other.reads(replaced[Purpose.DISCUSSION]) == []


async def test_a_large_space_lets_everybody_in_and_its_rooms_do_not(town: Town) -> None:
    town.opens("L")
    town.opens("K")
    member, guest = await town.hires("lan", "L"), await town.hires("khach", "K")
    large = town.joins(public_above=0)
    await large.serve_urgent([town.code("lan")])
    await large.serve_urgent([town.code("lan")])
    rooms = town.rooms("L")
    assert await town.inside(member, "L") == [True] * 3
    async with guest.client() as client:
        entered = await client.post(f"/rooms/{quote(rooms.ids[Purpose.SPACE])}/join", json={})
        refused = await client.post(f"/rooms/{quote(rooms.ids[Purpose.DISCUSSION])}/join", json={})
    assert (entered.status_code, refused.status_code) == (200, 403)


async def test_on_first_login_only_those_who_logged_in_are_brought_in(stack, town: Town) -> None:
    # The joins of the province's start are eager, and would bring everybody in.
    progress = stack.state.joins_progress
    while not progress.exists() or json.loads(progress.read_text())["finished_at"] is None:
        await asyncio.sleep(0.5)
    town.opens("V")
    who, asleep = await town.hires("van", "V"), await town.hires("vo", "V")
    lazy, urgent = town.joins(joins="first_login"), [town.code("van"), town.code("vo")]
    await lazy.serve_urgent(urgent)
    assert await town.inside(who, "V") == [False] * 3
    async with who.client() as client:
        await client.get("/account/whoami")
    while who.user_id not in await town.admin.seen_users():
        await asyncio.sleep(0.5)
    await lazy.serve_urgent(urgent)
    assert await town.inside(who, "V") == [True] * 3
    assert await town.inside(asleep, "V") == [False] * 3
