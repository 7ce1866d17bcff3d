"""Devices that have no one-time keys: told, reported, and sent later what they missed."""

from collections.abc import Callable
from typing import Any

import pytest

from bots.matrix import keyless
from bots.matrix.client import CryptoClient
from bots.matrix.signing import Json
from huep import clock
from tests.bots.key_server import KeyServer, Phone, refused
from tests.bots.sharing.talk import ANH, BINH, OTHER_ROOM, ROOM, changed, member_event, say, sync


async def test_a_device_without_keys_is_told_reported_and_caught_up_with(
    client: CryptoClient, server: KeyServer
) -> None:
    [phone] = server.joins(ANH, ROOM, "PHONE")
    [asleep] = server.joins(BINH, ROOM, "ASLEEP", one_time_keys=0)
    said = [await say(client, str(number)) for number in range(3)]
    assert phone.read(said[0]) == "0"
    assert asleep.withheld == [
        {
            "algorithm": "m.megolm.v1.aes-sha2",
            "code": "m.no_olm",
            "sender_key": client.olm.account.identity_keys["curve25519"],
        }
    ]
    assert len(server.asked("claim")) == 1, "not at every message"
    [reported] = client.key_health.keyless
    assert (reported.peer.user_id, reported.peer.device_id) == (BINH, "ASLEEP")

    asleep.one_time_keys = 10
    await changed(client, BINH)
    assert [asleep.read(event) for event in said] == ["0", "1", "2"], "what it missed can be read"
    assert client.key_health.keyless == ()
    server.requests.clear()
    assert asleep.read(await say(client, "x")) == "x"
    assert server.requests == []


@pytest.mark.parametrize("heard_of_by", ["device list", "to-device", "time"])
async def test_a_device_without_keys_is_asked_again_when_there_is_reason(
    client: CryptoClient, server: KeyServer, heard_of_by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    [asleep] = server.joins(BINH, ROOM, "ASLEEP", one_time_keys=0)
    said = await say(client, "một")
    asleep.one_time_keys = 10
    await sync(client)
    assert asleep.read(said) is None
    match heard_of_by:
        case "device list":
            await changed(client, BINH)
        case "to-device":
            later = clock.now() + keyless.RETRY_WHEN_HEARD
            monkeypatch.setattr(client._channel.keyless, "_now", lambda: later)
            await sync(client)
            assert asleep.read(said) is None
            await sync(client, to_device={"events": [{"type": "m.dummy", "sender": BINH, "content": {}}]})
        case "time":
            later = clock.now() + keyless.RETRY_AFTER
            monkeypatch.setattr(client._channel.keyless, "_now", lambda: later)
            await sync(client)
    assert asleep.read(said) == "một"


async def test_what_a_device_misses_while_it_is_caught_up_with_is_sent_later(
    client: CryptoClient, server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    [asleep] = server.joins(BINH, ROOM, "ASLEEP", one_time_keys=0)
    server.joins(BINH, OTHER_ROOM)
    before = await say(client, "một")
    asleep.one_time_keys = 10
    answer = server.request
    meanwhile: list[Json] = []

    async def refusing_another(method: str, path: str, body: Any = None, **options: object) -> Json:
        if "m.room.encrypted" in path and not meanwhile:
            meanwhile.append({})
            server.before = lambda path, _: refuse(path)
            meanwhile[0] = await say(client, "hai", OTHER_ROOM)
            server.before = lambda *_: None
        return await answer(method, path, body, **options)

    def refuse(path: str) -> None:
        if "m.room.encrypted" in path:
            raise refused(400)

    monkeypatch.setattr(server, "request", refusing_another)
    await changed(client, BINH)
    assert asleep.read(before) == "một"
    assert asleep.read(meanwhile[0]) is None
    later = clock.now() + keyless.RETRY_AFTER
    monkeypatch.setattr(client._channel.keyless, "_now", lambda: later)
    await sync(client)
    assert asleep.read(meanwhile[0]) == "hai"
    assert client.key_health.keyless == ()


async def test_who_left_meanwhile_is_not_caught_up_with(client: CryptoClient, server: KeyServer) -> None:
    server.joins(ANH, ROOM, "PHONE")
    [asleep] = server.joins(BINH, ROOM, "ASLEEP", one_time_keys=0)
    said = await say(client, "một")
    asleep.one_time_keys = 10
    await member_event(client, BINH, "leave")
    await changed(client, BINH)
    assert asleep.read(said) is None
    assert client.key_health.keyless == ()


async def test_a_device_that_lost_its_signature_meanwhile_is_not_caught_up_with(
    client: CryptoClient, server: KeyServer
) -> None:
    [asleep] = server.joins(BINH, ROOM, "ASLEEP", one_time_keys=0)
    said = await say(client, "một")
    asleep.one_time_keys, asleep.signed = 10, False
    await changed(client, BINH)
    assert asleep.read(said) is None
    assert client.key_health.keyless == ()


def _wrong_signature(phone: Phone) -> Json:
    key = phone.claimed()
    assert key is not None
    key["signed_curve25519:AAAA"]["key"] = Phone(ANH, "X").curve25519
    return key


@pytest.mark.parametrize(
    "key",
    [
        _wrong_signature,
        lambda phone: {"curve25519:AAAA": "x"},
        lambda phone: {"signed_curve25519:AAAA": {"key": "x"}},
        lambda phone: {"signed_curve25519:AAAA": []},
        lambda phone: [],
    ],
)
async def test_a_claimed_key_that_is_not_the_devices_own_is_not_used(
    client: CryptoClient, server: KeyServer, key: Callable[[Phone], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    [phone] = server.joins(ANH, ROOM, "PHONE")
    given = key(phone)
    monkeypatch.setattr(phone, "claimed", lambda: given)
    assert phone.read(await say(client, "một")) is None
    assert phone.received == []
    assert [device.peer.device_id for device in client.key_health.keyless] == ["PHONE"]
