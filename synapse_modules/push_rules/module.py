"""push_rules: phones are told through gateways of the building, or declared ones, and of IDs alone."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from synapse.api.errors import Codes, SynapseError
from synapse.module_api import JsonDict, ModuleApi

from synapse_modules.homeserver_internals.pushers import Pushers
from synapse_modules.push_rules.config import parse
from synapse_modules.push_rules.rules import Policy, Refusal, Route, judge

logger = logging.getLogger(__name__)


class PushRules:
    """Stands in every process: whichever takes a pusher in, and whichever sends.

    No callback of Synapse sees pushers, so `Pushers` puts these two before Synapse's own functions.
    """

    def __init__(self, policy: Policy, api: ModuleApi) -> None:
        self._policy = policy
        Pushers(api).ask_first(self.kept, self.route)

    @staticmethod
    def parse_config(content: JsonDict) -> Policy:
        return parse(content)

    def kept(self, user_id: str, kind: object, data: object) -> Mapping[str, Any]:
        """What is kept of a new pusher; any that is not plainly allowed is refused.

        Raises:
            SynapseError: with the sentence for the person.
        """
        verdict = judge(kind, data, self._policy)
        if isinstance(verdict, Refusal):
            logger.info("Pusher of %s refused: %s", user_id, verdict.why)
            raise SynapseError(HTTPStatus.FORBIDDEN, verdict.sentence, Codes.FORBIDDEN)
        return verdict.data

    def route(self, user_id: str, kind: object, data: object) -> Route | None:
        """How a pusher that was kept earlier sends; None: it does not, because the gateway is no longer allowed."""
        verdict = judge(kind, data, self._policy)
        if isinstance(verdict, Refusal):
            logger.warning("A pusher of %s stays silent: %s", user_id, verdict.why)
            return None
        return verdict
