"""What of nio is replaced, each against a homeserver in memory that can be made to fail."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from vodozemac import Account

from bots.matrix import batches
from bots.matrix.client import CryptoClient
from bots.matrix.device import Device, Session
from bots.matrix.errors import ServerUnreachable
from bots.matrix.signing import Json, canonical
from tests.bots.test_trust import ANH, DEVICE, Owner
from tests.clients.devices import BOT, device_in

ROOM = "!r:hue.localhost"


class SmallHomeserver:
    """Answers the requests of one encrypted room with one other person in it."""

    homeserver = "http://test"

    def __init__(self, *, signed: bool = True) -> None:
        self.owner = Owner()
        self.signed = signed
        self.uploads: list[Json] = []
        self.to_device: list[Json] = []
        self.withheld: list[Json] = []
        self.failing: str | None = None

    async def request(self, method: str, path: str, body: Any = None, **_: object) -> Json:
        if self.failing is not None and self.failing in path:
            raise ServerUnreachable(self.homeserver)
        match path.split("/v3/")[1].split("/"):
            case ["keys", "upload"]:
                self.uploads.append(body)
                return {"one_time_key_counts": {"signed_curve25519": 50}}
            case ["keys", "query"]:
                return self.owner.answer(signed=self.signed)
            case ["keys", "claim"]:
                return {
                    "one_time_keys": {
                        user: dict.fromkeys(body["one_time_keys"][user], self.one_time_key())
                        for user in body["one_time_keys"]
                    }
                }
            case ["sendToDevice", "m.room.encrypted", _]:
                self.to_device.append(body)
                return {}
            case ["sendToDevice", "m.room_key.withheld", _]:
                self.withheld.append(body)
                return {}
            case ["sendToDevice", "m.room_key_request", _]:
                self.to_device.append(body)
                return {}
            case ["rooms", _, "state"]:
                return {
                    "chunk": [
                        state("m.room.encryption", "", {"algorithm": "m.megolm.v1.aes-sha2"}),
                        state("m.room.member", BOT, {"membership": "join"}),
                        state("m.room.member", ANH, {"membership": "join"}),
                    ]
                }
        raise AssertionError(f"{method} {path}")

    def one_time_key(self) -> Json:
        account: Account = self.owner.account
        account.generate_one_time_keys(1)
        key = {"key": next(iter(account.one_time_keys.values())).to_base64()}
        signature = account.sign(canonical(key)).to_base64()
        return {"signed_curve25519:AAAA": key | {"signatures": {ANH: {f"ed25519:{DEVICE}": signature}}}}

    async def close(self) -> None:
        pass


def state(kind: str, state_key: str, content: Json) -> Json:
    return {
        "type": kind,
        "state_key": state_key,
        "content": content,
        "event_id": f"${kind}{state_key}",
        "sender": ANH,
        "origin_server_ts": 1,
        "room_id": ROOM,
    }


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "PAUSES_S", (0.0, 0.0))


@pytest.fixture
def server() -> SmallHomeserver:
    return SmallHomeserver()


def client_of(server: SmallHomeserver, device: Device) -> CryptoClient:
    return CryptoClient(server, device, Session(BOT, "HUEPBOT", "t"))  # type: ignore[arg-type]


@pytest.fixture
def client(server: SmallHomeserver, tmp_path: Path) -> Iterator[CryptoClient]:
    with device_in(tmp_path) as device:
        yield client_of(server, device)


def sync(**more: Any) -> Json:
    return {"next_batch": "s", "device_one_time_keys_count": {"signed_curve25519": 50}} | more


async def test_an_exhausted_device_gets_new_one_time_keys(client: CryptoClient, server: SmallHomeserver) -> None:
    await client.upload_keys()
    assert "device_keys" in server.uploads[0]
    await client.take_in(sync())
    assert len(server.uploads) == 1, "enough are left"
    for counts in ({"signed_curve25519": 0}, {}):
        server.uploads.clear()
        await client.take_in(sync(device_one_time_keys_count=counts))
        [upload] = server.uploads
        assert len(upload["one_time_keys"]) == 50
        assert "device_keys" not in upload


async def test_a_used_fallback_key_is_replaced(client: CryptoClient, server: SmallHomeserver) -> None:
    await client.upload_keys()
    [first] = server.uploads[0]["fallback_keys"].values()
    assert first["fallback"] is True
    await client.take_in(sync(device_unused_fallback_key_types=["signed_curve25519"]))
    assert len(server.uploads) == 1
    await client.take_in(sync(device_unused_fallback_key_types=[]))
    [second] = server.uploads[1]["fallback_keys"].values()
    assert first["key"] != second["key"]


async def test_the_key_of_a_room_goes_to_the_cross_signed_device(client: CryptoClient, server: SmallHomeserver) -> None:
    content = await client.encrypt_for(ROOM, "m.room.message", {"body": "x"})
    assert content["algorithm"] == "m.megolm.v1.aes-sha2"
    [sent] = server.to_device
    assert list(sent["messages"]) == [ANH]
    assert list(sent["messages"][ANH]) == [DEVICE]
    await client.encrypt_for(ROOM, "m.room.message", {"body": "y"})
    assert len(server.to_device) == 1, "shared once"


async def test_no_key_goes_to_an_unsigned_device_until_it_is_signed(
    client: CryptoClient, server: SmallHomeserver
) -> None:
    server.signed = False
    await client.encrypt_for(ROOM, "m.room.message", {"body": "x"})
    assert server.to_device == []
    server.signed = True
    await client.take_in(sync(device_lists={"changed": [ANH]}))
    await client.encrypt_for(ROOM, "m.room.message", {"body": "y"})
    [sent] = server.to_device
    assert list(sent["messages"][ANH]) == [DEVICE]


@pytest.mark.parametrize("failing", ["keys/claim", "sendToDevice"])
async def test_a_failed_sharing_is_seen_and_the_next_send_shares(
    client: CryptoClient, server: SmallHomeserver, failing: str
) -> None:
    server.failing = failing
    with pytest.raises(ServerUnreachable):
        await client.encrypt_for(ROOM, "m.room.message", {"body": "x"})
    server.failing = None
    await client.encrypt_for(ROOM, "m.room.message", {"body": "x"})
    assert len(server.to_device) == 1


async def test_a_room_that_nio_stumbles_over_costs_itself_only(
    client: CryptoClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    handled = client._handle_joined_state

    def stumbling(room_id: str, *arguments: object) -> None:
        if room_id == "!poison:x":
            raise KeyError("content")
        handled(room_id, *arguments)

    monkeypatch.setattr(client, "_handle_joined_state", stumbling)
    named = {"timeline": {"events": [state("m.room.name", "", {"name": "Phòng"})]}}
    await client.take_in(sync(rooms={"join": {"!poison:x": named, ROOM: named}}))
    assert client.rooms[ROOM].name == "Phòng"


async def test_a_restart_is_the_same_device_with_the_same_keys(
    client: CryptoClient, server: SmallHomeserver, tmp_path: Path
) -> None:
    await client.upload_keys()
    await client.device.flush()
    client.device.close()
    with device_in(tmp_path) as device:
        again = client_of(server, device)
        assert again.olm.account.identity_keys == client.olm.account.identity_keys
        await again.take_in(sync())
        assert len(server.uploads) == 1, "nothing is uploaded anew"
