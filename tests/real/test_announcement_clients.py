"""An announcement on clients that share no code with the bots: read, acknowledged, corrected and taken back.

A head makes it in chat with the bot that serves the province. An, like the head, is on mautrix; the deputy on
matrix-js-sdk, on which Element stands; and Mới comes to the unit when it has long been sent.
"""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from mautrix.types import RoomID

from bots.broadcasts.package import BROADCASTS
from bots.matrix.contents import MESSAGE, REACTION
from bots.runtime.jobs import ask_for
from huep import clock
from huep.database import Role, connect_as
from tests.clients import js_sdk_client
from tests.clients.announcing import Chat, announcements, citizen, desktop, heard, opens_units, phone
from tests.clients.mautrix_client import MautrixDevice
from tests.clients.speakers import MautrixSpeaker, Related
from tests.clients.town import Town, founded
from tests.conftest import Province

pytestmark = [
    # Mautrix reads a deprecated field of the messages and warns of it each time.
    pytest.mark.filterwarnings("ignore:The sender_key field:DeprecationWarning"),
    pytest.mark.skipif(js_sdk_client.why_not() is not None, reason=js_sdk_client.why_not() or ""),
]

UNITS = {True: "KIN", False: "MO"}
"""By whether the announcement room is encrypted."""
ELSEWHERE = "KHAC"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


@pytest.fixture(scope="module")
async def units(stack: Province) -> AsyncIterator[Town]:
    async with founded(stack.state) as town:
        town.opens(ELSEWHERE)
        for encrypted, name in UNITS.items():
            await town.hires(f"moi-{name.lower()}", ELSEWHERE)
            await opens_units(stack, town, name, deputies=True, encrypt_announcements=encrypted)
        await asyncio.to_thread(stack.joins)
        yield town


async def announces(head: Chat, unit: str) -> None:
    """In a dialog: formatted words and a picture, shown, and consented to."""
    await head.says(f"thông báo khẩn tới Đơn vị {unit}", "Nội dung là gì?")
    await head.device.client.send_text(head.room_id, "Họp lúc 14h", html="Họp lúc <strong>14h</strong>")
    await heard(head.device, head.bot, "Tôi đã nhận nội dung.")
    await MautrixSpeaker(head.device).show(head.room_id, PICTURE, "so-do.png", "image/png")
    await heard(head.device, head.bot, "có 1 tệp đính kèm")
    await head.says("xong", "Thông báo này đến 2 người ở 1 đơn vị, qua 1 phòng thông báo.")
    await head.says("đồng ý", "Thông báo đang được chuyển đi")


def morning_comes(stack: Province) -> None:
    """The bot looks who has come, as it does each day at half past six."""
    engine = connect_as(stack.settings, stack.state, Role.BOTS)
    try:
        with engine.begin() as connection:
            assert ask_for(connection, BROADCASTS.name, "reconcile", f"test {uuid4()}", clock.now())
    finally:
        engine.dispose()


def has_sign(device: MautrixDevice, sender: str, target: str) -> bool:
    """Whether the sender's ✅ stands at an event."""
    signs = (seen for seen in device.seen.values() if (seen.type, seen.sender) == (REACTION, sender))
    return any((sign := one.content["m.relates_to"])["event_id"] == target and sign["key"] == "✅" for one in signs)


@pytest.mark.parametrize("encrypted", UNITS, ids=["encrypted", "plain"])
async def test_an_announcement_is_read_acknowledged_corrected_and_taken_back(
    stack: Province, units: Town, encrypted: bool
) -> None:
    name, bot = UNITS[encrypted], stack.settings.user_id(stack.settings.accounts.broadcasts)
    room_id = announcements(units, name)
    chief, staff, second, newcomer = (citizen(units, f"{who}-{name.lower()}") for who in ("dau", "nv", "pho", "moi"))
    async with phone(chief) as device, phone(staff) as an, phone(newcomer) as new, desktop(second) as deputy:
        head = await Chat.begun(device, bot)
        await announces(head, units.code(name))

        event_id, words = await heard(an, bot, "Họp lúc 14h")
        file_id, file = await heard(an, bot, "so-do.png")
        assert (words.encrypted, file.encrypted) == (encrypted, encrypted)
        assert await an.types_sent_by(room_id, bot) == {"m.room.encrypted" if encrypted else MESSAGE}
        assert "Họp lúc <strong>14h</strong>" in words.content["formatted_body"]
        assert words.content["m.mentions"] == {"room": True}
        assert file.content["msgtype"] == "m.image"
        assert await MautrixSpeaker(an).opens(file.content) == PICTURE

        await an.client.react(room_id, event_id, "✅")
        reply = await deputy.say(room_id, "Em đã rõ ạ", Related(reply_to=event_id))
        await an.until(lambda: has_sign(an, bot, reply), "the bot's sign at the deputy's word")
        number = words.content["body"].partition("số ")[2].partition(" ")[0]
        await head.says(f"tiến độ {number}", "2/2 người đã xác nhận (100%)")

        units.puts(newcomer, name)
        morning_comes(stack)
        await new.client.join_room_by_id(RoomID(await new.next_invitation()))
        copy_id, copy = await heard(new, bot, "Họp lúc 14h")
        copied_file_id, _ = await heard(new, bot, "so-do.png")
        assert copy.encrypted, "a room of two always is"
        await head.says(f"tiến độ {number}", "2/3 người đã xác nhận (66%)")

        await head.says(f"sửa tin {number}: Họp lúc 15h", "Tôi sẽ sửa thông báo số")
        await head.says("đồng ý", "đang được sửa")
        edit_id, edit = await heard(an, bot, "Họp lúc 15h")
        assert edit.encrypted is encrypted
        assert edit.content["m.relates_to"] == {"rel_type": "m.replace", "event_id": event_id}
        assert "Họp lúc 15h" in edit.content["m.new_content"]["body"]
        shown = await deputy.sees(room_id, event_id, lambda seen: "15h" in seen.content["body"])
        assert "14h" not in shown.content["formatted_body"]
        new_edit_id, new_edit = await heard(new, bot, "Họp lúc 15h")
        assert new_edit.content["m.relates_to"]["event_id"] == copy_id

        await head.says(f"thu hồi tin {number}", "Tôi sẽ thu hồi")
        await head.says("đồng ý", "đang được thu hồi")
        for reader, gone in ((an, (event_id, file_id, edit_id)), (new, (copy_id, copied_file_id, new_edit_id))):
            await reader.until(lambda: all(reader.seen[one].redacted for one in gone), "all of it taken back")  # noqa: B023
        assert (await deputy.sees(room_id, event_id, lambda seen: seen.redacted)).content == {}
