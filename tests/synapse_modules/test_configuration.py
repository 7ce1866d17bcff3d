"""A configuration that cannot be used stops Synapse with the key at fault and the valid ones."""

from ipaddress import ip_network
from pathlib import Path

import pytest
from synapse.config import ConfigError

from synapse_modules.account_guard.config import parse as parse_guard
from synapse_modules.account_lifecycle.config import parse as parse_lifecycle
from synapse_modules.account_lifecycle.config import read_token

GOOD = {"service_token_path": "/srv/huep/secrets/token", "room_owner": "huep"}


def test_the_guard_reads_its_allow_list() -> None:
    assert parse_guard({"allowed_localparts": ["huep", "tro-ly"]}).allowed_localparts == {"huep", "tro-ly"}
    assert parse_guard(None).allowed_localparts == frozenset()


def test_the_lifecycle_reads_its_section_and_always_protects_the_room_owner() -> None:
    config = parse_lifecycle({**GOOD, "protected": ["tro-ly"], "allowed_addresses": ["10.1.0.0/16"]})
    assert config.service_token_path == Path("/srv/huep/secrets/token")
    assert config.protected == {"huep", "tro-ly"}
    assert config.allowed_addresses == (ip_network("10.1.0.0/16"),)
    assert config.kept_out == config.protected


def test_services_that_announce_are_put_into_rooms_and_protected_otherwise_but_never_the_owner() -> None:
    config = parse_lifecycle({**GOOD, "protected": ["tro-ly", "truyen-thong"], "announcers": ["truyen-thong", "huep"]})
    assert config.protected == {"huep", "tro-ly", "truyen-thong"}
    assert config.kept_out == {"huep", "tro-ly"}


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"allowed_localpart": []}, ["allowed_localpart'", "valid keys are 'allowed_localparts'"]),
        ({"allowed_localparts": "huep"}, ["allowed_localparts", "list"]),
        ({"allowed_localparts": [1]}, ["allowed_localparts", "list"]),
        ({"allowed_localparts": ["@huep:hue.localhost"]}, ["allowed_localparts", "not user IDs"]),
        (["huep"], ["mapping", "allowed_localparts"]),
    ],
)
def test_a_bad_guard_section_is_named(section: object, words: list[str]) -> None:
    with pytest.raises(ConfigError) as error:
        parse_guard(section)
    assert all(word in str(error.value) for word in ["account_guard", *words])


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({}, ["room_owner"]),
        ({"room_owner": "huep"}, ["service_token_path"]),
        ({**GOOD, "room_owner": ""}, ["room_owner"]),
        ({**GOOD, "protect": []}, ["'protect'", "'protected'", "'service_token_path'"]),
        ({**GOOD, "allowed_addresses": ["10.1.0.0/8"]}, ["allowed_addresses", "10.1.0.0/8"]),
        ({**GOOD, "allowed_addresses": ["chat.hue"]}, ["allowed_addresses", "chat.hue"]),
    ],
)
def test_a_bad_lifecycle_section_is_named(section: object, words: list[str]) -> None:
    with pytest.raises(ConfigError) as error:
        parse_lifecycle(section)
    assert all(word in str(error.value) for word in ["account_lifecycle", *words])


def test_a_token_file_that_is_missing_or_short_is_named_and_never_quoted(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        read_token(tmp_path / "nowhere")
    short = tmp_path / "short"
    short.write_text("hunter2\n")
    with pytest.raises(ConfigError, match="fewer than") as error:
        read_token(short)
    assert "hunter2" not in str(error.value)
    good = tmp_path / "good"
    good.write_text("t" * 43 + "\n")
    assert read_token(good) == "t" * 43
