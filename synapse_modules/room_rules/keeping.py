"""The service account into every room but direct messages, and people back into the rooms of their units.

What does not succeed is tried again, less and less often. Nothing is written down for that: who is out and who is
invited stands in Synapse's own tables, and is read from there at every start and once a day.
"""

import logging
from datetime import timedelta

from synapse.module_api import ModuleApi, UserID

from synapse_modules.colleagues import Colleagues
from synapse_modules.homeserver_internals.acts import HomeserverInternals
from synapse_modules.register_hand import putting_in
from synapse_modules.room_rules.backlog import Backlog
from synapse_modules.room_rules.config import RoomRulesConfig
from synapse_modules.room_rules.departures import Departure, MembershipStream, open_departures, waiting_invitations
from synapse_modules.room_rules.entries import Entries
from synapse_modules.room_rules.first_invited import FirstInvited
from synapse_modules.room_rules.readings import Rooms
from synapse_modules.room_rules.refusals import Refusal
from synapse_modules.room_rules.rules import own_way_refusal

logger = logging.getLogger(__name__)

EVERY = timedelta(seconds=3)
SWEEP_EVERY = timedelta(days=1)


class StaleRegister(Exception):
    """Nobody is brought back on a register that may be out of date."""


class RoomKeeping:
    """Belongs on the one process that has Synapse's background tasks."""

    def __init__(self, config: RoomRulesConfig, api: ModuleApi, internals: HomeserverInternals) -> None:
        self._config = config
        self._api = api
        self._internals = internals
        self._owner = api.get_qualified_user_id(config.room_owner)
        self._entries = Entries(api)
        self._colleagues = Colleagues(api)
        self._rooms = Rooms(api, self._owner)
        self._first_invited = FirstInvited(api)
        self._has_table = False
        self._stream: MembershipStream | None = None
        self._swept_ms = 0
        self._invitations: Backlog[str] = Backlog()
        """Rooms that the service account is to enter."""
        self._departures: Backlog[Departure] = Backlog()

    def begin(self) -> None:
        """Look after the rooms from now on."""
        self._api.run_as_background_process("huep_first_invited_create", self._create_table)
        self._api.looping_background_call(self.keep, EVERY // timedelta(milliseconds=1), desc="huep_rooms_keep")

    async def keep(self) -> None:
        """One round. Where the reading fails, the next round reads the same again."""
        await self._create_table()
        try:
            await self._read()
            await self._serve()
        except Exception:
            logger.exception("Looking after the rooms failed; it is tried again")

    async def _create_table(self) -> None:
        """Never fails: without it nobody begins a direct message, and all else goes on."""
        if self._has_table:
            return
        try:
            await self._first_invited.create()
        except Exception:
            logger.exception("The table of first invited cannot be created; it is tried again")
        else:
            self._has_table = True

    async def _read(self) -> None:
        now_ms = self._api.get_current_time_msec()
        if self._stream is None or now_ms - self._swept_ms >= SWEEP_EVERY // timedelta(milliseconds=1):
            # The position first: what happens during the sweep is told of by the stream.
            stream = self._stream or await MembershipStream.opened(self._api, self._owner)
            invitations = await waiting_invitations(self._api, self._owner)
            departures = await open_departures(self._api, self._owner)
            self._stream, self._swept_ms = stream, now_ms
            for departure in departures:
                # As one that was tried: what the register did meanwhile left no trace where somebody was out already.
                if departure not in self._departures:
                    self._departures.failed(departure, now_ms)
        else:
            changes = await self._stream.read()
            invitations = list(changes.invitations)
            for departure in changes.departures:
                self._departures.add(departure, now_ms)
        for room_id in invitations:
            self._invitations.add(room_id, now_ms)

    async def _serve(self) -> None:
        now_ms = self._api.get_current_time_msec()
        for room_id, again in self._invitations.due(now_ms):
            try:
                await self._accept(room_id, again=again)
            except Exception:
                wait = self._invitations.failed(room_id, now_ms)
                logger.exception("The service account cannot enter %s; again in %s", room_id, wait)
            else:
                self._invitations.done(room_id)
        for departure, again in self._departures.due(now_ms):
            try:
                await self._bring_back(departure, again=again)
            except StaleRegister:
                wait = self._departures.failed(departure, now_ms)
                logger.warning("The register is stale: %s is brought back no sooner than in %s", departure, wait)
            except Exception:
                wait = self._departures.failed(departure, now_ms)
                logger.exception("%s cannot be brought back; again in %s", departure, wait)
            else:
                self._departures.done(departure)

    async def _accept(self, room_id: str, *, again: bool) -> None:
        if again and room_id not in await waiting_invitations(self._api, self._owner):
            return
        await self._internals.update_membership(self._owner, self._owner, room_id, "join")

    async def _bring_back(self, departure: Departure, *, again: bool) -> None:
        """Somebody whom the register still knows; whoever belongs elsewhere now is taken out by the provisioner.

        Raises:
            StaleRegister: not now.
        """
        user_id, room_id = departure.user_id, departure.room_id
        if UserID.from_string(user_id).localpart in self._config.service_accounts:
            return
        account = await self._api.get_userinfo_by_id(user_id)
        if account is None or account.locked:
            return
        refusal = await self._entries.refusal(user_id)
        if refusal is Refusal.STALE_REGISTER:
            raise StaleRegister
        if refusal or (again and not await self._still_belongs(departure)):
            return
        rules = await self._api.get_room_state(room_id, [("m.room.join_rules", "")])
        if not any(rule.content.get("join_rule") == "public" for rule in rules.values()):
            await self._internals.update_membership(self._owner, user_id, room_id, "invite")
        with putting_in(user_id, room_id):
            await self._internals.update_membership(user_id, user_id, room_id, "join")
        logger.info("%s left the unit's room %s and was brought back", user_id, room_id)

    async def _still_belongs(self, departure: Departure) -> bool:
        """Whether somebody who has been out for a while is so still, and of the room's unit.

        The provisioner takes nobody out who is out already, so that the unit has to tell.
        """
        if not await open_departures(self._api, self._owner, departure):
            return False
        colleague = (await self._colleagues.of([departure.user_id]))[departure.user_id]
        if own_way_refusal(await self._rooms.unit(departure.room_id), colleague.units) is None:
            return True
        logger.info("%s left the room %s of another unit, and stays out", departure.user_id, departure.room_id)
        return False
