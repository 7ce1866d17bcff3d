"""A Synapse that moved what the modules need is refused at the start, with the name of what moved."""

from types import SimpleNamespace
from typing import Any

import pytest
from synapse.config import ConfigError
from synapse.storage.databases.main import user_directory
from synapse.util import SYNAPSE_VERSION

from synapse_modules.homeserver_internals.acts import HomeserverInternals


def homeserver(**changes: Any) -> Any:
    """A ModuleApi whose homeserver has every function that is needed, save for `changes`."""

    def _register_user(
        txn: Any,
        user_id: str,
        password_hash: str | None,
        was_guest: bool,
        make_guest: bool,
        appservice_id: str | None,
        create_profile_with_displayname: str | None,
        admin: bool,
        user_type: str | None,
        shadow_banned: bool,
        approved: bool,
    ) -> None: ...
    def _update_profiles_in_user_dir_txn(txn: Any, profiles: Any) -> None: ...
    def set_user_locked_status_txn(txn: Any, user_id: str, locked: bool) -> None: ...
    async def set_user_locked_status(user_id: str, locked: bool) -> None: ...
    def check_user_id_not_appservice_exclusive(user_id: str) -> None: ...
    async def post_consent_actions(user_id: str) -> None: ...
    async def on_user_registration(user_id: str) -> None: ...
    async def send_device_message(requester: Any, message_type: str, messages: Any) -> None: ...
    async def update_membership(
        requester: Any, target: Any, room_id: str, action: str, ratelimit: bool = True, require_consent: bool = True
    ) -> None: ...
    async def create_and_send_new_client_events(
        requester: Any, room_id: str, prev_event_id: str | None, event_dicts: Any, ratelimit: bool = True
    ) -> None: ...
    async def user_may_join_room(user_id: str, room_id: str, is_invited: bool) -> str: ...

    parts: dict[str, Any] = {
        "_register_user": _register_user,
        "_update_profiles_in_user_dir_txn": _update_profiles_in_user_dir_txn,
        "set_user_locked_status_txn": set_user_locked_status_txn,
        "set_user_locked_status": set_user_locked_status,
        "check_user_id_not_appservice_exclusive": check_user_id_not_appservice_exclusive,
        "post_consent_actions": post_consent_actions,
        "on_user_registration": on_user_registration,
        "send_device_message": send_device_message,
        "update_membership": update_membership,
        "create_and_send_new_client_events": create_and_send_new_client_events,
        "user_may_join_room": user_may_join_room,
        **changes,
    }

    def having(*names: str) -> SimpleNamespace:
        return SimpleNamespace(**{name: parts[name] for name in names if parts[name] is not None})

    store = having(
        "_register_user", "_update_profiles_in_user_dir_txn", "set_user_locked_status_txn", "set_user_locked_status"
    )
    callbacks = SimpleNamespace(spam_checker=having("user_may_join_room"))
    hs = SimpleNamespace(
        get_datastores=lambda: SimpleNamespace(main=store),
        get_registration_handler=lambda: having("check_user_id_not_appservice_exclusive", "post_consent_actions"),
        get_account_validity_handler=lambda: having("on_user_registration"),
        get_device_message_handler=lambda: having("send_device_message"),
        get_room_member_handler=lambda: having("update_membership"),
        get_event_creation_handler=lambda: having("create_and_send_new_client_events"),
        get_module_api_callbacks=lambda: callbacks,
    )
    return SimpleNamespace(_hs=hs, server_name="hue.localhost")


def test_a_synapse_that_has_everything_is_taken() -> None:
    HomeserverInternals(homeserver())


@pytest.mark.parametrize(
    "name",
    [
        "_register_user",
        "_update_profiles_in_user_dir_txn",
        "set_user_locked_status_txn",
        "set_user_locked_status",
        "check_user_id_not_appservice_exclusive",
        "post_consent_actions",
        "on_user_registration",
        "send_device_message",
        "update_membership",
        "create_and_send_new_client_events",
        "user_may_join_room",
    ],
)
def test_a_function_that_is_gone_is_named_with_the_version(name: str) -> None:
    with pytest.raises(ConfigError) as error:
        HomeserverInternals(homeserver(**{name: None}))
    assert name in str(error.value)
    assert SYNAPSE_VERSION in str(error.value)


def test_a_parameter_that_is_gone_is_named() -> None:
    async def update_membership(requester: Any, target: Any, room_id: str, action: str) -> None: ...

    with pytest.raises(ConfigError, match=r"'ratelimit' of .*update_membership"):
        HomeserverInternals(homeserver(update_membership=update_membership))


def test_a_registration_that_lost_a_parameter_is_named() -> None:
    def _register_user(txn: Any, user_id: str, password_hash: str | None, salt: str) -> None: ...

    with pytest.raises(ConfigError, match=r"'was_guest' of .*_register_user"):
        HomeserverInternals(homeserver(_register_user=_register_user))


def test_a_directory_without_its_profiles_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(user_directory, "_UserDirProfile")
    with pytest.raises(ConfigError, match="_UserDirProfile"):
        HomeserverInternals(homeserver())


def test_a_module_api_without_its_homeserver_is_named() -> None:
    with pytest.raises(ConfigError, match=r"ModuleApi\._hs"):
        HomeserverInternals(SimpleNamespace(server_name="hue.localhost"))  # type: ignore[arg-type]
