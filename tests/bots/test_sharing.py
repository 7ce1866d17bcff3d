"""Who gets the key of a room, when it is a new one, and what happens when the server fails in between."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bots.matrix import batches, keyless
from bots.matrix.client import CryptoClient
from bots.matrix.device import Device, Session
from bots.matrix.errors import RequestRefused, ServerUnreachable
from bots.matrix.signing import Json
from bots.matrix.store.folder import FolderShelf
from bots.matrix.store.outbound import KeptOutbound, KeptOutbounds
from bots.matrix.store.shelf import Kind
from bots.matrix.store.vault import Vault
from huep import clock
from tests.bots.key_server import BOT, BOT_DEVICE, KeyServer, Phone, refused, state_event
from tests.clients.stalls import watched

ROOM, OTHER_ROOM = "!phong:hue.localhost", "!khac:hue.localhost"
ANH, BINH, CHI = "@anh:hue.localhost", "@binh:hue.localhost", "@chi:hue.localhost"


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "PAUSES_S", (0.0, 0.0))


@pytest.fixture
def server() -> KeyServer:
    return KeyServer()


@pytest.fixture
def opened(server: KeyServer, tmp_path: Path) -> Iterator[Callable[[], CryptoClient]]:
    """Opens the bot's device; each time as after a restart."""
    clients: list[CryptoClient] = []

    def again() -> CryptoClient:
        for client in clients:
            client.device.close()
        device = Device.open(FolderShelf(tmp_path), BOT)
        clients[:] = [CryptoClient(server, device, Session(BOT, BOT_DEVICE, "t"))]  # type: ignore[arg-type]
        return clients[0]

    yield again
    for client in clients:
        client.device.close()


@pytest.fixture
def client(opened: Callable[[], CryptoClient]) -> CryptoClient:
    return opened()


async def say(client: CryptoClient, body: str, room_id: str = ROOM) -> Json:
    return await client.encrypt_for(room_id, "m.room.message", {"body": body})


async def sync(client: CryptoClient, **more: Any) -> None:
    unused = {"device_unused_fallback_key_types": ["signed_curve25519"]}
    await client.take_in({"next_batch": "s", "device_one_time_keys_count": {"signed_curve25519": 50}} | unused | more)


async def changed(client: CryptoClient, *users: str) -> None:
    await sync(client, device_lists={"changed": list(users)})


async def member_event(client: CryptoClient, user_id: str, membership: str, **content: Any) -> None:
    event = state_event(ROOM, "m.room.member", user_id, {"membership": membership} | content)
    await sync(client, rooms={"join": {ROOM: {"timeline": {"events": [event]}}}})


# Who gets keys


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


# When the session is a new one


async def test_a_new_device_gets_the_present_session(client: CryptoClient, server: KeyServer) -> None:
    [phone] = server.joins(ANH, ROOM, "PHONE")
    first = await say(client, "một")
    tablet = server.adds(ANH, "TABLET")
    await changed(client, ANH)
    second = await say(client, "hai")
    assert second["session_id"] == first["session_id"]
    assert (tablet.read(first), tablet.read(second), phone.read(second)) == (None, "hai", "hai")
    assert len(phone.received) == 1, "who has the key is not sent it again"


async def test_a_new_member_gets_the_present_session(client: CryptoClient, server: KeyServer) -> None:
    server.joins(ANH, ROOM, "PHONE")
    first = await say(client, "một")
    newcomer = server.adds(BINH, "PHONE")
    await member_event(client, BINH, "join")
    second = await say(client, "hai")
    assert second["session_id"] == first["session_id"]
    assert newcomer.read(second) == "hai"


async def test_a_member_who_leaves_cannot_read_on(client: CryptoClient, server: KeyServer) -> None:
    server.joins(ANH, ROOM, "PHONE")
    [leaver] = server.joins(BINH, ROOM, "PHONE")
    assert leaver.read(await say(client, "một")) == "một"
    await member_event(client, BINH, "leave")
    assert leaver.read(await say(client, "hai")) is None


async def test_a_removed_device_cannot_read_on(client: CryptoClient, server: KeyServer) -> None:
    [phone, stolen] = server.joins(ANH, ROOM, "PHONE", "STOLEN")
    await say(client, "một")
    server.removes(ANH, "STOLEN")
    await changed(client, ANH)
    said = await say(client, "hai")
    assert (phone.read(said), stolen.read(said)) == ("hai", None)


async def test_a_device_that_lost_its_signature_cannot_read_on(client: CryptoClient, server: KeyServer) -> None:
    [phone, doubtful] = server.joins(ANH, ROOM, "PHONE", "DOUBTFUL")
    await say(client, "một")
    doubtful.signed = False
    await changed(client, ANH)
    said = await say(client, "hai")
    assert (phone.read(said), doubtful.read(said)) == ("hai", None)


@pytest.mark.parametrize("change", ["unsigned device", "name", "nothing"])
async def test_what_takes_the_key_from_nobody_leaves_the_session(
    client: CryptoClient, server: KeyServer, change: str
) -> None:
    server.joins(ANH, ROOM, "PHONE")
    first = await say(client, "một")
    if change == "unsigned device":
        server.adds(ANH, "NEW", signed=False)
    if change == "name":
        await member_event(client, ANH, "join", displayname="Nguyễn Văn Anh")
    await changed(client, ANH)
    assert (await say(client, "hai"))["session_id"] == first["session_id"]
    assert len(server.asked("m.room.encrypted")) == 1


async def test_the_rooms_number_of_messages_is_honoured(client: CryptoClient, server: KeyServer) -> None:
    server.encryption["rotation_period_msgs"] = 12
    server.joins(ANH, ROOM, "PHONE")
    sessions = [(await say(client, str(number)))["session_id"] for number in range(25)]
    assert [len(set(part)) for part in (sessions[:12], sessions[12:24], sessions)] == [1, 1, 3]


async def test_the_rooms_period_is_honoured_also_when_it_is_changed(
    client: CryptoClient, server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.joins(ANH, ROOM, "PHONE")
    first = await say(client, "một")
    later = clock.now() + timedelta(hours=3)
    monkeypatch.setattr(client.sharing._outbounds, "_now", lambda: later)
    assert (await say(client, "hai"))["session_id"] == first["session_id"]
    shorter = server.encryption | {"rotation_period_ms": 7_200_000}
    event = state_event(ROOM, "m.room.encryption", "", shorter)
    await sync(client, rooms={"join": {ROOM: {"timeline": {"events": [event]}}}})
    assert (await say(client, "ba"))["session_id"] != first["session_id"]


async def test_who_joins_while_the_room_is_read_is_not_forgotten(client: CryptoClient, server: KeyServer) -> None:
    """The answer to the question for the room's state may be older than a sync that comes before it."""
    server.joins(ANH, ROOM, "PHONE")
    [leaver] = server.joins(BINH, ROOM, "PHONE")
    answer = server.request

    async def late(method: str, path: str, body: Any = None, **options: object) -> Json:
        found = await answer(method, path, body, **options)
        if path.endswith("/state") and BINH in server.members[ROOM]:
            server.members[ROOM].discard(BINH)
            await member_event(client, BINH, "leave")
        return found

    server.request = late  # type: ignore[method-assign]
    assert leaver.read(await say(client, "một")) is None


# Over a restart


async def test_a_restart_goes_on_with_the_same_session(opened: Callable[[], CryptoClient], server: KeyServer) -> None:
    [phone] = server.joins(ANH, ROOM, "PHONE")
    first = await say(opened(), "một")
    client = opened()
    second = await say(client, "hai")
    assert second["session_id"] == first["session_id"]
    assert phone.read(second) == "hai"
    assert len(phone.received) == 1


async def test_no_message_number_is_used_twice_over_restarts(
    opened: Callable[[], CryptoClient], server: KeyServer
) -> None:
    import vodozemac

    server.joins(ANH, ROOM, "PHONE")
    numbers = []
    for start in range(4):
        client = opened()
        for _ in range(start * 9):
            said = await say(client, "x")
            numbers.append(vodozemac.MegolmMessage.from_base64(said["ciphertext"]).message_index())
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 54


async def test_who_left_while_the_bot_was_down_cannot_read_on(
    opened: Callable[[], CryptoClient], server: KeyServer
) -> None:
    server.joins(ANH, ROOM, "PHONE")
    [leaver] = server.joins(BINH, ROOM, "PHONE")
    await say(opened(), "một")
    server.members[ROOM].discard(BINH)
    assert leaver.read(await say(opened(), "hai")) is None


async def test_who_has_a_session_kept_by_an_earlier_huep_is_known(tmp_path: Path) -> None:
    kept = KeptOutbound(ROOM, "session", "pickle", 0, 0, frozenset({(ANH, "PHONE", "key")}))
    with closing(Vault.open(FolderShelf(tmp_path), BOT)) as vault:
        KeptOutbounds(vault).keep(kept)
        row = {"session_id": "session", "shared_with": [[ANH, "PHONE", "key"]]}
        vault.put(Kind.SHARED, (ROOM,), json.dumps(row).encode())
        [found] = KeptOutbounds(vault)
    assert (found.shared_with, found.tried) == (kept.shared_with, frozenset())


# When the server fails


@pytest.mark.parametrize("failing", ["keys/query", "keys/claim", "sendToDevice"])
async def test_after_a_failure_nothing_hangs_and_everybody_is_shared_with(
    client: CryptoClient, server: KeyServer, failing: str
) -> None:
    [phone] = server.joins(ANH, ROOM, "PHONE")

    def fail(path: str, _: Any) -> None:
        if failing in path:
            raise ServerUnreachable("http://test")

    server.before = fail
    with pytest.raises(ServerUnreachable):
        await say(client, "một")
    server.before = lambda *_: None
    assert phone.read(await asyncio.wait_for(say(client, "hai"), 5)) == "hai"


@pytest.mark.parametrize("status", [500, 429])
async def test_a_batch_that_failed_is_tried_again_and_delivered_once(
    client: CryptoClient, server: KeyServer, status: int
) -> None:
    [phone] = server.joins(ANH, ROOM, "PHONE")
    answer, failures = server.request, [1]

    async def answer_lost(method: str, path: str, body: Any = None, **options: object) -> Json:
        found = await answer(method, path, body, **options)
        if "m.room.encrypted" in path and failures:
            failures.pop()
            raise refused(status) if status == 500 else ServerUnreachable("http://test")
        return found

    server.request = answer_lost  # type: ignore[method-assign]
    assert phone.read(await say(client, "một")) == "một"
    assert len(server.asked("m.room.encrypted")) == 2
    assert len(phone.received) == 1


def lose_answers(server: KeyServer) -> Callable[[], None]:
    """From now on the server delivers keys, and nobody hears of it; until what this returns is called."""
    answer = server.request

    async def lost(method: str, path: str, body: Any = None, **options: object) -> Json:
        found = await answer(method, path, body, **options)
        if "m.room.encrypted" in path:
            raise ServerUnreachable("http://test")
        return found

    server.request = lost  # type: ignore[method-assign]
    return lambda: setattr(server, "request", answer)


@pytest.mark.parametrize("restarted", [True, False])
async def test_who_got_the_key_although_the_answer_was_lost_cannot_read_on_after_leaving(
    opened: Callable[[], CryptoClient], server: KeyServer, restarted: bool
) -> None:
    [phone] = server.joins(ANH, ROOM, "PHONE")
    [leaver] = server.joins(BINH, ROOM, "PHONE")
    client = opened()
    heard = lose_answers(server)
    with pytest.raises(ServerUnreachable):
        await say(client, "một")
    heard()
    assert len(leaver.room_keys) == 1
    if restarted:
        client = opened()
        server.members[ROOM].discard(BINH)
    else:
        await member_event(client, BINH, "leave")
    said = await say(client, "hai")
    assert (phone.read(said), leaver.read(said)) == ("hai", None)


async def test_a_lost_answer_costs_no_new_session_where_nobody_leaves(client: CryptoClient, server: KeyServer) -> None:
    [phone] = server.joins(ANH, ROOM, "PHONE")
    heard = lose_answers(server)
    with pytest.raises(ServerUnreachable):
        await say(client, "một")
    heard()
    assert phone.read(await say(client, "hai")) == "hai"
    assert len(phone.room_keys) == 1


async def test_who_was_caught_up_with_although_the_answer_was_lost_cannot_read_on_after_leaving(
    client: CryptoClient, server: KeyServer
) -> None:
    [phone] = server.joins(ANH, ROOM, "PHONE")
    [asleep] = server.joins(BINH, ROOM, "ASLEEP", one_time_keys=0)
    first = await say(client, "một")
    asleep.one_time_keys = 10
    heard = lose_answers(server)
    await changed(client, BINH)
    heard()
    assert asleep.read(first) == "một"
    await member_event(client, BINH, "leave")
    said = await say(client, "hai")
    assert (phone.read(said), asleep.read(said)) == ("hai", None)


async def test_a_session_given_up_while_it_was_sent_does_not_come_back(client: CryptoClient, server: KeyServer) -> None:
    [asleep] = server.joins(ANH, ROOM, "ASLEEP", one_time_keys=0)
    first = await say(client, "một")
    asleep.one_time_keys = 10

    def give_up(path: str, _: Any) -> None:
        if "m.room.encrypted" in path:
            client.sharing.drop(ROOM)

    server.before = give_up
    await changed(client, ANH)
    assert asleep.read(first) == "một"
    assert client.store.outbound() == ()


async def test_only_the_batch_that_failed_is_shared_again(client: CryptoClient, server: KeyServer) -> None:
    phones = server.joins(ANH, ROOM, *[f"D{number}" for number in range(2 * batches.DEVICES_A_REQUEST + 1)])

    def fail(path: str, body: Any) -> None:
        if "m.room.encrypted" in path and "D300" in body["messages"][ANH]:
            raise ServerUnreachable("http://test")

    server.before = fail
    with pytest.raises(ServerUnreachable):
        await say(client, "một")
    server.before = lambda *_: None
    said = await say(client, "hai")
    assert {phone.read(said) for phone in phones} == {"hai"}
    assert {len(phone.received) for phone in phones} == {1}, "who had the key was not sent it again"


async def test_a_device_that_the_server_refuses_costs_itself_only(client: CryptoClient, server: KeyServer) -> None:
    phones = server.joins(ANH, ROOM, *[f"D{number}" for number in range(9)])

    def fail(path: str, body: Any) -> None:
        if "m.room.encrypted" in path and "D4" in body["messages"][ANH]:
            raise refused(400)

    server.before = fail
    said = await say(client, "một")
    assert [phone.read(said) for phone in phones] == ["một"] * 4 + [None] + ["một"] * 4
    assert [device.peer.device_id for device in client.key_health.keyless] == ["D4"]
    server.requests.clear()
    await say(client, "hai")
    assert server.requests == [], "not at every message"


async def test_a_refusal_of_all_is_raised(client: CryptoClient, server: KeyServer) -> None:
    server.joins(ANH, ROOM, "A", "B")

    def fail(path: str, _: Any) -> None:
        if "m.room.encrypted" in path:
            raise refused(403)

    server.before = fail
    with pytest.raises(RequestRefused):
        await say(client, "một")
    assert len(server.asked("m.room.encrypted")) == 0


async def test_what_is_not_durable_is_not_sent(
    client: CryptoClient, server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.joins(ANH, ROOM, "PHONE")

    async def full() -> None:
        raise OSError("disk full")

    monkeypatch.setattr(client.store, "flush", full)
    with pytest.raises(OSError, match="disk full"):
        await say(client, "một")
    assert server.asked("m.room.encrypted") == []


# Devices without one-time keys


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
            monkeypatch.setattr(client._delivery.keyless, "_now", lambda: later)
            await sync(client)
            assert asleep.read(said) is None
            await sync(client, to_device={"events": [{"type": "m.dummy", "sender": BINH, "content": {}}]})
        case "time":
            later = clock.now() + keyless.RETRY_AFTER
            monkeypatch.setattr(client._delivery.keyless, "_now", lambda: later)
            await sync(client)
    assert asleep.read(said) == "một"


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


# Who gets no keys is told


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


# What it does to everybody else

LONGEST_STALL_S = 0.05


async def test_the_event_loop_goes_on_turning_while_keys_are_shared(client: CryptoClient, server: KeyServer) -> None:
    """Two rooms of 300 people each with a device, first and again with new sessions; the server is on the same loop."""
    for number in range(600):
        server.joins(f"@nguoi-{number}:hue.localhost", ROOM if number % 2 else OTHER_ROOM, "PHONE")
    async with watched() as watchdog:
        for _ in range(2):
            await asyncio.gather(say(client, "một", ROOM), say(client, "hai", OTHER_ROOM))
            for room_id in (ROOM, OTHER_ROOM):
                client.sharing.drop(room_id)
    assert watchdog.longest_cpu_s < LONGEST_STALL_S


async def test_to_share_a_new_session_the_event_loop_does_not_wait_for_the_store(
    client: CryptoClient, server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.joins(ANH, ROOM, "PHONE")
    monkeypatch.delattr(FolderShelf, "find")
    await say(client, "một")
    assert client.sharing.holders(ROOM) == 1


async def test_a_sync_that_brings_a_large_room_lets_the_event_loop_turn(client: CryptoClient) -> None:
    users = [f"@nguoi-{number}:hue.localhost" for number in range(1_500)]
    state = [state_event(ROOM, "m.room.member", user_id, {"membership": "join"}) for user_id in users]
    encryption = state_event(ROOM, "m.room.encryption", "", {"algorithm": "m.megolm.v1.aes-sha2"})
    async with watched() as watchdog:
        await sync(client, rooms={"join": {ROOM: {"state": {"events": [encryption, *state]}}}})
    assert len(client.rooms[ROOM].users) == len(users)
    assert watchdog.longest_cpu_s < LONGEST_STALL_S
