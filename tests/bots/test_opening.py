"""Who may pass for whom: ciphertexts, sessions and keys in the hands of people whose they are not. The crypto is real."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bots.matrix.errors import ServerUnreachable
from bots.matrix.key_requests import FORWARDED
from bots.matrix.port import Batch, Edit, Redaction
from bots.matrix.signing import Json
from bots.matrix.store import inbound
from bots.matrix.trust import Origin
from tests.bots.devices import ABSENT, Device, Sender, SyncingHomeserver, bodies, in_room, text
from tests.bots.test_client import ROOM, sync
from tests.bots.test_trust import ANH, Owner

KE_GIAN = "@ke-gian:hue.localhost"
ELSEWHERE = "!elsewhere:hue.localhost"


@pytest.fixture
async def device(tmp_path: Path) -> AsyncIterator[Device]:
    device = Device(SyncingHomeserver(), tmp_path)
    device.server.others.append(Owner(KE_GIAN, seed=50))
    await device.client.upload_keys()
    await device.take()
    yield device
    device.close()


@pytest.fixture
def anh(device: Device) -> Sender:
    return Sender(device.server, device.client)


@pytest.fixture
def attacker(device: Device) -> Sender:
    """A colleague with a signed device, in the same room, who was given all keys that Anh gave."""
    return Sender(device.server, device.client, device.server.others[0])


def said(sender: Sender, body: str = "đồng ý", event_id: str = "$e", **content: Any) -> Json:
    return sender.said(json.dumps(text(body)).encode(), event_id, **content)


def passed_on(by: Sender, of: Sender, room_id: str = ROOM) -> Json:
    """The session of `of`, given to the bot by another device as its own."""
    key = json.loads(of.room_key())["content"]
    return by.to_device(by.room_key(content=key | {"room_id": room_id}))


def origins(batch: Batch) -> list[Origin]:
    return [event.origin for event in batch.events]


@pytest.mark.parametrize("sender_key", [ABSENT, "", "theirs"])
async def test_a_session_that_another_passed_on_first_does_not_make_a_message_theirs(
    device: Device, anh: Sender, attacker: Sender, sender_key: Any
) -> None:
    """Nor is its sender taken for somebody whose device is not verified."""
    await device.take(to_device=[passed_on(attacker, anh)])
    key = attacker.owner.curve25519 if sender_key == "theirs" else sender_key
    message = said(anh, sender_key=key)
    batch = await device.take(message, to_device=[anh.to_device(anh.room_key())])
    assert bodies(batch) == ["đồng ý"]
    assert origins(batch) == [Origin.CROSS_SIGNED]


async def test_a_session_that_only_another_gave_commands_nothing(device: Device, anh: Sender, attacker: Sender) -> None:
    batch = await device.take(said(anh), to_device=[passed_on(attacker, anh)])
    assert origins(batch) == [Origin.UNSIGNED]


async def test_a_key_that_another_forwards_as_its_own_commands_nothing(
    device: Device, anh: Sender, attacker: Sender
) -> None:
    """An `m.forwarded_room_key` holds no signature of the session: its maker must be who sends it."""
    own = {"sender_key": attacker.owner.curve25519, "sender_claimed_ed25519_key": attacker.owner.ed25519}
    forwarded = attacker.room_key(type=FORWARDED, content=anh.exported(**own))
    batch = await device.take(said(anh), to_device=[attacker.to_device(forwarded)])
    assert origins(batch) == [Origin.UNSIGNED]


async def test_a_key_that_another_forwards_is_not_taken_in(device: Device, anh: Sender, attacker: Sender) -> None:
    forwarded = attacker.room_key(type=FORWARDED, content=anh.exported())
    assert (await device.take(said(anh), to_device=[attacker.to_device(forwarded)])).events == ()


async def test_what_is_sent_again_in_the_same_room_is_read_once(device: Device, anh: Sender) -> None:
    message = said(anh, event_id="$first")
    again = message | {"event_id": "$again"}
    batch = await device.take(message, again, to_device=[anh.to_device(anh.room_key())])
    assert [event.event_id for event in batch.events] == ["$first"]
    assert (await device.take(again)).events == ()
    assert bodies(await device.take(message)) == ["đồng ý"], "the same event, asked for again"


async def test_what_is_sent_again_after_a_restart_is_read_once(device: Device, anh: Sender, tmp_path: Path) -> None:
    message = said(anh, event_id="$first")
    await device.take(message, to_device=[anh.to_device(anh.room_key())])
    device.close()
    later = Device(device.server, tmp_path)
    try:
        assert (await later.take(message | {"event_id": "$again"})).events == ()
        assert bodies(await later.take(message)) == ["đồng ý"]
    finally:
        later.kept = device.kept
        later.client.device.close()


async def test_a_long_session_is_not_remembered_without_bounds(
    device: Device, anh: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbound, "READ_AT_MOST", 2)
    messages = [said(anh, str(number), f"${number}") for number in range(4)]
    assert bodies(await device.take(*messages, to_device=[anh.to_device(anh.room_key())])) == ["0", "1", "2", "3"]
    again = [message | {"event_id": f"{message['event_id']}-again"} for message in messages]
    assert (await device.take(*again)).events == ()


async def test_whoever_sends_anothers_ciphertext_says_nothing(device: Device, anh: Sender, attacker: Sender) -> None:
    """And does not keep the real one, which comes later, from being read."""
    message = said(anh, event_id="$real")
    stolen = message | {"event_id": "$stolen", "sender": KE_GIAN}
    batch = await device.take(stolen, message, to_device=[anh.to_device(anh.room_key())])
    assert {event.event_id: event.origin for event in batch.events} == {
        "$stolen": Origin.UNSIGNED,
        "$real": Origin.CROSS_SIGNED,
    }


async def test_a_message_says_nothing_in_another_room(device: Device, anh: Sender, attacker: Sender) -> None:
    message = said(anh)
    await device.take(message, to_device=[anh.to_device(anh.room_key())])
    assert await read_elsewhere(device, message) == []
    await device.take(to_device=[passed_on(attacker, anh, ELSEWHERE)])
    assert await read_elsewhere(device, message) == []


async def test_a_message_says_nothing_where_its_own_device_gave_the_session_for_two_rooms(
    device: Device, anh: Sender
) -> None:
    """What stands inside names the room that it was written for."""
    await device.take(to_device=[anh.to_device(anh.room_key()), passed_on(anh, anh, ELSEWHERE)])
    assert await read_elsewhere(device, said(anh)) == []


async def read_elsewhere(device: Device, message: Json) -> list[Any]:
    elsewhere = {ELSEWHERE: {"timeline": {"events": [message | {"room_id": ELSEWHERE, "event_id": "$elsewhere"}]}}}
    device.server.syncs.append(sync(rooms={"join": elsewhere}))
    batch = await device.connection.next_batch()
    await device.connection.commit(batch)
    return list(batch.events)


async def test_a_message_counts_for_its_sender_and_for_nobody_whose_session_it_is_not(
    device: Device, anh: Sender
) -> None:
    batch = await device.take(said(anh) | {"sender": KE_GIAN}, to_device=[anh.to_device(anh.room_key())])
    assert origins(batch) == [Origin.UNSIGNED]


async def test_a_device_that_names_anothers_signing_key_is_not_theirs(
    device: Device, anh: Sender, attacker: Sender
) -> None:
    """Even where the server says that the key came from Anh."""
    forged = attacker.to_device(attacker.room_key(sender=ANH, keys={"ed25519": anh.owner.ed25519})) | {"sender": ANH}
    batch = await device.take(said(attacker) | {"sender": ANH}, to_device=[forged])
    assert origins(batch) == [Origin.UNSIGNED]


async def test_the_key_of_a_device_that_is_not_signed_commands_nothing(device: Device, anh: Sender) -> None:
    device.server.signed = False
    batch = await device.take(said(anh), to_device=[anh.to_device(anh.room_key())])
    assert origins(batch) == [Origin.UNSIGNED]


async def test_a_device_that_was_removed_commands_nothing_more(device: Device, anh: Sender) -> None:
    await device.take(said(anh, event_id="$before"), to_device=[anh.to_device(anh.room_key())])
    device.server.removed.add(ANH)
    batch = await device.take(said(anh, event_id="$after"), changed=[ANH])
    assert origins(batch) == [Origin.UNSIGNED]


async def test_what_waited_for_its_key_while_its_devices_chain_broke_commands_nothing(
    device: Device, anh: Sender
) -> None:
    assert (await device.take(said(anh))).events == ()
    device.server.signed = False
    batch = await device.take(to_device=[anh.to_device(anh.room_key())], changed=[ANH])
    assert origins(batch) == [Origin.UNSIGNED]


async def test_an_encrypted_redaction_of_anothers_message_takes_nothing_back(
    device: Device, anh: Sender, attacker: Sender
) -> None:
    await device.take(said(anh, event_id="$waits"))
    inside = {"type": "m.room.redaction", "room_id": ROOM, "content": {"redacts": "$waits"}}
    removal = attacker.said(json.dumps(inside).encode(), "$removal")
    batch = await device.take(removal, to_device=[attacker.to_device(attacker.room_key())])
    assert not any(isinstance(event, Redaction) for event in batch.events)
    assert bodies(await device.take(to_device=[anh.to_device(anh.room_key())])) == ["đồng ý"]


async def test_a_membership_that_stands_inside_is_none(device: Device, anh: Sender) -> None:
    inside = {
        "type": "m.room.member", "room_id": ROOM, "state_key": KE_GIAN, "content": {"membership": "leave"},
        "unsigned": {"prev_content": {"membership": "join"}},
    }  # fmt: skip
    batch = await device.take(anh.said(json.dumps(inside).encode()), to_device=[anh.to_device(anh.room_key())])
    assert batch.events == ()


async def test_an_edit_of_anothers_message_is_the_editors_own_word(
    device: Device, anh: Sender, attacker: Sender
) -> None:
    new = {"msgtype": "m.text", "body": "đồng ý", "m.new_content": {"msgtype": "m.text", "body": "đồng ý"}}
    inside = {"type": "m.room.message", "room_id": ROOM, "content": new}
    edit = attacker.said(
        json.dumps(inside).encode(), "$edit", **{"m.relates_to": {"rel_type": "m.replace", "event_id": "$of-anh"}}
    )
    [event] = (await device.take(edit, to_device=[attacker.to_device(attacker.room_key())])).events
    assert isinstance(event, Edit)
    assert event.sender == KE_GIAN


async def test_nothing_is_read_while_it_cannot_be_known_whose_it_is(device: Device, anh: Sender) -> None:
    """The batch comes again; it is never handed on as if the keys that were once known held."""
    answer = sync(
        to_device={"events": [anh.to_device(anh.room_key())]},
        rooms={"join": {ROOM: {"timeline": {"events": [said(anh)]}}}},
        device_lists={"changed": [ANH]},
    )
    device.server.failing = "keys/query"
    with pytest.raises(ServerUnreachable):
        await device.connection._intake.take_in(answer)


async def test_a_message_in_clear_is_nobodys_word(device: Device) -> None:
    batch = await device.take(in_room("m.room.message", {"msgtype": "m.text", "body": "đồng ý"}))
    assert origins(batch) == [Origin.PLAIN]
