"""What concerns a bot, as a table: the rule is pure."""

from dataclasses import replace
from typing import Any

import pytest

from bots.matrix.port import (
    Edit,
    Event,
    File,
    Image,
    MediaFile,
    Membership,
    MembershipChange,
    PollEnd,
    PollResponse,
    PollStart,
    Reaction,
    Redaction,
    RoomReplaced,
    RoomView,
    TextMessage,
    Unreadable,
)
from bots.matrix.trust import Origin
from bots.runtime.concern import concerns, is_direct, target_of
from tests.bots.letters import AN, BINH, BOT, ROOM

SAID: dict[str, Any] = {
    "room_id": ROOM,
    "event_id": "$e",
    "sender": AN,
    "sent_at_ms": 1,
    "origin": Origin.CROSS_SIGNED,
}
TEXT = TextMessage(**SAID, body="x")
NOTICE = replace(TEXT, notice=True)
NAMED = frozenset({BINH, BOT})
FILE = File(**SAID, body="x", file=MediaFile("mxc://a/b"))
IMAGE = Image(**SAID, body="x", file=MediaFile("mxc://a/b"))
ABOUT = {"target": "$t"}
NEVER, DIRECT, OURS = "never", "in a room of two", "about a message of the bot"


@pytest.mark.parametrize(
    ("event", "when"),
    [
        (TEXT, {DIRECT, OURS}),
        (replace(TEXT, mentions=frozenset({BINH})), {DIRECT, OURS}),
        (FILE, {DIRECT, OURS}),
        (IMAGE, {DIRECT, OURS}),
        (Unreadable(**SAID), {DIRECT}),
        (PollStart(**SAID, question="?", answers=()), {DIRECT}),
        (Reaction(**SAID, **ABOUT, key="x"), {OURS}),
        (PollResponse(**SAID, **ABOUT, answer_ids=("1",)), {OURS}),
        (PollEnd(**SAID, **ABOUT), {OURS}),
        (Redaction(**SAID, **ABOUT), {OURS}),
        (NOTICE, {DIRECT}),
        (replace(NOTICE, mentions=NAMED), {DIRECT}),
        (replace(NOTICE, sender=BOT), set()),
        (Edit(**SAID, **ABOUT, body="x", mentions=NAMED), {DIRECT}),
        (MembershipChange(**SAID, user_id=AN, membership=Membership.JOIN), set()),
        (RoomReplaced(**SAID, replacement="!new"), set()),
        (replace(TEXT, sender=BOT), set()),
        (replace(TEXT, sender=BOT, mentions=NAMED), set()),
        (Reaction(**(SAID | {"sender": BOT}), **ABOUT, key="x"), set()),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, set) else "",
)
def test_what_concerns_a_bot_depends_on_the_room_and_on_what_it_is_about(event: Event, when: set[str]) -> None:
    found = {
        name
        for name, direct, about_us in ((NEVER, False, False), (DIRECT, True, False), (OURS, False, True))
        if concerns(event, BOT, direct=direct, about_us=about_us)
    }
    assert found == when


@pytest.mark.parametrize("event", [TEXT, FILE, IMAGE])
def test_who_names_the_bot_means_it_wherever_that_is(event: TextMessage | File) -> None:
    assert concerns(replace(event, mentions=NAMED), BOT, direct=False, about_us=False)


def test_what_an_event_is_about_is_what_it_replies_to_or_stands_at() -> None:
    assert target_of(replace(TEXT, reply_to="$t")) == target_of(Reaction(**SAID, **ABOUT, key="x")) == "$t"
    assert target_of(TEXT) is None
    assert target_of(Unreadable(**SAID)) is None


@pytest.mark.parametrize(("members", "direct"), [({BOT}, True), ({BOT, AN}, True), ({BOT, AN, BINH}, False)])
def test_a_room_of_two_is_direct(members: set[str], direct: bool) -> None:
    assert is_direct(RoomView(ROOM, True, frozenset(members))) is direct
