"""What is shown before an act is asked about, and the files that follow an answer."""

from tests.bots.noticeboard import BoardDesk, asked


async def test_what_would_be_sent_is_shown_before_the_question() -> None:
    desk = BoardDesk()
    await asked(desk, "ghim tin")
    await desk.says("an", "Mời họp", html="<b>Mời họp</b>")
    await desk.shows("an", "a.png")
    await asked(desk, "xong", "một")
    note, picture, question = desk.sent[-3:]
    assert note.content["formatted_body"] == "<b>Mời họp</b>"
    assert (picture.content["msgtype"], picture.content["filename"]) == ("m.image", "a.png")
    assert "Trả lời" in question.content["body"]


async def test_in_a_thread_it_is_shown_there() -> None:
    desk = BoardDesk()
    await desk.says("an", "ghim lên bảng một: họp", thread_root="$root")
    assert [sent.content["m.relates_to"]["event_id"] for sent in desk.sent] == ["$root", "$root"]


async def test_what_would_look_otherwise_by_now_is_shown_again_and_not_done() -> None:
    desk = BoardDesk()
    await asked(desk, "ghim lên bảng một: họp")
    desk.board.label = "other"
    assert "đã có thay đổi" in await asked(desk, "có")
    assert desk.sent[-2].content["label"] == "other"
    assert desk.pinned == []
    assert "Đã ghim" in await asked(desk, "có")


async def test_the_files_of_an_answer_follow_it() -> None:
    desk = BoardDesk()
    await desk.says("an", "trích họp lúc 8h", thread_root="$root")
    answer, *files = desk.sent
    assert answer.content["body"] == "họp lúc 8h"
    assert [file.enclosure.name for file in files if file.enclosure] == ["tin.txt", "hinh.png"]
    assert {file.content["m.relates_to"]["event_id"] for file in files} == {"$root"}


async def test_a_sign_set_to_what_was_shown_counts_as_one_set_to_the_question() -> None:
    desk = BoardDesk()
    await asked(desk, "ghim lên bảng một: họp")
    assert "Đã ghim" in await desk.reacts("an", "✅", target=f"$sent-{len(desk.sent) - 1}")
