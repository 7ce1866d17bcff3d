"""Units and people of one test's own, written straight into the directory of a running province."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
from sqlalchemy import text

from hr_provisioner.rooms import wishes
from hr_provisioner.rooms.building import RoomBuilder
from hr_provisioner.rooms.joins import Joins
from hr_provisioner.rooms.life import units_with_rooms
from hr_provisioner.rooms.looks import UnitRooms
from hr_provisioner.rooms.store import read_rooms
from hr_provisioner.rooms.upkeep import RoomKeeper
from hr_provisioner.workplace import Workplace, open_workplace
from huep import clock
from huep.settings import Settings
from huep.stack.accounts import open_admin
from huep.state import StateFolder
from huep.synapse_admin import AccountRequest, AccountVerb, PublishedPerson, SynapseAdmin
from tests.clients.sealed import opened, sealed

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
        [made] = await self.admin.act_on_accounts([AccountRequest("1", AccountVerb.CREATE, localpart, name)])
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
        return Joins(replace(self.place.reach(self.admin), settings=settings))

    async def settle(self) -> int:
        """All of this town's rooms and people, and no others; returns of how many units the rooms changed."""
        reach = self.place.reach(self.admin)
        with self.place.hr.connect() as connection:
            current, scene = wishes.read_scene(connection, self.settings, self.today)
        units = [unit for unit in units_with_rooms(scene) if unit.code.startswith(self.prefix)]
        await RoomBuilder(reach).build(units, scene)
        ours = {code for code in scene.units if code.startswith(self.prefix)}
        upkeep = await RoomKeeper(reach).keep_up(scene, urgent=ours)
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
        """Status of the answer. What an encrypted room gets looks sealed, and is not: `reads` opens it again."""
        kind, content = "m.room.message", {"msgtype": "m.text", "body": words}
        if await self.town.state(room_id, "m.room.encryption") is not None:
            kind, content = "m.room.encrypted", sealed(words)
        async with self.client() as client:
            return (await client.put(f"/rooms/{quote(room_id)}/send/{kind}/{uuid4()}", json=content)).status_code

    async def reads(self, room_id: str) -> list[str]:
        async with self.client() as client:
            answer = await client.get(f"/rooms/{quote(room_id)}/messages", params={"dir": "b", "limit": "100"})
            events = answer.raise_for_status().json()["chunk"]
        return [said for event in events if (said := _said(event)) is not None]


def _said(event: dict[str, Any]) -> str | None:
    match event["type"]:
        case "m.room.message":
            return str(event["content"]["body"])
        case "m.room.encrypted":
            return opened(event["content"]["ciphertext"])
    return None


@asynccontextmanager
async def founded(state: StateFolder) -> AsyncIterator[Town]:
    """A town in the province of `state`; afterwards nobody of it is wanted anywhere."""
    with open_workplace(state) as place:
        async with open_admin(place.settings, place.state) as admin:
            await admin.lift_rate_limits(place.settings.user_id(place.settings.accounts.service))
            town = Town(place, admin, place.settings)
            yield town
            town.sql(
                "update register.accounts set locked = true, lock_owner = 'test' where user_id like :ours",
                ours=f"@%-{town.prefix.lower()}:%",
            )
