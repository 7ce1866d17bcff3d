"""request_guard: no session in an address, no identity server, and nothing to configure."""

import pytest
from synapse.config import ConfigError

from synapse_modules.request_guard.module import RequestGuard
from synapse_modules.request_guard.rules import has_session_in_address


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
