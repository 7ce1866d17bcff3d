"""Event JSON to values: what a person's client sends, and what somebody hostile might."""

from typing import Any

import pytest

from bots.matrix.contents import (
    POLL_END,
    POLL_START,
    Attachment,
    edit_content,
    file_content,
    poll_content,
    poll_end_content,
    reaction_content,
    text_content,
    vote_content,
)
from bots.matrix.events import event_of
from bots.matrix.port import (
    Edit,
    File,
    Image,
    MediaFile,
    Membership,
    MembershipChange,
    PollAnswer,
    PollEnd,
    PollResponse,
    PollStart,
    Reaction,
    Redaction,
    RoomReplaced,
    Text,
    TextMessage,
)
from bots.matrix.trust import Origin


def event(kind: str, content: Any, origin: Origin = Origin.CROSS_SIGNED, **more: Any) -> Any:
    source = {"type": kind, "content": content, "event_id": "$e", "sender": "@a:b", "origin_server_ts": 7, **more}
    return event_of("!r", source, origin)


def text(body: str, **content: Any) -> Any:
    return event("m.room.message", {"msgtype": "m.text", "body": body, **content})


def test_a_text_carries_who_it_names_and_answers() -> None:
    got = text(
        "chào",
        **{"m.mentions": {"user_ids": ["@bot:b"]}, "m.relates_to": {"m.in_reply_to": {"event_id": "$before"}}},
    )
    assert isinstance(got, TextMessage)
    assert (got.body, got.reply_to, got.mentions, got.notice) == ("chào", "$before", frozenset({"@bot:b"}), False)


def test_a_quoted_reply_is_read_without_its_quote() -> None:
    got = text("> <@bot:b> Xin chào\n> dòng hai\n\ntôi là ai", **{"m.relates_to": {"m.in_reply_to": {"event_id": "$"}}})
    assert got.body == "tôi là ai"


def test_a_thread_is_no_reply() -> None:
    relation = {
        "rel_type": "m.thread",
        "event_id": "$root",
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": "$last"},
    }
    got = text("tôi là ai", **{"m.relates_to": relation})
    assert (got.thread_root, got.reply_to) == ("$root", None)


def test_an_edit_is_not_a_message() -> None:
    got = text(
        "* b",
        **{
            "m.new_content": {"msgtype": "m.text", "body": "b"},
            "m.relates_to": {"rel_type": "m.replace", "event_id": "$a"},
        },
    )
    assert isinstance(got, Edit)
    assert (got.target, got.body) == ("$a", "b")


POLL_UNSTABLE = {
    "org.matrix.msc3381.poll.start": {
        "question": {"org.matrix.msc1767.text": "Họp lúc nào?"},
        "answers": [
            {"id": "a", "org.matrix.msc1767.text": "Sáng"},
            {"id": "b", "org.matrix.msc1767.text": "Chiều"},
        ],
    }
}
POLL_STABLE = {
    "m.poll": {
        "question": {"m.text": [{"body": "Họp lúc nào?"}]},
        "answers": [{"m.id": "a", "m.text": [{"body": "Sáng"}]}, {"m.id": "b", "m.text": [{"body": "Chiều"}]}],
    }
}


@pytest.mark.parametrize(
    ("kind", "content"), [("org.matrix.msc3381.poll.start", POLL_UNSTABLE), ("m.poll.start", POLL_STABLE)]
)
def test_polls_are_read_by_either_name(kind: str, content: Any) -> None:
    got = event(kind, content)
    assert isinstance(got, PollStart)
    assert got.question == "Họp lúc nào?"
    assert [(answer.answer_id, answer.text) for answer in got.answers] == [("a", "Sáng"), ("b", "Chiều")]


def test_a_poll_has_no_more_than_twenty_answers() -> None:
    answers = [{"id": str(number), "org.matrix.msc1767.text": "x"} for number in range(30)]
    poll = {"question": {"org.matrix.msc1767.text": "?"}, "answers": answers}
    assert len(event("org.matrix.msc3381.poll.start", {"org.matrix.msc3381.poll.start": poll}).answers) == 20


def test_a_vote_of_ours_is_read_as_the_vote_it_is() -> None:
    got = event("org.matrix.msc3381.poll.response", vote_content("$poll", ("b",)))
    assert isinstance(got, PollResponse)
    assert (got.target, got.answer_ids) == ("$poll", ("b",))
    ended = event("org.matrix.msc3381.poll.end", {"m.relates_to": {"rel_type": "m.reference", "event_id": "$poll"}})
    assert isinstance(ended, PollEnd)


def test_a_reaction_of_ours_is_read_as_the_reaction_it_is() -> None:
    got = event("m.reaction", reaction_content("$m", "👍"))
    assert isinstance(got, Reaction)
    assert (got.target, got.key) == ("$m", "👍")


def test_an_encrypted_picture_brings_its_key() -> None:
    file = {"url": "mxc://b/x", "key": {"k": "K"}, "iv": "I", "hashes": {"sha256": "H"}}
    got = event("m.room.message", {"msgtype": "m.image", "body": "ảnh.png", "file": file})
    assert isinstance(got, Image)
    assert (got.file.url, got.file.key, got.file.iv, got.file.sha256) == ("mxc://b/x", "K", "I", "H")


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("m.room.message", {}),
        ("m.room.message", {"msgtype": "m.text"}),
        ("m.room.message", {"msgtype": "m.text", "body": "x", "m.relates_to": "no"}),
        ("m.room.message", {"msgtype": "m.image", "file": {"url": "mxc://a/b"}}),
        ("m.room.message", []),
        ("m.reaction", {"m.relates_to": {}}),
        ("org.matrix.msc3381.poll.start", {"org.matrix.msc3381.poll.start": {"answers": [1]}}),
        ("org.matrix.msc3381.poll.response", {}),
        ("m.sticker", {"body": "x"}),
    ],
)
def test_what_is_malformed_or_foreign_is_passed_over(kind: str, content: Any) -> None:
    assert event(kind, content) is None


def test_an_answer_in_a_thread_stays_in_it() -> None:
    content = text_content(Text("a", "<b>a</b>", reply_to="$m", thread_root="$root", mentions=("@a:b",)))
    assert content["m.relates_to"]["event_id"] == "$root"
    assert content["m.relates_to"]["m.in_reply_to"] == {"event_id": "$m"}
    assert content["m.relates_to"]["is_falling_back"] is False
    assert content["formatted_body"] == "<b>a</b>"
    assert content["m.mentions"] == {"user_ids": ["@a:b"]}
    assert "m.relates_to" not in text_content(Text("a"))


# Our own contents, read again


def test_an_edit_of_ours_is_read_as_the_edit_it_is_and_names_nobody_twice() -> None:
    content = edit_content("$m", Text("mới", "<b>mới</b>", mentions=("@a:b",)))
    got = event("m.room.message", content)
    assert isinstance(got, Edit)
    assert (got.target, got.body, got.html, got.mentions) == ("$m", "mới", "<b>mới</b>", frozenset({"@a:b"}))
    assert content["body"] == "* mới"
    assert content["m.mentions"] == {}


def test_a_poll_of_ours_is_read_as_the_poll_it_is() -> None:
    answers = (PollAnswer("a", "Sáng"), PollAnswer("b", "Chiều"))
    got = event(POLL_START, poll_content("Họp lúc nào?", answers, disclosed=False))
    assert isinstance(got, PollStart)
    assert (got.question, got.answers, got.most_choices, got.disclosed) == ("Họp lúc nào?", answers, 1, False)
    ended = event(POLL_END, poll_end_content("$poll", "Sáng: 3, Chiều: 1"))
    assert isinstance(ended, PollEnd)
    assert (ended.target, ended.body) == ("$poll", "Sáng: 3, Chiều: 1")


@pytest.mark.parametrize("count", [0, 21])
def test_a_poll_that_no_client_could_show_is_not_made(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 20"):
        poll_content("?", [PollAnswer(str(number), "x") for number in range(count)])


@pytest.mark.parametrize("encrypted", [True, False])
def test_a_picture_of_ours_is_read_as_the_picture_it_is(encrypted: bool) -> None:
    keys = ("K", "I", "H") if encrypted else (None, None, None)
    file = MediaFile("mxc://b/x", *keys, size_bytes=7, kind="image/png")
    got = event("m.room.message", file_content(Attachment(file, "ảnh.png", "Rác ở chợ", (4, 3), reply_to="$m")))
    assert isinstance(got, Image)
    assert (got.file, got.name, got.body, got.reply_to) == (file, "ảnh.png", "Rác ở chợ", "$m")
    paper = event("m.room.message", file_content(Attachment(MediaFile("mxc://b/x", kind="application/pdf"), "a.pdf")))
    assert isinstance(paper, File)
    assert not isinstance(paper, Image)
    assert (paper.name, paper.body) == ("a.pdf", "a.pdf")


# What the server says


def test_a_redaction_names_what_was_taken_back_in_rooms_of_every_version() -> None:
    for content, more in (({"redacts": "$m"}, {}), ({}, {"redacts": "$m"})):
        got = event("m.room.redaction", content, Origin.PLAIN, **more)
        assert isinstance(got, Redaction)
        assert got.target == "$m"


def test_a_redaction_that_the_server_could_not_read_takes_nothing_back() -> None:
    assert event("m.room.redaction", {"redacts": "$m"}) is None


def test_a_change_of_membership_is_told_and_a_change_of_name_is_not() -> None:
    def member(now: str, **unsigned: Any) -> Any:
        return event("m.room.member", {"membership": now}, state_key="@b:c", unsigned=unsigned)

    left = member("leave", prev_content={"membership": "join"})
    assert isinstance(left, MembershipChange)
    assert (left.user_id, left.membership, left.before) == ("@b:c", Membership.LEAVE, Membership.JOIN)
    assert isinstance(member("invite"), MembershipChange)
    assert member("join", prev_content={"membership": "join"}) is None
    assert member("gone") is None


def test_a_room_that_was_upgraded_names_the_one_that_follows() -> None:
    got = event("m.room.tombstone", {"body": "moved", "replacement_room": "!new:b"}, state_key="")
    assert isinstance(got, RoomReplaced)
    assert got.replacement == "!new:b"
    assert event("m.room.tombstone", {"replacement_room": "!new:b"}, state_key="x") is None
    assert event("m.room.tombstone", {"replacement_room": "!new:b"}) is None, "said, and not the room's state"


def test_what_postgresql_could_not_keep_is_replaced() -> None:
    got = text("a\x00b\ud800c", **{"m.mentions": {"user_ids": ["@\udfff:b"]}})
    assert got.body == "a\ufffdb\ufffdc"
    assert got.mentions == {"@\ufffd:b"}
