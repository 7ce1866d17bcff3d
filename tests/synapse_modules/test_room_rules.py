"""What people may send, set, invite and enter, as tables."""

from typing import Any

import pytest

from synapse_modules.projection import RegisterStatus
from synapse_modules.room_rules.plain import MAY_STAY_PLAIN
from synapse_modules.room_rules.refusals import SENTENCES, Refusal
from synapse_modules.room_rules.rules import (
    LONGEST_REACTION,
    MEGOLM,
    Invitation,
    RoomFacts,
    entry_refusal,
    has_highest_power,
    invitation_refusal,
    message_refusal,
    needs_the_room,
    plain_refusal,
    state_refusal,
)

ACTIVE, LEFT = RegisterStatus.ACTIVE, RegisterStatus.LEFT
GROUP = RoomFacts(of_owner=False, encrypted=True, owner_inside=True)
DIRECT = RoomFacts(of_owner=False, encrypted=True, owner_inside=False)
OLD = RoomFacts(of_owner=False, encrypted=False, owner_inside=True)
TALK = RoomFacts(of_owner=True, encrypted=True, owner_inside=True)
ANNOUNCEMENTS = RoomFacts(of_owner=True, encrypted=False, owner_inside=True)
OWNER, AN, BINH = "@huep:hue.localhost", "@an-k1:hue.localhost", "@binh-k2:hue.localhost"


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_has_a_vietnamese_sentence_that_says_what_to_do(refusal: Refusal) -> None:
    sentence = SENTENCES[refusal]
    assert sentence.endswith(".")
    assert any(word in sentence for word in ("Hãy", "Xin", "xin", "vẫn dùng", "Chỉ mời")), sentence


# ---- Messages


@pytest.mark.parametrize(
    ("kind", "plain"),
    [
        ("m.reaction", True),
        ("m.room.redaction", True),
        ("m.call.invite", True),
        ("m.call.candidates", True),
        ("m.call.answer", True),
        ("m.call.select_answer", True),
        ("m.call.reject", True),
        ("m.call.negotiate", True),
        ("m.call.hangup", True),
        ("m.call.asserted_identity", True),
        ("org.matrix.call.asserted_identity", True),
        ("m.call.sdp_stream_metadata_changed", True),
        ("org.matrix.call.sdp_stream_metadata_changed", True),
        ("m.call.notify", True),
        ("org.matrix.msc4075.call.notify", True),
        ("m.rtc.notification", True),
        ("org.matrix.msc4075.rtc.notification", True),
        ("m.rtc.decline", True),
        ("org.matrix.msc4310.rtc.decline", True),
        ("m.key.verification.ready", True),
        ("m.key.verification.start", True),
        ("m.key.verification.accept", True),
        ("m.key.verification.key", True),
        ("m.key.verification.mac", True),
        ("m.key.verification.cancel", True),
        ("m.key.verification.done", True),
        ("m.room.message", False),
        ("m.message", False),
        ("m.sticker", False),
        ("m.beacon", False),
        ("m.location", False),
        ("m.poll.start", False),
        ("m.poll.response", False),
        ("m.poll.end", False),
        ("org.matrix.msc3381.poll.start", False),
        ("org.matrix.msc3381.poll.response", False),
        ("org.matrix.msc3381.poll.end", False),
        ("io.element.call.encryption_keys", False),
        ("vn.example.anything", False),
        ("M.REACTION", False),
        ("", False),
    ],
)
def test_the_types_that_may_stay_plain_are_these_and_no_others(kind: str, plain: bool) -> None:
    assert needs_the_room(kind) is not plain
    assert (kind in MAY_STAY_PLAIN) is plain


def test_every_type_of_the_table_is_tested_above() -> None:
    (marker,) = [
        mark
        for mark in test_the_types_that_may_stay_plain_are_these_and_no_others.pytestmark
        if mark.name == "parametrize"
    ]
    assert {kind for kind, plain in marker.args[1] if plain} == MAY_STAY_PLAIN


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        ({"algorithm": MEGOLM, "ciphertext": "AwgA", "session_id": "s", "device_id": "D"}, None),
        ({"algorithm": MEGOLM, "ciphertext": "AwgA", "m.relates_to": {"event_id": "$e"}}, None),
        ({"algorithm": MEGOLM}, Refusal.NOT_ENCRYPTED_AT_ALL),
        ({"algorithm": MEGOLM, "ciphertext": {"k": {}}}, Refusal.NOT_ENCRYPTED_AT_ALL),
        ({"algorithm": "none", "ciphertext": "xin chào"}, Refusal.NOT_ENCRYPTED_AT_ALL),
        ({"algorithm": MEGOLM, "ciphertext": "AwgA", "body": "xin chào"}, Refusal.NOT_ENCRYPTED_AT_ALL),
        ({"msgtype": "m.text", "body": "xin chào"}, Refusal.NOT_ENCRYPTED_AT_ALL),
        ({}, Refusal.NOT_ENCRYPTED_AT_ALL),
    ],
)
def test_an_encrypted_message_is_one(content: dict[str, Any], refusal: Refusal | None) -> None:
    assert not needs_the_room("m.room.encrypted")
    assert message_refusal("m.room.encrypted", content) is refusal


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        ({"m.relates_to": {"rel_type": "m.annotation", "event_id": "$e", "key": "👍"}}, None),
        ({"m.relates_to": {"key": "x" * LONGEST_REACTION}}, None),
        ({"m.relates_to": {"key": "x" * (LONGEST_REACTION + 1)}}, Refusal.LONG_REACTION),
        ({"m.relates_to": "?"}, None),
        ({}, None),
    ],
)
def test_a_reaction_is_no_message(content: dict[str, Any], refusal: Refusal | None) -> None:
    assert message_refusal("m.reaction", content) is refusal


@pytest.mark.parametrize(
    ("room", "refusal"),
    [
        (ANNOUNCEMENTS, None),
        (TALK, Refusal.PLAIN),
        (GROUP, Refusal.PLAIN),
        (DIRECT, Refusal.PLAIN),
        (OLD, Refusal.PLAIN),
    ],
    ids=["announcements", "unit's talk", "group", "direct", "never encrypted"],
)
def test_words_in_clear_are_for_announcement_rooms_alone(room: RoomFacts, refusal: Refusal | None) -> None:
    assert plain_refusal(room) is refusal


# ---- State


@pytest.mark.parametrize(
    ("kind", "content", "room", "refusal"),
    [
        ("m.room.encryption", {"algorithm": MEGOLM}, OLD, None),
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
        ("m.room.name", {"name": "Tổ tin học"}, GROUP, None),
        ("m.room.topic", {"topic": "Họp"}, GROUP, None),
        ("m.room.power_levels", {"users": {}}, GROUP, None),
        ("m.space.child", {"via": []}, GROUP, None),
        ("m.room.topic", {"topic": "Họp"}, TALK, None),
        ("m.room.avatar", {}, TALK, None),
        ("m.room.pinned_events", {"pinned": []}, ANNOUNCEMENTS, None),
        ("org.matrix.msc3401.call.member", {}, TALK, None),
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


# ---- Invitations and entries


@pytest.mark.parametrize(
    ("room", "to_here", "to_owner", "owner_has_power", "others", "refusal"),
    [
        (GROUP, True, False, False, 2, None),
        (GROUP, False, False, False, 2, Refusal.FEDERATED),
        (DIRECT, False, False, False, 1, Refusal.FEDERATED),
        (TALK, True, False, False, 2, Refusal.UNIT_ROOM),
        (ANNOUNCEMENTS, True, False, False, 0, Refusal.UNIT_ROOM),
        (DIRECT, True, False, False, 0, None),
        (DIRECT, True, False, False, 1, None),
        (DIRECT, True, False, False, 2, Refusal.DIRECT),
        (DIRECT, True, True, False, 1, Refusal.DIRECT),
        (DIRECT, True, True, True, 1, None),
        (DIRECT, True, True, True, 2, Refusal.DIRECT),
    ],
    ids=[
        "colleague into a group",
        "stranger into a group",
        "stranger into a direct message",
        "colleague into the unit's talk",
        "colleague into announcements",
        "after everybody left",
        "the second",
        "a third",
        "service account without power",
        "service account of a new group",
        "service account into a direct message",
    ],
)
def test_whom_people_may_invite(
    room: RoomFacts, to_here: bool, to_owner: bool, owner_has_power: bool, others: int, refusal: Refusal | None
) -> None:
    invitation = Invitation(
        to_here=to_here, to_owner=to_owner, owner_has_power=owner_has_power, by_room_maker=True, others=others
    )
    assert invitation_refusal(room, invitation) is refusal


def test_who_may_make_no_rooms_makes_none_of_a_direct_message() -> None:
    invitation = Invitation(to_here=True, to_owner=True, owner_has_power=True, by_room_maker=False, others=1)
    assert invitation_refusal(DIRECT, invitation) is Refusal.DIRECT


@pytest.mark.parametrize(
    ("status", "stale", "refusal"),
    [
        (ACTIVE, False, None),
        (ACTIVE, True, Refusal.STALE_REGISTER),
        (LEFT, False, Refusal.NOT_IN_REGISTER),
        (None, False, Refusal.NOT_IN_REGISTER),
        (None, True, Refusal.STALE_REGISTER),
    ],
)
def test_the_service_accounts_rooms_are_for_active_people(
    status: RegisterStatus | None, stale: bool, refusal: Refusal | None
) -> None:
    assert entry_refusal(status, stale=stale) is refusal


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ({"users": {OWNER: 100, AN: 100}}, True),
        ({"users": {OWNER: 100, AN: 100}, "events": {"m.room.tombstone": 100}, "ban": 50}, True),
        ({"users": {OWNER: 100, AN: 101}}, False),
        ({"users": {OWNER: 100}, "events": {"m.room.power_levels": 150}}, False),
        ({"users": {OWNER: 100}, "state_default": 101}, False),
        ({"users": {AN: 100}}, False),
        ({"users": {OWNER: 0}}, False),
        ({"users": {OWNER: "100"}}, False),
        ({}, False),
    ],
)
def test_the_highest_power_is_that_which_nothing_exceeds(levels: dict[str, Any], expected: bool) -> None:
    assert has_highest_power(levels, OWNER) is expected
