"""What sharing does to everybody else: the event loop goes on turning."""

import asyncio

import pytest

from bots.matrix.client import CryptoClient
from bots.matrix.store.folder import FolderShelf
from tests.bots.key_server import KeyServer, state_event
from tests.bots.sharing.talk import ANH, OTHER_ROOM, ROOM, say, sync
from tests.clients.stalls import watched

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
