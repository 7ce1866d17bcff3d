"""Who may enter rooms of the service account, by the register's projection."""

from synapse.module_api import ModuleApi, UserID

from synapse_modules.projection import PeopleProjection
from synapse_modules.room_rules.refusals import Refusal
from synapse_modules.room_rules.rules import entry_refusal


class Entries:
    """Asks the projection of one person at a time."""

    def __init__(self, api: ModuleApi) -> None:
        self._api = api
        self._people = PeopleProjection(api)

    async def refusal(self, user_id: str) -> Refusal | None:
        """Why this account of ours may not enter; None where it may.

        Raises:
            Exception: whatever the database says when a table is missing or out of reach.
        """
        localpart = UserID.from_string(user_id).localpart
        reading = await self._people.read([localpart])
        stale = reading.is_stale(self._api.get_current_time_msec())
        return entry_refusal(reading.statuses.get(localpart), stale=stale)
