"""The section of room_rules: read, or refused with the key at fault."""

import pytest
from synapse.config import ConfigError

from huep.directory.model import Standing
from synapse_modules.room_rules.config import parse

GOOD = {"room_owner": "huep"}


def test_the_section_is_read_and_the_owner_is_no_person() -> None:
    config = parse({**GOOD, "service_accounts": ["tro-ly"], "create_rooms": ["head", "staff"]})
    assert config.room_owner == "huep"
    assert config.service_accounts == {"huep", "tro-ly"}
    assert config.create_rooms == {Standing.HEAD, Standing.STAFF}
    assert config.create_spaces == frozenset()
    assert config.call_hosts == frozenset()
    assert config.notice_account is None
    assert parse({**GOOD, "service_accounts": ["tro-ly"], "notice_account": "tro-ly"}).notice_account == "tro-ly"
    assert parse({**GOOD, "call_hosts": ["RTC.hue.gov.vn"]}).call_hosts == {"rtc.hue.gov.vn"}


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({}, ["room_owner"]),
        ({"room_owner": 7}, ["room_owner"]),
        ({**GOOD, "owner": "x"}, ["'owner'", "'room_owner'", "'create_rooms'"]),
        ({**GOOD, "service_accounts": ["@huep:hue.localhost"]}, ["service_accounts", "not user IDs"]),
        ({**GOOD, "notice_account": "an-k1"}, ["notice_account", "'an-k1'", "service_accounts"]),
        ({**GOOD, "create_rooms": ["boss"]}, ["create_rooms", "'boss'", "deputy, head, staff"]),
        ({**GOOD, "call_hosts": ["https://rtc.hue.gov.vn"]}, ["call_hosts", "'https://rtc.hue.gov.vn'"]),
        ({**GOOD, "call_hosts": ["vn"]}, ["call_hosts", "'vn'"]),
        ({**GOOD, "create_spaces": "head"}, ["create_spaces", "list"]),
    ],
)
def test_a_bad_section_is_named(section: object, words: list[str]) -> None:
    with pytest.raises(ConfigError) as error:
        parse(section)
    assert all(word in str(error.value) for word in ["room_rules", *words]), str(error.value)
