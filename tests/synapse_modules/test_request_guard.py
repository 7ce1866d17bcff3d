"""request_guard: no session in an address, no identity server, and nothing to configure."""

from types import SimpleNamespace

import pytest
from synapse.config import ConfigError

from synapse_modules.homeserver_internals.requests import WaysPastTheRules
from synapse_modules.request_guard.module import RequestGuard
from synapse_modules.request_guard.rules import LONGEST_REASON, has_session_in_address, is_plain_membership


@pytest.mark.parametrize(
    ("arguments", "has"),
    [
        (None, False),
        ({}, False),
        ({b"since": [b"s1"]}, False),
        ({b"access_token": [b"syt_x"]}, True),
        ({b"access_token": [b""], b"since": [b"s1"]}, True),
    ],
)
def test_a_session_in_the_address_is_seen(arguments: dict[bytes, list[bytes]] | None, has: bool) -> None:
    assert has_session_in_address(arguments) is has


def test_there_is_nothing_to_set() -> None:
    assert RequestGuard.parse_config({}) is None
    with pytest.raises(ConfigError, match="request_guard: unknown key 'allow'"):
        RequestGuard.parse_config({"allow": ["outside.example"]})


@pytest.mark.parametrize(
    ("content", "plain"),
    [
        (None, True),
        ({}, True),
        ({"membership": "join", "displayname": "An", "avatar_url": None}, True),
        ({"is_direct": True, "reason": "x" * LONGEST_REASON}, True),
        ({"reason": "x" * (LONGEST_REASON + 1)}, False),
        ({"reason": ["xin chào"]}, False),
        ({"is_direct": "xin chào"}, False),
        ({"third_party_signed": {"token": "xin chào"}}, False),
        ({"vn.example.words": "xin chào"}, False),
    ],
)
def test_a_membership_holds_no_letter(content: dict[str, object] | None, plain: bool) -> None:
    assert is_plain_membership(content) is plain


@pytest.mark.parametrize(
    "gone", ["bind_threepid", "_try_unbind_threepid_with_id_server", "get_access_token_from_request"]
)
def test_what_moved_is_named_at_the_start(gone: str) -> None:
    def takes(request: object, id_server: str, content: object, **_: object) -> None: ...
    def updates(requester: object, target: object, room_id: str, action: str, content: object) -> None: ...

    names = ("bind_threepid", "_try_unbind_threepid_with_id_server", "lookup_3pid")
    identity = dict.fromkeys((*names, "ask_id_server_for_third_party_invite"), takes)
    auth = dict.fromkeys(("get_access_token_from_request", "get_user_by_req"), takes)
    for part in (identity, auth):
        part.pop(gone, None)
    homeserver = SimpleNamespace(
        get_auth=lambda: SimpleNamespace(**auth),
        get_identity_handler=lambda: SimpleNamespace(**identity),
        get_room_member_handler=lambda: SimpleNamespace(update_membership=updates),
    )
    with pytest.raises(ConfigError, match=gone):
        WaysPastTheRules(SimpleNamespace(_hs=homeserver))  # type: ignore[arg-type]
