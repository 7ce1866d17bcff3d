"""What the bot says and hears in the tests of sharing."""

from typing import Any

from bots.matrix.client import CryptoClient
from bots.matrix.signing import Json
from tests.bots.key_server import state_event

ROOM, OTHER_ROOM = "!phong:hue.localhost", "!khac:hue.localhost"
ANH, BINH, CHI = "@anh:hue.localhost", "@binh:hue.localhost", "@chi:hue.localhost"


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
