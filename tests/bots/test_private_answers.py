"""Bots that answer in private: what is asked among others is answered there by one sentence, or by nothing."""

from bots.matrix.port import Edit
from bots.matrix.trust import Origin
from tests.bots.desk import Desk

PRIVATELY = "nhắn riêng cho tôi"


def among_others(*, in_private: bool = True) -> Desk:
    desk = Desk(in_private=in_private)
    desk.members |= {"@binh"}
    return desk


async def test_in_a_room_of_two_everything_is_as_with_any_bot() -> None:
    desk = Desk(in_private=True)
    assert "Nguyễn Thị An" in await desk.says("an", "tôi là ai")
    assert "mã hóa đầu cuối" in await desk.says("an", "tôi là ai", origin=Origin.PLAIN)


async def test_among_others_it_asks_to_be_written_to_and_begins_nothing() -> None:
    desk = among_others()
    for said in ("tôi là ai", "giờ yên lặng từ 22h đến 6h", "bất kỳ"):
        assert PRIVATELY in await desk.says("an", said)
    assert PRIVATELY in await desk.shows("an", "a.png")
    assert desk.writes == 0


async def test_among_others_no_sign_and_no_edit_is_answered() -> None:
    desk = among_others()
    await desk.says("an", "giờ yên lặng từ 22h đến 6h")
    assert await desk.reacts("an", "✅") == ""
    assert await desk.takes(Edit(**desk._common("an"), target="$x", body="tôi là ai")) == ""


async def test_where_somebody_joins_a_question_that_is_open_is_not_answered_before_them() -> None:
    desk = Desk(in_private=True)
    await desk.says("an", "giờ yên lặng từ 22h đến 6h")
    desk.members |= {"@binh"}
    assert PRIVATELY in await desk.says("an", "đồng ý")
    assert await desk.reacts("an", "✅") == ""
    assert desk.preferences.quiet_hours == {}


async def test_in_clear_among_others_nobody_gets_a_word() -> None:
    desk = among_others()
    for who in ("an", "khoa", "la"):
        assert await desk.says(who, "tôi là ai", origin=Origin.PLAIN) == ""


async def test_bots_that_answer_everywhere_do() -> None:
    desk = among_others(in_private=False)
    assert "Nguyễn Thị An" in await desk.says("an", "tôi là ai")
    assert "mã hóa đầu cuối" in await desk.says("an", "tôi là ai", origin=Origin.PLAIN)
