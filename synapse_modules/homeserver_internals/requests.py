"""Requests that no setting of Synapse's refuses."""

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

from synapse.api.errors import SynapseError
from synapse.module_api import ModuleApi, SynapseRequest
from synapse.rest.client import directory, room
from synapse.types import UserID

if TYPE_CHECKING:
    from synapse.synapse_rust.types import Requester

from synapse_modules.homeserver_internals.parts import call, function, homeserver_of

_ASKS_IDENTITY_SERVERS = (
    "bind_threepid",
    "_try_unbind_threepid_with_id_server",
    "lookup_3pid",
    "ask_id_server_for_third_party_invite",
)
"""What of Synapse's identity handler calls a server whose name a client gives, whatever the configuration says."""


_ASKS_NO_SESSION: Mapping[Any, str] = {
    directory.ClientDirectoryServer: "room_alias",
    directory.ClientDirectoryListServer: "room_id",
}
"""Servlets that tell anybody what room an address leads to, and whether a room exists."""


_WANTS_NO_SESSION: tuple[Any, str] = (room.RoomSummaryRestServlet, "room_identifier")
"""Tells anybody what a room is called that may be entered; it looks at a session if there is one."""


class WaysPastTheRules:
    """Ways that no setting of Synapse's shuts: sessions in addresses, identity servers, rooms shown without a session.

    Raises:
        ConfigError: at construction, when this Synapse lacks an attribute or a parameter that is needed.
    """

    def __init__(self, api: ModuleApi) -> None:
        homeserver = homeserver_of(api)
        self._auth = call(homeserver, "get_auth")
        self._session_of = function(self._auth, "get_access_token_from_request", ("request",))
        self._identity = call(homeserver, "get_identity_handler")
        for name in _ASKS_IDENTITY_SERVERS:
            function(self._identity, name, ("id_server",))
        function(self._auth, "get_user_by_req", ("request",))
        self._members = call(homeserver, "get_room_member_handler")
        self._update_membership = function(
            self._members, "update_membership", ("requester", "target", "room_id", "action", "content")
        )
        for servlet, parameter in (*_ASKS_NO_SESSION.items(), _WANTS_NO_SESSION):
            function(servlet, "on_GET", ("request", parameter))

    def look_before_sessions(self, look: Callable[[SynapseRequest], None]) -> None:
        """Have `look` called before the session of a request is read; what it raises is the answer."""

        @wraps(self._session_of)
        def session_of(request: SynapseRequest) -> Any:
            look(request)
            return self._session_of(request)

        self._auth.get_access_token_from_request = session_of

    def ask_no_identity_server(self, refuse: Callable[[], SynapseError]) -> None:
        """Have what `refuse` gives raised wherever Synapse would call the identity server that a client names."""

        async def refused(*_: object, **__: object) -> None:
            raise refuse()

        for name in _ASKS_IDENTITY_SERVERS:
            setattr(self._identity, name, refused)

    def look_at_memberships(self, look: Callable[[str, str, Mapping[str, object] | None], None]) -> None:
        """Have `look` called with who asks, the room and what is said of a membership; what it raises is the answer."""

        @wraps(self._update_membership)
        async def update(requester: "Requester", target: UserID, room_id: str, action: str, **named: Any) -> Any:
            look(requester.user.to_string(), room_id, named.get("content"))
            return await self._update_membership(requester, target, room_id, action, **named)

        self._members.update_membership = update

    def show_rooms_to_sessions_alone(self) -> None:
        """Have addresses and summaries of rooms shown to who is logged in; before the listeners begin."""

        async def needs_session(request: SynapseRequest) -> None:
            await self._auth.get_user_by_req(request)

        async def brings_session(request: SynapseRequest) -> None:
            # Whose it is, and whether it holds, is asked by what follows; Synapse knows a requester once.
            self._auth.get_access_token_from_request(request)

        for servlet in _ASKS_NO_SESSION:
            servlet.on_GET = _first(needs_session, servlet.on_GET)
        summary, _ = _WANTS_NO_SESSION
        summary.on_GET = _first(brings_session, summary.on_GET)


def _first(check: Callable[[SynapseRequest], Awaitable[None]], serve: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(serve)
    async def served(servlet: object, request: SynapseRequest, **named: str) -> Any:
        await check(request)
        return await serve(servlet, request, **named)

    return served
