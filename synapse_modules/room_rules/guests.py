"""What guests may do with rooms: be with those who invited them, and nothing else.

A guest is somebody outside the register whom a leader sponsors. Whom they may write to by a direct message is for
`directory_rules` to say, as of everybody.
"""

from synapse.module_api import ModuleApi

from huep.names import GUEST_PREFIX
from synapse_modules.colleagues import Colleague, Colleagues
from synapse_modules.room_rules.creation import Kind
from synapse_modules.room_rules.refusals import Refusal
from synapse_modules.room_rules.rules import RoomFacts


def creation_refusal(kind: Kind) -> Refusal | None:
    """A guest may begin a direct message, and makes no rooms and no spaces."""
    return None if kind is Kind.DIRECT else Refusal.GUEST_MAY_NOT_CREATE


def invitation_refusal(room: RoomFacts) -> Refusal | None:
    """A guest invites the one other person of a direct message, and nobody into rooms."""
    return Refusal.GUEST_INVITES if room.of_owner or room.owner_inside else None


def entry_refusal(guest: Colleague, inviter: Colleague | None, *, by_service: bool) -> Refusal | None:
    """Whether the guest may enter a room.

    Args:
        guest: who is about to enter.
        inviter: whose invitation they hold now; None without one, however open the room is.
        by_service: whether a service account invited them.
    """
    if by_service or (inviter is not None and inviter.hosts(guest)):
        return None
    return Refusal.GUEST_UNINVITED


class Guests:
    """Asks the projection who is a guest.

    Args:
        api: of Synapse.
        colleagues: the projection, read through a memory.
        not_people: user IDs of service accounts and bots.
    """

    def __init__(self, api: ModuleApi, colleagues: Colleagues, not_people: frozenset[str]) -> None:
        self._api = api
        self._colleagues = colleagues
        self._not_people = not_people

    async def is_guest(self, user_id: str) -> bool:
        """Whether this account is a guest's.

        Raises:
            Exception: whatever the database says when a table is missing or out of reach.
        """
        # Of everybody else it is known without the projection, so that chat goes on without it.
        if user_id in self._not_people or not self._colleagues.name_of(user_id).startswith(GUEST_PREFIX):
            return False
        return (await self._colleagues.of([user_id]))[user_id].is_guest

    async def entry_refusal(self, user_id: str, room_id: str) -> Refusal | None:
        """Why this account may not enter the room as a guest; None where it may, or is no guest's.

        Raises:
            Exception: as `is_guest`.
        """
        if not await self.is_guest(user_id):
            return None
        inviter = await self._inviter(user_id, room_id)
        people = await self._colleagues.of([user_id, *([inviter] if inviter else [])])
        return entry_refusal(
            people[user_id], people[inviter] if inviter else None, by_service=inviter in self._not_people
        )

    async def _inviter(self, user_id: str, room_id: str) -> str | None:
        state = await self._api.get_room_state(room_id, [("m.room.member", user_id)])
        invited = (event for event in state.values() if event.content.get("membership") == "invite")
        return next((event.sender for event in invited), None)
