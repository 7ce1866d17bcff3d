"""What Synapse leaves open to a locked person, shut."""

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any

from synapse.api.errors import UserLockedError
from synapse.module_api import ModuleApi
from synapse.push.httppusher import HttpPusher

from synapse_modules.homeserver_internals.parts import attribute, call, function, homeserver_of, store_of

_PUSHES: Mapping[str, tuple[tuple[str, ...], object]] = {
    "_unsafe_process": ((), None),
    "_send_badge": (("badge",), None),
    "dispatch_push": (("content",), False),
}
"""What a pusher does, with its parameters, and the answer for having done nothing; False is a push that failed."""


class LockedOut:
    """Shuts what Synapse leaves open to a locked person: syncs that wait, refresh tokens, push. In this process.

    Each asks `get_user_locked_status`, which is cached and which every request asks as it comes in.

    Raises:
        ConfigError: at construction, when this Synapse lacks an attribute or a parameter that is needed.
    """

    def __init__(self, api: ModuleApi, sentence: str) -> None:
        homeserver = homeserver_of(api)
        store = store_of(homeserver)
        self._is_locked = function(store, "get_user_locked_status", ("user_id",))
        self._end_waiting(call(homeserver, "get_notifier"))
        for handler in ("get_sync_handler", "get_sliding_sync_handler"):
            self._check_answer(call(homeserver, handler))
        self._refuse_refresh(call(homeserver, "get_auth_handler"))
        pool = call(homeserver, "get_pusherpool")
        self._silence_pushers(attribute(pool, "pusher_factory", type(pool).__name__))
        _reword(UserLockedError, sentence)

    async def _refuse(self, user_id: str) -> None:
        if await self._is_locked(user_id):
            raise UserLockedError()

    def _end_waiting(self, notifier: Any) -> None:
        """Whatever wakes a request that waits for news, it ends when its person is locked."""
        wait = function(notifier, "wait_for_events", ("user_id", "timeout", "callback"))

        @wraps(wait)
        async def wait_for_events(
            user_id: str,
            timeout: int,  # noqa: ASYNC109 - the name is Synapse's
            callback: Callable[..., Awaitable[Any]],
            *args: Any,
            **kwargs: Any,
        ) -> Any:
            async def news(*tokens: Any) -> Any:
                await self._refuse(user_id)
                return await callback(*tokens)

            return await wait(user_id, timeout, news, *args, **kwargs)

        notifier.wait_for_events = wait_for_events

    def _check_answer(self, handler: Any) -> None:
        """What was gathered for a sync while its person was locked is not given out."""
        gather = function(handler, "wait_for_sync_for_user", ("requester",))

        @wraps(gather)
        async def wait_for_sync_for_user(requester: Any, *args: Any, **kwargs: Any) -> Any:
            answer = await gather(requester, *args, **kwargs)
            await self._refuse(requester.user.to_string())
            return answer

        handler.wait_for_sync_for_user = wait_for_sync_for_user

    def _refuse_refresh(self, handler: Any) -> None:
        """Refused before the old token is used up, so that it serves again after the lock."""
        create = function(handler, "create_refresh_token_for_user_id", ("user_id",))

        @wraps(create)
        async def create_refresh_token_for_user_id(user_id: str, *args: Any, **kwargs: Any) -> Any:
            await self._refuse(user_id)
            return await create(user_id, *args, **kwargs)

        handler.create_refresh_token_for_user_id = create_refresh_token_for_user_id

    def _silence_pushers(self, factory: Any) -> None:
        """The pusher of a locked person does nothing, whatever sets it going.

        Synapse asks about new messages alone: not as a pusher starts, not before it tries once more, not after a pause.
        """
        create = function(factory, "create_pusher", ("pusher_config",))
        for name, (parameters, _) in _PUSHES.items():
            function(HttpPusher, name, parameters)

        @wraps(create)
        def create_pusher(pusher_config: Any) -> Any:
            pusher = create(pusher_config)
            if isinstance(pusher, HttpPusher):
                for name, (_, instead) in _PUSHES.items():
                    setattr(pusher, name, self._unless_locked(pusher.user_id, getattr(pusher, name), instead))
            return pusher

        factory.create_pusher = create_pusher

    def _unless_locked(
        self, user_id: str, push: Callable[..., Awaitable[Any]], instead: object
    ) -> Callable[..., Awaitable[Any]]:
        @wraps(push)
        async def unless_locked(*args: Any, **kwargs: Any) -> Any:
            return instead if await self._is_locked(user_id) else await push(*args, **kwargs)

        return unless_locked


def _reword(error: type[UserLockedError], sentence: str) -> None:
    """Have every M_USER_LOCKED of this process say `sentence`."""
    make = error.__init__
    attribute(error(), "msg", error.__name__)

    @wraps(make)
    def reworded(self: UserLockedError) -> None:
        make(self)
        self.msg = sentence

    setattr(error, "__init__", reworded)  # noqa: B010 - mypy lets no method be assigned
