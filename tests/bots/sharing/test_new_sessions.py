"""When the key of a room is a new one, over restarts too."""

import json
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import vodozemac

from bots.matrix.client import CryptoClient
from bots.matrix.signing import Json
from bots.matrix.store.folder import FolderShelf
from bots.matrix.store.outbound import KeptOutbound, KeptOutbounds
from bots.matrix.store.shelf import Kind
from bots.matrix.store.vault import Vault
from huep import clock
from tests.bots.key_server import BOT, KeyServer, state_event
from tests.bots.sharing.talk import ANH, BINH, ROOM, changed, member_event, say, sync


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
