"""What people may set in rooms, as tables."""

from typing import Any

import pytest

from synapse_modules.room_rules.refusals import Refusal
from synapse_modules.room_rules.rules import RoomFacts, member_refusal, state_refusal
from synapse_modules.room_rules.sealed import MEGOLM
from synapse_modules.room_rules.state_table import STATE

GROUP = RoomFacts(of_owner=False, encrypted=True, owner_inside=True)
DIRECT = RoomFacts(of_owner=False, encrypted=True, owner_inside=False)
OLD = RoomFacts(of_owner=False, encrypted=False, owner_inside=True)
TALK = RoomFacts(of_owner=True, encrypted=True, owner_inside=True)
ANNOUNCEMENTS = RoomFacts(of_owner=True, encrypted=False, owner_inside=True)
AN = "@an-k1:hue.localhost"
HOSTS = ("hue.localhost", "chat.hue.example")
WORDS = "Chiều nay họp lúc ba giờ"
FOCUS = {
    "type": "livekit",
    "livekit_service_url": "https://goi.chat.hue.example/jwt",
    "livekit_alias": "!r:hue.localhost",
}
SESSION = {
    "application": "m.call",
    "call_id": "",
    "scope": "m.room",
    "device_id": "DEVICE",
    "membershipID": f"{AN}:DEVICE",
    "expires": 14400000,
    "created_ts": 1771000000000,
    "m.call.intent": "video",
    "focus_active": {"type": "livekit", "focus_selection": "oldest_membership"},
    "foci_preferred": [FOCUS],
}
STICKY = {
    "application": {"type": "m.call", "m.call.intent": "audio"},
    "slot_id": "m.call#ROOM",
    "transports": {"published": [FOCUS], "can_subscribe": ["livekit"]},
    "member": {"device_id": "D", "user_id": AN, "id": "x"},
    "versions": [],
}


@pytest.mark.parametrize(
    ("kind", "content", "room", "refusal"),
    [
        ("m.room.encryption", {"algorithm": MEGOLM}, OLD, None),
        ("m.room.encryption", {"algorithm": MEGOLM, "rotation_period_msgs": 100}, OLD, None),
        ("m.room.encryption", {"algorithm": MEGOLM, "body": WORDS}, OLD, Refusal.UNKNOWN_STATE),
        ("m.room.encryption", {}, OLD, Refusal.ENCRYPTION_FIXED),
        ("m.room.encryption", {"algorithm": "none"}, OLD, Refusal.ENCRYPTION_FIXED),
        ("m.room.encryption", {}, GROUP, Refusal.ENCRYPTION_FIXED),
        ("m.room.encryption", {"algorithm": MEGOLM, "rotation_period_msgs": 10**9}, GROUP, Refusal.ENCRYPTION_FIXED),
        ("m.room.encryption", {}, DIRECT, Refusal.ENCRYPTION_FIXED),
        ("m.room.join_rules", {"join_rule": "public"}, GROUP, Refusal.PUBLIC),
        ("m.room.join_rules", {"join_rule": "public"}, DIRECT, Refusal.PUBLIC),
        ("m.room.join_rules", {"join_rule": "invite"}, GROUP, None),
        ("m.room.join_rules", {"join_rule": "knock"}, GROUP, None),
        ("m.room.join_rules", {"join_rule": "restricted", "allow": []}, GROUP, None),
        (
            "m.room.join_rules",
            {"join_rule": "restricted", "allow": [{"type": "m.room_membership", "room_id": "!space"}]},
            GROUP,
            None,
        ),
        ("m.room.join_rules", {"join_rule": "knock"}, DIRECT, Refusal.DIRECT),
        ("m.room.join_rules", {"join_rule": "restricted"}, DIRECT, Refusal.DIRECT),
        ("m.room.join_rules", {}, DIRECT, Refusal.DIRECT),
        ("m.room.join_rules", {"join_rule": "invite"}, DIRECT, None),
        ("m.room.history_visibility", {"history_visibility": "world_readable"}, GROUP, Refusal.WORLD_READABLE),
        ("m.room.history_visibility", {"history_visibility": "world_readable"}, DIRECT, Refusal.WORLD_READABLE),
        ("m.room.history_visibility", {"history_visibility": "joined"}, GROUP, None),
        ("m.room.tombstone", {"replacement_room": "!x"}, GROUP, Refusal.ROOM_VERSION),
        ("m.room.third_party_invite", {}, GROUP, Refusal.BY_ADDRESS),
        ("m.room.policy", {"via": "outside.example"}, GROUP, Refusal.OUTSIDE_POLICY),
        ("org.matrix.msc4284.policy", {"via": "outside.example"}, GROUP, Refusal.OUTSIDE_POLICY),
        ("m.room.topic", {"topic": "Họp"}, TALK, None),
        ("m.room.avatar", {}, TALK, None),
        ("m.room.pinned_events", {"pinned": []}, ANNOUNCEMENTS, None),
        ("m.room.pinned_events", {"pinned": [], "body": WORDS}, ANNOUNCEMENTS, Refusal.UNKNOWN_STATE),
        ("m.room.name", {"name": "Của tôi"}, TALK, Refusal.UNIT_ROOM),
        ("m.room.power_levels", {"users": {AN: 100}}, TALK, Refusal.UNIT_ROOM),
        ("m.room.join_rules", {"join_rule": "invite"}, TALK, Refusal.UNIT_ROOM),
        ("m.room.history_visibility", {"history_visibility": "joined"}, TALK, Refusal.UNIT_ROOM),
        ("m.room.encryption", {"algorithm": MEGOLM}, ANNOUNCEMENTS, Refusal.UNIT_ROOM),
        ("m.room.tombstone", {}, TALK, Refusal.UNIT_ROOM),
        ("m.room.canonical_alias", {}, TALK, Refusal.UNIT_ROOM),
        ("m.room.server_acl", {"deny": ["*"]}, TALK, Refusal.UNIT_ROOM),
        ("m.room.guest_access", {"guest_access": "can_join"}, TALK, Refusal.UNIT_ROOM),
        ("m.space.child", {}, ANNOUNCEMENTS, Refusal.UNIT_ROOM),
        ("im.vector.modular.widgets", {"url": "https://outside.example"}, TALK, Refusal.UNIT_ROOM),
        ("vn.example.anything", {}, TALK, Refusal.UNIT_ROOM),
    ],
)
def test_what_people_may_set(kind: str, content: dict[str, Any], room: RoomFacts, refusal: Refusal | None) -> None:
    assert state_refusal(kind, content, room) is refusal


@pytest.mark.parametrize(
    ("kind", "key", "content"),
    [
        ("m.room.name", "", {"name": "Tổ tin học"}),
        ("m.room.topic", "", {"topic": "Họp"}),
        ("m.room.topic", "", {"topic": "Họp", "m.topic": {"m.text": [{"body": "Họp", "mimetype": "text/plain"}]}}),
        ("m.room.topic", "", {"topic": "Họp", "m.topic": [{"body": "Họp", "mimetype": "text/plain"}]}),
        ("m.room.avatar", "", {"url": "mxc://hue.localhost/AbC", "info": {"w": 1, "mimetype": "image/png"}}),
        ("m.room.avatar", "", {"url": ""}),
        ("m.room.canonical_alias", "", {"alias": None, "alt_aliases": []}),
        ("m.room.pinned_events", "", {"pinned": ["$" + "a" * 43]}),
        (
            "m.room.power_levels",
            "",
            {
                "users": {AN: 100},
                "users_default": 0,
                "events": {"m.room.name": 50, "m.room.power_levels": 100},
                "events_default": 0,
                "state_default": 50,
                "ban": 50,
                "kick": 50,
                "redact": 50,
                "invite": 50,
                "historical": 100,
                "notifications": {"room": 50},
            },
        ),
        ("m.room.guest_access", "", {"guest_access": "forbidden"}),
        ("m.space.child", "!room:hue.localhost", {"via": ["hue.localhost"], "order": "1", "suggested": True}),
        ("m.space.parent", "!room:hue.localhost", {"via": ["hue.localhost"], "canonical": True}),
        ("org.matrix.room.preview_urls", "", {"disable": True}),
        ("io.element.functional_members", "", {"service_members": ["@huep:hue.localhost"]}),
        ("org.matrix.msc3401.call.member", AN, {}),
        ("org.matrix.msc3401.call.member", f"_{AN}_DEVICE", SESSION),
        ("org.matrix.msc3401.call.member", f"_{AN}_DEVICE_m.call", {"leave_reason": "lost_connection"}),
        ("org.matrix.msc3401.call.member", AN, {"memberships": [SESSION]}),
        ("m.call.member", f"{AN}_DEVICE", SESSION),
        ("org.matrix.msc4143.rtc.member", f"_{AN}_DEVICE_m.call#ROOM", STICKY),
        ("m.rtc.member", f"{AN}_DEVICE", STICKY),
        ("org.matrix.msc3401.call", "1771ABC", {"m.intent": "m.room", "m.type": "m.video"}),
        ("m.call", "1771ABC", {"m.intent": "m.room", "m.type": "m.video"}),
        ("org.matrix.msc4143.rtc.slot", "m.call#ROOM", {"application": {"type": "m.call"}}),
        ("m.rtc.slot", "m.call#ROOM", {"application": {"type": "m.call"}}),
        ("m.room.join_rules", "", {"join_rule": "invite"}),
        ("m.room.history_visibility", "", {"history_visibility": "invited"}),
    ],
)
def test_what_element_sets_goes_through_and_no_word_beside_it(kind: str, key: str, content: dict[str, Any]) -> None:
    def refusal(content: dict[str, Any], key: str = key) -> Refusal | None:
        return state_refusal(kind, content, GROUP, state_key=key, sender=AN, own_hosts=HOSTS)

    assert refusal(content) is None
    for extra in ("body", "vn.example.words"):
        assert refusal({**content, extra: WORDS}) is Refusal.UNKNOWN_STATE
    for name in content.keys() - {"name", "topic", "m.topic"}:
        assert refusal({**content, name: WORDS}) is Refusal.UNKNOWN_STATE
        assert refusal({**content, name: [{"body": WORDS}]}) is Refusal.UNKNOWN_STATE
    assert refusal(content, "chiều nay họp") is Refusal.UNKNOWN_STATE


def test_every_type_of_the_table_is_tested_above() -> None:
    (marker,) = [
        mark
        for mark in test_what_element_sets_goes_through_and_no_word_beside_it.pytestmark
        if mark.name == "parametrize"
    ]
    assert {kind for kind, _, _ in marker.args[1]} | {"m.room.encryption"} == set(STATE)


@pytest.mark.parametrize(
    ("kind", "key", "content", "refusal"),
    [
        ("vn.example.anything", "", {}, Refusal.UNKNOWN_STATE),
        ("vn.example.anything", "", {"body": WORDS}, Refusal.UNKNOWN_STATE),
        ("m.room.message", "", {"msgtype": "m.text", "body": WORDS}, Refusal.UNKNOWN_STATE),
        ("m.room.encrypted", "m.room.name:", {"algorithm": MEGOLM}, Refusal.UNKNOWN_STATE),
        ("m.room.server_acl", "", {"deny": ["*"]}, Refusal.UNKNOWN_STATE),
        ("m.policy.rule.user", "x", {"reason": WORDS}, Refusal.UNKNOWN_STATE),
        ("im.ponies.room_emotes", "", {"images": {}}, Refusal.UNKNOWN_STATE),
        ("im.vector.modular.widgets", "w", {"url": "https://outside.example", "name": WORDS}, Refusal.WIDGET),
        ("im.vector.modular.widgets", "w", {"url": "https://chat.hue.example"}, Refusal.WIDGET),
        ("m.widget", "w", {"url": "https://outside.example"}, Refusal.WIDGET),
        ("io.element.widgets.layout", "", {"widgets": {}}, Refusal.WIDGET),
        ("m.beacon_info", AN, {"description": WORDS, "live": True}, Refusal.LOCATION),
        ("org.matrix.msc3672.beacon_info", AN, {"live": True}, Refusal.LOCATION),
        ("m.room.name", "", {"name": "x" * 256}, Refusal.UNKNOWN_STATE),
        ("m.room.name", "x", {"name": "Tổ tin học"}, Refusal.UNKNOWN_STATE),
        ("m.room.topic", "", {"topic": "x" * 2001}, Refusal.UNKNOWN_STATE),
        ("m.room.avatar", "", {"url": "https://outside.example/x.png"}, Refusal.UNKNOWN_STATE),
        ("m.room.canonical_alias", "", {"alias": "#xin-chao:hue.localhost"}, Refusal.UNKNOWN_STATE),
        ("m.space.child", "", {"via": []}, Refusal.UNKNOWN_STATE),
        ("org.matrix.msc3401.call.member", "@binh:hue.localhost", SESSION, Refusal.UNKNOWN_STATE),
        ("org.matrix.msc3401.call.member", f"_{AN}x_D", SESSION, Refusal.UNKNOWN_STATE),
        ("m.room.power_levels", "", {"events": {WORDS: 50}}, Refusal.UNKNOWN_STATE),
    ],
)
def test_what_nobody_may_set(kind: str, key: str, content: dict[str, Any], refusal: Refusal) -> None:
    assert state_refusal(kind, content, GROUP, state_key=key, sender=AN, own_hosts=HOSTS) is refusal


@pytest.mark.parametrize(
    ("address", "refusal"),
    [
        ("https://hue.localhost/livekit/jwt", None),
        ("https://goi.hue.localhost:8443", None),
        ("wss://CHAT.hue.example/x", None),
        ("https://outside.example/jwt", Refusal.OUTSIDE_CALL),
        ("https://xhue.localhost/jwt", Refusal.OUTSIDE_CALL),
        ("https://hue.localhost.outside.example", Refusal.OUTSIDE_CALL),
        ("https://hue.localhost@outside.example", Refusal.OUTSIDE_CALL),
        ("HTTPS://outside.example", Refusal.OUTSIDE_CALL),
        ("outside.example://", Refusal.OUTSIDE_CALL),
    ],
)
def test_calls_go_through_our_own_servers(address: str, refusal: Refusal | None) -> None:
    for content in (
        {**SESSION, "foci_preferred": [{**FOCUS, "livekit_service_url": address}]},
        {**STICKY, "transports": {"published": [{"type": "livekit", "livekit_service_url": address}]}},
    ):
        kind = "org.matrix.msc3401.call.member"
        for room in (GROUP, TALK):
            assert state_refusal(kind, content, room, state_key=AN, sender=AN, own_hosts=HOSTS) is refusal


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        ({"membership": "join"}, None),
        ({"membership": "invite", "reason": "họp"}, None),
        ({"membership": "join", "displayname": "An", "avatar_url": None}, None),
        ({"membership": "join", "body": WORDS}, Refusal.UNKNOWN_STATE),
        ({"membership": "join", "reason": "x" * 256}, Refusal.UNKNOWN_STATE),
        ({"membership": "join", "avatar_url": "https://outside.example"}, Refusal.UNKNOWN_STATE),
    ],
)
def test_a_membership_holds_no_words_of_its_own(content: dict[str, Any], refusal: Refusal | None) -> None:
    assert member_refusal(content) is refusal
