"""What unit rooms are like: who may do what in them, and in which order they come to be."""

import re
from dataclasses import replace
from datetime import date

import pytest

from hr_provisioner.current import Current
from hr_provisioner.rooms import Purpose, alias, moderators, power_levels, units_with_rooms, with_ancestors
from huep.directory.model import Standing

from .golden_folder import scenarios

TODAY = date(2026, 3, 10)
OWNER, HEAD = "@huep:hue.localhost", "@head:hue.localhost"


def current() -> Current:
    return next(found for found in scenarios() if found.name.startswith("02-")).current


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


def test_addresses_of_two_units_never_meet() -> None:
    assert alias("H57.01", Purpose.SPACE) != alias("H57-01", Purpose.SPACE)
    assert re.fullmatch(r"[a-z0-9-]+", alias("H57.01/Đ", Purpose.DISCUSSION))


def test_parents_get_rooms_before_their_children_and_deep_units_none() -> None:
    assert [unit.code for unit in units_with_rooms(current(), 1, TODAY)] == ["TTH", "SNV", "STC"]


def test_a_dissolved_unit_gets_no_rooms() -> None:
    dissolved = replace(current(), units=tuple(replace(u, valid_to=TODAY) for u in current().units))
    assert units_with_rooms(dissolved, 2, TODAY) == ()


def test_a_unit_needs_the_spaces_above_it() -> None:
    assert with_ancestors(["STC-VP"], current().unit_by_code) == {"STC-VP", "STC", "TTH"}


def test_heads_and_deputies_moderate_while_their_account_is_open() -> None:
    [person] = current().people
    head = replace(person, posts=(replace(person.posts[0], standing=Standing.HEAD),))
    assert person.account is not None
    locked = replace(head, account=replace(person.account, locked=True, lock_owner="hr"))
    assert moderators(replace(current(), people=(head,)), TODAY) == {"STC": {"nguyen-van-anh-aa2"}}
    assert moderators(replace(current(), people=(locked,)), TODAY) == {}
    assert moderators(current(), TODAY) == {}
