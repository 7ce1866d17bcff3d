"""What is wrong in nio as it comes, each seen on it: where one of these fails, nio was mended and ours may go.

The other half, that ours does it right, stands in the tests that docs/bots/nio.md names beside each of these.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import nio
import pytest
import vodozemac
from aiohttp import ClientConnectionError, web

from bots.matrix.algorithms import MEGOLM
from bots.matrix.errors import RequestRefused
from bots.matrix.signing import Json
from tests.bots.key_server import BOT, BOT_DEVICE, KeyServer, refused
from tests.bots.test_own_keys import Caller
from tests.clients.running import free_port

ROOM = "!phong:hue.localhost"
ANH, BINH = "@anh:hue.localhost", "@binh:hue.localhost"
HANGS_S = 0.5


@pytest.fixture
def server() -> KeyServer:
    return KeyServer()


@pytest.fixture
async def url(server: KeyServer) -> AsyncIterator[str]:
    """The server of the other tests behind HTTP, as stock nio speaks nothing else."""

    async def answer(request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else None
        try:
            return web.json_response(await server.request(request.method, request.path_qs.split("?")[0], body))
        except RequestRefused as error:
            refusal = {"errcode": error.errcode, "error": error.reason, "retry_after_ms": 1}
            return web.json_response(refusal, status=error.status)
        except ConnectionError:
            assert request.transport is not None
            request.transport.close()
            return web.Response()

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}"
    await runner.cleanup()


@pytest.fixture
async def opened(url: str, server: KeyServer, tmp_path: Path) -> AsyncIterator[Callable[[], Any]]:
    """Opens the same device; each time as after a restart."""
    clients: list[Any] = []

    async def again() -> Any:
        config = nio.AsyncClientConfig(
            store=nio.store.SqliteStore, store_name="crypto.db", pickle_key="x", max_timeouts=1
        )
        client = nio.AsyncClient(url, BOT, BOT_DEVICE, str(tmp_path), config)
        client.restore_login(BOT, BOT_DEVICE, "t")
        clients.append(client)
        await sync(client, list(server.state(ROOM)))
        client.rooms[ROOM].members_synced = True
        return client

    yield again
    for client in clients:
        await client.close()


@pytest.fixture
async def client(opened: Callable[[], Any], server: KeyServer) -> Any:
    """In a room with Anh and her phone."""
    server.joins(ANH, ROOM, "PHONE")
    return await opened()


async def sync(client: Any, state: list[Json] | None = None, one_time_keys: int = 50, **more: Any) -> None:
    answer = {
        "next_batch": f"s{id(more)}{one_time_keys}",
        "device_one_time_keys_count": {"signed_curve25519": one_time_keys},
        "rooms": {"join": {ROOM: {"state": {"events": state or []}, "timeline": {"events": []}}}},
    }
    await client.receive_response(nio.SyncResponse.from_dict(answer | more))


async def say(client: Any, body: str) -> Json:
    """What arrives at the server."""
    sent: list[Json] = []
    encrypt = client.encrypt

    def remembered(*arguments: Any) -> Any:
        kind, content = encrypt(*arguments)
        sent.append(content)
        return kind, content

    client.encrypt = remembered
    if client.should_query_keys:
        await client.keys_query()
    await client.room_send(ROOM, "m.room.message", {"body": body}, ignore_unverified_devices=True)
    client.encrypt = encrypt
    return sent[0]


async def test_it_never_replenishes_one_time_keys_that_are_all_gone(client: Any) -> None:
    await client.keys_upload()
    await sync(client, one_time_keys=0)
    assert not client.should_upload_keys


async def test_it_makes_no_fallback_key(client: Any, server: KeyServer) -> None:
    await client.keys_upload()
    assert "fallback_keys" not in server.uploads[0]


async def test_after_a_failed_claim_every_later_message_hangs(client: Any, server: KeyServer) -> None:
    def fail(path: str, _: Any) -> None:
        if "keys/claim" in path:
            raise ConnectionError

    server.before = fail
    with pytest.raises(ClientConnectionError):
        await say(client, "một")
    server.before = lambda *_: None
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(say(client, "hai"), HANGS_S)


async def test_what_could_not_be_shared_counts_as_shared_and_logs_it_out(client: Any, server: KeyServer) -> None:
    def fail(path: str, _: Any) -> None:
        if "sendToDevice" in path:
            raise refused(500)

    server.before = fail
    await say(client, "một")
    assert server.asked("m.room.encrypted") == []
    assert client.olm.outbound_group_sessions[ROOM].shared
    assert not client.logged_in, "it takes the devices that were not reached for a word of logging out"


async def test_a_new_device_makes_it_share_with_everybody_again(client: Any, server: KeyServer) -> None:
    first = await say(client, "một")
    server.adds(ANH, "TABLET")
    await sync(client, device_lists={"changed": [ANH], "left": []})
    second = await say(client, "hai")
    assert second["session_id"] != first["session_id"]
    assert len(server.phone(ANH, "PHONE").received) == 2


async def test_a_restart_makes_it_share_with_everybody_again(
    client: Any, opened: Callable[[], Any], server: KeyServer
) -> None:
    first = await say(client, "một")
    second = await say(await opened(), "hai")
    assert second["session_id"] != first["session_id"]


async def test_it_ignores_the_rooms_rotation_settings(opened: Callable[[], Any], server: KeyServer) -> None:
    server.encryption["rotation_period_msgs"] = 10
    server.joins(ANH, ROOM, "PHONE")
    client = await opened()
    assert len({(await say(client, str(number)))["session_id"] for number in range(30)}) == 1


async def test_it_gives_keys_to_devices_that_nobody_signed(opened: Callable[[], Any], server: KeyServer) -> None:
    [unsigned] = server.joins(ANH, ROOM, "UNSIGNED", signed=False)
    assert unsigned.read(await say(await opened(), "một")) == "một"


async def test_a_device_without_one_time_keys_is_passed_over_without_a_word(client: Any, server: KeyServer) -> None:
    [asleep] = server.joins(BINH, ROOM, "ASLEEP", one_time_keys=0)
    await sync(client, list(server.state(ROOM)))
    said = await say(client, "một")
    assert (asleep.read(said), asleep.withheld) == (None, [])
    asleep.one_time_keys = 10
    assert asleep.read(await say(client, "hai")) is None, "nor is it asked again"


async def test_it_sends_to_twenty_devices_a_request(opened: Callable[[], Any], server: KeyServer) -> None:
    server.joins(ANH, ROOM, *[f"D{number}" for number in range(41)])
    await say(await opened(), "một")
    assert len(server.asked("m.room.encrypted")) == 3


async def test_it_does_not_write_on_the_session_on_which_a_message_came_last(client: Any, server: KeyServer) -> None:
    await client.keys_upload()
    await client.keys_query()
    phone = server.phone(ANH, "PHONE")
    caller = Caller(phone, client, server.uploads[0])
    first, second = caller.session, caller.begun()
    for number, session in enumerate((first, second, first)):
        await sync(client, to_device={"events": [caller.event(session)]}, one_time_keys=50 + number)
    phone.sessions[:] = [first]
    with pytest.raises(AssertionError, match="a message on a session that nobody began"):
        phone.take("m.room.encrypted", _olm_message(client, phone))


def _olm_message(client: Any, phone: Any) -> Json:
    device = client.device_store[phone.user_id][phone.device_id]
    session = client.olm.session_store.get(phone.curve25519)
    encrypted: Json = client.olm._olm_encrypt(session, device, "m.dummy", {})
    return encrypted


async def test_a_broken_session_with_a_device_without_keys_is_claimed_for_at_every_sync(
    client: Any, server: KeyServer
) -> None:
    await client.keys_upload()
    await client.keys_query()
    phone = server.phone(ANH, "PHONE")
    phone.one_time_keys = 0
    caller = Caller(phone, client, server.uploads[0])
    await sync(client, to_device={"events": [caller.unreadable()]})
    for _ in range(3):
        await client.keys_claim(client.get_users_for_key_claiming())
    assert len(server.asked("claim")) == 3
    assert client.should_claim_keys


# Reading


def read(client: Any, content: Json, event_id: str, room_id: str = ROOM) -> Any:
    event = {"type": "m.room.encrypted", "content": content, "event_id": event_id, "sender": BOT, "origin_server_ts": 1}
    return client.olm.decrypt_megolm_event(nio.MegolmEvent.from_dict(event | {"room_id": room_id}), room_id)


async def test_after_a_restart_it_reads_what_is_sent_again_as_another_event(
    client: Any, opened: Callable[[], Any]
) -> None:
    content = await say(client, "đồng ý")
    assert read(client, content, "$first").source["content"]["body"] == "đồng ý"
    with pytest.raises(nio.EncryptionError, match="replay"):
        read(client, content, "$again")
    assert read(await opened(), content, "$again").source["content"]["body"] == "đồng ý"


async def test_it_reads_what_was_written_for_another_room(client: Any) -> None:
    content = await say(client, "đồng ý")
    kept = client.olm.inbound_group_store.get(ROOM, content["sender_key"], content["session_id"])
    client.olm.inbound_group_store.add(
        nio.crypto.InboundGroupSession.import_session(
            kept.export_session(0), kept.ed25519, kept.sender_key, "!elsewhere:hue.localhost"
        )
    )
    assert read(client, content, "$e", "!elsewhere:hue.localhost").source["content"]["body"] == "đồng ý"


async def test_an_event_without_the_deprecated_sender_key_is_bad(client: Any) -> None:
    content = await say(client, "đồng ý")
    del content["sender_key"]
    event = {"type": "m.room.encrypted", "content": content, "event_id": "$e", "sender": BOT, "origin_server_ts": 1}
    assert isinstance(nio.Event.parse_event(event), nio.BadEvent)


def test_it_logs_whole_events_that_do_not_fit(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("WARNING", "nio"):
        nio.Event.parse_event({"type": "m.room.message", "content": {"body": "mật"}})
    assert "mật" in caplog.text


async def test_what_the_server_left_out_of_a_timeline_is_never_asked_for(client: Any, server: KeyServer) -> None:
    paths: list[str] = []
    server.before = lambda path, _: paths.append(path)
    timeline = {"events": [], "limited": True, "prev_batch": "p"}
    await sync(client, rooms={"join": {ROOM: {"state": {"events": []}, "timeline": timeline}}})
    assert paths == []


async def test_the_token_is_kept_before_the_events_are_handled(client: Any) -> None:
    def broken(*_: Any) -> None:
        raise ConnectionError

    client.config = nio.AsyncClientConfig(store_sync_tokens=True)
    client.add_event_callback(broken, nio.RoomTopicEvent)
    topic = {"type": "m.room.topic", "state_key": "", "content": {"topic": "t"}}
    event = topic | {"event_id": "$e", "sender": ANH, "origin_server_ts": 1}
    rooms = {"join": {ROOM: {"state": {"events": []}, "timeline": {"events": [event]}}}}
    with pytest.raises(ConnectionError):
        await sync(client, rooms=rooms, next_batch="after")
    assert client.store.load_sync_token() == "after"


async def test_it_begins_a_verification_with_whoever_asks(client: Any) -> None:
    await client.keys_query()
    content = {
        "from_device": "PHONE", "method": "m.sas.v1", "transaction_id": "t", "hashes": ["sha256"],
        "key_agreement_protocols": ["curve25519-hkdf-sha256"], "short_authentication_string": ["emoji", "decimal"],
        "message_authentication_codes": ["hkdf-hmac-sha256"],
    }  # fmt: skip
    await sync(client, to_device={"events": [{"type": "m.key.verification.start", "sender": ANH, "content": content}]})
    assert "t" in client.key_verifications


async def test_into_a_room_whose_state_it_has_not_seen_it_writes_in_clear(client: Any, server: KeyServer) -> None:
    client.rooms["!new:hue.localhost"] = nio.MatrixRoom("!new:hue.localhost", BOT)
    await client.room_send("!new:hue.localhost", "m.room.message", {"body": "mật"})
    assert server.asked("send") == [{"body": "mật"}]


async def test_a_rate_limit_is_waited_out_for_ever(client: Any, server: KeyServer) -> None:
    asked: list[str] = []

    def limited(path: str, _: Any) -> None:
        asked.append(path)
        raise RequestRefused(429, "M_LIMIT_EXCEEDED", "slowly", path)

    server.before = limited
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(HANGS_S):
            await client.joined_rooms()
    assert len(asked) > 10


async def test_a_key_given_again_by_its_maker_is_not_taken(client: Any, server: KeyServer) -> None:
    await client.keys_query()
    phone, group = server.phone(ANH, "PHONE"), vodozemac.GroupSession()
    exported = vodozemac.InboundGroupSession(group.session_key).export_at(0)
    assert exported is not None
    asked = nio.crypto.OutgoingKeyRequest(group.session_id, group.session_id, ROOM, MEGOLM)
    client.olm.outgoing_key_requests[group.session_id] = asked
    content = {
        "algorithm": MEGOLM, "room_id": ROOM, "session_id": group.session_id, "session_key": exported.to_base64(),
        "sender_key": phone.curve25519, "sender_claimed_ed25519_key": phone.ed25519,
        "forwarding_curve25519_key_chain": [],
    }  # fmt: skip
    payload = {"type": "m.forwarded_room_key", "sender": ANH, "content": content, "keys": {"ed25519": phone.ed25519}}
    assert client.olm._handle_forwarded_room_key_event(ANH, phone.curve25519, payload) is None, "it is well-formed"
    assert client.olm.inbound_group_store.get(ROOM, phone.curve25519, group.session_id) is None


async def test_a_download_is_taken_whole_and_its_kind_on_its_senders_word(client: Any) -> None:
    async def long(_: web.Request) -> web.Response:
        return web.Response(body=b"<script>" * 500_000, content_type="image/png")

    app = web.Application()
    app.router.add_get("/{path:.*}", long)
    runner = web.AppRunner(app)
    await runner.setup()
    client.homeserver = f"http://127.0.0.1:{(port := free_port())}"
    await web.TCPSite(runner, "127.0.0.1", port).start()
    answer = await client.download("mxc://hue.localhost/picture")
    await runner.cleanup()
    assert len(answer.body) == 4_000_000
    assert answer.content_type == "image/png"
