"""What Truyền thông takes in rooms of many, encrypted and in clear: notes that somebody took, and no commands."""

import pytest

from bots.broadcasts.package import BROADCASTS
from bots.testing.kit import Stage, kit
from tests.bots.broadcasts.town import Town, hears_until
from tests.clients.running import Databases


async def announced(stage: Stage, *, encrypted: bool) -> Town:
    town = Town(stage)
    town.opens_rooms("SNV", encrypted=encrypted)
    director = await stage.person("giam-doc")
    await director.says("thông báo quan trọng tới Sở Nội vụ hạn 17h thứ sáu: Họp giao ban lúc 14h")
    await hears_until(director, "would-reach")
    await director.says("đồng ý")
    await hears_until(director, "announced")
    await stage.rest()
    return town


@pytest.mark.parametrize("encrypted", [True, False])
async def test_a_word_under_an_announcement_is_taken_and_answered_by_a_sign(
    databases: Databases, *, encrypted: bool
) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town = await announced(stage, encrypted=encrypted)
        director, an = await stage.person("giam-doc"), await stage.person("an")
        [posted] = town.seen("SNV")
        await town.replies(an, posted.event_id, town.room("SNV"), "Dạ em đã rõ ạ")
        await town.replies(director, posted.event_id, town.room("SNV"), "Các phòng chuẩn bị báo cáo nhé")
        assert len(town.seen("SNV")) == 1
        await director.says("ai chưa xác nhận 1")
        assert "Nguyễn Thị An" not in await hears_until(director, "missing-count")


@pytest.mark.parametrize("command", ["ai chưa xác nhận 1", "xuất tin 1", "thông báo để biết tới Sở Nội vụ: Căng tin"])
async def test_commands_are_answered_in_private_alone(databases: Databases, command: str) -> None:
    async with kit(BROADCASTS, databases) as stage:
        director, an = await stage.person("giam-doc"), await stage.person("an")
        closed = await stage.room("Ban Giám đốc", director, an, encrypted=True)
        clear = await stage.room("Sở Nội vụ", director, an)
        await director.says(command, to_bot=True, room=closed)
        assert (await director.hears(means="in-private", room=closed)).encrypted
        await director.says(command, to_bot=True, room=clear)
        await director.hears_nothing(room=clear)
