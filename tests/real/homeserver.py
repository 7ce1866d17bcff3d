"""The province's Synapse for tests of accounts, rooms and the projection."""

import secrets
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg

from huep.database import SYNAPSE_DATABASE, Role, database_url
from huep.synapse_admin import (
    AccountRequest,
    AccountVerb,
    ActionResult,
    MembershipRequest,
    MembershipVerb,
    PublishedPerson,
    Session,
    SynapseAdmin,
)

CREATE, LOCK, UNLOCK, RENAME = AccountVerb.CREATE, AccountVerb.LOCK, AccountVerb.UNLOCK, AccountVerb.RENAME
JOIN, LEAVE = MembershipVerb.JOIN, MembershipVerb.LEAVE
PASSWORD = "mat-khau-dai-2026"


@dataclass(frozen=True)
class Homeserver:
    """The province's Synapse, and a prefix of names that only this test uses."""

    province: Any
    admin: SynapseAdmin
    prefix: str = field(default_factory=lambda: f"k{secrets.token_hex(4)}")
    """Begins with a letter: PostgreSQL's text search takes `-25e13` for a number."""

    @property
    def url(self) -> str:
        return self.province.url

    def name(self, stem: str) -> str:
        return f"{stem}-{self.prefix}"

    def user_id(self, stem: str) -> str:
        return self.province.settings.user_id(self.name(stem))

    async def act(self, verb: AccountVerb, stem: str, display_name: str | None = None) -> ActionResult:
        (result,) = await self.admin.act_on_accounts([AccountRequest("1", verb, self.name(stem), display_name)])
        return result

    async def move(self, verb: MembershipVerb, stem: str, room_id: str) -> ActionResult:
        (result,) = await self.admin.act_on_memberships([MembershipRequest("1", verb, self.name(stem), room_id)])
        return result

    async def person(self, stem: str, display_name: str = "Nguyễn Văn An") -> None:
        await self.admin.publish_people([PublishedPerson(self.name(stem), "active")])
        result = await self.act(CREATE, stem, display_name)
        assert result.ok and result.changed

    async def logged_in(self, stem: str) -> Session:
        await self.person(stem)
        await self.admin.set_password(self.user_id(stem), PASSWORD)
        async with SynapseAdmin(self.url) as anyone:
            return await anyone.log_in(self.name(stem), PASSWORD, "test")

    async def ask(self, token: str, path: str, method: str = "GET", **options: Any) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self.url, timeout=60) as client:
            return await client.request(method, path, headers={"Authorization": f"Bearer {token}"}, **options)


def synapse_database(province: Any) -> psycopg.Connection[Any]:
    url = database_url(province.settings, province.state, Role.SYNAPSE, SYNAPSE_DATABASE)
    return psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True)
