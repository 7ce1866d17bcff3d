"""Each command of Trợ lý HueP, as people use it; docs/commands.md names these tests."""

from datetime import time, timedelta

import pytest

from bots.runtime.preferences import QuietHours
from huep.catalogue import Locale
from tests.bots.desk import Desk

AN = "@an:hue.localhost"
NIGHT = QuietHours(time(22), time(6))


async def test_who_am_i() -> None:
    assert (await Desk().says("an", "em la ai a?")).startswith("Nguyễn Thị An\nMã cán bộ: CB-an")


async def test_my_unit() -> None:
    assert "Phòng Tổ chức biên chế ← bạn ở đây" in await Desk().says("an", "co quan cua toi")


async def test_language() -> None:
    desk = Desk()
    assert "1. tiếng Việt\n2. tiếng Anh" in await desk.says("an", "ngôn ngữ")
    assert "English" in await desk.says("an", "2")
    assert desk.preferences.locales == {AN: Locale.EN}
    assert "Your leader" in await desk.says("an", "tôi là ai")
    assert "tiếng Việt" in await desk.says("an", "answer in vietnamese")


async def test_vietnamese() -> None:
    desk = Desk()
    await desk.says("an", "vietnamese")
    assert "Lãnh đạo trực tiếp" in await desk.says("an", "who am i")


async def test_english() -> None:
    desk = Desk()
    await desk.says("an", "tieng anh")
    assert "Your leader" in await desk.says("an", "toi la ai")


async def test_my_quiet_hours() -> None:
    desk = Desk()
    assert "chưa đặt" in await desk.says("an", "xem giờ yên lặng")
    desk.preferences.quiet_hours[AN] = NIGHT
    assert "từ 22:00 đến 06:00" in await desk.says("an", "giờ yên lặng của tôi")


@pytest.mark.parametrize(
    "typed", ["giờ yên lặng từ 22h đến 6h", "gio yen lang tu 10 gio toi den 6h sang", "gyl 22:00 đến 6:00"]
)
async def test_quiet_hours(typed: str) -> None:
    desk = Desk()
    assert "từ 22:00 đến 06:00" in await desk.says("an", typed)
    assert desk.preferences.quiet_hours == {}, "nothing is written before it is confirmed"
    assert "Xong" in await desk.says("an", "đồng ý")
    assert desk.preferences.quiet_hours == {AN: NIGHT}


async def test_no_quiet_hours() -> None:
    desk = Desk()
    assert "không có giờ yên lặng nào" in await desk.says("an", "bỏ giờ yên lặng")
    assert desk.dialogs.kept == {}, "where there is nothing to change there is nothing to confirm"
    desk.preferences.quiet_hours[AN] = NIGHT
    assert "sẽ bỏ giờ yên lặng" in await desk.says("an", "bỏ giờ yên lặng")
    await desk.says("an", "có")
    assert desk.preferences.quiet_hours == {AN: None}


async def test_headcount() -> None:
    desk = Desk()
    said = await desk.says("giam-doc", "phong to chuc bien che co bao nhieu nguoi?")
    assert (
        said
        == "Phòng Tổ chức biên chế có 3 người có tài khoản, lãnh đạo: Phạm Thị Mai, Phó Trưởng phòng (đang phụ trách thay)."
    )
    assert "Bạn hỏi đơn vị nào" in await desk.says("chu-tich", "đếm người")
    assert "Sở Nội vụ có 6 người" in await desk.says("chu-tich", "SNV")


async def test_the_time_out_of_a_dialog_keeps_quiet_hours() -> None:
    desk = Desk()
    for hours, mentioned in ((None, [AN]), (QuietHours(time(8), time(9)), None)):
        desk.preferences.quiet_hours[AN] = hours
        await desk.says("an", "ngôn ngữ")
        desk.lets_time_pass(timedelta(minutes=11))
        [outcome] = await desk.dispatcher.timed_out()
        assert "Tôi chờ lâu" in desk.commits(outcome, "$timer")
        assert desk.sent[-1].content["m.mentions"].get("user_ids") == mentioned
