"""Rooms of many on the stage, and people to whom the bot writes first."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bots.assistant.package import ASSISTANT
from bots.matrix.contents import MESSAGE, reaction_content, text_content
from bots.matrix.port import Text
from bots.runtime.outcome import Outgoing
from bots.runtime.replies import said
from bots.testing.kit import Stage, kit
from tests.clients.running import Databases


@pytest.fixture
async def stage(databases: Databases) -> AsyncIterator[Stage]:
    async with kit(ASSISTANT, databases) as stage:
        yield stage


def puts(stage: Stage, **letters: Outgoing) -> None:
    with stage.tools.engine.begin() as connection:
        stage.tools.outbox.put(connection, letters)


@pytest.mark.parametrize("encrypted", [True, False])
async def test_all_hear_what_the_bot_says_in_their_room_and_nobody_else(stage: Stage, encrypted: bool) -> None:
    an, binh, mai = [await stage.person(name) for name in ("an", "binh", "pho-phong")]
    room = await stage.room("Thông báo", an, binh, encrypted=encrypted)
    puts(stage, k=said(room.room_id, Text("họp 8 giờ")))
    for speaker in (an, binh):
        heard = await speaker.hears("họp 8 giờ", room=room)
        assert heard.encrypted is encrypted
        await speaker.hears_nothing()
    await mai.hears_nothing(room=room)


async def test_who_names_the_bot_in_a_room_is_answered_there(stage: Stage) -> None:
    an, binh = await stage.person("an"), await stage.person("binh")
    room = await stage.room("Thảo luận", an, binh, encrypted=True)
    await an.says("tôi là ai", to_bot=True, room=room)
    await binh.hears("Nguyễn Thị An", room=room)
    with pytest.raises(AssertionError, match="not nothing"):
        await an.hears_nothing(room=room)


async def test_reactions_receipts_and_edits_go_where_the_words_are(stage: Stage) -> None:
    an = await stage.person("an")
    room = await stage.room("Thông báo", an)
    puts(stage, k=said(room.room_id, Text("họp 8 giờ")))
    heard = await an.hears("họp 8 giờ", room=room)
    reaction = stage.world.homeserver.event(await an.reacts("👍"))
    assert (reaction.room_id, reaction.source["content"]) == (room.room_id, reaction_content(heard.event_id, "👍"))
    await an.sees(heard)
    assert stage.world.homeserver.read[room.room_id, an.user_id] == heard.event_id
    said_there = await an.says("vâng", room=room)
    for event_id in (said_there, await an.corrects("vâng ạ"), await an.takes_back()):
        assert stage.world.homeserver.event(event_id).room_id == room.room_id


async def test_who_comes_after_the_bot_wrote_hears_it_in_the_room_that_it_made(stage: Stage) -> None:
    user_id = str(stage.directory.named("an").user_id)
    puts(stage, k=Outgoing(user_id, MESSAGE, text_content(Text("chào bạn"))))
    await stage.rest()
    an = await stage.person("an")
    assert (await an.hears("chào bạn")).encrypted
    await an.says("tôi là ai")
    await an.hears("Nguyễn Thị An")


async def test_who_has_a_room_with_the_bot_is_written_to_there(stage: Stage) -> None:
    an = await stage.person("an")
    puts(stage, k=Outgoing(an.user_id, MESSAGE, text_content(Text("chào bạn"))))
    await an.hears("chào bạn")


async def test_who_is_locked_is_not_written_to(stage: Stage) -> None:
    an = await stage.person("an")
    stage.directory.people = [
        replace(person, locked=True) if person.user_id == an.user_id else person for person in stage.directory.people
    ]
    puts(stage, k=Outgoing(an.user_id, MESSAGE, text_content(Text("chào bạn"))))
    await an.hears_nothing()
