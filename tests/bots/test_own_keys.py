"""The keys that others need to write to our device, and the sessions that no longer work."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import vodozemac

from bots.matrix import batches, repair
from bots.matrix.client import CryptoClient
from bots.matrix.device import Session
from bots.matrix.errors import RequestRefused, ServerUnreachable
from bots.matrix.signing import Json, encode
from huep import clock
from tests.bots.key_server import BOT, BOT_DEVICE, KeyServer, Phone, refused
from tests.clients.devices import device_in

ROOM, ANH = "!phong:hue.localhost", "@anh:hue.localhost"


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "PAUSES_S", (0.0, 0.0))


@pytest.fixture
def server() -> KeyServer:
    return KeyServer()


@pytest.fixture
def client(server: KeyServer, tmp_path: Path) -> Iterator[CryptoClient]:
    with device_in(tmp_path, BOT) as device:
        yield CryptoClient(server, device, Session(BOT, BOT_DEVICE, "t"))  # type: ignore[arg-type]


async def sync(client: CryptoClient, one_time_keys: int = 50, fallback: bool = True, **more: Any) -> None:
    unused = ["signed_curve25519"] if fallback else []
    counts = {"signed_curve25519": one_time_keys} if one_time_keys else {}
    said = {"device_one_time_keys_count": counts, "device_unused_fallback_key_types": unused}
    await client.take_in({"next_batch": "s"} | said | more)


def one_time_keys(upload: Json) -> list[str]:
    return [key["key"] for key in upload["one_time_keys"].values()]


# Our keys on the server


async def test_the_first_upload_has_everything_and_the_second_nothing(client: CryptoClient, server: KeyServer) -> None:
    await client.upload_keys()
    [first] = server.uploads
    assert set(first) == {"device_keys", "one_time_keys", "fallback_keys"}
    assert len(first["one_time_keys"]) == 50
    await client.upload_keys()
    assert len(server.uploads) == 1


@pytest.mark.parametrize(("left", "uploaded"), [(50, None), (26, None), (25, 25), (1, 49), (0, 50)])
async def test_keys_are_replenished_when_half_are_gone_and_at_none(
    client: CryptoClient, server: KeyServer, left: int, uploaded: int | None
) -> None:
    await client.upload_keys()
    await sync(client, one_time_keys=left)
    assert [len(upload["one_time_keys"]) for upload in server.uploads[1:]] == ([uploaded] if uploaded else [])


async def test_keys_whose_upload_was_lost_are_uploaded_again_and_not_made_anew(
    client: CryptoClient, server: KeyServer
) -> None:
    seen: list[Json] = []

    def lose(path: str, body: Any) -> None:
        if path.endswith("keys/upload"):
            seen.append(body)
            raise ServerUnreachable("http://test")

    server.before = lose
    with pytest.raises(ServerUnreachable):
        await client.upload_keys()
    server.before = lambda *_: None
    await client.upload_keys()
    assert server.uploads == seen


async def test_one_time_keys_that_the_server_refuses_are_given_up(client: CryptoClient, server: KeyServer) -> None:
    """A device that was restored from a backup makes keys of names that the server has already."""
    await client.upload_keys()
    seen: list[Json] = []

    def refuse(path: str, body: Any) -> None:
        if path.endswith("keys/upload"):
            seen.append(body)
            raise refused(400)

    server.before = refuse
    await sync(client, one_time_keys=0)
    server.before = lambda *_: None
    await sync(client, one_time_keys=0)
    assert set(one_time_keys(seen[0])).isdisjoint(one_time_keys(server.uploads[1]))
    assert set(seen[0]["one_time_keys"]).isdisjoint(server.uploads[1]["one_time_keys"])


async def test_device_keys_that_the_server_refuses_are_no_small_matter(client: CryptoClient, server: KeyServer) -> None:
    def refuse(path: str, _: Any) -> None:
        raise refused(400)

    server.before = refuse
    with pytest.raises(RequestRefused):
        await client.upload_keys()


async def test_the_fallback_key_is_renewed_when_used_and_not_at_a_restart(
    client: CryptoClient, server: KeyServer, tmp_path: Path
) -> None:
    await client.upload_keys()
    await sync(client)
    assert len(server.uploads) == 1
    assert client.key_health.fallback_key_unused is True
    await sync(client, fallback=False)
    [first], [second] = (list(upload["fallback_keys"].values()) for upload in server.uploads)
    assert second["fallback"] is True
    assert first["key"] != second["key"]
    assert "one_time_keys" not in server.uploads[1]
    await client.store.flush()
    client.device.close()
    with device_in(tmp_path, BOT) as device:
        again = CryptoClient(server, device, Session(BOT, BOT_DEVICE, "t"))  # type: ignore[arg-type]
        await again.upload_keys()
    assert len(server.uploads) == 2


async def test_the_private_halves_are_durable_before_anybody_can_use_them(
    client: CryptoClient, server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full() -> None:
        raise OSError("disk full")

    monkeypatch.setattr(client.store, "flush", full)
    with pytest.raises(OSError, match="disk full"):
        await client.upload_keys()
    assert server.uploads == []


# Sessions that no longer work


class Caller:
    """A phone that writes to the bot, also on sessions that the bot does not have."""

    def __init__(self, phone: Phone, client: CryptoClient, upload: Json) -> None:
        self.phone = phone
        self._bot = client.olm.account.identity_keys
        self._keys = iter(one_time_keys(upload))
        self.session = self.begun()

    def begun(self) -> vodozemac.Session:
        bot = vodozemac.Curve25519PublicKey.from_base64(self._bot["curve25519"])
        key = vodozemac.Curve25519PublicKey.from_base64(next(self._keys))
        return self.phone.account.create_outbound_session(bot, key)

    def event(self, session: vodozemac.Session | None = None, kind: int | None = None) -> Json:
        made, body = (session or self.session).encrypt(b"{}").to_parts()
        content = {
            "algorithm": "m.olm.v1.curve25519-aes-sha2",
            "sender_key": self.phone.curve25519,
            "ciphertext": {self._bot["curve25519"]: {"type": made if kind is None else kind, "body": encode(body)}},
        }
        return {"type": "m.room.encrypted", "sender": self.phone.user_id, "content": content}

    def unreadable(self) -> Json:
        """A message on a session of which the bot knows nothing: as from a phone whose bot was set back."""
        elsewhere = vodozemac.Account()
        elsewhere.generate_one_time_keys(1)
        session = self.phone.account.create_outbound_session(
            elsewhere.curve25519_key, next(iter(elsewhere.one_time_keys.values()))
        )
        answer, _ = elsewhere.create_inbound_session(
            self.phone.account.curve25519_key, session.encrypt(b"x").to_pre_key()
        )
        session.decrypt(answer.encrypt(b"y"))
        return self.event(session)


@pytest.fixture
async def caller(client: CryptoClient, server: KeyServer) -> Caller:
    [phone] = server.joins(ANH, ROOM, "PHONE")
    await client.upload_keys()
    await client.know([ANH])
    return Caller(phone, client, server.uploads[0])


def dummies(phone: Phone) -> int:
    return sum(inside["type"] == "m.dummy" for inside in phone.received)


async def test_a_broken_session_is_begun_anew_but_once_an_hour(
    client: CryptoClient, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await sync(client, to_device={"events": [caller.unreadable()]})
    assert dummies(caller.phone) == 1
    later = clock.now() + repair.NOT_AGAIN_WITHIN
    monkeypatch.setattr(client._repairs, "_now", lambda: later)
    for session in client.olm.session_store[caller.phone.curve25519]:
        session.creation_time -= timedelta(hours=2)
    await sync(client, to_device={"events": [caller.unreadable()]})
    assert dummies(caller.phone) == 2


async def test_a_device_without_keys_does_not_make_a_repair_ask_at_every_sync(
    client: CryptoClient, caller: Caller, server: KeyServer
) -> None:
    caller.phone.one_time_keys = 0
    for _ in range(4):
        await sync(client, to_device={"events": [caller.unreadable()]})
    assert len(server.asked("claim")) <= 2
    assert dummies(caller.phone) == 0


async def test_no_dummy_is_sent_on_the_session_that_is_broken(client: CryptoClient, caller: Caller) -> None:
    await sync(client, to_device={"events": [caller.event()]})
    caller.phone.sessions.append(caller.session)
    caller.phone.one_time_keys = 0
    for session in client.olm.session_store[caller.phone.curve25519]:
        session.creation_time -= timedelta(hours=2)
    await sync(client, to_device={"events": [caller.unreadable()]})
    assert [device.peer.device_id for device in client.key_health.keyless] == ["PHONE"]
    assert caller.phone.received == []


async def test_who_says_that_there_is_no_session_gets_one(client: CryptoClient, caller: Caller) -> None:
    content = {"algorithm": "m.megolm.v1.aes-sha2", "code": "m.no_olm", "sender_key": caller.phone.curve25519}
    notice = {"type": "m.room_key.withheld", "sender": ANH, "content": content}
    await sync(client, to_device={"events": [notice, notice]})
    assert dummies(caller.phone) == 1
    await sync(client, to_device={"events": [notice]})
    assert dummies(caller.phone) == 1


async def test_a_repair_that_the_server_fails_does_not_stop_the_sync(
    client: CryptoClient, caller: Caller, server: KeyServer
) -> None:
    def fail(path: str, _: Any) -> None:
        if "keys/claim" in path:
            raise ServerUnreachable("http://test")

    server.before = fail
    await sync(client, to_device={"events": [caller.unreadable()]})
    assert dummies(caller.phone) == 0


async def test_we_write_on_the_session_on_which_a_message_came_last(client: CryptoClient, caller: Caller) -> None:
    first, second = caller.session, caller.begun()
    for session in (first, second, first):
        await sync(client, to_device={"events": [caller.event(session)]})
    caller.phone.sessions[:] = [first]
    await client.encrypt_for(ROOM, "m.room.message", {"body": "x"})
    await client.encrypt_for(ROOM, "m.room.message", {"body": "y"})
    assert [inside["type"] for inside in caller.phone.received] == ["m.room_key"]


async def test_nobody_gets_a_key_by_asking_for_it(client: CryptoClient, caller: Caller, server: KeyServer) -> None:
    said = await client.encrypt_for(ROOM, "m.room.message", {"body": "x"})
    own = server.adds(BOT, "OTHER")
    await client.query_keys([BOT])
    server.requests.clear()
    body = {
        "algorithm": "m.megolm.v1.aes-sha2",
        "room_id": ROOM,
        "sender_key": said["sender_key"],
        "session_id": said["session_id"],
    }
    request = {"action": "request", "request_id": "r", "requesting_device_id": "OTHER", "body": body}
    await sync(client, to_device={"events": [{"type": "m.room_key_request", "sender": BOT, "content": request}]})
    assert own.received == []
    assert server.requests == []
