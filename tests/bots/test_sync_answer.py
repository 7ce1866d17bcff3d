"""What of a newly joined room is said to us, what others have read of one, and in which order it stands."""

import pytest

from bots.matrix.port import Placed, Receipt
from bots.matrix.sync_answer import from_our_entry_on, from_our_invite_on, placed, receipts_in
from bots.matrix.syncing import filter_for

BOT, AN, ROOM = "@tro-ly:hue.localhost", "@an:hue.localhost", "!r:hue.localhost"


def member(user_id: str, membership: str, before: str | None = None) -> dict[str, object]:
    unsigned = {"prev_content": {"membership": before}} if before else {}
    return {
        "type": "m.room.member",
        "state_key": user_id,
        "content": {"membership": membership},
        "unsigned": unsigned,
        "event_id": f"${membership}",
    }


def said(text: str) -> dict[str, object]:
    return {"type": "m.room.message", "event_id": text}


@pytest.mark.parametrize(
    ("timeline", "ours"),
    [
        (
            [said("old"), member(BOT, "invite"), said("a"), member(BOT, "join", "invite"), said("b")],
            ["a", "$join", "b"],
        ),
        ([said("old"), member(BOT, "join", "invite"), said("b")], ["b"]),
        ([said("a"), member("@x:y", "join")], None),
        ([said("a"), member(BOT, "join", "join"), said("b")], None),
    ],
)
def test_a_newly_joined_room_is_read_from_our_invitation_on(timeline: list, ours: list[str] | None) -> None:
    found = from_our_invite_on(timeline, BOT)
    assert (None if found is None else [event["event_id"] for event in found]) == ours


def test_a_page_of_a_newly_joined_room_is_read_from_our_first_step_into_it() -> None:
    page = [said("old"), member(BOT, "invite"), said("a")]
    assert from_our_entry_on(page, BOT) == [said("a")]
    assert from_our_entry_on([said("a"), member(BOT, "join", "join")], BOT) is None


def receipts(*contents: object) -> list[Receipt]:
    room = {"ephemeral": {"events": [{"type": "m.receipt", "content": content} for content in contents]}}
    return list(receipts_in(ROOM, room, BOT))


def given(event_id: str = "$e", user_id: str = AN, at_ms: int = 7) -> Receipt:
    return Receipt(ROOM, user_id, event_id, at_ms)


def test_public_receipts_of_others_are_told_and_none_of_a_single_thread() -> None:
    read = {
        AN: {"ts": 7},
        "@binh:y": {"ts": 8, "thread_id": "main"},
        "@mai:y": {"ts": 9, "thread_id": "$root"},
        BOT: {"ts": 9},
    }
    told = receipts(
        {"$e": {"m.read": read, "m.read.private": {"@quiet:y": {"ts": 1}}}, "$f": {"m.read": {AN: {"ts": 9}}}}
    )
    assert told == [given(), given("$e", "@binh:y", 8), given("$f", AN, 9)]


@pytest.mark.parametrize(
    "content",
    [
        None, [], "x", {}, {"$e": None}, {"$e": []}, {"$e": {"m.read": None}}, {"$e": {"m.read": [AN]}},
        {"$e": {"m.read": {AN: None}}}, {"$e": {"m.read": {AN: 7}}}, {"$e": {"m.read": {AN: {}}}},
        *({"$e": {"m.read": {AN: {"ts": ts}}}} for ts in (-1, 2**60, "7", True, 7.5, None, float("nan"), [7])),
        *({"$e": {"m.read": {AN: {"ts": 7, "thread_id": at}}}} for at in ("", "$e", 5, [], {}, "MAIN")),
        {"\x00": {"m.read": {AN: {"ts": 7}}}}, {"\ud800": {"m.read": {AN: {"ts": 7}}}},
        {"$e": {"m.read": {"\x00": {"ts": 7}}}}, {"$e": {"m.read": {"\udfff": {"ts": 7}}}},
        {"$" + "ê" * 128: {"m.read": {AN: {"ts": 7}}}}, {"$e": {"m.read": {"@" + "ê" * 128: {"ts": 7}}}},
    ],
)  # fmt: skip
def test_what_is_no_receipt_costs_itself_only(content: object) -> None:
    assert receipts(content, {"$e": {"m.read": {AN: {"ts": 7}}}}) == [given()]


@pytest.mark.parametrize("ephemeral", [None, [], {"events": None}, {"events": {"a": 1}}, {"events": [None, 5, {}]}])
def test_a_room_without_receipts_has_none(ephemeral: object) -> None:
    assert list(receipts_in(ROOM, {"ephemeral": ephemeral}, BOT)) == []


def test_who_types_is_told_to_nobody() -> None:
    room = {"ephemeral": {"events": [{"type": "m.typing", "content": {"$e": {"m.read": {AN: {"ts": 7}}}}}]}}
    assert list(receipts_in(ROOM, room, BOT)) == []


def test_only_who_counts_receipts_asks_for_them() -> None:
    assert filter_for(receipts=False)["room"]["ephemeral"] == {"types": []}
    assert filter_for(receipts=True)["room"]["ephemeral"] == {"types": ["m.receipt"]}
    assert filter_for(receipts=True)["room"] | {"ephemeral": None} == filter_for(receipts=False)["room"] | {
        "ephemeral": None
    }


def test_every_event_has_its_place_and_it_is_known_what_we_said_and_who_came() -> None:
    timeline = [
        {"type": "m.room.encrypted", "event_id": "$sealed", "sender": AN},
        {"type": "m.reaction", "event_id": "$ours", "sender": BOT},
        member(AN, "join", "invite") | {"sender": AN},
        member(AN, "join", "join") | {"event_id": "$renamed", "sender": AN},
        member(BOT, "join", "invite") | {"event_id": "$we", "sender": BOT},
        {"type": "m.room.topic", "event_id": "$topic", "sender": BOT, "state_key": ""},
        {"type": "m.room.message", "event_id": 5},
        {"type": "m.room.message", "event_id": "\x00"},
        {"type": "m.room.member", "event_id": "$odd", "state_key": ["x"], "content": {"membership": "join"}},
        {},
    ]
    assert list(placed(ROOM, timeline, BOT)) == [
        Placed(ROOM, "$sealed"),
        Placed(ROOM, "$ours", BOT),
        Placed(ROOM, "$join", AN),
        Placed(ROOM, "$renamed"),
        Placed(ROOM, "$we"),
        Placed(ROOM, "$topic"),
        Placed(ROOM, "$odd"),
    ]
