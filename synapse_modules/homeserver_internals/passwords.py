"""Passwords stored in a transaction of the caller's, and judged wherever they are changed."""

from collections.abc import Awaitable, Callable

from synapse.logging.context import ContextRequest, current_context
from synapse.module_api import LoggingTransaction, ModuleApi

from synapse_modules.homeserver_internals.parts import attribute, call, function, homeserver_of, made_with, store_of

_CLIENT_API = "/_matrix/client/"


class Passwords:
    """A password that is stored in a transaction of the caller's, so that what it costs is spent with it or not at all.

    Synapse's own handler has a transaction of its own. Devices stay logged in.

    Raises:
        ConfigError: at construction, when this Synapse lacks an attribute or a parameter that is needed.
    """

    def __init__(self, api: ModuleApi) -> None:
        homeserver = homeserver_of(api)
        store = store_of(homeserver)
        self._hash = function(call(homeserver, "get_auth_handler"), "hash", ("password",))
        self._update_one = function(
            attribute(store, "db_pool", type(store).__name__),
            "simple_update_one_txn",
            ("txn", "table", "keyvalues", "updatevalues"),
        )
        self._invalidate = function(store, "_invalidate_cache_and_stream", ("txn", "cache_func", "keys"))
        self._user = attribute(store, "get_user_by_id", type(store).__name__)

    async def prepare(self, user_id: str, password: str) -> Callable[[LoggingTransaction], None]:
        """Hash `password`, as slowly as `bcrypt_rounds` asks; what is returned stores it for `user_id`.

        That raises StoreError where there is no such account.
        """
        password_hash = await self._hash(password)

        def store(txn: LoggingTransaction) -> None:
            self._update_one(txn, "users", {"name": user_id}, {"password_hash": password_hash})
            self._invalidate(txn, self._user, (user_id,))

        return store


class PasswordChanges:
    """A question before a password is hashed that somebody chose over the Client-Server API.

    Synapse asks no module, and its own policy knows lengths and kinds of characters alone. `POST /account/password`
    hashes what was chosen after it has looked at who asks; registration, where it is open, too. What the admin API
    and our own page hash is asked for by nobody here.

    Raises:
        ConfigError: at construction, when this Synapse lacks an attribute or a parameter that is needed.
    """

    def __init__(self, api: ModuleApi) -> None:
        homeserver = homeserver_of(api)
        self._handler = call(homeserver, "get_auth_handler")
        self._hash = function(self._handler, "hash", ("password",))
        made_with(ContextRequest, "requester")
        made_with(ContextRequest, "url")

    def ask(self, check: Callable[[str | None, str], Awaitable[None]]) -> None:
        """From now on `check(user ID or None, password)` comes first; what it raises is the answer."""

        async def checked_hash(password: str) -> str:
            request = current_context().request
            if request is not None and request.url.startswith(_CLIENT_API):
                await check(request.requester, password)
            return str(await self._hash(password))

        self._handler.hash = checked_hash
