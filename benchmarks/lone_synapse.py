"""A Synapse with our modules, HueP's PostgreSQL beside it, and nobody in it yet: for what needs no other service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import Engine

from benchmarks.province import new_state
from benchmarks.twins import configuration_in, synapse
from huep.database import SYNAPSE_DATABASE, Role, connect_as
from huep.schema import migrate
from huep.settings import Settings, load_settings
from huep.stack.accounts import ensure_service_accounts, open_admin
from huep.stack.postgres import EmbeddedPostgres
from huep.stack.synapse_config import write_configuration
from huep.synapse_admin import (
    AccountRequest,
    AccountVerb,
    JoinRule,
    MembershipRequest,
    MembershipVerb,
    PublishedPerson,
    RoomSpec,
    SynapseAdmin,
)

BCRYPT_ROUNDS = 4


@dataclass(frozen=True)
class LoneSynapse:
    """What a benchmark furnishes and talks to."""

    settings: Settings
    engine: Engine
    """Of the bots' role."""
    admin: SynapseAdmin
    database: "psycopg.Connection[Any]"
    """Synapse's own."""

    @property
    def url(self) -> str:
        return self.settings.synapse.local_url

    async def make_people(self, localparts: list[str]) -> None:
        """Accounts that the register knows."""
        await self.admin.publish_people([PublishedPerson(name, "active") for name in localparts])
        await self.admin.act_on_accounts([AccountRequest(name, AccountVerb.CREATE, name, name) for name in localparts])

    async def make_room(self, name: str, members: list[str], *, encrypted: bool) -> str:
        """A room with these people in it, by localpart; returns its ID."""
        room_id = await self.admin.create_room(RoomSpec(name, encrypted=encrypted, join_rule=JoinRule.PUBLIC))
        joins = [MembershipRequest(member, MembershipVerb.JOIN, member, room_id) for member in members]
        if not all(result.ok for result in await self.admin.act_on_memberships(joins)):
            raise RuntimeError("a join failed")
        return room_id


@asynccontextmanager
async def lone_synapse() -> AsyncIterator[LoneSynapse]:
    """From nothing; gone at the end."""
    with new_state(bcrypt_rounds=BCRYPT_ROUNDS) as state:
        settings = load_settings(state)
        state.create(settings.server_name)
        postgres = EmbeddedPostgres(settings, state)
        with postgres.running():
            postgres.set_up()
            migrate(connect_as(settings, state, Role.OWNER))
            engine = connect_as(settings, state, Role.BOTS)
            async with synapse("lone", configuration_in(write_configuration(settings, state)), state):
                await ensure_service_accounts(settings, state)
                async with open_admin(settings, state) as admin:
                    await admin.lift_rate_limits(settings.user_id(settings.accounts.service))
                    with postgres.connect(SYNAPSE_DATABASE) as database:
                        yield LoneSynapse(settings, engine, admin, database)
