"""Bodies that cannot be used are refused with the key that is at fault."""

from typing import Any

import pytest

from synapse_modules.account_lifecycle.requests import (
    MOST_ACTIONS,
    AccountVerb,
    MalformedRequest,
    TooManyActions,
    parse_account_actions,
    parse_membership_actions,
    parse_publication,
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
    ],
)
def test_a_bad_publication_names_its_key(body: dict[str, Any], key: str) -> None:
    with pytest.raises(MalformedRequest) as error:
        parse_publication(body)
    assert str(error.value).startswith(key)


def test_more_actions_than_are_served_are_refused_as_too_many() -> None:
    parse_account_actions({"actions": [CREATE] * MOST_ACTIONS})
    with pytest.raises(TooManyActions):
        parse_account_actions({"actions": [CREATE] * (MOST_ACTIONS + 1)})
