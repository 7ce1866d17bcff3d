"""An announcement whose audience is picked from menus: in a dialog, with digits alone, through restarts and asides."""

from bots.broadcasts.package import BROADCASTS
from bots.testing.kit import kit
from bots.testing.province import UNITS, SmallDirectory, small_province
from huep.directory.model import Unit, UnitKind
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


async def test_a_number_stands_for_nothing_else_once_a_unit_that_was_picked_is_there_no_more(
    databases: Databases,
) -> None:
    async with kit(BROADCASTS, databases) as stage:
        director = await stage.person("giam-doc")
        await director.says("thông báo để biết")
        await director.hears(means="ask-announce-wanted")
        await director.says("2")
        await director.hears("3. Văn phòng Sở")
        await director.says("3")
        await director.hears("Đã chọn: Văn phòng Sở.", "1. Xong")
        stage.directory.close("SNV-VP")
        await director.says("1")
        heard = await director.hears("1. Tất cả trong phạm vi của tôi", means="dialog-moved")
        assert "Đã chọn" not in heard.body
        await director.says("2")
        await director.hears("2. Phòng Tổ chức biên chế\n3. Quay lại")
        await director.says("2")
        await director.hears("Đã chọn: Phòng Tổ chức biên chế.")


async def test_a_number_stands_for_what_was_shown_under_it_alone(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        director = await stage.person("giam-doc")
        await director.says("thông báo để biết")
        await director.hears(means="ask-announce-wanted")
        await director.says("2")
        await director.hears("2. Phòng Tổ chức biên chế\n3. Văn phòng Sở\n4. Quay lại")
        stage.directory.close("SNV-TC")
        await director.says("2")
        heard = await director.hears("2. Văn phòng Sở\n3. Quay lại", means="dialog-moved")
        assert "Đã chọn" not in heard.body
        await director.says("2")
        await director.hears("Đã chọn: Văn phòng Sở.")


async def test_what_was_picked_stays_while_one_of_several_is_offered(databases: Databases) -> None:
    offices = [Unit(f"{code}-KT", "Phòng Kinh tế", "KT", UnitKind.OFFICE, 2, code) for code in ("VYDA", "SNV")]
    directory = SmallDirectory(*small_province().people, units=(*UNITS, *offices))
    async with kit(BROADCASTS, databases, directory=directory) as stage:
        director = await stage.person("giam-doc")
        await director.says("thông báo để biết")
        await director.hears(means="ask-announce-wanted")
        await director.says("1")
        await director.hears("Đã chọn: Sở Nội vụ.", "4. Bỏ bớt ra")
        await director.says("4")
        await director.hears("Không gửi cho những ai?")
        await director.says("Phòng Kinh tế")
        offered = "1. Sở Nội vụ, trừ Phòng Kinh tế thuộc Sở Nội vụ\n2. Sở Nội vụ, trừ Phòng Kinh tế thuộc Phường Vỹ Dạ"
        await director.hears(offered, means="dialog-which")
        for hidden in ("3", "1, 2", "xong"):
            await director.says(hidden)
            await director.hears("Tôi chưa hiểu câu trả lời này.", offered)
        await director.says("chờ duyệt")
        await director.hears(means="dialog-leave")
        await director.says("không")
        await director.hears(offered)
        await director.says("Văn phòng Sở")
        await director.hears("Đã chọn: Sở Nội vụ, trừ Văn phòng Sở.")


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
