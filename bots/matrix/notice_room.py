"""The room in which a person may be told something in clear (docs/modules/room_rules.md)."""

from bots.matrix.errors import BadAnswer
from bots.matrix.transport import Transport, path_of

MARK = "vn.huep.system_notice"
"""Asks our module inside Synapse for a room without encryption, in which we alone speak."""


async def make_notice_room(transport: Transport, user_id: str, name: str, topic: str) -> str:
    """Make one for a person, who is invited; returns its ID.

    Raises:
        BadAnswer: the room turned out to be encrypted: words in clear must not go there.
    """
    body = {MARK: True, "invite": [user_id], "name": name, "topic": topic}
    room_id = str((await transport.request("POST", path_of("createRoom"), body))["room_id"])
    if await is_encrypted(transport, room_id):
        raise BadAnswer(f"Synapse made {room_id} encrypted, where a room for system notices was asked for.")
    return room_id


async def is_encrypted(transport: Transport, room_id: str) -> bool:
    """What the server says at this moment; what cannot be told counts as encrypted."""
    answer = await transport.request("GET", path_of("rooms", room_id, "state", "m.room.encryption"), accept=(404,))
    return answer.get("errcode") != "M_NOT_FOUND"


async def is_inside(transport: Transport, room_id: str, user_id: str) -> bool:
    """Whether the person is in the room, or invited."""
    path = path_of("rooms", room_id, "state", "m.room.member", user_id)
    answer = await transport.request("GET", path, accept=(403, 404))
    return answer.get("membership") in ("join", "invite")


async def invite(transport: Transport, room_id: str, user_id: str) -> None:
    """Invite the person again who has left."""
    await transport.request("POST", path_of("rooms", room_id, "invite"), {"user_id": user_id})
