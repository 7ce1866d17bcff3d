"""account_lifecycle: lets the provisioner publish people, and act upon accounts and memberships in batches."""

import logging

from synapse.module_api import JsonDict, ModuleApi

from synapse_modules.account_lifecycle.accounts import Accounts
from synapse_modules.account_lifecycle.config import AccountLifecycleConfig, parse, read_token
from synapse_modules.account_lifecycle.endpoints import BASE_PATH, Endpoint, Gate
from synapse_modules.account_lifecycle.memberships import Memberships
from synapse_modules.account_lifecycle.requests import (
    parse_account_actions,
    parse_membership_actions,
    parse_publication,
)
from synapse_modules.homeserver_internals import HomeserverInternals
from synapse_modules.projection import PeopleProjection

logger = logging.getLogger(__name__)


class AccountLifecycle:
    """Registers the endpoints, and creates the projection's table at the start."""

    def __init__(self, config: AccountLifecycleConfig, api: ModuleApi) -> None:
        internals = HomeserverInternals(api)
        self._people = PeopleProjection(api)
        self._accounts = Accounts(config, api, internals)
        self._memberships = Memberships(config, api, internals, self._accounts)
        gate = Gate(read_token(config.service_token_path), config.allowed_addresses)
        for name, handler in (
            ("people", self.publish_people),
            ("accounts", self.act_on_accounts),
            ("memberships", self.act_on_memberships),
        ):
            api.register_web_resource(f"{BASE_PATH}/{name}", Endpoint(gate, handler))
        api.run_as_background_process("huep_people_create", self._create_projection)

    @staticmethod
    def parse_config(content: JsonDict) -> AccountLifecycleConfig:
        return parse(content)

    async def publish_people(self, body: JsonDict) -> JsonDict:
        """POST /people."""
        publication = parse_publication(body)
        return {"published": await self._people.publish(publication.people, publication.version)}

    async def act_on_accounts(self, body: JsonDict) -> JsonDict:
        """POST /accounts."""
        results = await self._accounts.carry_out(parse_account_actions(body))
        return {"results": [result.as_json() for result in results]}

    async def act_on_memberships(self, body: JsonDict) -> JsonDict:
        """POST /memberships."""
        results = await self._memberships.carry_out(parse_membership_actions(body))
        return {"results": [result.as_json() for result in results]}

    async def _create_projection(self) -> None:
        try:
            await self._people.create()
        except Exception:
            # The next publication tries again; until then account_guard refuses registrations.
            logger.exception("The table huep_people cannot be created")
