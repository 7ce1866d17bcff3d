"""What happens in the same act as a lock, so that nothing stays open behind it; whoever locks goes through here.

The lock itself and the OpenID tokens are one transaction. Then an empty to-device message wakes the requests that wait
for news, in every process, and `account_guard` ends them; then the calls are ended. Refresh tokens, push, joins and
invitations need no act: they are refused while the lock stands, and serve again after it.
"""

import json
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from synapse.module_api import LoggingTransaction, ModuleApi

from synapse_modules.account_lifecycle.concurrency import for_each_group, grouped
from synapse_modules.calls import CALL_MEMBERS
from synapse_modules.homeserver_internals.acts import HomeserverInternals

logger = logging.getLogger(__name__)

ROOMS_AT_ONCE = 8


@dataclass(frozen=True)
class CallMember:
    """A device that takes part in a call, by the state event that says so."""

    room_id: str
    user_id: str
    kind: str
    state_key: str


class Doors:
    """Locks and unlocks accounts, many in one act."""

    def __init__(self, api: ModuleApi, internals: HomeserverInternals, service: str) -> None:
        """`service` is the user ID in whose name people's devices are woken."""
        self._api = api
        self._internals = internals
        self._service = service
        internals.lock_through(self.set_locked)

    async def set_locked(self, user_id: str, locked: bool) -> None:
        """One account, as Synapse's admin API asks for it."""
        await (self.lock([user_id]) if locked else self.unlock([user_id]))

    async def lock(self, user_ids: Collection[str]) -> None:
        """Lock all of them, or none when it raises.

        What fails once the lock stands is logged, and bounded by it: a sync ends at the next event or its timeout, with
        nothing in it, and a call when its credentials run out.
        """
        with_devices = await self._internals.lock(user_ids)
        if not with_devices:
            return
        try:
            await self._internals.send_to_all_devices(self._service, with_devices)
        except Exception:
            logger.exception("The open syncs of %d locked people could not be woken", len(with_devices))
        try:
            await self._end_calls(with_devices)
        except Exception:
            logger.exception("The calls of %d locked people could not be ended", len(with_devices))

    async def unlock(self, user_ids: Collection[str]) -> None:
        """Unlock all of them, or none when it raises: their devices, keys and tokens serve again."""
        await self._internals.unlock(user_ids)

    async def _end_calls(self, user_ids: Collection[str]) -> None:
        members = await self._api.run_db_interaction("huep_call_members", select_call_members, list(user_ids))

        async def end(group: Sequence[CallMember]) -> None:
            for member in group:
                try:
                    await self._api.create_and_send_event_into_room(
                        {
                            "room_id": member.room_id,
                            "sender": member.user_id,
                            "type": member.kind,
                            "state_key": member.state_key,
                            "content": {},
                        }
                    )
                except Exception:
                    logger.exception("The call of %s in %s could not be ended", member.user_id, member.room_id)

        await for_each_group(grouped(members, key=lambda member: member.room_id), ROOMS_AT_ONCE, end)


def select_call_members(txn: LoggingTransaction, user_ids: list[str]) -> list[CallMember]:
    """Where these people take part in a call now."""
    txn.execute(
        """
        SELECT state.room_id, events.sender, state.type, state.state_key, event_json.json
        FROM local_current_membership AS membership
        JOIN current_state_events AS state ON state.room_id = membership.room_id AND state.type = ANY(?)
        JOIN events ON events.event_id = state.event_id AND events.sender = membership.user_id
        JOIN event_json ON event_json.event_id = state.event_id
        WHERE membership.user_id = ANY(?) AND membership.membership = 'join'
        """,
        (list(CALL_MEMBERS), user_ids),
    )
    return [
        CallMember(room_id, sender, kind, state_key)
        for room_id, sender, kind, state_key, event in txn
        if json.loads(event).get("content")
    ]
