"""What a bot says unasked, on a real Synapse: to people who never wrote to it, with files, and taken back."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from mautrix.types import RoomID, TrustState

from bots.assistant.package import ASSISTANT
from bots.matrix.contents import MESSAGE, REDACTION, text_content
from bots.matrix.port import Image, Text
from bots.process.place import Place
from bots.runtime.outcome import Enclosure, Outgoing
from bots.testing.faults import Fault
from bots.testing.kit import Stage, kit
from huep.database import Role, connect_as
from tests.clients.lent_people import lend_person
from tests.clients.mautrix_client import mautrix_device
from tests.conftest import Province

CHART = Enclosure("tien-do.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(500), (640, 480))


@pytest.fixture
async def stage(stack: Province, tmp_path: Path) -> AsyncIterator[Stage]:
    async with kit(ASSISTANT, stack, real=tmp_path) as stage:
        yield stage


def puts(stage: Stage, **letters: Outgoing) -> None:
    with stage.tools.engine.begin() as connection:
        stage.tools.outbox.put(connection, letters, "batch")


def event_of(stage: Stage, key: str) -> str:
    with stage.tools.engine.connect() as connection:
        event_id = stage.tools.outbox.event_of(connection, key)
    assert event_id is not None
    return event_id


async def test_a_person_reads_on_another_client_what_the_bot_wrote_first_although_its_room_seemed_not_to_be_made(
    stack: Province, stage: Stage
) -> None:
    lent = await lend_person(stack)
    stage.directory.people.append(replace(stage.directory.named("an"), user_id=lent.user_id))
    async with mautrix_device(stack.url, lent.user_id, lent.password) as device:
        stage.network.breaks(Fault.LOST, "/createRoom")
        puts(stage, k=Outgoing(lent.user_id, MESSAGE, text_content(Text("bão số 5, xin xác nhận"))))
        await stage.rest()
        assert stage.network.met[Fault.LOST] == 1
        room_id = await device.next_invitation()
        await device.client.join_room_by_id(RoomID(room_id))
        received = await device.next_from(stage.bot)
        assert (received.body, received.trust) == ("bão số 5, xin xác nhận", TrustState.CROSS_SIGNED_TOFU)

        await device.say(room_id, "tôi là ai")
        await device.until(lambda: len(device.received) == 2, "the answer in the same room")
        puts(stage, again=Outgoing(lent.user_id, MESSAGE, text_content(Text("hết bão"))))
        await device.until(lambda: any(message.body == "hết bão" for message in device.received), "the second letter")

        puts(stage, withdrawal=Outgoing(room_id, REDACTION, {"redacts": event_of(stage, "again")}))
        await device.until(lambda: device.seen[event_of(stage, "again")].redacted, "the redaction")
        assert not device.invitations, "no second room was made"
        assert await device.types_sent_by(room_id, stage.bot) == {"m.room.encrypted", REDACTION}


@pytest.mark.parametrize("encrypted", [True, False])
async def test_a_chart_reaches_a_room_once_encrypted_as_the_room_is(stage: Stage, encrypted: bool) -> None:
    an = await stage.person("an")
    room = await stage.room("Thông báo", an, encrypted=encrypted)
    stage.network.breaks(Fault.LOST, "/upload")
    stage.network.breaks(Fault.LOST, "/send/")
    puts(stage, k=Outgoing(room.room_id, MESSAGE, text_content(Text("Tiến độ")), enclosure=CHART))
    heard = await an.hears("Tiến độ", room=room)
    assert isinstance(heard.event, Image)
    assert heard.encrypted is encrypted
    assert (heard.event.file.key is not None) is encrypted
    assert await an.port.download(heard.event.file) == CHART.data
    await an.hears_nothing(room=room)


async def test_the_assistant_of_a_province_writes_to_somebody_who_never_wrote_to_it(stack: Province) -> None:
    """A service account, the process of production, and the directory in PostgreSQL."""
    lent = await lend_person(stack)
    engine = connect_as(stack.settings, stack.state, Role.BOTS)
    outbox = Place(stack.settings, stack.state, engine).tools(ASSISTANT).outbox
    async with mautrix_device(stack.url, lent.user_id, lent.password) as device:
        with engine.begin() as connection:
            words = Outgoing(lent.user_id, MESSAGE, text_content(Text("chào bạn")))
            outbox.put(connection, {f"to {lent.user_id}": words})
        await device.client.join_room_by_id(RoomID(await device.next_invitation()))
        assert (await device.next_from(ASSISTANT.user_id(stack.settings))).body == "chào bạn"
    engine.dispose()


async def test_who_talks_to_the_bot_already_is_written_to_there(stage: Stage) -> None:
    an = await stage.person("an")
    await an.says("tôi là ai")
    await an.hears("Nguyễn Thị An")
    puts(stage, k=Outgoing(an.user_id, MESSAGE, text_content(Text("chào bạn"))))
    assert (await an.hears("chào bạn")).encrypted
