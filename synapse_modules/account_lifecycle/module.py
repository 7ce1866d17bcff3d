"""account_lifecycle: lets the provisioner publish people, and act upon accounts and memberships in batches."""

import logging

from synapse.module_api import JsonDict, ModuleApi

from synapse_modules.account_lifecycle.accounts import Accounts
from synapse_modules.account_lifecycle.config import AccountLifecycleConfig, parse, read_token
from synapse_modules.account_lifecycle.doors import Doors
from synapse_modules.account_lifecycle.endpoints import BASE_PATH, Endpoint, Gate
from synapse_modules.account_lifecycle.memberships import Memberships
from synapse_modules.account_lifecycle.publications import parse_publication
from synapse_modules.account_lifecycle.requests import (
    parse_account_actions,
    parse_membership_actions,
    parse_roll_call,
)
from synapse_modules.account_lifecycle.results import Answer, answer
from synapse_modules.account_lifecycle.roll import call_the_roll
from synapse_modules.homeserver_internals.acts import HomeserverInternals
from synapse_modules.projection import PeopleProjection

logger = logging.getLogger(__name__)


class AccountLifecycle:
    """Registers the endpoints, and lays out the projection's tables at the start.

    In Synapse's main process alone: it writes accounts, account data and to-device messages, and a worker cannot.
    """

    def __init__(self, config: AccountLifecycleConfig, api: ModuleApi) -> None:
        if api.worker_app is not None:
            return
        internals = HomeserverInternals(api)
        self._api = api
        self._people = PeopleProjection(api)
        doors = Doors(api, internals, api.get_qualified_user_id(config.room_owner))
        self._accounts = Accounts(config, api, internals, self._people, doors)
        self._memberships = Memberships(config, api, internals, self._accounts)
        gate = Gate(read_token(config.service_token_path), config.allowed_addresses)
        for endpoint in (
            Endpoint("people", gate, self.publish, get=self.published),
            Endpoint("accounts", gate, self.act_on_accounts),
            Endpoint("memberships", gate, self.act_on_memberships),
            Endpoint("roll", gate, self.call_the_roll),
        ):
            api.register_web_resource(f"{BASE_PATH}/{endpoint.name}", endpoint)
        api.run_as_background_process("huep_people_create", self._create_projection)

    @staticmethod
    def parse_config(content: JsonDict) -> AccountLifecycleConfig:
        return parse(content)

    async def publish(self, body: JsonDict) -> Answer:
        """POST /people."""
        publication = parse_publication(body)
        written = await self._people.publish(publication.people, publication.units, publication.version)
        asked = f"people {len(publication.people)}, units {len(publication.units)}"
        return Answer({"published": written}, f"{asked}: written {written}")

    async def published(self) -> Answer:
        """GET /people."""
        published = await self._people.published()
        body = {
            "people": dict(published.people),
            "units": dict(published.units),
            "published_at": published.published_at_ms,
            "redeemed": [
                {"localpart": one.localpart, "code_hash": one.code_hash, "redeemed_at": one.redeemed_at_ms}
                for one in published.redeemed
            ],
        }
        return Answer(body, f"digests of people {len(published.people)}, units {len(published.units)}")

    async def act_on_accounts(self, body: JsonDict) -> Answer:
        """POST /accounts."""
        actions = parse_account_actions(body)
        return answer((action.verb for action in actions), await self._accounts.carry_out(actions))

    async def act_on_memberships(self, body: JsonDict) -> Answer:
        """POST /memberships."""
        actions = parse_membership_actions(body)
        return answer((action.verb for action in actions), await self._memberships.carry_out(actions))

    async def call_the_roll(self, body: JsonDict) -> Answer:
        """POST /roll."""
        roll = await call_the_roll(self._api, parse_roll_call(body))
        content = {"accounts": roll.entries, "after": roll.after, "shards": roll.shards}
        return Answer(content, f"accounts {len(roll.entries)}")

    async def _create_projection(self) -> None:
        try:
            await self._people.create()
        except Exception:
            # The next publication tries again; until then account_guard refuses registrations.
            logger.exception("The tables of the projection cannot be created")
