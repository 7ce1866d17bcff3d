"""The encrypted room in which we and one person are alone: finding it, and making it."""

from collections.abc import AsyncIterator, Collection
from urllib.parse import urlencode

from bots.matrix import notice_room
from bots.matrix.algorithms import MEGOLM
from bots.matrix.client import CryptoClient
from bots.matrix.errors import NoSuchRoom
from bots.matrix.port import RoomView
from bots.matrix.sending import Sending
from bots.matrix.signing import Json
from bots.matrix.transport import Transport, path_of

MUTUAL_ROOMS_API = "/_matrix/client/v1"
ENCRYPTED: Json = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": MEGOLM}}


def is_of_two(room: RoomView, us: str, user_id: str) -> bool:
    """Whether it is encrypted, and nobody is in it or invited but these two."""
    return room.encrypted and room.members == {us, user_id}


async def find(
    client: CryptoClient, sending: Sending, user_id: str, invited_to: Collection[str], *, thoroughly: bool
) -> str | None:
    """See `MatrixPort.find_direct_room`; `invited_to` are the rooms into which the person asks us."""
    for room_id in invited_to:
        await client.transport.request("POST", path_of("join", room_id), {}, accept=(403, 404))  # withdrawn meanwhile
    shared = frozenset([room_id async for room_id in _shared(client.transport, user_id)])
    for room_id in sorted(shared):
        if await _is_theirs(client, sending, room_id, user_id):
            return room_id
    if thoroughly:
        ours = (await client.transport.request("GET", path_of("joined_rooms")))["joined_rooms"]
        for room_id in sorted(set(ours) - shared):
            inside = await notice_room.is_inside(client.transport, room_id, user_id)
            if inside and await _is_theirs(client, sending, room_id, user_id):
                return str(room_id)
    return None


async def make(transport: Transport, user_id: str) -> str:
    """See `MatrixPort.make_direct_room`; asked for once, for a second time would make a second room."""
    body: Json = {
        "preset": "trusted_private_chat",
        "is_direct": True,
        "invite": [user_id],
        "initial_state": [ENCRYPTED],
    }
    return str((await transport.request("POST", path_of("createRoom"), body, retries=False))["room_id"])


async def _is_theirs(client: CryptoClient, sending: Sending, room_id: str, user_id: str) -> bool:
    try:
        return is_of_two(await sending.room(room_id), client.user_id, user_id)
    except NoSuchRoom:
        return False  # left meanwhile


async def _shared(transport: Transport, user_id: str) -> AsyncIterator[str]:
    """Every room in which both are (MSC2666, since Matrix 1.18)."""
    query = {"user_id": user_id}
    while True:
        path = f"{path_of('mutual_rooms', api=MUTUAL_ROOMS_API)}?{urlencode(query)}"
        answer = await transport.request("GET", path)
        for room_id in answer["joined"]:
            yield str(room_id)
        if not answer.get("next_batch"):
            return
        query["from"] = str(answer["next_batch"])
