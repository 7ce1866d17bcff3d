"""An announcement on a real Synapse, in an encrypted room and in a plain one: sent, acknowledged, edited, taken back."""

from dataclasses import replace
from pathlib import Path

import pytest
from mautrix.types import EventID, RoomID

from bots.broadcasts.desk import Desk
from bots.broadcasts.package import BROADCASTS
from bots.matrix.port import Edit
from bots.testing.faults import Fault
from bots.testing.kit import kit
from bots.testing.synapse import PASSWORD
from tests.bots.broadcasts.town import hears_until, without_office_rooms
from tests.clients.mautrix_client import mautrix_device
from tests.clients.waiting import until
from tests.conftest import Province


@pytest.mark.parametrize("encrypted", [True, False])
async def test_an_announcement_from_its_first_word_to_its_withdrawal(
    stack: Province, tmp_path: Path, encrypted: bool
) -> None:
    place = replace(stack, settings=without_office_rooms(stack.settings))
    async with kit(BROADCASTS, place, real=tmp_path) as stage:
        director, an = await stage.person("giam-doc"), await stage.person("an")
        room = await stage.room("Thông báo Sở Nội vụ", an, encrypted=encrypted)
        stage.directory.rooms["SNV"] = room.room_id
        await director.says("thông báo quan trọng tới Sở Nội vụ hạn thứ sáu: Họp lúc 14h")
        await director.hears("Họp lúc 14h")
        await director.hears(means="would-reach", rooms=1)
        stage.network.breaks(Fault.LOST, "/send/", times=3)
        await director.says("đồng ý")
        heard = await an.hears("📢 Thông báo quan trọng số 1", "Họp lúc 14h", room=room)
        assert heard.encrypted is encrypted
        await an.reacts("✅", to=heard)
        await director.hears(means="progress-on-its-way")
        await director.hears(means="announced")
        await stage.rest()

        await director.says("ai chưa xác nhận 1")
        assert "Nguyễn Thị An" not in await hears_until(director, "missing-count")

        await director.says("sửa tin 1: Họp lúc 15h")
        await hears_until(director, "would-edit")
        await director.says("đồng ý")
        edited = await an.hears("Họp lúc 15h", room=room)
        assert isinstance(edited.event, Edit)
        assert edited.event.target == heard.event_id

        await director.says("thu hồi tin 1")
        await hears_until(director, "would-withdraw")
        await director.says("đồng ý")
        await hears_until(director, "withdrawn")
        await stage.rest()
        await director.says("thông báo để biết tới Sở Nội vụ: Lịch họp sẽ báo sau")
        await hears_until(director, "would-reach")
        await director.says("đồng ý")
        await an.hears("📢 Thông báo số 2", "Lịch họp sẽ báo sau", room=room)
        assert {heard.event_id, edited.event_id} <= an.taken_back


@pytest.mark.filterwarnings("ignore:The sender_key field:DeprecationWarning")
async def test_what_an_independent_client_shows_is_seen_and_not_acknowledged(stack: Province, tmp_path: Path) -> None:
    place = replace(stack, settings=without_office_rooms(stack.settings))
    async with kit(BROADCASTS, place, real=tmp_path) as stage:
        director, an = await stage.person("giam-doc"), await stage.person("an")
        room = await stage.room("Thông báo Sở Nội vụ", an)
        stage.directory.rooms["SNV"] = room.room_id
        await director.says("thông báo quan trọng tới Sở Nội vụ hạn thứ sáu: Họp lúc 14h")
        await hears_until(director, "would-reach")
        await director.says("đồng ý")
        heard = await an.hears("Họp lúc 14h", room=room)
        async with mautrix_device(stack.url, an.user_id, PASSWORD, cross_signed=False) as phone:
            await phone.until(lambda: heard.event_id in phone.seen, "the announcement")
            await phone.client.send_receipt(RoomID(room.room_id), EventID(heard.event_id))
        ledger = Desk.of(stage.tools).ledger
        await until(lambda: ledger.tallies(1)[0].seen == 1)
        await director.says("tiến độ 1")
        told = await hears_until(director, "progress-seen")
        assert "0/4 người đã xác nhận" in told
        assert "ít nhất 1 người" in told
