"""An announcement as people see it."""

import pytest

from bots.broadcasts.model import AttachedFile, Content, Level, Wanted
from bots.broadcasts.rendering import EVERYBODY, MOST_NAMED, Addressed, Copy, again, events, first_event, replacing
from bots.matrix.port import MediaFile
from huep.directory.audience import Audience
from tests.bots.broadcasts.values import DIRECTOR, MONDAY, broadcast, draft

AN = ("@an:hue.localhost", "Nguyễn Thị An")


def test_an_important_one_says_who_speaks_and_what_is_asked() -> None:
    content = first_event(Copy.of(broadcast()))
    assert content["msgtype"] == "m.text"
    assert content["body"] == (
        "📢 Thông báo quan trọng số 17 · Sở Nội vụ\n\n"
        "Họp giao ban\nlúc 14h\n\n"
        "— Trần Thị Hoà, Giám đốc Sở\n"
        "⏰ Xin xác nhận trước 17:00 ngày 19/06/2026: thả ✅ vào tin này, "
        "hoặc nhắn riêng cho tôi “đã rõ 17”."
    )
    assert content["formatted_body"].startswith(
        "<b>📢 Thông báo quan trọng số 17 · Sở Nội vụ</b><br><br>Họp giao ban<br>"
    )


def test_what_is_for_information_rings_nowhere_and_asks_nothing() -> None:
    content = first_event(Copy.of(broadcast(level=Level.INFORMATION, deadline=None)))
    assert content["msgtype"] == "m.notice"
    assert "✅" not in content["body"]


def test_an_urgent_one_calls_the_room_where_all_of_it_is_meant() -> None:
    copy = Copy.of(broadcast(level=Level.URGENT))
    assert first_event(copy)["m.mentions"] == {"room": True}
    assert first_event(copy, Addressed((AN,), whole_room=False))["m.mentions"] == {"user_ids": [AN[0]]}


def test_who_is_meant_is_named_where_others_are_in_the_room() -> None:
    content = first_event(Copy.of(broadcast()), Addressed((AN,), whole_room=False))
    assert "\nGửi: Nguyễn Thị An\n" in content["body"]
    assert content["m.mentions"] == {"user_ids": [AN[0]]}


def test_too_many_to_be_named_are_called_what_the_audience_is_called() -> None:
    many = tuple((f"@p{number}:hue.localhost", f"Người {number}") for number in range(MOST_NAMED + 1))
    content = first_event(Copy.of(broadcast()), Addressed(many, whole_room=False))
    assert "\nGửi: Sở Nội vụ\n" in content["body"]
    assert content["m.mentions"] == {}


@pytest.mark.parametrize("inner", [False, True])
def test_who_is_left_out_by_name_is_not_told_to_everybody_around(inner: bool) -> None:
    many = tuple((f"@p{number}:hue.localhost", f"Người {number}") for number in range(MOST_NAMED + 1))
    without = Audience(frozenset({"SNV"}), excluding=(Audience(people=frozenset({DIRECTOR.key})),))
    wanted = Wanted(Audience(any_of=(without,)) if inner else without, "Sở Nội vụ, trừ Trần Thị Hoà")
    content = first_event(Copy.of(broadcast(wanted=wanted)), Addressed(many, whole_room=False))
    assert "\nGửi: 51 người trong phòng này\n" in content["body"]
    assert "trừ" not in content["formatted_body"]


def test_formatting_and_names_never_make_tags_of_their_own() -> None:
    copy = Copy.of(broadcast(content=Content("a < b & c")))
    named = Addressed(((AN[0], "<i>An</i>"),), whole_room=False)
    formatted = first_event(copy, named)["formatted_body"]
    assert "a &lt; b &amp; c" in formatted
    assert "&lt;i&gt;An&lt;/i&gt;" in formatted
    kept = first_event(Copy.of(broadcast(content=Content("quan trọng", "<b>quan trọng</b>"))))
    assert "<b>quan trọng</b>" in kept["formatted_body"]


def test_files_follow_as_they_lie_in_the_media_store() -> None:
    file = MediaFile("mxc://hue/1", "key", "iv", "hash", 12, "image/png")
    words, shown = events(Copy.of(broadcast(content=Content("Sơ đồ", files=(AttachedFile(file, "so-do.png"),)))))
    assert words["body"].startswith("📢")
    assert (shown["msgtype"], shown["filename"], shown["file"]["url"], shown["file"]["key"]["k"]) == (
        "m.image",
        "so-do.png",
        "mxc://hue/1",
        "key",
    )


def test_an_edit_says_when_and_rings_nobody_again() -> None:
    edit = replacing("$first", Copy.of(broadcast(), MONDAY), Addressed((AN,), whole_room=False))
    assert edit["m.relates_to"] == {"rel_type": "m.replace", "event_id": "$first"}
    assert "(đã sửa lúc 08:30 ngày 15/06/2026)" in edit["m.new_content"]["body"]
    assert edit["m.mentions"] == {}


def test_the_preview_has_no_number_yet() -> None:
    assert first_event(Copy(draft()), EVERYBODY)["body"].startswith("📢 Thông báo quan trọng số … · Sở Nội vụ\n")


def test_a_reminder_names_fifty_and_counts_the_others() -> None:
    many = [(f"@p{number}:hue.localhost", f"Người {number}") for number in range(MOST_NAMED + 3)]
    content = again(broadcast(), many, "$first")
    assert "Người 49 và 3 người khác chưa xác nhận" in content["body"]
    assert len(content["m.mentions"]["user_ids"]) == MOST_NAMED
    assert content["m.relates_to"] == {"m.in_reply_to": {"event_id": "$first"}}
