"""What the server can read of messages where people must encrypt, as tables."""

import time
from typing import Any

import pytest
import vodozemac

from synapse_modules.room_rules.plain import LONGEST_REACTION, MAY_STAY_PLAIN
from synapse_modules.room_rules.refusals import Refusal
from synapse_modules.room_rules.rules import RoomFacts, message_refusal, needs_the_room, plain_refusal
from synapse_modules.room_rules.sealed import MEGOLM, is_megolm
from tests.clients.sealed import ciphertext, opened, sealed

EVENT = "$" + "abcDEF-_09" * 4 + "abc"
WORDS = "Chiều nay họp lúc ba giờ"
TALK = RoomFacts(of_owner=True, encrypted=True, owner_inside=True)
ANNOUNCEMENTS = RoomFacts(of_owner=True, encrypted=False, owner_inside=True)
SDP = "v=0\r\no=- 46117 2 IN IP4 127.0.0.1\r\ns=-\r\na=group:BUNDLE 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
CANDIDATE = {
    "candidate": "candidate:842163049 1 udp 1677729535 10.0.0.7 46154 typ srflx raddr 10.0.0.7 rport 46154 generation 0",
    "sdpMid": "0",
    "sdpMLineIndex": 0,
    "usernameFragment": "iOkF",
}
CALL = {"call_id": "1771", "party_id": "DEVICE", "version": "1"}
RINGS = {
    "m.mentions": {"room": True, "user_ids": []},
    "notification_type": "ring",
    "m.relates_to": {"event_id": EVENT, "rel_type": "m.reference"},
    "lifetime": 30000,
    "sender_ts": 1771000000000,
    "m.call.intent": "video",
}
COMPARES = {"m.relates_to": {"rel_type": "m.reference", "event_id": EVENT}}
KEY = "nKwJbvoOkAGpHE6qPAbVCKqmBUqPDdSOpT9iTfA5ek0"


def test_the_types_that_may_stay_plain_are_these_and_no_others() -> None:
    assert set(MAY_STAY_PLAIN) == {
        "m.reaction",
        "m.room.redaction",
        "m.call.invite",
        "m.call.candidates",
        "m.call.answer",
        "m.call.select_answer",
        "m.call.reject",
        "m.call.negotiate",
        "m.call.hangup",
        "m.call.sdp_stream_metadata_changed",
        "org.matrix.call.sdp_stream_metadata_changed",
        "m.call.notify",
        "org.matrix.msc4075.call.notify",
        "m.rtc.notification",
        "org.matrix.msc4075.rtc.notification",
        "m.rtc.decline",
        "org.matrix.msc4310.rtc.decline",
        "m.key.verification.ready",
        "m.key.verification.start",
        "m.key.verification.accept",
        "m.key.verification.key",
        "m.key.verification.mac",
        "m.key.verification.cancel",
        "m.key.verification.done",
    }


@pytest.mark.parametrize(
    "kind",
    [
        "m.room.message",
        "m.message",
        "m.sticker",
        "m.beacon",
        "m.location",
        "m.poll.start",
        "m.poll.response",
        "m.poll.end",
        "org.matrix.msc3381.poll.start",
        "org.matrix.msc3381.poll.response",
        "org.matrix.msc3381.poll.end",
        "m.call.asserted_identity",
        "org.matrix.call.asserted_identity",
        "io.element.call.encryption_keys",
        "vn.example.anything",
        "M.REACTION",
        "",
    ],
)
def test_every_other_type_depends_on_the_room(kind: str) -> None:
    assert needs_the_room(kind, {"body": WORDS})
    assert plain_refusal(TALK, kind) is Refusal.PLAIN
    assert plain_refusal(ANNOUNCEMENTS, kind) is None


# ---- What each type may hold


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "event_id": EVENT, "key": "👨‍👩‍👧‍👦"}}),
        ("m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "event_id": EVENT, "key": "+1"}}),
        ("m.room.redaction", {"redacts": EVENT}),
        ("m.room.redaction", {"redacts": EVENT, "org.matrix.msc3912.with_relations": ["m.reference"]}),
        ("m.call.invite", {**CALL, "offer": {"type": "offer", "sdp": SDP}, "lifetime": 60000}),
        (
            "m.call.invite",
            {
                **CALL,
                "offer": {"type": "offer", "sdp": SDP},
                "invitee": "@an:hue.localhost",
                "capabilities": {"m.call.transferee": False, "m.call.dtmf": True},
                "org.matrix.msc3077.sdp_stream_metadata": {
                    "{5dd4-b2}": {"purpose": "m.usermedia", "audio_muted": False, "video_muted": True}
                },
            },
        ),
        ("m.call.candidates", {**CALL, "candidates": [CANDIDATE, {"candidate": ""}]}),
        ("m.call.candidates", {**CALL, "version": 0, "candidates": [{**CANDIDATE, "sdpMid": None}]}),
        ("m.call.answer", {**CALL, "answer": {"type": "answer", "sdp": SDP}}),
        ("m.call.select_answer", {**CALL, "selected_party_id": "OTHER"}),
        ("m.call.negotiate", {**CALL, "description": {"type": "offer", "sdp": SDP}, "lifetime": 10}),
        ("m.call.hangup", {**CALL, "reason": "user_hangup"}),
        ("m.call.reject", CALL),
        ("org.matrix.msc4075.rtc.notification", RINGS),
        ("org.matrix.msc4075.call.notify", {**CALL, "application": "m.call", "notify_type": "ring"} | {}),
        ("org.matrix.msc4310.rtc.decline", {"m.relates_to": {"rel_type": "m.reference", "event_id": EVENT}}),
        ("m.key.verification.ready", {**COMPARES, "from_device": "DEVICE", "methods": ["m.sas.v1"]}),
        (
            "m.key.verification.start",
            {**COMPARES, "from_device": "D", "method": "m.sas.v1", "short_authentication_string": ["decimal", "emoji"]},
        ),
        ("m.key.verification.accept", {**COMPARES, "commitment": KEY, "hash": "sha256"}),
        ("m.key.verification.key", {**COMPARES, "key": KEY}),
        ("m.key.verification.mac", {**COMPARES, "keys": KEY, "mac": {"ed25519:DEVICE": KEY}}),
        ("m.key.verification.cancel", {**COMPARES, "code": "m.user", "reason": "User declined"}),
        ("m.key.verification.done", COMPARES),
    ],
)
def test_what_clients_send_plainly_goes_through_and_no_word_beside_it(kind: str, content: dict[str, Any]) -> None:
    content = {key: value for key, value in content.items() if not (kind.endswith("notify") and key in _NOT_RINGING)}
    refused = Refusal.NO_REACTION if kind == "m.reaction" else Refusal.WORDS_BESIDE
    assert message_refusal(kind, content) is None
    assert not needs_the_room(kind, content)
    for key in ("body", "vn.example.words", "m.new_content"):
        assert message_refusal(kind, {**content, key: WORDS}) is refused
    for key in content:
        assert message_refusal(kind, {**content, key: WORDS}) is refused
        assert message_refusal(kind, {**content, key: {"body": WORDS}}) is refused


_NOT_RINGING = {"party_id", "version"}


@pytest.mark.parametrize(
    "relation",
    [
        {"rel_type": "m.annotation", "event_id": EVENT, "key": "x" * (LONGEST_REACTION + 1)},
        {"rel_type": "m.annotation", "event_id": EVENT, "key": "hai chữ"},
        {"rel_type": "m.annotation", "event_id": EVENT, "key": ["👍"]},
        {"rel_type": "m.annotation", "event_id": EVENT, "key": None},
        {"rel_type": "m.annotation", "event_id": EVENT, "key": ""},
        {"rel_type": "m.annotation", "event_id": EVENT, "key": "👍", "body": WORDS},
        {"rel_type": "m.thread", "event_id": EVENT},
        {"rel_type": "m.annotation", "event_id": WORDS, "key": "👍"},
        WORDS,
        None,
    ],
)
def test_a_reaction_is_no_message(relation: object) -> None:
    assert message_refusal("m.reaction", {"m.relates_to": relation}) is Refusal.NO_REACTION


@pytest.mark.parametrize(
    ("content", "room", "refusal"),
    [
        ({"redacts": EVENT}, TALK, None),
        ({"redacts": EVENT, "reason": ""}, TALK, None),
        ({"redacts": EVENT, "reason": "gửi nhầm"}, TALK, Refusal.REASON),
        ({"redacts": EVENT, "reason": "gửi nhầm"}, ANNOUNCEMENTS, None),
        ({"redacts": EVENT, "reason": "x" * 501}, ANNOUNCEMENTS, Refusal.WORDS_BESIDE),
        ({"redacts": EVENT, "reason": ["gửi nhầm"]}, TALK, Refusal.WORDS_BESIDE),
    ],
)
def test_a_redaction_has_no_reason_where_words_are_encrypted(
    content: dict[str, Any], room: RoomFacts, refusal: Refusal | None
) -> None:
    kind = "m.room.redaction"
    asked = plain_refusal(room, kind) if needs_the_room(kind, content) else None
    assert (message_refusal(kind, content) or asked) is refusal


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("m.call.invite", {"offer": {"type": "offer", "sdp": WORDS}}),
        ("m.call.invite", {"offer": {"type": "offer", "sdp": f"s={WORDS}"}}),
        ("m.call.invite", {"offer": {"type": "offer", "sdp": "a=x\n" * 10_000}}),
        ("m.call.candidates", {"candidates": [{"candidate": WORDS}]}),
        ("m.call.candidates", {"candidates": [{"candidate": "candidate:chao anh"}]}),
        ("m.call.candidates", {"candidates": [CANDIDATE] * 101}),
        ("m.call.hangup", {"reason": WORDS}),
        ("m.call.invite", {"capabilities": {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}}),
        ("m.key.verification.cancel", {"reason": WORDS}),
        ("m.key.verification.mac", {"mac": {WORDS: KEY}}),
        ("m.rtc.notification", {"m.mentions": {"user_ids": [WORDS]}}),
    ],
)
def test_signalling_holds_no_sentence(kind: str, content: dict[str, Any]) -> None:
    assert message_refusal(kind, content) is Refusal.WORDS_BESIDE


# ---- Encrypted messages


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 100, 111, 112, 127, 128, 2000, 16_300, 16_400, 40_000])
def test_what_a_device_encrypts_is_a_message_whatever_its_length(length: int) -> None:
    session = vodozemac.GroupSession()
    for _ in range(3):
        message = session.encrypt(b"x" * length).to_base64()
        assert is_megolm(message)
        content = {"algorithm": MEGOLM, "ciphertext": message, "session_id": session.session_id}
        assert message_refusal("m.room.encrypted", content) is None


def test_a_session_that_has_sent_much_goes_on() -> None:
    session = vodozemac.GroupSession()
    for _ in range(300):
        last = session.encrypt(b"x").to_base64()
    assert is_megolm(last)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"sender_key": KEY},
        {"device_id": "JLAFKJWSCS"},
        {"m.relates_to": {"rel_type": "m.thread", "event_id": EVENT, "is_falling_back": True}},
        {"m.relates_to": {"m.in_reply_to": {"event_id": EVENT}}},
        {"m.relates_to": {"rel_type": "m.replace", "event_id": EVENT}},
    ],
)
def test_beside_the_cipher_may_stand_who_answers_whom(more: dict[str, Any]) -> None:
    assert message_refusal("m.room.encrypted", sealed(**more)) is None


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"msgtype": "m.text", "body": WORDS},
        sealed(algorithm="none"),
        sealed(algorithm="m.olm.v1.curve25519-aes-sha2"),
        sealed(algorithm=None),
        sealed(ciphertext=WORDS),
        sealed(ciphertext=WORDS * 10),
        sealed(ciphertext="xinchaoanh" * 20),
        sealed(ciphertext="AwgA" + "xinchaoanh" * 20),
        sealed(ciphertext="AwgA"),
        sealed(ciphertext=""),
        sealed(ciphertext={"k": {"type": 0, "body": "AwgA"}}),
        sealed(ciphertext=ciphertext() + "AAAA"),
        sealed(ciphertext=ciphertext() + "=="),
        sealed(ciphertext=ciphertext()[:-4]),
        sealed(ciphertext=ciphertext()[:-1] + "\ud800"),
        sealed(ciphertext=ciphertext("x" * 60_000)),
        sealed(session_id=WORDS),
        sealed(session_id=None),
        sealed(sender_key=WORDS),
        sealed(device_id=WORDS),
        sealed(device_id="D" * 65),
        sealed(body=WORDS),
        sealed(**{"vn.example.words": WORDS}),
        sealed(**{"m.mentions": {"user_ids": []}}),
        sealed(**{"m.relates_to": WORDS}),
        sealed(**{"m.relates_to": {"event_id": WORDS}}),
        sealed(**{"m.relates_to": {"rel_type": WORDS, "event_id": EVENT}}),
        sealed(**{"m.relates_to": {"m.in_reply_to": {"event_id": EVENT, "body": WORDS}}}),
        sealed(**{"m.relates_to": {"rel_type": "m.annotation", "event_id": EVENT, "key": WORDS}}),
        {key: value for key, value in sealed().items() if key != "session_id"},
        {key: value for key, value in sealed().items() if key != "ciphertext"},
    ],
)
def test_what_is_called_encrypted_holds_no_words(content: dict[str, Any]) -> None:
    assert not needs_the_room("m.room.encrypted", content)
    assert message_refusal("m.room.encrypted", content) is Refusal.NOT_ENCRYPTED_AT_ALL


@pytest.mark.parametrize("words", ["", "xin chào", "x" * 200])
def test_the_tests_own_ciphertext_opens_again(words: str) -> None:
    assert opened(ciphertext(words)) == words


@pytest.mark.parametrize(("length", "most_us"), [(200, 200), (45_000, 2_000)])
def test_looking_at_a_message_costs_microseconds(length: int, most_us: float) -> None:
    """Ten times what it takes on a quiet machine, and the best of many: others may be at work."""
    content = sealed("x" * length)
    took = []
    for _ in range(200):
        began = time.perf_counter()
        message_refusal("m.room.encrypted", content)
        took.append(time.perf_counter() - began)
    assert min(took) * 1e6 < most_us
