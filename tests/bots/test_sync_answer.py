"""What of a newly joined room is said to us."""

import pytest

from bots.matrix.sync_answer import from_our_entry_on, from_our_invite_on

BOT = "@tro-ly:hue.localhost"


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
