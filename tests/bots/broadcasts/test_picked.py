"""An announcement whose audience is picked from menus: in a dialog, with digits alone, through restarts and asides."""

from bots.broadcasts.package import BROADCASTS
from bots.testing.kit import kit
from tests.bots.broadcasts.town import Town, hears_until
from tests.clients.running import Databases


async def test_somebody_who_knows_no_words_announces_with_digits_alone(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        Town(stage).opens_rooms("SNV")
        director = await stage.person("giam-doc")
        await director.says("thông báo")
        await director.hears(means="ask-announce-level")
        await director.says("1")
        await director.hears("1. Tất cả trong phạm vi của tôi: Sở Nội vụ\n2. Chọn đơn vị", means="ask-announce-wanted")
        await director.says("2")
        await director.hears("1. Toàn bộ Sở Nội vụ\n2. Phòng Tổ chức biên chế\n3. Văn phòng Sở")
        await director.says("2, 3")
        await director.hears("Đã chọn: Các đơn vị cấp phòng.")
        await director.says("3")
        await director.hears("Cấp phó\n4.", "Quay lại")
        await director.says("3")
        await director.hears("Đã chọn: Cấp phó thuộc các đơn vị cấp phòng.")
        await director.says("1")
        await director.hears(means="ask-announce-content")
        await director.says("Nộp báo cáo")
        await director.hears(means="content-so-far", files=0)
        await director.says("xong")
        await director.hears("Nộp báo cáo")
        await director.hears(means="would-reach", words="Cấp phó thuộc các đơn vị cấp phòng", people=1, units=1)


async def test_what_was_picked_outlives_the_process_and_what_is_asked_in_between(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        director = await stage.person("giam-doc")
        await director.says("thông báo để biết")
        await director.hears(means="ask-announce-wanted")
        await director.says("1")
        await director.hears("Đã chọn: Sở Nội vụ.")
        await stage.restarts()
        await director.says("ai cũng được")
        await director.hears("Đã chọn: Sở Nội vụ.")
        await director.says("chờ duyệt")
        await director.hears(means="dialog-leave")
        await director.says("không")
        await director.hears("Đã chọn: Sở Nội vụ.")
        await director.says("trừ ra")
        await director.hears("Tôi chưa hiểu", "Đã chọn: Sở Nội vụ.")
        await director.says("4")
        await director.hears("Không gửi cho những ai?")
        await director.says("văn phòng sở")
        await director.hears("Đã chọn: Sở Nội vụ, trừ Văn phòng Sở.")
        await director.says("xong")
        await director.hears(means="ask-announce-content")
        await director.says("sửa người nhận")
        await director.hears("1. Tất cả trong phạm vi của tôi: Sở Nội vụ", means="ask-announce-wanted")


async def test_a_list_is_picked_as_an_audience_is(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        director = await stage.person("giam-doc")
        await director.says("lưu danh sách Lãnh đạo Sở")
        await director.hears(means="ask-keep-list-wanted")
        await director.says("3")
        await director.hears("Quay lại")
        await director.says("1")
        await director.hears("Đã chọn: Lãnh đạo thuộc Sở Nội vụ.")
        await director.says("xong")
        assert "“Lãnh đạo Sở” gồm 3 người" in await hears_until(director, "would-keep-list")
