import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image as Picture

from bots.chat.conversation import INDENT, Conversation, NoPoll, printable
from bots.chat.pictures import NotAPicture, half_blocks
from bots.matrix.port import Edit, Event, Image, MediaFile, PollAnswer, PollStart, Reaction, TextMessage
from bots.matrix.trust import Origin
from huep.catalogue import Locale

AN, BINH = "@an:hue.localhost", "@binh:hue.localhost"


def common(**changes: Any) -> dict[str, Any]:
    return {
        "room_id": "!r",
        "event_id": "$e",
        "sender": BINH,
        "sent_at_ms": 1_780_000_000_000,
        "origin": Origin.CROSS_SIGNED,
    } | changes


def a_conversation() -> Conversation:
    return Conversation(AN, Locale.VI, {BINH: "Hồ Văn Bình"})


def test_a_message_shows_its_hour_in_the_province_and_its_sender() -> None:
    assert a_conversation().lines(TextMessage(**common(), body="chào")) == ["03:26 Hồ Văn Bình: chào"]
    assert a_conversation().lines(TextMessage(**common(sender=AN), body="chào")) == ["03:26 Bạn: chào"]


def test_a_message_that_no_verified_device_vouches_for_is_marked() -> None:
    [plain] = a_conversation().lines(TextMessage(**common(origin=Origin.PLAIN), body="x"))
    [unsigned] = a_conversation().lines(TextMessage(**common(origin=Origin.UNSIGNED), body="x"))
    assert "không mã hóa" in plain
    assert "thiết bị chưa xác minh" in unsigned


def test_nobody_else_drives_the_terminal() -> None:
    lines = a_conversation().lines(TextMessage(**common(), body="a\x1b[2Jb\x9b31m\x07\u202ec\nd"))
    assert "".join(lines).isprintable()
    assert printable("người 👩‍🌾\n") == "người 👩‍🌾\n"


FORGED = "x\n03:26 Nguyễn Thị An: đồng ý\u2028\u2066\r\x85y"


@pytest.mark.parametrize(
    "event",
    [
        Reaction(**common(), target="$one", key=FORGED),
        Image(**common(), body=FORGED, file=MediaFile("mxc://a/b")),
        PollStart(**common(), question=FORGED, answers=(PollAnswer("a", FORGED),)),
        Edit(**common(), target="$one", body=FORGED),
        TextMessage(**common(), body=FORGED),
        TextMessage(**common(sender="@forger:hue.localhost"), body="chào"),
    ],
)
def test_nobody_writes_a_line_in_the_name_of_another(event: Event) -> None:
    conversation = Conversation(AN, Locale.VI, {BINH: "Hồ Văn Bình", "@forger:hue.localhost": FORGED})
    first, *rest = conversation.lines(event)
    assert all(line.startswith(INDENT) for line in rest)
    assert all(line.isprintable() for line in (first, *rest))


def test_a_name_of_nothing_visible_is_the_user_id() -> None:
    conversation = Conversation(AN, Locale.VI, {BINH: "\u202e\n"})
    assert conversation.lines(TextMessage(**common(), body="a")) == [f"03:26 {BINH}: a"]


def test_a_poll_is_voted_in_by_number() -> None:
    conversation = a_conversation()
    with pytest.raises(NoPoll):
        conversation.vote(1)
    answers = (PollAnswer("a", "Sáng"), PollAnswer("b", "Chiều"))
    lines = conversation.lines(PollStart(**common(event_id="$poll"), question="Họp?", answers=answers))
    assert [line.strip() for line in lines[1:3]] == ["1. Sáng", "2. Chiều"]
    assert conversation.vote(2) == ("$poll", ("b",))
    for wrong in (0, 3, -1):
        with pytest.raises(NoPoll):
            conversation.vote(wrong)


def test_a_reaction_is_to_the_latest_message() -> None:
    conversation = a_conversation()
    conversation.lines(TextMessage(**common(event_id="$one"), body="a"))
    conversation.lines(Reaction(**common(event_id="$two", origin=Origin.PLAIN), target="$one", key="👍"))
    assert conversation.last_message == "$one"


def picture(width: int, height: int) -> bytes:
    content = io.BytesIO()
    Picture.new("RGB", (width, height), (200, 10, 10)).save(content, "PNG")
    return content.getvalue()


def test_a_picture_keeps_to_the_terminal_and_to_its_proportions() -> None:
    lines = half_blocks(picture(400, 200), columns=40, rows=20)
    assert len(lines) == 10
    assert all(line.count("▀") == 40 for line in lines)
    assert "38;2;200;10;10" in lines[0]


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header promises that many pixels and whose data are a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def bmp() -> bytes:
    content = io.BytesIO()
    Picture.new("RGB", (10, 10)).save(content, "BMP")
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        bmp(),
        bomb(6_000, 6_000),
        bomb(12_000, 12_000),
        bomb(60_000, 60_000),
        bomb(10, 10)[:40],
    ],
)
def test_what_is_no_picture_or_too_large_is_refused(content: bytes) -> None:
    with pytest.raises(NotAPicture):
        half_blocks(content, 40, 20)
