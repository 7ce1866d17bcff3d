"""Truyền thông in the units' announcement rooms: put there by the provisioner, heard and answered by their people."""

from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
from mautrix.errors import MForbidden

from bots.matrix.contents import text_content
from bots.matrix.port import Text
from bots.runtime.outbox import Outbox
from bots.runtime.outcome import Outgoing
from bots.sealing import Seal
from hr_provisioner.rooms.looks import Purpose
from hr_provisioner.rooms.store import read_rooms
from huep import secret_names
from huep.database import Role, connect_as
from huep.synapse_admin import MembershipRequest, MembershipVerb
from tests.clients.announcing import announcements, announcing_units, citizen, heard, phone
from tests.clients.town import Town
from tests.conftest import Province

# Mautrix reads a deprecated field of the messages and warns of it each time.
pytestmark = pytest.mark.filterwarnings("ignore:The sender_key field:DeprecationWarning")


@pytest.fixture
def bot(stack: Province) -> str:
    return stack.settings.user_id(stack.settings.accounts.broadcasts)


def posts(stack: Province, room_id: str, text: Text) -> None:
    """Put something into the outbox of the bot that serves the province: its own device sends it."""
    localpart = stack.settings.accounts.broadcasts
    outbox = Outbox(localpart, Seal(stack.state.read_secret(secret_names.BOTS_MAIL).encode()))
    content = text_content(text)
    content["m.mentions"] |= {"room": True}
    engine = connect_as(stack.settings, stack.state, Role.BOTS)
    try:
        with engine.begin() as connection:
            outbox.put(connection, {str(uuid4()): Outgoing(room_id, "m.room.message", content)})
    finally:
        engine.dispose()


async def joined_rooms(stack: Province, user_id: str) -> set[str]:
    async with httpx.AsyncClient(
        base_url=stack.url,
        headers={"Authorization": f"Bearer {stack.state.read_secret(secret_names.ADMIN_TOKEN)}"},
        trust_env=False,
        timeout=60,
    ) as http:
        answer = await http.get(f"/_synapse/admin/v1/users/{quote(user_id)}/joined_rooms")
        return set(answer.raise_for_status().json()["joined_rooms"])


async def test_the_bot_is_in_the_announcement_room_of_every_unit_and_in_no_other_room_of_any(
    stack: Province, town: Town, bot: str
) -> None:
    await announcing_units(stack, town, "A")
    units = [unit for unit in read_rooms(town.place.hr).values() if not unit.closed]
    announcing = {unit.ids[Purpose.ANNOUNCEMENTS] for unit in units if Purpose.ANNOUNCEMENTS in unit.ids}
    of_units = {room_id for unit in units for room_id in unit.ids.values()}
    assert len(announcing) > 10
    assert await joined_rooms(stack, bot) & of_units == announcing
    for room_id in announcing:
        power = await town.state(room_id, "m.room.power_levels") or {}
        assert power["users"][bot] == power["events_default"] == power["notifications"]["room"] == 50
        assert min(power[act] for act in ("invite", "kick", "ban", "state_default")) > 50


async def test_what_the_bot_writes_is_read_and_acknowledged_and_members_do_nothing_else_there(
    stack: Province, town: Town, bot: str
) -> None:
    await announcing_units(stack, town, "B")
    room_id, staff, head = announcements(town, "B"), citizen(town, "nv-b"), citizen(town, "dau-b")
    async with phone(staff) as device:
        posts(stack, room_id, Text("Bão số 5 vào đất liền"))
        event_id, seen = await heard(device, bot, "Bão số 5 vào đất liền")
        assert not seen.encrypted
        assert seen.content["m.mentions"] == {"room": True}
        reaction = await device.client.react(room_id, event_id, "✅")
        await device.until(lambda: str(reaction) in device.seen, "its own reaction")
        with pytest.raises(MForbidden):
            await device.client.send_text(room_id, "Tôi cũng xin thông báo")
        with pytest.raises(MForbidden):
            await device.client.redact(room_id, event_id)
        await device.client.redact(room_id, reaction)
    assert await head.says(room_id, "Họp lúc 8 giờ") == 200
    assert await head.reads(room_id) == ["Họp lúc 8 giờ", "Bão số 5 vào đất liền"]


async def test_announcements_of_a_province_that_encrypts_them_are_read_by_signed_devices(
    stack: Province, town: Town, bot: str
) -> None:
    await announcing_units(stack, town, "C", encrypt_announcements=True)
    room_id, staff = announcements(town, "C"), citizen(town, "nv-c")
    assert await town.state(room_id, "m.room.encryption") is not None
    async with phone(staff) as device:
        posts(stack, room_id, Text("Họp kín lúc 14 giờ"))
        event_id, seen = await heard(device, bot, "Họp kín lúc 14 giờ")
        assert seen.encrypted
        await device.client.react(room_id, event_id, "✅")
        assert await device.types_sent_by(room_id, bot) == {"m.room.encrypted"}


async def test_the_bot_goes_on_through_new_heads_and_mergers(stack: Province, town: Town, bot: str) -> None:
    await announcing_units(stack, town, "D", "E")
    old, staff = announcements(town, "D"), citizen(town, "nv-d")
    town.puts(citizen(town, "dau-d"), "D")
    town.puts(staff, "D", standing="head")
    await town.settle()
    power = await town.state(old, "m.room.power_levels") or {}
    assert power["users"] == {town.settings.user_id("huep"): 100, bot: 50, staff.user_id: 50}

    town.opens("N", since=town.today)
    town.ends("D", "N")
    town.ends("E", "N")
    town.puts(staff, "N")
    await town.settle()
    stack.joins()
    assert {announcements(town, "N"), old} <= await joined_rooms(stack, bot), "as everybody, it stays in closed rooms"
    assert bot not in (await town.state(old, "m.room.power_levels") or {})["users"]
    async with phone(staff) as device:
        posts(stack, announcements(town, "N"), Text("Chào đơn vị mới"))
        await heard(device, bot, "Chào đơn vị mới")


async def test_rooms_from_before_there_was_the_bot_take_it_in_with_the_next_joins(
    stack: Province, town: Town, bot: str
) -> None:
    await announcing_units(stack, town, "F")
    room_id = announcements(town, "F")
    before = await town.state(room_id, "m.room.power_levels") or {}
    users = {user_id: power for user_id, power in before["users"].items() if user_id != bot}
    await town.admin.send_state(room_id, "m.room.power_levels", "", {**before, "users": users})
    town.sql(
        "update register.unit_rooms set moderators = :heads where room_id = :room",
        heads=citizen(town, "dau-f").localpart, room=room_id,
    )  # fmt: skip
    [left] = await town.admin.act_on_memberships(
        [MembershipRequest("1", MembershipVerb.LEAVE, town.settings.accounts.broadcasts, room_id)]
    )
    assert left.changed
    await town.joins().serve_urgent(())
    assert (await town.state(room_id, "m.room.power_levels") or {})["users"] == users, (
        "an urgent run has no time for it"
    )
    town.sql("delete from register.memberships where room_id = :room and user_id = :bot", room=room_id, bot=bot)

    stack.joins()
    assert room_id in await joined_rooms(stack, bot)
    assert await town.state(room_id, "m.room.power_levels") == before
