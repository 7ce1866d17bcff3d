"""Bodies that cannot be used are refused with the key that is at fault."""

from typing import Any

import pytest

from synapse_modules.account_lifecycle.bodies import MalformedRequest, TooManyActions
from synapse_modules.account_lifecycle.publications import parse_publication
from synapse_modules.account_lifecycle.requests import (
    LONGEST_ROLL,
    MOST_ACTIONS,
    AccountVerb,
    NamesCall,
    PageCall,
    ShardCall,
    parse_account_actions,
    parse_membership_actions,
    parse_roll_call,
)
from synapse_modules.projection import RegisterStatus

CREATE = {"id": "1", "do": "create", "localpart": "an-k1", "display_name": "An"}
JOIN = {"id": "1", "do": "join", "localpart": "an-k1", "room_id": "!r:hue.localhost"}


def test_a_good_body_becomes_values() -> None:
    (action,) = parse_account_actions({"actions": [{**CREATE, "display_name": "  Lê An "}]})
    assert (action.verb, action.localpart, action.display_name) == (AccountVerb.CREATE, "an-k1", "Lê An")
    publication = parse_publication({"version": 3, "people": [{"localpart": "an-k1", "status": "left"}]})
    assert publication.version == 3
    assert publication.people[0].status is RegisterStatus.LEFT


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({}, "actions:"),
        ({"actions": {}}, "actions:"),
        ({"actions": [CREATE], "force": True}, "force:"),
        ({"actions": ["lock"]}, "actions[0]:"),
        ({"actions": [CREATE, {**CREATE, "do": "delete"}]}, "actions[1].do:"),
        ({"actions": [{**CREATE, "localpart": "An"}]}, "actions[0].localpart:"),
        ({"actions": [{**CREATE, "localpart": "@an:hue.localhost"}]}, "actions[0].localpart:"),
        ({"actions": [{**CREATE, "localpart": "an\u0000"}]}, "actions[0].localpart:"),
        ({"actions": [{**CREATE, "id": 1}]}, "actions[0].id:"),
        ({"actions": [{**CREATE, "display_name": " "}]}, "actions[0].display_name:"),
        ({"actions": [{**CREATE, "display_name": "x" * 257}]}, "actions[0].display_name:"),
        ({"actions": [{**CREATE, "locked": True}]}, "actions[0].locked:"),
        (
            {"actions": [{"id": "1", "do": "lock", "localpart": "an-k1", "display_name": "An"}]},
            "actions[0].display_name:",
        ),
    ],
)
def test_a_bad_account_body_names_its_key(body: dict[str, Any], key: str) -> None:
    with pytest.raises(MalformedRequest) as error:
        parse_account_actions(body)
    assert str(error.value).startswith(key)


@pytest.mark.parametrize("room_id", ["", "#alias:hue.localhost", "r:hue.localhost", "!r room:hue.localhost", 7])
def test_a_bad_room_id_is_named(room_id: object) -> None:
    with pytest.raises(MalformedRequest, match=r"^actions\[0\]\.room_id:"):
        parse_membership_actions({"actions": [{**JOIN, "room_id": room_id}]})


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"version": "3", "people": []}, "version:"),
        ({"version": True, "people": []}, "version:"),
        ({"version": -1, "people": []}, "version:"),
        ({"version": 1}, "people:"),
        ({"people": [{"localpart": "an-k1", "status": "gone"}]}, "people[0].status:"),
        ({"people": [{"localpart": "an-k1", "status": "left", "birth_date": "1990-01-01"}]}, "people[0].birth_date:"),
        ({"people": [{"localpart": "an-k1", "status": "left", "level": "3"}]}, "people[0].level:"),
        ({"people": [{"localpart": "an-k1", "status": "left", "units": ["A", 7]}]}, "people[0].units:"),
        ({"people": [{"localpart": "an-k1", "status": "left", "unit": ""}]}, "people[0].unit:"),
        ({"people": [], "units": [{"code": "A", "name": "A", "level": 1}]}, "units[0].hidden:"),
        (
            {"people": [], "units": [{"code": "A", "name": "A", "level": 1, "hidden": False, "rooms": "!r"}]},
            "units[0].rooms:",
        ),
        ({"people": [], "units": [{"name": "A", "level": 1, "hidden": False}]}, "units[0].code:"),
    ],
)
def test_a_bad_publication_names_its_key(body: dict[str, Any], key: str) -> None:
    with pytest.raises(MalformedRequest) as error:
        parse_publication(body)
    assert str(error.value).startswith(key)


def test_what_a_publication_does_not_name_is_left_and_null_clears() -> None:
    brief = {"localpart": "an-k1", "status": "active"}
    full = {**brief, "unit": "SYT", "units": ["TINH", "SYT"], "level": 1, "code_hash": None, "digest": "d"}
    known, told = parse_publication({"people": [brief, full]}).people
    assert (known.details, known.digest) == ({}, None)
    assert told.details == {"unit": "SYT", "units": ("TINH", "SYT"), "level": 1, "code_hash": None}
    assert told.digest == "d"


def test_a_unit_is_published_with_its_rooms_or_has_none() -> None:
    unit = {"code": "A", "name": "A", "level": 1, "hidden": False}
    without, with_rooms = parse_publication({"people": [], "units": [unit, {**unit, "rooms": ["!a", "!b"]}]}).units
    assert (without.rooms, with_rooms.rooms) == ((), ("!a", "!b"))


def test_the_roll_is_called_by_name_or_by_page() -> None:
    assert parse_roll_call({"localparts": ["an-k1"]}) == NamesCall(("an-k1",))
    assert parse_roll_call({"after": "@an-k1:hue.localhost", "limit": 5}) == PageCall("@an-k1:hue.localhost", 5)
    assert parse_roll_call({}) == PageCall("", LONGEST_ROLL)
    for body in ({"limit": 0}, {"limit": LONGEST_ROLL + 1}, {"localparts": ["an"] * (LONGEST_ROLL + 1)}):
        with pytest.raises(MalformedRequest, match=r"^limit:"):
            parse_roll_call(body)


def test_the_roll_is_called_for_what_differs() -> None:
    assert parse_roll_call({"shards": {"k1": "9f2c"}}) == ShardCall({"k1": "9f2c"})
    for body, key in (
        ({"shards": None}, "shards"),
        ({"shards": ["k1"]}, "shards"),
        ({"shards": {"k1": 1}}, r"shards\.k1"),
        ({"shards": {}, "limit": 5}, "limit"),
    ):
        with pytest.raises(MalformedRequest, match=rf"^{key}:"):
            parse_roll_call(body)


def test_more_actions_than_are_served_are_refused_as_too_many() -> None:
    parse_account_actions({"actions": [CREATE] * MOST_ACTIONS})
    with pytest.raises(TooManyActions):
        parse_account_actions({"actions": [CREATE] * (MOST_ACTIONS + 1)})
