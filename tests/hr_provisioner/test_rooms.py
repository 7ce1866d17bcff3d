"""What unit rooms are like: who may do what in them, how one gets in, what they are called."""

import re
from datetime import date

import pytest

from hr_provisioner.rooms.looks import (
    Look,
    Purpose,
    alias,
    closed_name_and_topic,
    closed_power_levels,
    join_rule,
    power_levels,
    room_spec,
)
from huep.settings import Settings
from huep.synapse_admin import JoinRule

from .golden_folder import scenarios

OWNER, HEAD = "@huep:hue.localhost", "@head:hue.localhost"
SETTINGS = Settings(server_name="hue.localhost")


@pytest.mark.parametrize("purpose", list(Purpose))
def test_only_the_register_invites_and_removes(purpose: Purpose) -> None:
    power = power_levels(purpose, OWNER, [HEAD])
    assert {power[act] for act in ("invite", "kick", "ban", "state_default")} == {100}
    assert power["users"] == {OWNER: 100, HEAD: 50}


def test_staff_react_in_announcements_and_do_not_write_there() -> None:
    power = power_levels(Purpose.ANNOUNCEMENTS, OWNER, [])
    assert power["events_default"] == 50
    assert power["events"]["m.reaction"] == 0


def test_everybody_writes_in_discussions() -> None:
    assert power_levels(Purpose.DISCUSSION, OWNER, [])["events_default"] == 0


def test_nobody_but_the_owner_does_anything_in_a_closed_room() -> None:
    power = closed_power_levels(OWNER)
    assert power["users"] == {OWNER: 100}
    assert power["events"] == {}
    assert {value for act, value in power.items() if act in {"events_default", "state_default", "redact"}} == {100}


def test_addresses_of_two_units_never_meet() -> None:
    assert alias("H57.01", Purpose.SPACE) != alias("H57-01", Purpose.SPACE)
    assert re.fullmatch(r"[a-z0-9-]+", alias("H57.01/Đ", Purpose.DISCUSSION))


def test_rooms_take_the_members_of_their_space_unless_everybody_may_enter_it() -> None:
    assert [join_rule(purpose, space_is_public=False) for purpose in Purpose] == ["invite", "restricted", "restricted"]
    assert [join_rule(purpose, space_is_public=True) for purpose in Purpose] == ["public", "invite", "invite"]


def test_a_restricted_room_takes_the_members_of_the_space_that_shows_it() -> None:
    look = Look("Trao đổi", "", "!space", JoinRule.RESTRICTED, frozenset({"head"}))
    spec = room_spec("STC", Purpose.DISCUSSION, look, SETTINGS)
    assert (spec.restricted_to, spec.encrypted) == ("!space", True)
    assert spec.power_levels["users"] == {OWNER: 100, HEAD: 50}


def test_a_closed_room_says_since_when_and_where_its_work_goes_on() -> None:
    unit = next(s for s in scenarios() if s.name.startswith("02-")).current.unit_by_code["STC"]
    day = date(2025, 7, 1)
    name, topic = closed_name_and_topic(unit, Purpose.SPACE, day, ["Phường Thuận Hóa", "Xã Phú Vinh"])
    assert name == f"{unit.name} (đã đóng)"
    assert "01/07/2025" in topic
    assert "Phường Thuận Hóa; Xã Phú Vinh" in topic
    assert "tiếp nhận" not in closed_name_and_topic(unit, Purpose.SPACE, day, [])[1]
