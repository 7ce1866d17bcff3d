"""Who gets the key of a room, and who is told that they do not."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bots.matrix.client import CryptoClient
from bots.matrix.signing import Json
from tests.bots.key_server import KeyServer, state_event
from tests.bots.sharing.talk import ANH, BINH, CHI, OTHER_ROOM, ROOM, changed, member_event, say, sync


async def test_everybody_signed_can_read_and_nobody_else(client: CryptoClient, server: KeyServer) -> None:
    phone, laptop = server.joins(ANH, ROOM, "PHONE", "LAPTOP")
    [stranger] = server.joins(BINH, ROOM, "UNSIGNED", signed=False)
    said = await say(client, "họp lúc 14 giờ")
    assert [device.read(said) for device in (phone, laptop, stranger)] == ["họp lúc 14 giờ"] * 2 + [None]


async def test_the_second_message_asks_the_server_for_nothing(client: CryptoClient, server: KeyServer) -> None:
    [phone] = server.joins(ANH, ROOM, "PHONE")
    await say(client, "một")
    server.requests.clear()
    assert phone.read(await say(client, "hai")) == "hai"
    assert server.requests == []


async def test_two_messages_at_once_share_once(client: CryptoClient, server: KeyServer) -> None:
    [phone] = server.joins(ANH, ROOM, "PHONE")
    one, two = await asyncio.gather(say(client, "một"), say(client, "hai"))
    assert sorted(phone.read(said) for said in (one, two)) == ["hai", "một"]
    assert len(phone.received) == 1


async def test_two_rooms_at_once_claim_one_key_of_a_device(client: CryptoClient, server: KeyServer) -> None:
    [phone] = server.joins(ANH, ROOM, "PHONE")
    server.joins(ANH, OTHER_ROOM)
    here, there = await asyncio.gather(say(client, "đây"), say(client, "kia", OTHER_ROOM))
    assert [phone.read(here), phone.read(there)] == ["đây", "kia"]
    assert len(server.asked("claim")) == 1


async def test_the_invited_get_keys_unless_history_is_for_those_inside(client: CryptoClient, server: KeyServer) -> None:
    server.joins(ANH, ROOM, "PHONE")
    await say(client, "một")
    [invited] = [server.adds(BINH, "PHONE")]
    await member_event(client, BINH, "invite")
    assert invited.read(await say(client, "hai")) == "hai"
    visibility = state_event(ROOM, "m.room.history_visibility", "", {"history_visibility": "joined"})
    await sync(client, rooms={"join": {ROOM: {"timeline": {"events": [visibility]}}}})
    assert invited.read(await say(client, "ba")) is None


async def test_a_device_whose_signing_key_changed_gets_no_key(client: CryptoClient, server: KeyServer) -> None:
    server.joins(ANH, ROOM, "PHONE")
    await say(client, "một")
    impostor = server.adds(ANH, "PHONE")
    for said in ("hai", "ba"):
        await changed(client, ANH)
        assert impostor.read(await say(client, said)) is None


@pytest.mark.parametrize("removed_before", [True, False])
async def test_the_key_first_seen_under_a_device_id_counts_for_good(
    opened: Callable[[], CryptoClient], server: KeyServer, removed_before: bool
) -> None:
    [phone] = server.joins(ANH, ROOM, "PHONE")
    client = opened()
    await say(client, "một")
    if removed_before:
        server.removes(ANH, "PHONE")
        await changed(client, ANH)
        await say(client, "hai")
    impostor = server.adds(ANH, "PHONE")
    await changed(client, ANH)
    await say(client, "ba")
    client = opened()
    for said in ("bốn", "năm"):
        assert impostor.read(await say(client, said)) is None
        await changed(client, ANH)
    server.puts_back(phone)
    await changed(client, ANH)
    assert phone.read(await say(client, "sáu")) == "sáu", "the first one is not shut out by it"


async def test_an_unsigned_device_is_told_once_a_session(client: CryptoClient, server: KeyServer) -> None:
    [phone] = server.joins(ANH, ROOM, "UNSIGNED", signed=False)
    said = [await say(client, "x") for _ in range(3)]
    [notice] = phone.withheld
    assert notice == {
        "algorithm": "m.megolm.v1.aes-sha2",
        "code": "m.unverified",
        "room_id": ROOM,
        "session_id": said[0]["session_id"],
        "sender_key": client.olm.account.identity_keys["curve25519"],
    }
    client.sharing.drop(ROOM)
    new = await say(client, "y")
    assert [notice["session_id"] for notice in phone.withheld] == [said[0]["session_id"], new["session_id"]]


async def test_after_a_restart_nobody_is_told_twice_of_one_session(
    opened: Callable[[], CryptoClient], server: KeyServer
) -> None:
    server.joins(ANH, ROOM, "PHONE")
    [unsigned] = server.joins(BINH, ROOM, "UNSIGNED", signed=False)
    await say(opened(), "một")
    client = opened()
    await say(client, "hai")
    assert len(unsigned.withheld) == 1
    [new] = server.joins(BINH, ROOM, "NEW", signed=False)
    await changed(client, BINH)
    await say(client, "ba")
    assert (len(unsigned.withheld), len(new.withheld)) == (1, 1)


async def test_a_device_that_gets_its_signature_gets_the_key(client: CryptoClient, server: KeyServer) -> None:
    [phone] = server.joins(ANH, ROOM, "UNSIGNED", signed=False)
    first = await say(client, "một")
    phone.signed = True
    await changed(client, ANH)
    second = await say(client, "hai")
    assert (phone.read(first), phone.read(second)) == (None, "hai")


async def test_the_refusals_of_others_say_why_an_event_cannot_be_read(client: CryptoClient) -> None:
    def notice(sender: str, **content: Any) -> Json:
        whole = {"room_id": ROOM, "session_id": "s", "code": "m.unverified"} | content
        return {"type": "m.room_key.withheld", "sender": sender, "content": whole}

    await sync(client, to_device={"events": [notice(ANH), notice(BINH, code="m.made.up"), notice(CHI, session_id=5)]})

    def why(sender: str) -> str | None:
        content = {"algorithm": "m.megolm.v1.aes-sha2", "session_id": "s"}
        return client.why_unreadable(ROOM, {"sender": sender, "content": content})

    assert [why(ANH), why(BINH), why(CHI)] == ["m.unverified", None, None]
