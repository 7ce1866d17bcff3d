"""Steps that take whole messages: with formatting, line breaks, files; one message or several."""

from datetime import timedelta
from pathlib import Path

import pytest

from bots.matrix.port import File, Image, MediaFile, TextMessage
from bots.matrix.trust import Origin
from bots.runtime.dialogs import Stage
from bots.runtime.phrases import LONGEST
from bots.testing.kit import kit
from bots.testing.province import SERVER
from tests.bots.noticeboard import LONGEST_BODY, NOTHING, Board, BoardDesk, asked, bot_of
from tests.clients.running import Databases
from tests.conftest import Province

LINES = "Mời họp\n- 8h: giao ban\n- 10h: đi xã"
FORMATTED = "<strong>Mời họp</strong>"
PICTURE = b"\x89PNG\r\n\x1a\n and what follows"


# ---- One message


async def test_a_message_is_taken_with_its_formatting() -> None:
    desk = BoardDesk()
    assert "Bạn gửi tin cần trích" in await asked(desk, "trích tin")
    assert (await desk.says("an", "Mời họp", html=FORMATTED)).startswith(FORMATTED)
    assert desk.dialogs.kept == {}


async def test_a_file_is_taken_too() -> None:
    desk = BoardDesk()
    await asked(desk, "trích tin")
    assert "hinh.png" in await desk.shows("an", "ke-hoach.png"), "the answer, with its files"


async def test_a_file_that_nobody_asked_for_is_not_read() -> None:
    desk = BoardDesk()
    assert "chỉ đọc được tin nhắn bằng chữ" in await desk.shows("an", "a.png")
    await asked(desk, "ghim lên bảng một: họp", "sửa bảng")
    assert "chỉ đọc được tin nhắn bằng chữ" in await desk.shows("an", "a.png"), "this step wants words"
    await asked(desk, "hai")
    assert "chỉ đọc được tin nhắn bằng chữ" in await desk.shows("an", "a.png"), "a yes is said in words"
    assert "Đã ghim" in await asked(desk, "có")


async def test_a_file_that_comes_after_the_time_is_not_read() -> None:
    desk = BoardDesk()
    await asked(desk, "trích tin")
    desk.lets_time_pass(timedelta(minutes=11))
    assert "chỉ đọc được tin nhắn bằng chữ" in await desk.shows("an", "a.png")


async def test_a_file_of_an_unverified_device_is_not_taken() -> None:
    desk = BoardDesk()
    await asked(desk, "trích tin")
    assert await desk.shows("an", "a.png", origin=Origin.UNSIGNED) == ""
    assert [dialog.stage for dialog in desk.dialogs.kept.values()] == [Stage.FILLING]


# ---- Several


async def test_parts_are_gathered_until_the_person_says_that_this_was_all() -> None:
    desk = BoardDesk()
    await asked(desk, "ghim tin")
    assert 'Đã nhận 0 tệp.\nBạn gửi tiếp, hoặc gõ "xong"' in await desk.says("an", LINES, html=FORMATTED)
    assert desk.sent[-1].content["msgtype"] == "m.notice", "no phone rings at the answers between"
    await desk.shows("an", "a.png")
    desk.restart()
    assert "Đã nhận 2 tệp" in await desk.shows("an", "b.pdf")
    assert "Ghim lên bảng nào" in await desk.says("an", "Xong ạ!")
    assert "ghim lên bảng một" in await desk.says("an", "một")
    await desk.says("an", "đồng ý")
    [(board, note)] = desk.pinned
    assert (board, note.body, note.html) == ("một", LINES, FORMATTED)
    assert [name for name, _ in note.files] == ["a.png", "b.pdf"]
    assert note.files[0][1] == MediaFile(f"mxc://{SERVER}/a.png", kind="image/png")


async def test_done_is_a_part_like_any_other_before_there_is_one() -> None:
    desk = BoardDesk()
    await asked(desk, "ghim tin", "xong", "xong", "một", "có")
    assert [note.body for _, note in desk.pinned] == ["xong"]


async def test_done_without_a_dialog_steers_nothing() -> None:
    assert "không có việc gì chờ" in await asked(BoardDesk(), "xong rồi")


async def test_what_is_no_part_repeats_that_more_may_come() -> None:
    desk = BoardDesk()
    await asked(desk, "ghim tin", "một", "hai")
    assert "chưa hiểu câu trả lời này.\nBạn gửi tiếp" in await desk.says("an", NOTHING)
    assert "Nội dung dài quá.\nBạn gửi tiếp" in await desk.says("an", "x" * LONGEST_BODY)
    await asked(desk, "xong", "b", "có")
    assert [note.body for _, note in desk.pinned] == ["một\nhai"], "what was wrong is no part of it"


async def test_it_can_be_left_in_the_middle() -> None:
    desk = BoardDesk()
    assert "chưa ghi gì" in await asked(desk, "ghim tin", "một", "thôi")
    assert desk.dialogs.kept == {}


async def test_the_time_begins_anew_with_each_part() -> None:
    desk = BoardDesk()
    await asked(desk, "ghim tin")
    for part in ("một", "hai"):
        desk.lets_time_pass(timedelta(minutes=9))
        assert "Bạn gửi tiếp" in await desk.says("an", part)


async def test_what_was_gathered_can_be_corrected() -> None:
    desk = BoardDesk()
    assert "Bạn gửi nội dung tin" in await asked(desk, "ghim tin", "một", "sửa")
    await asked(desk, "hai", "xong", "b", "sửa nội dung", "ba", "xong", "có")
    assert [note.body for _, note in desk.pinned] == ["ba"]


async def test_what_was_gathered_stays_while_another_value_is_corrected() -> None:
    desk = BoardDesk()
    await asked(desk, "ghim lên bảng một: họp", "sửa nội dung", "mai họp", "sửa")
    assert "lên bảng hai" in await asked(desk, "sửa bảng", "hai")
    await asked(desk, "có")
    assert [(board, note.body) for board, note in desk.pinned] == [("hai", "mai họp")]


# ---- Notices


async def test_a_notice_that_a_person_forwards_is_a_part_like_any_other_and_steers_nothing() -> None:
    desk = BoardDesk()
    await asked(desk, "ghim tin")
    for notice in ("Thông báo số 1 đã đến 3 phòng", "xong", "thôi", "trích tin"):
        assert "Bạn gửi tiếp" in await desk.says("an", notice, notice=True)
    await asked(desk, "xong", "b", "có")
    assert [note.body for _, note in desk.pinned] == ["Thông báo số 1 đã đến 3 phòng\nxong\nthôi\ntrích tin"]


@pytest.mark.parametrize("said", [(), ("ghim lên bảng một: họp",), ("ghim lên bảng một: họp", "sửa bảng")])
async def test_a_notice_is_never_answered_where_no_message_is_asked_for(said: tuple[str, ...]) -> None:
    desk = BoardDesk()
    await asked(desk, *said)
    for body in ("trợ giúp", "đồng ý", "hai", "?"):
        assert await desk.says("an", body, notice=True) == ""
    assert desk.pinned == []


@pytest.mark.parametrize(
    ("who", "origin"), [("ai-do", Origin.CROSS_SIGNED), ("an", Origin.UNSIGNED), ("an", Origin.PLAIN)]
)
async def test_a_notice_of_another_program_or_of_who_knows_whom_is_never_answered(who: str, origin: Origin) -> None:
    desk = BoardDesk()
    await asked(desk, "ghim tin")
    assert await desk.says(who, "Xin chào", notice=True, origin=origin) == ""
    assert (await desk.says("an", "một")).startswith("Đã nhận 0 tệp")


# ---- Commands inside


async def test_a_command_in_the_middle_is_asked_about_and_can_be_a_part_with_its_formatting() -> None:
    desk = BoardDesk()
    await asked(desk, "ghim tin", "một")
    assert "Câu vừa gõ cũng là một câu hỏi khác" in await desk.says("an", "trích lời Bác", html="<em>trích</em>")
    desk.restart()
    assert "Bạn gửi tiếp" in await asked(desk, "không")
    await asked(desk, "xong", "b", "có")
    assert [(note.body, note.html) for _, note in desk.pinned] == [("một\ntrích lời Bác", "<em>trích</em>")]


async def test_a_command_in_the_middle_can_be_meant() -> None:
    desk = BoardDesk()
    assert (await asked(desk, "ghim tin", "một", "trích lời Bác", "có")).startswith("lời Bác")
    assert desk.dialogs.kept == {}


async def test_a_part_that_was_wrong_is_told_so_after_the_question_whether_to_leave() -> None:
    desk = BoardDesk()
    assert "câu hỏi khác" in await asked(desk, "ghim tin", "một", "trích " + "x" * LONGEST_BODY)
    assert "Nội dung dài quá.\nBạn gửi tiếp" in await asked(desk, "không")


# ---- In one message with the command


@pytest.mark.parametrize("text", [LINES, "- 8h: giao ban\n- 10h", "Họp lúc 8h nhé!", "🎉 Chúc mừng…", '"Mời họp."'])
async def test_what_ends_a_command_is_taken_as_it_was_typed(text: str) -> None:
    desk = BoardDesk()
    await asked(desk, f"Trợ lý ơi, ghim lên bảng một:  {text}\n", "có")
    assert [(board, note.body) for board, note in desk.pinned] == [("một", text)]


async def test_a_command_that_ends_in_a_message_may_be_long() -> None:
    desk = BoardDesk()
    text = "từng dòng một\n" * (LONGEST // 8)
    await asked(desk, f"ghim lên bảng một: {text}", "có")
    assert [note.body for _, note in desk.pinned] == [text.strip()]
    assert "chưa hiểu" in await asked(desk, f"trợ giúp {text}"), "no other command may"


# ---- As clients send it


async def test_formatting_and_files_survive_the_way_and_a_crash(databases: Databases) -> None:
    board = Board()
    async with kit(bot_of(board), databases) as stage:
        an = await stage.person("an")
        await an.says("ghim tin")
        await an.hears(means="ask-pin-note")
        await an.says(LINES, html=FORMATTED)
        await an.hears(means="dialog-more")
        await stage.restarts()
        await an.shows(PICTURE, "so-do.png")
        await an.hears(means="gathered", files=1)
        await an.says("trích lời Bác")
        await an.hears(means="dialog-leave-or-take")
        await stage.restarts()
        await an.says("không")
        await an.hears(means="dialog-more")
        await an.says("xong")
        await an.hears(means="ask-pin-board")
        await an.says("một")
        note = await an.hears(LINES)
        picture = await an.hears("so-do.png")
        await an.hears(means="would-pin", board="một")
        await an.says("đồng ý")
        await an.hears(means="pinned")
        assert isinstance(note.event, TextMessage)
        assert note.event.html == FORMATTED
        assert isinstance(picture.event, Image)
        assert await an.port.download(picture.event.file) == PICTURE
        assert [pinned.note.body for pinned in board.pinned] == [f"{LINES}\ntrích lời Bác"]


async def test_what_was_heard_can_be_forwarded_into_a_step(databases: Databases) -> None:
    async with kit(bot_of(Board()), databases) as stage:
        an = await stage.person("an")
        await an.says("trích tin")
        await an.hears()
        await an.says(LINES, html=FORMATTED)
        answer, note, picture = [await an.hears() for _ in range(3)]
        assert FORMATTED in answer.body
        assert isinstance(note.event, File)
        assert await an.port.download(note.event.file) == LINES.encode()
        await an.says("ghim tin")
        await an.hears()
        for heard in (answer, picture):
            await an.forwards(heard)
            await an.hears(means="dialog-more")
        await an.says("sửa")
        await an.hears()
        await an.forwards(note)
        await an.hears(means="gathered", files=1)


async def test_on_a_real_synapse_it_comes_encrypted_and_as_it_was_sent(stack: Province, tmp_path: Path) -> None:
    board = Board()
    async with kit(bot_of(board), stack, real=tmp_path) as stage:
        an = await stage.person("an")
        await an.says("ghim tin")
        await an.hears(means="ask-pin-note")
        await an.says(LINES, html=FORMATTED)
        await an.hears(means="dialog-more")
        await an.shows(PICTURE, "so-do.png")
        await an.hears(means="gathered", files=1)
        await an.says("xong")
        await an.hears(means="ask-pin-board")
        await an.says("một")
        note, picture, question = [await an.hears() for _ in range(3)]
        assert all(heard.encrypted for heard in (note, picture, question))
        assert isinstance(note.event, TextMessage)
        assert (note.event.body, note.event.html) == (LINES, FORMATTED)
        assert isinstance(picture.event, Image)
        assert await an.port.download(picture.event.file) == PICTURE
        await an.reacts("📌", to=picture)
        await an.hears(means="heard", name="Nguyễn Thị An")
        await an.reacts("✅", to=question)
        await an.hears(means="pinned")
        await an.says("trích tin")
        await an.hears(means="ask-quote-note")
        await an.forwards(note)
        answer, file, _ = [await an.hears() for _ in range(3)]
        assert FORMATTED in answer.body
        assert isinstance(file.event, File)
        assert await an.port.download(file.event.file) == LINES.encode()
        await an.says("đã rõ", reply_to=answer)
        await an.hears(means="heard")
        await an.hears_nothing()
