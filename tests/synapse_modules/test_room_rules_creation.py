"""What a createRoom request may ask for, and what becomes of it, as tables."""

from typing import Any

import pytest

from huep.directory.model import Standing
from synapse_modules.room_rules.creation import (
    Kind,
    body_refusal,
    is_upgrade,
    kind_of,
    people_refusal,
    position_refusal,
    shaped,
    unfederated,
)
from synapse_modules.room_rules.refusals import Refusal
from synapse_modules.room_rules.rules import has_highest_power
from synapse_modules.room_rules.sealed import MEGOLM

SERVER = "hue.localhost"
OWNER, AN, BINH, CHI = (f"@{name}:{SERVER}" for name in ("huep", "an-k1", "binh-k2", "chi-k3"))
HEAD, DEPUTY = Standing.HEAD, Standing.DEPUTY


def state(kind: str, content: dict[str, Any], state_key: str = "") -> dict[str, Any]:
    return {"type": kind, "state_key": state_key, "content": content}


def only(body: dict[str, Any], kind: str) -> dict[str, Any]:
    """The one content of this type in the initial state."""
    (content,) = [item["content"] for item in body["initial_state"] if item["type"] == kind]
    return content


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({}, Kind.ROOM),
        ({"invite": [BINH]}, Kind.ROOM),
        ({"invite": [BINH], "is_direct": True}, Kind.DIRECT),
        ({"invite": [BINH], "is_direct": "yes"}, Kind.ROOM),
        ({"is_direct": True}, Kind.ROOM),
        ({"invite": [OWNER], "is_direct": True}, Kind.ROOM),
        ({"invite": [BINH, CHI], "is_direct": True}, Kind.ROOM),
        ({"creation_content": {"type": "m.space"}}, Kind.SPACE),
        ({"creation_content": {"type": "m.space"}, "is_direct": True, "invite": [BINH]}, Kind.SPACE),
        ({"creation_content": None}, Kind.ROOM),
    ],
)
def test_a_direct_message_is_of_two(body: dict[str, Any], kind: Kind) -> None:
    assert kind_of(body, OWNER) is kind


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({}, None),
        ({"room_version": "11"}, None),
        ({"room_version": "12"}, Refusal.ROOM_VERSION),
        ({"room_version": "9"}, None),
        ({"room_version": "org.matrix.msc4242"}, Refusal.ROOM_VERSION),
        ({"room_version": None}, Refusal.ROOM_VERSION),
        ({"room_version": 11}, Refusal.ROOM_VERSION),
        ({"visibility": "private"}, None),
        ({"visibility": "public"}, Refusal.PUBLISHED),
        ({"visibility": "x"}, Refusal.PUBLISHED),
        ({"visibility": None}, Refusal.PUBLISHED),
        ({"invite": AN}, Refusal.MALFORMED),
        ({"invite": [1]}, Refusal.MALFORMED),
        ({"initial_state": {}}, None),
        ({"initial_state": {"type": "x"}}, Refusal.MALFORMED),
        ({"initial_state": ["x"]}, Refusal.MALFORMED),
        ({"initial_state": [{"content": {}}]}, Refusal.MALFORMED),
        ({"initial_state": [{"type": "m.room.topic"}]}, Refusal.MALFORMED),
        ({"initial_state": [{"type": "m.room.topic", "state_key": None, "content": {}}]}, Refusal.MALFORMED),
        ({"creation_content": []}, None),
        ({"creation_content": "x"}, Refusal.MALFORMED),
        ({"power_level_content_override": [1]}, Refusal.MALFORMED),
        ({"power_level_content_override": {"users": [AN]}}, Refusal.MALFORMED),
        ({"initial_state": [state("m.room.power_levels", {"users": "x"})]}, Refusal.MALFORMED),
    ],
)
def test_what_not_even_the_service_account_makes(body: dict[str, Any], refusal: Refusal | None) -> None:
    assert body_refusal(body) is refusal


PUBLIC = state("m.room.join_rules", {"join_rule": "public"})
INVITE = state("m.room.join_rules", {"join_rule": "invite"})
RESTRICTED = state("m.room.join_rules", {"join_rule": "restricted"})
WORLD = state("m.room.history_visibility", {"history_visibility": "world_readable"})
DM = {"is_direct": True, "invite": [BINH]}


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({}, None),
        ({"preset": "private_chat", "name": "Tổ tin học", "invite": [BINH, CHI]}, None),
        ({"preset": "trusted_private_chat", **DM}, None),
        ({**DM, "initial_state": [state("m.room.guest_access", {"guest_access": "can_join"})]}, None),
        ({"preset": "public_chat"}, Refusal.PUBLIC),
        ({"preset": "public_chat", "initial_state": [INVITE]}, None),
        ({"preset": "public_chat", "initial_state": [{**INVITE, "state_key": "x"}]}, Refusal.PUBLIC),
        ({**DM, "preset": "public_chat", "initial_state": [{**INVITE, "state_key": "x"}]}, Refusal.PUBLIC),
        ({"preset": "public_chat", "initial_state": [PUBLIC]}, Refusal.PUBLIC),
        ({"initial_state": [PUBLIC]}, Refusal.PUBLIC),
        ({"initial_state": [PUBLIC, INVITE]}, Refusal.PUBLIC),
        ({"initial_state": [PUBLIC, state("m.room.join_rules", {"join_rule": "invite"}, "x")]}, Refusal.PUBLIC),
        ({"initial_state": [RESTRICTED]}, None),
        ({**DM, "initial_state": [RESTRICTED]}, Refusal.DIRECT),
        ({"initial_state": [WORLD]}, Refusal.WORLD_READABLE),
        ({**DM, "initial_state": [WORLD]}, Refusal.WORLD_READABLE),
        ({"room_alias_name": "cong-khai"}, Refusal.ALIAS),
        ({"invite": ["@ai:matrix.org"]}, Refusal.FEDERATED),
        ({"invite": [f"@ai:x{SERVER}"]}, Refusal.FEDERATED),
        ({"invite": [f"@ai:x:{SERVER}"]}, Refusal.FEDERATED),
        ({"invite_3pid": [{"medium": "email"}]}, Refusal.BY_ADDRESS),
        ({"initial_state": [state("m.room.member", {"membership": "invite"}, BINH)]}, Refusal.MALFORMED),
        ({"initial_state": [state("m.room.create", {})]}, Refusal.MALFORMED),
        ({"initial_state": [state("m.room.tombstone", {})]}, Refusal.ROOM_VERSION),
        ({"initial_state": [state("m.room.third_party_invite", {}, "t")]}, Refusal.BY_ADDRESS),
        ({"initial_state": [state("m.room.policy", {"via": "x"})]}, Refusal.OUTSIDE_POLICY),
        ({"power_level_content_override": {"users": {AN: 101}}}, Refusal.POWER),
        ({"power_level_content_override": {"events": {"m.room.power_levels": 1000}}}, Refusal.POWER),
        ({"power_level_content_override": {"state_default": 101}}, Refusal.POWER),
        ({"power_level_content_override": {"users": {AN: 100}, "invite": 100}}, None),
        ({"initial_state": [state("m.room.power_levels", {"ban": 200})]}, Refusal.POWER),
        ({"initial_state": [state("m.room.encryption", {"algorithm": "none"})]}, None),
        ({"initial_state": [state("m.room.topic", {"topic": "Họp"})], "topic": "Họp", "name": "x" * 255}, None),
        ({"creation_content": {"type": "m.space", "m.federate": True}}, None),
        ({"creation_content": {"type": "io.element.video"}}, None),
        ({"creation_content": {"type": "xin chào"}}, Refusal.UNKNOWN_STATE),
        ({"creation_content": {"vn.words": "xin chào"}}, Refusal.UNKNOWN_STATE),
        ({"creation_content": {"predecessor": {}}}, Refusal.ROOM_VERSION),
        ({"name": "x" * 256}, Refusal.UNKNOWN_STATE),
        ({"topic": "x" * 2001}, Refusal.UNKNOWN_STATE),
        ({"power_level_content_override": {"vn.words": "xin chào"}}, Refusal.UNKNOWN_STATE),
        ({"power_level_content_override": {"events": {"xin chào": 1}}}, Refusal.UNKNOWN_STATE),
        ({"initial_state": [state("vn.words", {"body": "xin chào"})]}, Refusal.UNKNOWN_STATE),
        ({"initial_state": [state("m.room.power_levels", {"vn.words": "xin chào"})]}, Refusal.UNKNOWN_STATE),
        ({"initial_state": [state("im.vector.modular.widgets", {"url": "x"}, "w")]}, Refusal.WIDGET),
        ({"initial_state": [state("m.space.child", {"via": ["x"]}, "!room:x")]}, None),
    ],
)
def test_what_people_may_not_make(body: dict[str, Any], refusal: Refusal | None) -> None:
    assert body_refusal(body) is None
    assert people_refusal(body, SERVER, OWNER) is refusal


@pytest.mark.parametrize(
    ("kind", "standing", "refusal"),
    [
        (Kind.ROOM, "head", None),
        (Kind.ROOM, "deputy", None),
        (Kind.ROOM, "staff", Refusal.MAY_NOT_CREATE_ROOM),
        (Kind.ROOM, None, Refusal.MAY_NOT_CREATE_ROOM),
        (Kind.ROOM, "vice", Refusal.MAY_NOT_CREATE_ROOM),
        (Kind.SPACE, "head", None),
        (Kind.SPACE, "deputy", Refusal.MAY_NOT_CREATE_SPACE),
        (Kind.SPACE, None, Refusal.MAY_NOT_CREATE_SPACE),
    ],
)
def test_who_may_make_what(kind: Kind, standing: str | None, refusal: Refusal | None) -> None:
    assert position_refusal(kind, standing, create_rooms={HEAD, DEPUTY}, create_spaces={HEAD}) is refusal


def test_who_holds_no_post_makes_what_staff_makes() -> None:
    assert position_refusal(Kind.ROOM, None, frozenset(Standing), {HEAD}) is None


@pytest.mark.parametrize(
    "body", [{}, {"creation_content": {"m.federate": True, "type": "m.space"}}, {"room_version": "9"}]
)
def test_every_room_is_closed_to_other_servers_and_of_version_eleven(body: dict[str, Any]) -> None:
    for made in (unfederated(body), shaped(body, AN, OWNER)):
        assert made["creation_content"] == {**body.get("creation_content", {}), "m.federate": False}
        assert made["room_version"] == "11"


@pytest.mark.parametrize(
    "given",
    [
        [],
        [state("m.room.encryption", {})],
        [state("m.room.encryption", {"algorithm": "none"})],
        [state("m.room.encryption", {"algorithm": "none"}), state("m.room.encryption", {"algorithm": MEGOLM})],
        [state("m.room.encryption", {"algorithm": MEGOLM}), state("m.room.encryption", {})],
        [state("m.room.encryption", {"algorithm": MEGOLM}, "elsewhere")],
    ],
)
@pytest.mark.parametrize("kind", [{}, DM], ids=["room", "direct"])
def test_rooms_and_direct_messages_are_encrypted(given: list[dict[str, Any]], kind: dict[str, Any]) -> None:
    made = shaped({**kind, "initial_state": given}, AN, OWNER)
    assert only(made, "m.room.encryption") == {"algorithm": MEGOLM}
    assert all(item["state_key"] == "" for item in made["initial_state"] if item["type"] == "m.room.encryption")


def test_how_often_keys_change_stays_as_asked() -> None:
    asked = {"algorithm": MEGOLM, "rotation_period_msgs": 50}
    made = shaped({"initial_state": [state("m.room.encryption", asked)]}, AN, OWNER)
    assert only(made, "m.room.encryption") == asked


def test_a_space_is_no_place_for_messages() -> None:
    made = shaped({"creation_content": {"type": "m.space"}, "initial_state": []}, AN, OWNER)
    assert made["initial_state"] == [INVITE]
    assert made["power_level_content_override"]["events_default"] == 100


@pytest.mark.parametrize(
    ("given", "rules"),
    [
        ([], [INVITE]),
        ([RESTRICTED], [RESTRICTED]),
        ([{**INVITE, "state_key": "x"}], [{**INVITE, "state_key": "x"}, INVITE]),
    ],
)
@pytest.mark.parametrize("kind", [{}, DM, {"creation_content": {"type": "m.space"}}], ids=["room", "direct", "space"])
def test_the_body_says_itself_who_may_enter(
    given: list[dict[str, Any]], rules: list[dict[str, Any]], kind: dict[str, Any]
) -> None:
    made = shaped({**kind, "initial_state": given}, AN, OWNER)
    assert [item for item in made["initial_state"] if item["type"] == "m.room.join_rules"] == rules


@pytest.mark.parametrize(
    ("body", "users"),
    [
        ({}, {AN: 100, OWNER: 100}),
        ({"invite": [BINH], "preset": "private_chat"}, {AN: 100, OWNER: 100}),
        ({"invite": [BINH, CHI], "preset": "trusted_private_chat"}, {AN: 100, BINH: 100, CHI: 100, OWNER: 100}),
        ({"power_level_content_override": {"users": {AN: 50}}}, {AN: 50, OWNER: 100}),
        ({"power_level_content_override": {"users": {AN: 100, OWNER: 0}}}, {AN: 100, OWNER: 100}),
    ],
)
def test_the_service_account_is_invited_first_with_the_highest_power(
    body: dict[str, Any], users: dict[str, int]
) -> None:
    made = shaped(body, AN, OWNER)
    assert made["power_level_content_override"]["users"] == users
    assert made["invite"] == [OWNER, *body.get("invite", [])]
    assert has_highest_power(made["power_level_content_override"], OWNER)


def test_power_levels_of_the_initial_state_are_taken_once_and_carry_the_service_account() -> None:
    given = [
        state("m.room.power_levels", {"users": {AN: 100}, "ban": 100}),
        state("m.room.power_levels", {"users": {AN: 100}, "ban": 1000}),
    ]
    made = shaped({"initial_state": given, "invite": [OWNER, BINH]}, AN, OWNER)
    assert only(made, "m.room.power_levels") == {"users": {AN: 100, OWNER: 100}, "ban": 100}
    assert made["invite"] == [OWNER, BINH]


def test_a_direct_message_stays_of_two() -> None:
    body = {**DM, "preset": "trusted_private_chat"}
    made = shaped(body, AN, OWNER)
    assert made["invite"] == [BINH]
    assert "power_level_content_override" not in made


def test_the_request_itself_stays_as_it_was() -> None:
    body: dict[str, Any] = {"creation_content": {}, "invite": [BINH], "initial_state": []}
    shaped(body, AN, OWNER)
    assert body == {"creation_content": {}, "invite": [BINH], "initial_state": []}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"creation_content": {"predecessor": {"room_id": "!old"}}}, True),
        ({"creation_content": {"type": "m.space"}}, False),
        ({}, False),
    ],
)
def test_an_upgrade_is_known_by_its_predecessor(body: dict[str, Any], expected: bool) -> None:
    assert is_upgrade(body) is expected
