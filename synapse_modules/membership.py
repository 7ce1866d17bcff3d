"""Whether somebody is in a room already."""

from synapse.module_api import ModuleApi


async def is_in(api: ModuleApi, user_id: str, room_id: str) -> bool:
    """Whether this account is joined now.

    Synapse asks its modules as of a join also when somebody who is in gets another name, which is no entry.

    Raises:
        Exception: whatever the database says when it is out of reach.
    """
    state = await api.get_room_state(room_id, [("m.room.member", user_id)])
    return any(event.content.get("membership") == "join" for event in state.values())
