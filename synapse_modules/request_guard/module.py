"""request_guard: shuts four ways into and out of Synapse that it opens whatever its configuration says.

A session in the address (`?access_token=`) is deprecated by Matrix and still taken by Synapse. Who binds or unbinds an
e-mail address makes Synapse call any server that the request names, outside the building, by a request that it signs.
And where a room's address leads, and what a room is called that may be entered, is told to anybody without a session.
Memberships are not encrypted, and no module is shown what a client puts into them.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus

from synapse.api.errors import Codes, MissingClientTokenError, SynapseError
from synapse.module_api import JsonDict, ModuleApi, SynapseRequest

from synapse_modules.configuration import check_keys
from synapse_modules.homeserver_internals.requests import WaysPastTheRules
from synapse_modules.request_guard import rules

logger = logging.getLogger(__name__)

_MODULE = "request_guard"


class RequestGuard:
    """All are refused in every process; there is nothing to fail, for nothing is looked up."""

    def __init__(self, config: None, api: ModuleApi) -> None:  # noqa: ARG002
        ways = WaysPastTheRules(api)
        ways.look_before_sessions(self.check_session)
        ways.ask_no_identity_server(self.no_identity_server)
        ways.show_rooms_to_sessions_alone()
        ways.look_at_memberships(self.check_membership)

    @staticmethod
    def parse_config(content: JsonDict) -> None:
        """There is nothing to set.

        Raises:
            ConfigError: naming the key that stands there.
        """
        check_keys(_MODULE, content, ())

    def check_session(self, request: SynapseRequest) -> None:
        """Raises MissingClientTokenError where the session stands in the address, whosever it is."""
        if rules.has_session_in_address(request.args):
            logger.info("A session in the address refused: %s", request.path.decode("ascii", "replace"))
            raise MissingClientTokenError(rules.SESSION_IN_ADDRESS)

    def check_membership(self, who: str, room_id: str, content: Mapping[str, object] | None) -> None:
        """Raises SynapseError where `content`, as a client gave it, holds more than a membership needs."""
        if not rules.is_plain_membership(content):
            logger.info("A membership by %s in %s refused: words in it", who, room_id)
            raise SynapseError(HTTPStatus.FORBIDDEN, rules.WORDS_IN_MEMBERSHIP, Codes.FORBIDDEN)

    def no_identity_server(self) -> SynapseError:
        """What is answered instead of asking one."""
        logger.info("A request to an identity server refused")
        return SynapseError(HTTPStatus.FORBIDDEN, rules.NO_IDENTITY_SERVER, Codes.FORBIDDEN)
