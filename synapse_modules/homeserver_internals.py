"""The few things that Synapse's public ModuleApi does not offer, and nothing else.

Everything that reaches past `ModuleApi` stands here, so that a Synapse upgrade breaks one file, and breaks it at the
start with a sentence that names what moved.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from synapse.config import ConfigError
from synapse.module_api import NOT_SPAM, ModuleApi
from synapse.types import UserID, create_requester
from synapse.util import SYNAPSE_VERSION

TESTED_WITH = "1.163"
WAKING_MESSAGE = "vn.huep.lock"
"""Type of the to-device message that ends an open sync; clients ignore types that they do not know."""


@dataclass(frozen=True)
class MembershipEvent:
    """One m.room.member event to be sent."""

    sender: str
    target: str
    content: dict[str, Any]


class HomeserverInternals:
    """Locking, to-device messages and unlimited membership changes, in process.

    Raises:
        ConfigError: at construction, when this Synapse lacks an attribute or a parameter that is needed.
    """

    def __init__(self, api: ModuleApi) -> None:
        homeserver = _attribute(api, "_hs", "ModuleApi")
        store = _attribute(_call(homeserver, "get_datastores"), "main", "Databases")
        self._set_locked = _function(store, "set_user_locked_status", ("user_id", "locked"))
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
        self._server_name = api.server_name

    async def set_locked(self, user_id: str, locked: bool) -> None:
        """Flip `users.locked`, with the caches of every worker."""
        await self._set_locked(user_id, locked)

    async def send_to_all_devices(self, user_id: str, message_type: str = WAKING_MESSAGE) -> None:
        """An empty to-device message from a person to each of their own devices."""
        await self._send_to_device(create_requester(user_id), message_type, {user_id: {"*": {}}})

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


def _call(owner: object, name: str) -> Any:
    return _attribute(owner, name, type(owner).__name__)()


def _function(owner: object, name: str, parameters: tuple[str, ...]) -> Callable[..., Any]:
    function: Callable[..., Any] = _attribute(owner, name, type(owner).__name__)
    known = inspect.signature(function).parameters
    for parameter in parameters:
        if parameter not in known:
            raise _moved(f"parameter {parameter!r} of {type(owner).__name__}.{name}")
    return function
