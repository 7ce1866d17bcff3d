"""Each command of Truyền thông, as people use it; docs/commands.md names these tests."""

from dataclasses import replace
from datetime import timedelta

from bots.broadcasts.package import BROADCASTS
from bots.matrix.port import File, Image, TextMessage
from bots.testing.clock import MONDAY_MORNING
from bots.testing.kit import Stage, kit
from bots.testing.people import Speaker
from huep.directory.model import AbsenceKind
from tests.bots.broadcasts.town import SOON, Town, hears_until, says_and_agrees
from tests.clients.running import Databases

PICTURE = b"\x89PNG\r\n\x1a\n0000"
IMPORTANT = "thông báo quan trọng tới Sở Nội vụ hạn 17h thứ sáu: Họp giao ban lúc 14h"


async def announced(stage: Stage, words: str = IMPORTANT) -> tuple[Town, Speaker]:
    """The director of Sở Nội vụ has announced something to the department, whose room has it."""
    town = Town(stage)
    town.opens_rooms("SNV")
    director = await stage.person("giam-doc")
    await says_and_agrees(director, words, "would-reach", "progress-on-its-way", "announced")
    await stage.rest()
    await stage.moves(SOON)
    await director.hears(means="progress-arrived", reached=1, rooms=1)
    return town, director


async def test_announce(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town = Town(stage)
        town.opens_rooms("SNV")
        director, an = await stage.person("giam-doc"), await stage.person("an")
        await director.says("thong bao quan trong toi so noi vu han 17h thu sau: Họp giao ban lúc 14h")
        preview = await director.hears("📢 Thông báo quan trọng số … · Sở Nội vụ", "Họp giao ban lúc 14h")
        assert preview.encrypted
        await director.hears(means="would-reach", words="Sở Nội vụ", people=4, units=2, rooms=1)
        assert town.seen("SNV") == []
        await director.says("đồng ý")
        await director.hears(means="progress-on-its-way", number="1", reached=0, rooms=1)
        await director.hears(means="announced")
        [posted] = town.seen("SNV")
        assert posted.body.startswith("📢 Thông báo quan trọng số 1 · Sở Nội vụ")
        await town.reacts(an, posted.event_id, town.room("SNV"))
        await stage.moves(SOON)
        await director.hears(means="progress-arrived", reached=1, rooms=1)


async def test_announce_as_a_dialog_with_pictures_and_formatting(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town = Town(stage)
        town.opens_rooms("SNV")
        director = await stage.person("giam-doc")
        await director.says("thông báo")
        await director.hears(means="ask-announce-level")
        await director.says("quan trọng")
        await director.hears(means="ask-announce-deadline")
        await director.says("2")
        await director.hears(means="ask-announce-wanted")
        await director.says("Sở Nội vụ")
        await director.hears(means="ask-announce-content")
        await director.says("**Họp** lúc 14h", html="<b>Họp</b> lúc 14h<script>x</script>")
        await director.hears(means="content-so-far", files=0)
        await director.shows(PICTURE, "so-do.png", "Sơ đồ")
        await director.hears(means="content-so-far", files=1)
        await director.says("xong")
        shown = await director.hears("Họp lúc 14h", "Sơ đồ")
        assert isinstance(shown.event, TextMessage)
        assert "<b>Họp</b> lúc 14h<br>" in str(shown.event.html)
        await director.hears("so-do.png")
        await director.hears(means="would-reach")
        await director.says("đồng ý")
        await director.hears(means="progress-on-its-way")
        await stage.rest()
        words, picture = town.seen("SNV")
        assert "17:00 ngày 16/06/2026" in words.body
        assert picture.content["filename"] == "so-do.png"


async def test_announce_what_was_said_elsewhere(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town, director = await announced(stage)
        await director.says("tiến độ 1")
        told = await director.hears("Sở Nội vụ: 0/4")
        await director.says("thông báo để biết tới Sở Nội vụ")
        await director.hears(means="ask-announce-content")
        await director.forwards(told)
        await director.hears(means="content-so-far", files=0)
        await director.says("xong")
        await director.hears("📢 Thông báo số …", "Sở Nội vụ: 0/4")
        await director.hears(means="would-reach")
        assert len(town.seen("SNV")) == 1


async def test_what_is_for_information_asks_for_no_deadline_and_nothing_of_anybody(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town, director = await announced(stage, "thông báo để biết tới Sở Nội vụ: Căng tin mở lại")
        [posted] = town.seen("SNV")
        assert posted.content["msgtype"] == "m.notice"
        await director.says("tiến độ 1")
        await director.hears(means="progress-asks-nothing")


async def test_send_again(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town, deputy, director = await returned(stage)
        await says_and_agrees(deputy, "gửi lại 1", "would-send-again", "announced-for-approval")
        await director.hears("Họp lúc 14h")
        await director.hears(means="asked-to-approve")
        assert town.seen("SNV") == []


async def test_what_was_sent_back_is_changed_in_every_part_and_the_right_to_it_judged_anew(
    databases: Databases,
) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town = Town(stage)
        town.opens_rooms("SNV", "VYDA")
        director, chairman = await stage.person("giam-doc"), await stage.person("chu-tich")
        submits = "thông báo quan trọng tới Phường Vỹ Dạ hạn 17h thứ sáu: Họp lúc 14h"
        await says_and_agrees(director, submits, "would-ask", "announced-for-approval")
        await hears_until(chairman, "asked-to-approve")
        await says_and_agrees(chairman, "trả lại 1: chỉ họp trong Sở", "would-return", "returned")
        await director.hears(means="returned-told")
        await director.says("gửi lại 1")
        await hears_until(director, "would-send-again")
        await director.says("sửa")
        await director.hears("2. mức độ: quan trọng", "người nhận: Phường Vỹ Dạ", "nội dung: Họp lúc 14h")
        await director.says("2")
        await director.hears(means="ask-send-again-level")
        await director.says("để biết")
        assert "Xin xác nhận" not in (await director.hears("📢 Thông báo số …")).body
        await hears_until(director, "would-send-again")
        await director.says("sửa người nhận")
        await director.hears("1. Tất cả trong phạm vi của tôi", means="ask-send-again-wanted")
        await director.says("1")
        await director.hears("Đã chọn: Sở Nội vụ.")
        await director.says("xong")
        await hears_until(director, "would-send-again")
        await director.says("sửa nội dung")
        await director.hears(means="ask-send-again-content")
        await director.says("Họp ở phòng A")
        await director.hears(means="content-so-far", files=0)
        await director.shows(PICTURE, "so-do.png")
        await director.hears(means="content-so-far", files=1)
        await director.says("xong")
        await director.hears("Họp ở phòng A")
        await director.hears("so-do.png")
        heard = await director.hears(means="would-reach", words="Sở Nội vụ")
        assert not heard.means("would-ask")
        await director.says("đồng ý")
        await hears_until(director, "announced")
        await stage.rest()
        words, picture = town.seen("SNV")
        assert words.body.startswith("📢 Thông báo số 1 ")
        assert "Họp ở phòng A" in words.body
        assert picture.content["filename"] == "so-do.png"
        assert town.seen("VYDA") == []
        await chairman.says("chờ duyệt")
        await chairman.hears(means="awaiting-none")


async def test_what_comes_back_after_its_deadline_is_sent_again_with_a_new_one(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        _, deputy, director = await returned(stage)
        await stage.moves(timedelta(days=7))
        await deputy.says("gửi lại 1")
        await deputy.hears(means="ask-send-again-deadline")
        await says_and_agrees(deputy, "17h thứ sáu", "would-reach", "announced-for-approval")
        await director.hears("17:00 ngày 26/06/2026")
        await director.hears(means="asked-to-approve")


async def returned(stage: Stage) -> tuple[Town, Speaker, Speaker]:
    """What the deputy submitted is sent back by the director."""
    town, deputy, director = await submitted(stage)
    await says_and_agrees(director, "trả lại 1: thiếu phòng họp", "would-return", "returned")
    await deputy.hears(means="returned-told", reason="thiếu phòng họp")
    return town, deputy, director


async def submitted(stage: Stage) -> tuple[Town, Speaker, Speaker]:
    """The deputy of an office wants to speak to the whole department: its director has to approve."""
    town = Town(stage)
    town.opens_rooms("SNV")
    deputy, director = await stage.person("pho-phong"), await stage.person("giam-doc")
    await deputy.says("thông báo quan trọng tới Sở Nội vụ hạn 17h thứ sáu: Họp lúc 14h")
    await deputy.hears("Họp lúc 14h")
    await deputy.hears(means="would-ask", name="Trần Thị Hoà")
    await deputy.says("đồng ý")
    await deputy.hears(means="announced-for-approval", name="Trần Thị Hoà")
    await director.hears("Họp lúc 14h")
    await director.hears(means="asked-to-approve", number="1", name="Phạm Thị Mai", words="Sở Nội vụ")
    assert town.seen("SNV") == []
    return town, deputy, director


async def test_approve(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town, deputy, director = await submitted(stage)
        await director.says("duyệt 1")
        await director.hears("Họp lúc 14h")
        await director.hears(means="would-approve", number="1")
        await director.reacts("✅")
        await director.hears(means="confirm-not-by-sign")
        await director.says("đồng ý")
        await director.hears(means="approved", number="1")
        await deputy.hears(means="approved-told", number="1")
        await deputy.hears(means="progress-on-its-way")
        await stage.rest()
        assert len(town.seen("SNV")) == 1


async def test_awaiting(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        _, deputy, director = await submitted(stage)
        await director.says("chờ duyệt")
        await director.hears(means="awaiting-some")
        await deputy.says("chờ duyệt")
        await deputy.hears(means="awaiting-none")
        await deputy.says("duyệt 1")
        await deputy.hears(means="ask-approve-broadcast")


async def test_whoever_answers_for_it_today_finds_what_waits_for_somebody_who_is_away(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town, deputy, director = await submitted(stage)
        chairman = await stage.person("chu-tich")
        people = stage.directory.people
        people[:] = [
            replace(one, absence=AbsenceKind.STUDY) if one.user_id == director.user_id else one for one in people
        ]
        await chairman.says("chờ duyệt")
        await chairman.hears(means="awaiting-some")
        await says_and_agrees(chairman, "duyệt 1", "would-approve", "approved")
        await deputy.hears(means="approved-told", number="1")
        await stage.rest()
        assert len(town.seen("SNV")) == 1
        await chairman.says("thu hồi tin 1")
        await chairman.hears(means="would-withdraw", number="1")


async def test_return(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town, deputy, director = await submitted(stage)
        await director.says("trả lại 1")
        await director.hears(means="ask-return-reason")
        await director.says("chưa rõ thành phần")
        await director.hears(means="would-return", reason="chưa rõ thành phần")
        await director.says("đồng ý")
        await director.hears(means="returned")
        await deputy.hears(means="returned-told")
        await director.says("chờ duyệt")
        await director.hears(means="awaiting-none")
        assert town.seen("SNV") == []


async def test_edit(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town, director = await announced(stage)
        await says_and_agrees(director, "sửa tin 1: Họp giao ban lúc 15h", "would-edit", "edited")
        await stage.rest()
        [posted] = town.seen("SNV")
        assert "Họp giao ban lúc 15h" in posted.body
        assert "đã sửa lúc 08:30" in posted.body


async def test_an_edit_drops_keeps_and_adds_files_wherever_it_went(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town = Town(stage)
        town.opens_rooms("SNV")
        director = await stage.person("giam-doc")
        await director.says("thông báo quan trọng tới Sở Nội vụ hạn 17h thứ sáu")
        await director.hears(means="ask-announce-content")
        await director.shows(PICTURE, "a.png", "Họp lúc 14h")
        await says_and_agrees(director, "xong", "would-reach", "progress-on-its-way", "announced")
        await stage.rest()

        async def edits(files: str | None, shown: str | None) -> list[str]:
            """The files in the room, behind the words."""
            await director.says("sửa tin 1")
            await hears_until(director, "ask-edit-content")
            if shown is None:
                await director.says("Họp lúc 15h")
            else:
                await director.shows(PICTURE, shown)
            await hears_until(director, "dialog-more")
            await director.says("xong")
            if files is not None:
                await hears_until(director, "ask-edit-files")
                await director.says(files)
            await hears_until(director, "would-edit")
            await director.says("đồng ý")
            await hears_until(director, "edited")
            await stage.rest()
            words, *behind = town.seen("SNV")
            assert ("Họp lúc 15h" if shown is None else "Họp lúc 1") in words.body
            return [one.content["filename"] for one in behind]

        assert await edits("1", "b.png") == ["a.png", "b.png"]
        assert await edits(None, None) == ["a.png", "b.png"], "an edit of words alone keeps the files"
        assert await edits("bỏ hết", "c.png") == ["c.png"]
        stage.directory.people = [replace(one, locked=False) for one in stage.directory.people]
        newcomer = await stage.person("khoa")
        await stage.moves(timedelta(days=1))
        await newcomer.hears("Họp lúc 15h")
        await newcomer.hears("c.png")
        await newcomer.hears_nothing()
        await says_and_agrees(director, "thu hồi tin 1", "would-withdraw")
        await stage.rest()
        assert town.seen("SNV") == []
        assert len(newcomer.taken_back) == 2


async def test_what_somebody_approved_is_not_for_its_author_to_word_anew(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town, deputy, director = await submitted(stage)
        await says_and_agrees(director, "duyệt 1", "would-approve", "approved")
        await deputy.hears(means="approved-told")
        await deputy.hears(means="progress-on-its-way")
        await deputy.says("sửa tin 1: Toàn Sở nghỉ làm")
        await deputy.hears(means="edit-not-alone")
        await says_and_agrees(director, "sửa tin 1: Họp lúc 15h", "would-edit", "edited")
        await stage.rest()
        [posted] = town.seen("SNV")
        assert "Họp lúc 15h" in posted.body


async def test_a_deadline_lies_behind_the_morning_on_which_people_get_it(databases: Databases) -> None:
    async with kit(BROADCASTS, databases, at=MONDAY_MORNING.replace(hour=23)) as stage:
        Town(stage).opens_rooms("SNV")
        director = await stage.person("giam-doc")
        await director.says("thông báo quan trọng tới Sở Nội vụ hạn 23h45: Họp ngay")
        await director.hears("quá gần")


async def test_withdraw(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town, director = await announced(stage)
        an = await stage.person("an")
        [posted] = town.seen("SNV")
        await says_and_agrees(director, "thu hồi tin 1", "would-withdraw", "withdrawn")
        await stage.rest()
        assert town.seen("SNV") == []
        await town.reacts(an, posted.event_id, town.room("SNV"))
        await an.says("tin của tôi")
        await an.hears(means="my-owed-none")


async def test_what_is_older_than_the_memory_of_the_bot_is_neither_edited_nor_withdrawn(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        _, director = await announced(stage, "thông báo để biết tới Sở Nội vụ: Căng tin mở lại")
        await stage.moves(timedelta(days=31))
        for words in ("thu hồi tin 1", "sửa tin 1: Căng tin đóng"):
            await director.says(words)
            await director.hears(means="beyond-reach", number="1")


async def test_progress(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town, director = await announced(stage)
        an, mai, binh = [await stage.person(name) for name in ("an", "pho-phong", "binh")]
        [posted] = town.seen("SNV")
        await town.reacts(an, posted.event_id, town.room("SNV"), "👍🏽")
        await director.says("tiến độ 1")
        await director.hears("Sở Nội vụ: 1/4", "▰▰▰▱▱▱▱▱▱▱ Phòng Tổ chức biên chế: 1/3 (33%)", "Văn phòng Sở: 0/1")
        await mai.says("tiến độ 1")
        heard = await mai.hears("Phòng Tổ chức biên chế: 1/3")
        assert "Văn phòng" not in heard.body
        await binh.says("tiến độ 1")
        await binh.hears(means="not-understood")
        await stage.moves(timedelta(minutes=2))
        await director.hears(means="acknowledged", acknowledged=1, owed=4, percent="25", late=0)


async def test_missing(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town, director = await announced(stage)
        an = await stage.person("an")
        [posted] = town.seen("SNV")
        await town.replies(an, posted.event_id, town.room("SNV"), "Dạ em đã rõ ạ")
        await director.says("ai chưa xác nhận 1")
        heard = await director.hears(means="missing-count", count=3)
        assert "Lê Quang Minh (đang vắng), Phạm Thị Mai" in heard.body
        assert "Nguyễn Thị An" not in heard.body
        await director.says("ai chưa xác nhận 1 ở Văn phòng Sở")
        await director.hears(means="missing-count", count=1)
        await director.says("ai chưa xác nhận 1 ở Phường Vỹ Dạ")
        await director.hears()


async def test_remind(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town, director = await announced(stage)
        an, mai = await stage.person("an"), await stage.person("pho-phong")
        [posted] = town.seen("SNV")
        await town.reacts(an, posted.event_id, town.room("SNV"))
        await director.says("nhắc tin 1")
        await director.hears(means="would-remind", count=2)
        await director.says("đồng ý")
        await director.hears(means="reminded", count=2)
        await mai.hears(means="announcement-reminder", number="1", deadline="17:00 ngày 19/06/2026")
        await an.hears_nothing()
        await mai.reacts("👌")
        await stage.rest()
        await mai.says("tin của tôi")
        await mai.hears(means="my-owed-none")


async def test_chart(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        _, director = await announced(stage)
        mai, binh = await stage.person("pho-phong"), await stage.person("binh")
        for leader in (director, mai):
            await leader.says("biểu đồ 1")
            await leader.hears(means="chart-title", number="1")
            picture = await leader.hears("thong-bao-1.png")
            assert isinstance(picture.event, Image)
            assert (await leader.port.download(picture.event.file)).startswith(b"\x89PNG")
        await binh.says("biểu đồ 1")
        await binh.hears(means="not-understood")


async def test_export(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        _, director = await announced(stage)
        mai = await stage.person("pho-phong")
        await says_and_agrees(director, "xuất tin 1", "would-export", "exported")
        book = await director.hears("thong-bao-1.xlsx")
        assert isinstance(book.event, File)
        assert (await director.port.download(book.event.file)).startswith(b"PK")
        await mai.says("xuất tin 1")
        await mai.hears(means="ask-export-broadcast")


async def test_my_news(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        await announced(stage)
        an = await stage.person("an")
        await an.says("tin cua toi")
        await an.hears("1 · Họp giao ban lúc 14h (hạn 17:00 ngày 19/06/2026)")
        await an.says("đã rõ")
        await an.hears(means="noted", numbers="1", count=1)
        await an.says("tin của tôi")
        await an.hears(means="my-owed-none")


async def test_unread(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town, director = await announced(stage)
        an, mai = await stage.person("an"), await stage.person("pho-phong")
        await says_and_agrees(
            director, "thông báo để biết tới Sở Nội vụ: Căng tin mở lại", "would-reach", "progress-on-its-way"
        )
        await stage.rest()
        important, _ = town.seen("SNV")
        await an.says("tin chưa đọc")
        await an.hears("2 · Căng tin mở lại (Sở Nội vụ, 08:30 ngày 15/06/2026)\n1 · Họp giao ban", means="unread-some")
        await town.reacts(an, important.event_id, town.room("SNV"))
        await an.says("tin chưa đọc")
        assert "Họp giao ban" not in (await an.hears("2 · Căng tin", means="unread-some")).body
        await mai.says("unread")
        await mai.hears("2 · Căng tin", "1 · Họp giao ban")
        await says_and_agrees(director, "thu hồi tin 2", "would-withdraw")
        await stage.rest()
        await an.says("thông báo chưa đọc")
        await an.hears(means="unread-none")


async def test_search(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        await announced(stage)
        an, chairman = await stage.person("an"), await stage.person("chu-tich")
        await an.says("tìm tin giao ban")
        await an.hears(means="found", count=1)
        await an.says("tìm tin lễ hội")
        await an.hears(means="found-nothing", words="lễ hội")
        await chairman.says("tìm tin giao ban")
        await chairman.hears(means="found-nothing")


async def test_digest(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        an = await stage.person("an")
        await an.says("tin gộp hằng ngày bật")
        await an.hears(means="would-digest")
        await an.reacts("✅")
        await an.hears(means="digest-on")
        await announced(stage, "thông báo để biết tới Sở Nội vụ: Căng tin mở lại")
        await an.hears_nothing()
        await stage.moves(timedelta(days=1))
        await an.hears("1 · Căng tin mở lại (Sở Nội vụ)")


async def test_keep_template(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town = Town(stage)
        town.opens_rooms("SNV")
        director, mai = await stage.person("giam-doc"), await stage.person("pho-phong")
        await says_and_agrees(
            director, "lưu mẫu họp giao ban: Họp lúc 14h tại A", "would-keep-template", "template-kept"
        )
        await director.says("thông báo để biết tới Sở Nội vụ: mẫu Hop giao ban")
        await director.hears("Họp lúc 14h tại A")
        await director.hears(means="would-reach")
        await director.says("thôi")
        await director.hears(means="dialog-stopped")
        await mai.says("thông báo để biết tới Phòng Tổ chức biên chế: mẫu họp giao ban")
        assert "tại A" not in (await mai.hears("📢")).body, "a template is its owner's alone"


async def test_templates(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        director, mai = await stage.person("giam-doc"), await stage.person("pho-phong")
        await says_and_agrees(director, "lưu mẫu họp: Họp lúc 14h", "would-keep-template", "template-kept")
        await director.says("mẫu tin")
        await director.hears("• họp: Họp lúc 14h")
        await mai.says("mẫu tin")
        await mai.hears(means="templates-none")


async def test_drop_template(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        director = await stage.person("giam-doc")
        await says_and_agrees(director, "lưu mẫu họp: Họp lúc 14h", "would-keep-template", "template-kept")
        await says_and_agrees(director, "xoa mau hop", "would-drop-template", "template-dropped")
        await director.says("xoá mẫu họp")
        await director.hears(means="nothing-of-that-name", name="họp")


async def test_keep_list(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town = Town(stage)
        town.opens_rooms("SNV")
        director, mai = await stage.person("giam-doc"), await stage.person("pho-phong")
        await says_and_agrees(
            director, "lưu danh sách Tổ công tác 06: Nguyễn Thị An, Hồ Văn Bình", "would-keep-list", "list-kept"
        )
        await director.says("thông báo để biết tới danh sách Tổ công tác 06: Họp tổ")
        assert "Gửi: Hồ Văn Bình, Nguyễn Thị An" in (await director.hears("Họp tổ")).body
        await director.hears(means="would-reach", words="Danh sách Tổ công tác 06", people=2)
        # Another's list may have the same name: it means the own one to each, and says whose it is.
        await says_and_agrees(mai, "lưu danh sách tổ công tác 06: Nguyễn Thị An", "would-keep-list", "list-kept")
        await mai.says("thông báo để biết tới danh sách Tổ công tác 06: Họp tổ")
        await mai.hears("Họp tổ")
        await mai.hears(means="would-reach", words="Danh sách tổ công tác 06 của Phạm Thị Mai", people=1)


async def test_lists(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        director, mai = await stage.person("giam-doc"), await stage.person("pho-phong")
        await mai.says("danh sách")
        await mai.hears(means="lists-none")
        await says_and_agrees(
            director, "lưu danh sách Tổ 06: Nguyễn Thị An, Hồ Văn Bình", "would-keep-list", "list-kept"
        )
        await mai.says("danh sách")
        await mai.hears(means="lists-line-of", name="Tổ 06", owner="Trần Thị Hoà", count=2)
        await director.says("danh sách")
        await director.hears(means="lists-line", name="Tổ 06", count=2)


async def test_drop_list(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        director, mai = await stage.person("giam-doc"), await stage.person("pho-phong")
        await says_and_agrees(
            director, "lưu danh sách Tổ 06: Nguyễn Thị An, Hồ Văn Bình", "would-keep-list", "list-kept"
        )
        await mai.says("xoá danh sách tổ 06")
        await mai.hears(means="nothing-of-that-name")
        await says_and_agrees(director, "xoá danh sách tổ 06", "would-drop-list", "list-dropped")
