"""What HueP does to accounts and rooms in process: many in one transaction, and without limits of rate."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synapse.api.errors import Codes, SynapseError
from synapse.module_api import NOT_SPAM, LoggingTransaction, ModuleApi
from synapse.storage.databases.main import user_directory
from synapse.types import UserID, create_requester

from synapse_modules.homeserver_internals.parts import attribute, call, function, homeserver_of, store_of

WAKING_MESSAGE = "vn.huep.lock"
"""Type of the to-device message that ends an open sync; clients ignore types that they do not know."""


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
        homeserver = homeserver_of(api)
        store = store_of(homeserver)
        self._store_account = function(
            store, "_register_user", ("txn", *_PLAIN_ACCOUNT, "create_profile_with_displayname")
        )
        self._store_in_directory = function(store, "_update_profiles_in_user_dir_txn", ("txn", "profiles"))
        self._directory_profile = function(user_directory, "_UserDirProfile", ("user_id", "display_name", "avatar_url"))
        self._store_lock = function(store, "set_user_locked_status_txn", ("txn", "user_id", "locked"))
        function(store, "set_user_locked_status", ("user_id", "locked"))
        self._store = store
        registration = call(homeserver, "get_registration_handler")
        self._check_not_reserved = function(registration, "check_user_id_not_appservice_exclusive", ("user_id",))
        self._join_first_rooms = function(registration, "post_consent_actions", ("user_id",))
        self._tell_modules_of_account = function(
            call(homeserver, "get_account_validity_handler"), "on_user_registration", ("user_id",)
        )
        self._send_to_device = function(
            call(homeserver, "get_device_message_handler"),
            "send_device_message",
            ("requester", "message_type", "messages"),
        )
        self._update_membership = function(
            call(homeserver, "get_room_member_handler"),
            "update_membership",
            ("requester", "target", "room_id", "action", "ratelimit", "require_consent"),
        )
        self._send_events = function(
            call(homeserver, "get_event_creation_handler"),
            "create_and_send_new_client_events",
            ("requester", "room_id", "prev_event_id", "event_dicts", "ratelimit"),
        )
        callbacks = call(homeserver, "get_module_api_callbacks")
        self._user_may_join_room = function(
            attribute(callbacks, "spam_checker", "ModuleApiCallbacks"),
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
