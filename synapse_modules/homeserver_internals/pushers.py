"""Questions before a pusher is kept, and before it sends."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from synapse.module_api import ModuleApi
from synapse.push import PusherConfig
from synapse.push.httppusher import HttpPusher

from synapse_modules.homeserver_internals.parts import attribute, call, function, homeserver_of, made_with, speaks_of


class PushRoute(Protocol):
    """How a pusher sends."""

    @property
    def data(self) -> Mapping[str, Any]: ...
    @property
    def url(self) -> str: ...
    @property
    def inside(self) -> bool:
        """Reached without the wall against addresses of the building, and without a proxy."""


class Pushers:
    """Questions that this process asks before it keeps a pusher, and before it lets one send; no callback does.

    Raises:
        ConfigError: at construction, when this Synapse lacks an attribute or a parameter that is needed.
    """

    def __init__(self, api: ModuleApi) -> None:
        homeserver = homeserver_of(api)
        self._pool = call(homeserver, "get_pusherpool")
        self._factory = attribute(self._pool, "pusher_factory", type(self._pool).__name__)
        self._add = function(self._pool, "add_or_update_pusher", ("user_id", "kind", "data"))
        self._create = function(self._factory, "create_pusher", ("pusher_config",))
        self._http_inside = call(homeserver, "get_simple_http_client")
        for parameter in ("user_name", "kind", "data"):
            made_with(PusherConfig, parameter)
        speaks_of(HttpPusher.dispatch_push, "url", "http_client")
        speaks_of(HttpPusher.dispatch_push_event, "event_id_only")

    def ask_first(
        self,
        kept: Callable[[str, object, object], Mapping[str, Any]],
        route: Callable[[str, object, object], PushRoute | None],
    ) -> None:
        """Ask `kept(user_id, kind, data)` what is stored of a new pusher, and `route` how one sends.

        The first refuses by raising SynapseError, the second by None.
        """
        parameters = inspect.signature(self._add)

        async def add_or_update_pusher(*arguments: Any, **named: Any) -> Any:
            given = parameters.bind(*arguments, **named)
            asked = given.arguments
            asked["data"] = dict(kept(asked["user_id"], asked["kind"], asked["data"]))
            return await self._add(*given.args, **given.kwargs)

        def create_pusher(pusher_config: PusherConfig) -> Any:
            way = route(pusher_config.user_name, pusher_config.kind, pusher_config.data)
            if way is None:
                return None
            pusher_config.data = dict(way.data)
            pusher = self._create(pusher_config)
            if pusher is not None and way.inside:
                pusher.url = way.url
                pusher.http_client = self._http_inside
            return pusher

        self._pool.add_or_update_pusher = add_or_update_pusher
        self._factory.create_pusher = create_pusher
