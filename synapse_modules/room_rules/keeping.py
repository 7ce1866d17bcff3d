"""The service account into every room but direct messages, and people back into the rooms of their units."""

import logging
from datetime import timedelta

from synapse.module_api import ModuleApi, UserID

from synapse_modules.homeserver_internals import HomeserverInternals
from synapse_modules.register_hand import putting_in
from synapse_modules.room_rules.config import RoomRulesConfig
from synapse_modules.room_rules.departures import Changes, Departure, MembershipStream, waiting_invitations
from synapse_modules.room_rules.entries import Entries

logger = logging.getLogger(__name__)

EVERY = timedelta(seconds=3)


class RoomKeeping:
    """Belongs on the one process that has Synapse's background tasks."""

    def __init__(self, config: RoomRulesConfig, api: ModuleApi, internals: HomeserverInternals) -> None:
        self._config = config
        self._api = api
        self._internals = internals
        self._owner = api.get_qualified_user_id(config.room_owner)
        self._entries = Entries(api)
        self._stream: MembershipStream | None = None

    def begin(self) -> None:
        """Look after the rooms from now on."""
        self._api.looping_background_call(self.keep, EVERY // timedelta(milliseconds=1), desc="huep_rooms_keep")

    async def keep(self) -> None:
        """One round. Where the reading fails, the next round reads the same again.

        Whom a round has read and could not serve (the register stale, Synapse refusing) is logged and not tried again.
        """
        try:
            await self._keep()
        except Exception:
            logger.exception("Looking after the rooms failed; it is tried again")

    async def _keep(self) -> None:
        if self._stream is None:
            stream = await MembershipStream.opened(self._api, self._owner)
            changes = Changes((), await waiting_invitations(self._api, self._owner))
            self._stream = stream
        else:
            changes = await self._stream.read()
        for room_id in changes.invitations:
            await self._accept(room_id)
        for departure in changes.departures:
            await self._bring_back(departure)

    async def _accept(self, room_id: str) -> None:
        try:
            await self._internals.update_membership(self._owner, self._owner, room_id, "join")
        except Exception:
            logger.exception("The service account cannot enter %s, to which it is invited", room_id)

    async def _bring_back(self, departure: Departure) -> None:
        """Somebody whom the register still knows; whoever belongs elsewhere now is taken out by the provisioner."""
        user_id, room_id = departure.user_id, departure.room_id
        if UserID.from_string(user_id).localpart in self._config.service_accounts:
            return
        try:
            account = await self._api.get_userinfo_by_id(user_id)
            if account is None or account.locked or await self._entries.refusal(user_id):
                return
            rules = await self._api.get_room_state(room_id, [("m.room.join_rules", "")])
            if not any(rule.content.get("join_rule") == "public" for rule in rules.values()):
                await self._internals.update_membership(self._owner, user_id, room_id, "invite")
            with putting_in(user_id, room_id):
                await self._internals.update_membership(user_id, user_id, room_id, "join")
        except Exception:
            logger.exception("%s left the unit's room %s and cannot be brought back", user_id, room_id)
        else:
            logger.info("%s left the unit's room %s and was brought back", user_id, room_id)
