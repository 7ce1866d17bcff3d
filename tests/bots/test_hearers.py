"""What a bot hears beside its commands: reactions, and words and files that answer no open question."""

from datetime import timedelta

import pytest

from bots.matrix.port import Event, RoomView
from bots.matrix.trust import Origin
from bots.runtime.access import Caller
from bots.runtime.outcome import Outcome
from bots.testing.kit import kit
from tests.bots.desk import Desk
from tests.bots.noticeboard import Board, BoardDesk, asked, board_router, bot_of
from tests.clients.running import Databases


class Failing:
    """Hears, and fails."""

    async def hear(self, event: Event, caller: Caller, room: RoomView) -> Outcome | None:
        raise ValueError(event)


def heard(desk: BoardDesk) -> list[str]:
    return [type(event).__name__ for event in desk.board.heard]


async def test_a_sign_is_heard_whether_or_not_something_is_open() -> None:
    desk = BoardDesk()
    await desk.says("an", "trợ giúp")
    assert await desk.reacts("an", "📌") == "Đã ghi nhận Nguyễn Thị An."
    await asked(desk, "ghim tin")
    assert await desk.reacts("an", "📌") == "Đã ghi nhận Nguyễn Thị An."
    assert heard(desk) == ["Reaction", "Reaction"]
    assert "Bạn gửi tiếp" in await asked(desk, "một"), "the dialog is where it was"


async def test_a_sign_that_is_not_meant_for_it_answers_the_open_question() -> None:
    desk = BoardDesk()
    await asked(desk, "ghim lên bảng một: họp")
    assert "Đã ghim" in await desk.reacts("an", "✅")
    assert heard(desk) == []


async def test_words_are_heard_before_commands_while_nothing_is_open() -> None:
    desk = BoardDesk()
    assert await asked(desk, "đã rõ") == "Đã ghi nhận Nguyễn Thị An."
    assert "Bảng tin xin chào" in await asked(desk, "trợ giúp")


async def test_words_answer_the_open_question_first() -> None:
    desk = BoardDesk()
    assert "Bạn gửi tiếp" in await asked(desk, "ghim tin", "đã rõ")
    assert heard(desk) == []


async def test_a_reply_to_another_message_is_heard_while_a_question_is_open() -> None:
    desk = BoardDesk()
    await asked(desk, "trợ giúp")
    older = desk.last_event
    await asked(desk, "ghim tin")
    assert await desk.says("an", "đã rõ", reply_to=older) == "Đã ghi nhận Nguyễn Thị An."
    assert "Bạn gửi tiếp" in await desk.says("an", "hai", reply_to=older), "what is not meant for it is an answer still"
    assert "Bạn gửi tiếp" in await desk.says("an", "đã rõ", reply_to=desk.last_event)
    assert "Bạn gửi tiếp" in await desk.says("an", "đã rõ", reply_to="$not-ours")
    assert heard(desk) == ["TextMessage"]


async def test_words_after_the_time_of_a_question_are_heard() -> None:
    desk = BoardDesk()
    await asked(desk, "ghim tin")
    desk.lets_time_pass(timedelta(minutes=11))
    assert "Đã ghi nhận" in await asked(desk, "đã rõ")


@pytest.mark.parametrize("origin", [Origin.UNSIGNED, Origin.PLAIN])
async def test_words_of_an_unverified_device_are_not_heard(origin: Origin) -> None:
    desk = BoardDesk()
    await desk.says("an", "đã rõ", origin=origin)
    assert heard(desk) == []


async def test_in_a_room_of_many_words_in_clear_are_heard_as_signs_are() -> None:
    desk = BoardDesk()
    desk.members |= {"@binh"}
    assert await desk.says("an", "đã rõ", origin=Origin.PLAIN) == "Đã ghi nhận Nguyễn Thị An."
    for who in ("khoa", "nguoi-la"):
        await desk.says(who, "đã rõ", origin=Origin.PLAIN)
    await desk.says("an", "đã rõ", origin=Origin.UNSIGNED)
    assert heard(desk) == ["TextMessage"]


@pytest.mark.parametrize("who", ["khoa", "nguoi-la"])
async def test_who_is_locked_or_unknown_is_not_heard(who: str) -> None:
    desk = BoardDesk()
    await desk.says("an", "trợ giúp")
    assert await desk.reacts(who, "📌") == ""
    await desk.says(who, "đã rõ")
    assert heard(desk) == []


async def test_a_failure_is_said_kindly_to_words_and_not_to_signs() -> None:
    desk = Desk(board_router(Board()), hearer=Failing())
    assert "Hệ thống đang bận" in await desk.says("an", "đã rõ")
    assert await desk.reacts("an", "📌") == ""


async def test_what_was_heard_is_counted() -> None:
    desk = BoardDesk()
    await asked(desk, "đã rõ")
    labels = {"bot": "tro-ly", "command": "none", "result": "heard"}
    assert desk.registry.get_sample_value("huep_bot_events_total", labels) == 1


async def test_a_sign_and_a_reply_are_heard_once_over_a_crash(databases: Databases) -> None:
    board = Board()
    async with kit(bot_of(board), databases) as stage:
        an = await stage.person("an")
        await an.says("trợ giúp")
        help_ = await an.hears()
        await an.says("trợ giúp")
        await an.hears()
        await an.reacts("📌", to=help_)
        await stage.restarts()
        await an.hears(means="heard", name="Nguyễn Thị An")
        await an.says("đã rõ", reply_to=help_)
        await an.hears(means="heard", name="Nguyễn Thị An")
        await an.hears_nothing()
        sign, reply = board.heard
        assert (sign.target, reply.reply_to) == (help_.event_id, help_.event_id)  # type: ignore[union-attr]
