"""The few things that Synapse's public ModuleApi does not offer, and nothing else.

Everything that reaches past `ModuleApi` stands here, so that a Synapse upgrade breaks one file, and breaks it at the
start with a sentence that names what moved.
"""

import inspect
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from synapse.api.errors import Codes, SynapseError, UserLockedError
from synapse.config import ConfigError
from synapse.logging.context import ContextRequest, current_context
from synapse.media.media_storage import ReadableFileWrapper
from synapse.module_api import NOT_SPAM, LoggingTransaction, ModuleApi, SynapseRequest
from synapse.push import PusherConfig
from synapse.push.httppusher import HttpPusher
from synapse.rest.client import directory, room
from synapse.storage.databases.main import user_directory
from synapse.types import UserID, create_requester
from synapse.util import SYNAPSE_VERSION

if TYPE_CHECKING:
    from synapse.synapse_rust.types import Requester

TESTED_WITH = "1.163"
WAKING_MESSAGE = "vn.huep.lock"
"""Type of the to-device message that ends an open sync; clients ignore types that they do not know."""
_CLIENT_API = "/_matrix/client/"
_PLAIN_ACCOUNT: Mapping[str, Any] = {
    "password_hash": None,
    "was_guest": False,
    "make_guest": False,
    "appservice_id": None,
    "admin": False,
    "user_type": None,
    "shadow_banned": False,
    "approved": True,
}
"""What Synapse's registration is told of a person's account beside its names."""
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

_PUSHES: Mapping[str, tuple[tuple[str, ...], object]] = {
    "_unsafe_process": ((), None),
    "_send_badge": (("badge",), None),
    "dispatch_push": (("content",), False),
}
"""What a pusher does, with its parameters, and the answer for having done nothing; False is a push that failed."""


@dataclass(frozen=True)
class MembershipEvent:
    """One m.room.member event to be sent."""

    sender: str
    target: str
    content: dict[str, Any]


@dataclass(frozen=True)
class NewAccount:
    """An account to be made: no password, no rights, a name in the user directory."""

    user_id: str
    display_name: str


class HomeserverInternals:
    """Many accounts in one transaction, locking, to-device messages and unlimited membership changes, in process.

    Raises:
        ConfigError: at construction, when this Synapse lacks an attribute or a parameter that is needed.
    """

    def __init__(self, api: ModuleApi) -> None:
        homeserver = _attribute(api, "_hs", "ModuleApi")
        store = _attribute(_call(homeserver, "get_datastores"), "main", "Databases")
        self._store_account = _function(
            store, "_register_user", ("txn", *_PLAIN_ACCOUNT, "create_profile_with_displayname")
        )
        self._store_in_directory = _function(store, "_update_profiles_in_user_dir_txn", ("txn", "profiles"))
        self._directory_profile = _function(
            user_directory, "_UserDirProfile", ("user_id", "display_name", "avatar_url")
        )
        self._store_lock = _function(store, "set_user_locked_status_txn", ("txn", "user_id", "locked"))
        _function(store, "set_user_locked_status", ("user_id", "locked"))
        self._store = store
        registration = _call(homeserver, "get_registration_handler")
        self._check_not_reserved = _function(registration, "check_user_id_not_appservice_exclusive", ("user_id",))
        self._join_first_rooms = _function(registration, "post_consent_actions", ("user_id",))
        self._tell_modules_of_account = _function(
            _call(homeserver, "get_account_validity_handler"), "on_user_registration", ("user_id",)
        )
        self._send_to_device = _function(
            _call(homeserver, "get_device_message_handler"),
            "send_device_message",
            ("requester", "message_type", "messages"),
        )
        self._update_membership = _function(
            _call(homeserver, "get_room_member_handler"),
            "update_membership",
            ("requester", "target", "room_id", "action", "ratelimit", "require_consent"),
        )
        self._send_events = _function(
            _call(homeserver, "get_event_creation_handler"),
            "create_and_send_new_client_events",
            ("requester", "room_id", "prev_event_id", "event_dicts", "ratelimit"),
        )
        callbacks = _call(homeserver, "get_module_api_callbacks")
        self._user_may_join_room = _function(
            _attribute(callbacks, "spam_checker", "ModuleApiCallbacks"),
            "user_may_join_room",
            ("user_id", "room_id", "is_invited"),
        )
        self._api = api
        self._server_name = api.server_name

    async def register(self, accounts: Sequence[NewAccount]) -> None:
        """Make accounts in one transaction, as Synapse's registration makes each of them: all stand, or none.

        Asks no `check_registration_for_spam`: the caller has asked the register. The localparts are lower-case and not
        all digits.

        Raises:
            SynapseError: one of the names is taken, or reserved for an application service.
        """
        for account in accounts:
            self._check_not_reserved(account.user_id)
        await self._api.run_db_interaction("huep_accounts_register", self._register, accounts)
        for account in accounts:
            await self._tell_modules_of_account(account.user_id)
            await self._join_first_rooms(account.user_id)

    def _register(self, txn: LoggingTransaction, accounts: Sequence[NewAccount]) -> None:
        txn.execute(
            "SELECT name FROM users WHERE lower(name) = ANY(?) LIMIT 1", ([account.user_id for account in accounts],)
        )
        if taken := txn.fetchone():
            raise SynapseError(400, f"User ID already taken: {taken[0]}", errcode=Codes.USER_IN_USE)
        for account in accounts:
            self._store_account(
                txn, user_id=account.user_id, create_profile_with_displayname=account.display_name, **_PLAIN_ACCOUNT
            )
        self._store_in_directory(
            txn, [self._directory_profile(account.user_id, account.display_name, None) for account in accounts]
        )

    async def lock(self, user_ids: Collection[str]) -> frozenset[str]:
        """Lock these accounts in one transaction, with the caches of every worker.

        Their OpenID tokens go with it: they live for an hour, and nobody asks about the lock.

        Returns:
            Those of them who have devices, so that a sync may be open.
        """
        return await self._api.run_db_interaction("huep_accounts_lock", self._lock, user_ids)

    async def unlock(self, user_ids: Collection[str]) -> None:
        """Unlock these accounts in one transaction, with the caches of every worker."""
        await self._api.run_db_interaction("huep_accounts_unlock", self._set_locked, user_ids, False)

    def _set_locked(self, txn: LoggingTransaction, user_ids: Collection[str], locked: bool) -> None:
        # In one order, so that two batches cannot wait for each other.
        for user_id in sorted(user_ids):
            self._store_lock(txn, user_id, locked)

    def _lock(self, txn: LoggingTransaction, user_ids: Collection[str]) -> frozenset[str]:
        self._set_locked(txn, user_ids, True)
        # The one index is on the time, and Synapse never clears the table.
        txn.execute(
            "DELETE FROM open_id_tokens WHERE ts_valid_until_ms >= ? AND user_id = ANY(?)",
            (self._api.get_current_time_msec(), list(user_ids)),
        )
        txn.execute("SELECT DISTINCT user_id FROM devices WHERE user_id = ANY(?) AND NOT hidden", (list(user_ids),))
        return frozenset(str(user_id) for (user_id,) in txn)

    def lock_through(self, set_locked: Callable[[str, bool], Awaitable[None]]) -> None:
        """Have Synapse's own admin API lock and unlock by `set_locked(user_id, locked)`, in this process."""
        self._store.set_user_locked_status = set_locked

    async def send_to_all_devices(
        self, sender: str, user_ids: Collection[str], message_type: str = WAKING_MESSAGE
    ) -> None:
        """An empty to-device message to each device of these people."""
        await self._send_to_device(create_requester(sender), message_type, {user_id: {"*": {}} for user_id in user_ids})

    async def update_membership(self, sender: str, target: str, room_id: str, action: str) -> None:
        """Change a membership without rate limit, as the server acting for `sender`."""
        await self._update_membership(
            requester=create_requester(sender, authenticated_entity=self._server_name),
            target=UserID.from_string(target),
            room_id=room_id,
            action=action,
            ratelimit=False,
            require_consent=False,
        )

    async def modules_let_join(self, user_id: str, room_id: str) -> bool:
        """Whether no module objects to this person in this room; sending events in a batch does not ask them."""
        return bool(await self._user_may_join_room(user_id, room_id, is_invited=True) == NOT_SPAM)

    async def send_memberships(self, actor: str, room_id: str, events: Sequence[MembershipEvent]) -> None:
        """Send member events one after another in one write: all of them stand, or none.

        Each must be allowed as it is. One of them that changes nothing would silently drop them all.
        """
        await self._send_events(
            requester=create_requester(actor, authenticated_entity=self._server_name),
            room_id=room_id,
            prev_event_id=None,
            event_dicts=[
                {
                    "type": "m.room.member",
                    "room_id": room_id,
                    "sender": event.sender,
                    "state_key": event.target,
                    "content": event.content,
                }
                for event in events
            ],
            ratelimit=False,
        )


class LockedOut:
    """Shuts what Synapse leaves open to a locked person: syncs that wait, refresh tokens, push. In this process.

    Each asks `get_user_locked_status`, which is cached and which every request asks as it comes in.

    Raises:
        ConfigError: at construction, when this Synapse lacks an attribute or a parameter that is needed.
    """

    def __init__(self, api: ModuleApi, sentence: str) -> None:
        homeserver = _attribute(api, "_hs", "ModuleApi")
        store = _attribute(_call(homeserver, "get_datastores"), "main", "Databases")
        self._is_locked = _function(store, "get_user_locked_status", ("user_id",))
        self._end_waiting(_call(homeserver, "get_notifier"))
        for handler in ("get_sync_handler", "get_sliding_sync_handler"):
            self._check_answer(_call(homeserver, handler))
        self._refuse_refresh(_call(homeserver, "get_auth_handler"))
        pool = _call(homeserver, "get_pusherpool")
        self._silence_pushers(_attribute(pool, "pusher_factory", type(pool).__name__))
        _reword(UserLockedError, sentence)

    async def _refuse(self, user_id: str) -> None:
        if await self._is_locked(user_id):
            raise UserLockedError()

    def _end_waiting(self, notifier: Any) -> None:
        """Whatever wakes a request that waits for news, it ends when its person is locked."""
        wait = _function(notifier, "wait_for_events", ("user_id", "timeout", "callback"))

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
        gather = _function(handler, "wait_for_sync_for_user", ("requester",))

        @wraps(gather)
        async def wait_for_sync_for_user(requester: Any, *args: Any, **kwargs: Any) -> Any:
            answer = await gather(requester, *args, **kwargs)
            await self._refuse(requester.user.to_string())
            return answer

        handler.wait_for_sync_for_user = wait_for_sync_for_user

    def _refuse_refresh(self, handler: Any) -> None:
        """Refused before the old token is used up, so that it serves again after the lock."""
        create = _function(handler, "create_refresh_token_for_user_id", ("user_id",))

        @wraps(create)
        async def create_refresh_token_for_user_id(user_id: str, *args: Any, **kwargs: Any) -> Any:
            await self._refuse(user_id)
            return await create(user_id, *args, **kwargs)

        handler.create_refresh_token_for_user_id = create_refresh_token_for_user_id

    def _silence_pushers(self, factory: Any) -> None:
        """The pusher of a locked person does nothing, whatever sets it going.

        Synapse asks about new messages alone: not as a pusher starts, not before it tries once more, not after a pause.
        """
        create = _function(factory, "create_pusher", ("pusher_config",))
        for name, (parameters, _) in _PUSHES.items():
            _function(HttpPusher, name, parameters)

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
    _attribute(error(), "msg", error.__name__)

    @wraps(make)
    def reworded(self: UserLockedError) -> None:
        make(self)
        self.msg = sentence

    setattr(error, "__init__", reworded)  # noqa: B010 - mypy lets no method be assigned


class Passwords:
    """A password that is stored in a transaction of the caller's, so that what it costs is spent with it or not at all.

    Synapse's own handler has a transaction of its own. Devices stay logged in.

    Raises:
        ConfigError: at construction, when this Synapse lacks an attribute or a parameter that is needed.
    """

    def __init__(self, api: ModuleApi) -> None:
        homeserver = _attribute(api, "_hs", "ModuleApi")
        store = _attribute(_call(homeserver, "get_datastores"), "main", "Databases")
        self._hash = _function(_call(homeserver, "get_auth_handler"), "hash", ("password",))
        self._update_one = _function(
            _attribute(store, "db_pool", type(store).__name__),
            "simple_update_one_txn",
            ("txn", "table", "keyvalues", "updatevalues"),
        )
        self._invalidate = _function(store, "_invalidate_cache_and_stream", ("txn", "cache_func", "keys"))
        self._user = _attribute(store, "get_user_by_id", type(store).__name__)

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
        homeserver = _attribute(api, "_hs", "ModuleApi")
        self._handler = _call(homeserver, "get_auth_handler")
        self._hash = _function(self._handler, "hash", ("password",))
        _made_with(ContextRequest, "requester")
        _made_with(ContextRequest, "url")

    def ask(self, check: Callable[[str | None, str], Awaitable[None]]) -> None:
        """From now on `check(user ID or None, password)` comes first; what it raises is the answer."""

        async def checked_hash(password: str) -> str:
            request = current_context().request
            if request is not None and request.url.startswith(_CLIENT_API):
                await check(request.requester, password)
            return str(await self._hash(password))

        self._handler.hash = checked_hash


class Uploads:
    """Whose upload is being checked, and where it lies: `check_media_file_for_spam` is told of neither.

    Raises:
        ConfigError: at construction, when this Synapse lacks an attribute that is needed.
    """

    def __init__(self) -> None:
        for name in ("requester", "request_id"):
            _made_with(ContextRequest, name)
        _made_with(ReadableFileWrapper, "path")

    def uploader(self) -> str | None:
        """User ID of whoever sent the request that is being served; None outside of one."""
        request = current_context().request
        return None if request is None else request.requester

    def request(self) -> str:
        """What tells the request that is being served from the others under way; empty outside of one."""
        request = current_context().request
        return "" if request is None else str(request.request_id)

    def path_of(self, file: ReadableFileWrapper) -> Path:
        """The file on disk; a thread reads it without stopping the reactor between chunks."""
        return Path(file.path)


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
        homeserver = _attribute(api, "_hs", "ModuleApi")
        self._pool = _call(homeserver, "get_pusherpool")
        self._factory = _attribute(self._pool, "pusher_factory", type(self._pool).__name__)
        self._add = _function(self._pool, "add_or_update_pusher", ("user_id", "kind", "data"))
        self._create = _function(self._factory, "create_pusher", ("pusher_config",))
        self._http_inside = _call(homeserver, "get_simple_http_client")
        for parameter in ("user_name", "kind", "data"):
            _made_with(PusherConfig, parameter)
        _speaks_of(HttpPusher.dispatch_push, "url", "http_client")
        _speaks_of(HttpPusher.dispatch_push_event, "event_id_only")

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


class WaysPastTheRules:
    """Ways that no setting of Synapse's shuts: sessions in addresses, identity servers, rooms shown without a session.

    Raises:
        ConfigError: at construction, when this Synapse lacks an attribute or a parameter that is needed.
    """

    def __init__(self, api: ModuleApi) -> None:
        homeserver = _attribute(api, "_hs", "ModuleApi")
        self._auth = _call(homeserver, "get_auth")
        self._session_of = _function(self._auth, "get_access_token_from_request", ("request",))
        self._identity = _call(homeserver, "get_identity_handler")
        for name in _ASKS_IDENTITY_SERVERS:
            _function(self._identity, name, ("id_server",))
        _function(self._auth, "get_user_by_req", ("request",))
        self._members = _call(homeserver, "get_room_member_handler")
        self._update_membership = _function(
            self._members, "update_membership", ("requester", "target", "room_id", "action", "content")
        )
        for servlet, parameter in (*_ASKS_NO_SESSION.items(), _WANTS_NO_SESSION):
            _function(servlet, "on_GET", ("request", parameter))

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


def _moved(what: str) -> ConfigError:
    return ConfigError(
        f"synapse_modules: Synapse {SYNAPSE_VERSION} has no {what}; HueP is tested with Synapse {TESTED_WITH}: "
        "install that one, or a newer HueP"
    )


def _attribute(owner: object, name: str, owner_name: str) -> Any:
    try:
        return getattr(owner, name)
    except AttributeError as error:
        raise _moved(f"{owner_name}.{name}") from error


def _made_with(owner: type[Any], name: str) -> None:
    if name not in inspect.signature(owner).parameters:
        raise _moved(f"{owner.__name__}.{name}")


def _speaks_of(function: Callable[..., Any], *words: str) -> None:
    """That the code of `function` has these names or texts; what it keeps in itself no signature shows."""
    known = {*function.__code__.co_names, *map(repr, function.__code__.co_consts)}
    for word in words:
        if word not in known and repr(word) not in known:
            raise _moved(f"{word!r} in {function.__qualname__}")


def _call(owner: object, name: str) -> Any:
    return _attribute(owner, name, type(owner).__name__)()


def _function(owner: object, name: str, parameters: tuple[str, ...]) -> Callable[..., Any]:
    owner_name = owner.__name__ if isinstance(owner, type) else type(owner).__name__
    function: Callable[..., Any] = _attribute(owner, name, owner_name)
    known = inspect.signature(function).parameters
    for parameter in parameters:
        if parameter not in known:
            raise _moved(f"parameter {parameter!r} of {owner_name}.{name}")
    return function
