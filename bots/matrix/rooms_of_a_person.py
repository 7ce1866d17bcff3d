"""What only a person's client asks: which rooms there are, what people are called, where to talk to somebody alone."""

import contextlib

from bots.matrix import direct_rooms
from bots.matrix.client import CryptoClient
from bots.matrix.errors import MatrixError
from bots.matrix.port import RoomView
from bots.matrix.sending import Sending
from bots.matrix.transport import path_of


async def joined_rooms(client: CryptoClient, sending: Sending) -> tuple[RoomView, ...]:
    """Every room that we are in."""
    answer = await client.transport.request("GET", path_of("joined_rooms"))
    return tuple([await sending.room(room_id) for room_id in answer["joined_rooms"]])


async def display_names(client: CryptoClient, room_id: str) -> dict[str, str]:
    """User ID to display name of everybody in a room."""
    room = await client.complete_room(room_id)
    return {user_id: str(user.name) for user_id, user in room.users.items()}


async def direct_room_with(client: CryptoClient, sending: Sending, user_id: str) -> str:
    """The encrypted room of two that we share with `user_id`, made and its invitation sent if there is none."""
    path = path_of("user", client.user_id, "account_data", "m.direct")
    direct = await client.transport.request("GET", path, accept=(404,))
    direct = {key: value for key, value in direct.items() if isinstance(value, list)}
    for room_id in reversed(direct.get(user_id, [])):
        with contextlib.suppress(MatrixError):
            if direct_rooms.is_of_two(await sending.room(room_id), client.user_id, user_id):
                return str(room_id)
    room_id = await direct_rooms.make(client.transport, user_id)
    direct[user_id] = [*direct.get(user_id, []), room_id]
    await client.transport.request("PUT", path, direct)
    return room_id
