"""Dialogs: one question after the other, choices, corrections, asides, time-outs, and a process that ends between."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bots.runtime.commands import Answer, Request, scene
from bots.runtime.dialogs import TABLE, DialogMoved, Next, Said, Stage
from bots.runtime.help import help_router
from bots.runtime.parsers import AnyText
from bots.runtime.replies import paragraphs
from bots.runtime.router import Router
from bots.testing.province import person, post, small_province
from huep.catalogue import Catalogue, Locale
from tests.bots.desk import Desk

AN = "@an:hue.localhost"
ASSISTANT = Catalogue("bots.assistant")


@dataclass(frozen=True)
class Note:
    """Free text, in a field for which the assistant's catalogue has a question."""

    locale: str


async def asked(desk: Desk, *said: str) -> str:
    """What the bot says to the last of what An says."""
    answer = ""
    for one in said:
        answer = await desk.says("an", one)
    return answer


async def test_values_are_asked_for_one_by_one_and_read_back() -> None:
    desk = Desk()
    assert "bắt đầu lúc mấy giờ" in await asked(desk, "giờ yên lặng")
    assert "kết thúc lúc mấy giờ" in await asked(desk, "22h")
    assert "từ 22:00 đến 06:00" in await asked(desk, "6h sáng")
    assert "Xong" in await asked(desk, "đồng ý")
    assert desk.dialogs.kept == {}


async def test_a_dialog_outlives_the_process() -> None:
    desk = Desk()
    for said in ("giờ yên lặng", "22h", "6h"):
        await asked(desk, said)
        desk.restart()
    assert "Xong" in await asked(desk, "có")


async def test_the_same_command_put_anew_is_taken_as_it_stands() -> None:
    desk = Desk()
    await desk.says("giam-doc", "Sở Xây dựng có bao nhiêu người")
    assert "Văn phòng Sở có" in await desk.says("giam-doc", "Văn phòng Sở có bao nhiêu người")
    assert "từ 21:00 đến 05:00" in await asked(desk, "giờ yên lặng từ 22h đến 6h", "giờ yên lặng từ 21h tới 5h")
    assert desk.preferences.quiet_hours == {}
    assert "Xong" in await asked(desk, "nhất trí")


async def test_who_asks_for_a_third_thing_instead_of_yes_or_no_gets_it() -> None:
    desk = Desk()
    assert "làm dở" in await asked(desk, "giờ yên lặng", "đơn vị tôi")
    assert "Nguyễn Thị An" in await asked(desk, "tôi là ai")
    assert desk.dialogs.kept == {}


@pytest.mark.parametrize("naming", ["giờ kết thúc", "sửa gio ket thuc", "2"])
async def test_what_is_to_be_corrected_may_be_named(naming: str) -> None:
    said = await asked(Desk(), "giờ yên lặng từ 22h đến 6h", "sửa", naming)
    assert said.startswith("Giờ yên lặng kết thúc lúc mấy giờ")


@pytest.mark.parametrize("word", ["có", "không", "thôi", "sửa", "👍"])
async def test_a_word_that_steers_nothing_is_told_so(word: str) -> None:
    assert "không có việc gì chờ" in await asked(Desk(), word)


@pytest.mark.parametrize("thanks", ["cảm ơn", "Cám ơn em nhiều nhé!", "cam on", "thanks"])
async def test_thanks_are_welcome(thanks: str) -> None:
    assert "Không có gì ạ" in await asked(Desk(), thanks)
    assert "chưa hiểu" in await asked(Desk(), "cảm ơn em, cho anh hỏi chỗ gửi xe của cơ quan")


async def test_what_is_proposed_can_be_typed_as_it_stands() -> None:
    desk = Desk()
    proposed = await desk.says("giam-doc", "bao nhieu nguoi vay ta")
    assert "Phòng Tổ chức biên chế có bao nhiêu người" in proposed
    assert "‹" not in proposed


@pytest.mark.parametrize("word", ["thôi", "Thôi ạ!", "thoi", "huỷ", "hủy bỏ", "huy", "cancel", "dừng lại nhé"])
@pytest.mark.parametrize("before", [("giờ yên lặng",), ("giờ yên lặng", "22h"), ("giờ yên lặng từ 22h đến 6h",)])
async def test_it_can_be_left_at_every_stage(word: str, before: tuple[str, ...]) -> None:
    desk = Desk()
    assert "chưa ghi gì" in await asked(desk, *before, word)
    assert desk.dialogs.kept == {}
    assert desk.preferences.quiet_hours == {}
    assert "không có việc gì chờ" in await asked(desk, "đồng ý")


async def test_an_answer_that_is_none_repeats_the_question() -> None:
    desk = Desk()
    said = await asked(desk, "giờ yên lặng", "hai mươi lăm giờ")
    assert said.startswith("Tôi chưa hiểu câu trả lời này.\nGiờ yên lặng bắt đầu")


async def test_a_value_is_checked_beside_the_others() -> None:
    desk = Desk()
    said = await asked(desk, "giờ yên lặng", "22h", "22:00")
    assert said.startswith("Giờ kết thúc phải khác giờ bắt đầu.")
    assert "Xong" in await asked(desk, "6h", "có")


async def test_a_correction_goes_back_to_one_value() -> None:
    desk = Desk()
    which = await asked(desk, "giờ yên lặng từ 22h đến 6h", "sửa")
    assert "1. giờ bắt đầu: 22:00\n2. giờ kết thúc: 06:00" in which
    assert "bắt đầu lúc mấy giờ" in await asked(desk, "1")
    assert "từ 23:00 đến 06:00" in await asked(desk, "23h")
    assert "kết thúc lúc mấy giờ" in await asked(desk, "sửa giờ kết thúc")
    assert "từ 23:00 đến 05:00" in await asked(desk, "5h")


async def test_a_correction_that_spoils_another_value_asks_for_that_one() -> None:
    desk = Desk()
    said = await asked(desk, "giờ yên lặng từ 22h đến 6h", "sửa giờ bắt đầu", "6h")
    assert said.startswith("Giờ kết thúc phải khác giờ bắt đầu.\nGiờ yên lặng kết thúc")


async def test_in_the_middle_the_value_before_can_be_corrected() -> None:
    assert "bắt đầu lúc mấy giờ" in await asked(Desk(), "giờ yên lặng", "22h", "sửa")


async def test_with_nothing_said_there_is_nothing_to_correct() -> None:
    assert "bắt đầu lúc mấy giờ" in await asked(Desk(), "giờ yên lặng", "sửa")


async def test_another_command_asks_whether_to_leave() -> None:
    desk = Desk()
    assert 'đang làm dở việc "giờ yên lặng"' in await asked(desk, "giờ yên lặng", "tôi là ai")
    assert "bắt đầu lúc mấy giờ" in await asked(desk, "không"), "it goes on where it was"
    assert "Nguyễn Thị An" in await asked(desk, "tôi là ai", "có")
    assert desk.dialogs.kept == {}


async def test_whether_to_leave_is_asked_until_it_is_answered() -> None:
    desk = Desk()
    assert "đang làm dở" in await asked(desk, "giờ yên lặng", "tôi là ai", "22h")
    assert "bắt đầu lúc mấy giờ" in await asked(desk, "không")


async def test_free_text_that_happens_to_be_a_command_can_be_the_answer_all_the_same() -> None:
    router = Router("settings", ASSISTANT)

    @router.question("language", {Locale.VI: ("ghi chú",)}, scene=scene(Note, locale=AnyText()))
    async def note(_: Request, note: Note) -> Answer:
        return paragraphs(f"đã ghi: {note.locale}")

    whole = Router("me", ASSISTANT)
    whole.include(router, help_router(ASSISTANT))
    for answer, said in (("không", "đã ghi: trợ giúp"), ("có", "Bạn có thể hỏi")):
        desk = Desk(router=whole)
        assert "Câu vừa gõ cũng là một câu hỏi khác" in await asked(desk, "ghi chú", "trợ giúp")
        assert said in await asked(desk, answer)
        assert desk.dialogs.kept == {}


async def test_one_dialog_can_be_left_for_another() -> None:
    desk = Desk()
    assert "tiếng gì" in await asked(desk, "giờ yên lặng", "ngôn ngữ", "có")
    assert "English" in await asked(desk, "tieng anh")


async def test_the_same_command_again_repeats_the_question() -> None:
    assert "bắt đầu lúc mấy giờ" in await asked(Desk(), "giờ yên lặng", "giờ yên lặng")


async def test_several_units_are_offered_and_chosen_by_number_or_name() -> None:
    directory = small_province()
    for choice, unit in (("2", "Văn phòng Sở"), ("Văn phòng Sở (Sở Nội vụ)", "Văn phòng Sở"), ("1", "Phòng Tổ chức")):
        desk = Desk(directory=directory)
        offered = await desk.says("chu-tich", "số người phòng")
        assert "1. Phòng Tổ chức biên chế (Sở Nội vụ)\n2. Văn phòng Sở (Sở Nội vụ)" in offered
        assert unit in await desk.says("chu-tich", choice)


async def test_a_number_that_was_not_offered_is_no_choice() -> None:
    desk = Desk()
    assert "1. tiếng Việt" in await asked(desk, "ngôn ngữ", "3")
    assert "1. tiếng Việt" in await asked(desk, "0")


async def test_each_person_and_each_room_has_a_dialog_of_its_own() -> None:
    desk = Desk()
    await asked(desk, "giờ yên lặng", "22h")
    assert "bắt đầu lúc mấy giờ" in await desk.says("binh", "giờ yên lặng")
    assert "tiếng gì" in await desk.says("an", "ngôn ngữ", room_id="!khac")
    assert "từ 22:00 đến 06:00" in await asked(desk, "6h")


async def test_silence_ends_it_with_a_kind_sentence() -> None:
    desk = Desk()
    await asked(desk, "giờ yên lặng")
    desk.lets_time_pass(timedelta(minutes=9))
    assert await desk.dispatcher.timed_out() == ()
    desk.lets_time_pass(timedelta(minutes=2))
    [outcome] = await desk.dispatcher.timed_out()
    assert 'dừng việc "giờ yên lặng"' in desk.commits(outcome, "$timer")
    assert await desk.dispatcher.timed_out() == ()


async def test_who_answers_too_late_is_told_once() -> None:
    desk = Desk()
    await asked(desk, "giờ yên lặng")
    desk.lets_time_pass(timedelta(minutes=11))
    [outcome] = await desk.dispatcher.timed_out()
    assert "Tôi chờ lâu" in await asked(desk, "22h")
    with pytest.raises(DialogMoved):
        desk.commits(outcome, "$timer")


async def test_a_command_after_the_time_is_simply_answered() -> None:
    desk = Desk()
    await asked(desk, "giờ yên lặng")
    desk.lets_time_pass(timedelta(minutes=11))
    assert "Nguyễn Thị An" in await asked(desk, "tôi là ai")
    assert desk.dialogs.kept == {}


async def test_who_may_no_longer_ask_is_not_answered_from_the_middle() -> None:
    desk = Desk()
    await desk.says("giam-doc", "đếm người")
    desk.directory.people = [
        replace(one, posts=(post("SNV", "Chuyên viên"),)) if one.user_id == "@giam-doc:hue.localhost" else one
        for one in desk.directory.people
    ]
    fresh = Desk(directory=desk.directory)
    assert await desk.says("giam-doc", "SNV") == await fresh.says("giam-doc", "SNV")
    assert desk.dialogs.kept == {}


async def test_a_unit_that_moves_out_of_sight_is_asked_for_again() -> None:
    """What was chosen counts only as long as the person may see it."""
    desk = Desk()
    await desk.says("giam-doc", "số người phòng")
    desk.directory.people = [
        person("giam-doc", "Trần Thị Hoà", *(replace(held, unit_code="VYDA") for held in one.posts))
        if one.user_id == "@giam-doc:hue.localhost"
        else one
        for one in desk.directory.people
    ]
    assert "Tôi chưa hiểu câu trả lời này" in await desk.says("giam-doc", "1")


async def test_the_language_of_the_question_stays_that_of_the_dialog() -> None:
    desk = Desk()
    assert "begin" in await asked(desk, "quiet hours")
    assert "end" in await asked(desk, "22:00")
    assert "I have stopped" in await asked(desk, "thôi")


async def test_a_long_message_is_no_answer_and_takes_no_time() -> None:
    desk = Desk()
    assert "chưa hiểu" in await asked(desk, "giờ yên lặng", "giờ yên lặng từ " * 5_000)


def test_the_table_has_an_answer_to_everything() -> None:
    for stage in Stage:
        assert TABLE[stage][Said.OTHER] is Next.REPEAT
        assert TABLE[stage][Said.LEAVE] is Next.STOP
    assert {following for row in TABLE.values() for following in row.values()} == set(Next)
    assert [stage for stage in Stage if Next.PERFORM in TABLE[stage].values()] == [Stage.CONFIRMING]
