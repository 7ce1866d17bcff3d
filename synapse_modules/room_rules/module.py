"""room_rules: which rooms exist, what is said in them, who gets in and who keeps them.

There is no `check_event_allowed`: it sees everything, and for that makes Synapse load the whole state of a room, with
all members, for every event (docs/modules/room_rules.md). Instead: what a room is like from the start is decided by
`on_create_room`; what is said and set in it by `check_event_for_spam`, which knows the event alone, so that the few
facts it needs of the room are remembered; who gets in by the callbacks for invitations and joins; what no callback
sees, leaving, is undone by `keeping`; and power levels do the rest.
"""

import logging
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec
from urllib.parse import urlsplit

from synapse.api.constants import EventTypes
from synapse.api.errors import Codes, SynapseError
from synapse.events import EventBase
from synapse.module_api import NOT_SPAM, JsonDict, ModuleApi

from synapse_modules.colleagues import Colleagues
from synapse_modules.homeserver_internals.acts import HomeserverInternals
from synapse_modules.membership import is_in
from synapse_modules.register_hand import is_putting_in
from synapse_modules.room_rules import creation, guests, notice_room, rules
from synapse_modules.room_rules.config import RoomRulesConfig, parse
from synapse_modules.room_rules.entries import Entries
from synapse_modules.room_rules.first_invited import FirstInvited
from synapse_modules.room_rules.guests import Guests
from synapse_modules.room_rules.keeping import RoomKeeping
from synapse_modules.room_rules.plain import REDACTION
from synapse_modules.room_rules.readings import Rooms
from synapse_modules.room_rules.refusals import SENTENCES, Refusal

if TYPE_CHECKING:
    from synapse.synapse_rust.types import Requester

logger = logging.getLogger(__name__)

Verdict = Literal["NOT_SPAM"] | tuple[Codes, JsonDict]
P = ParamSpec("P")


def _answering(
    callback: "Callable[Concatenate[RoomRules, P], Awaitable[Refusal | None]]",
) -> "Callable[Concatenate[RoomRules, P], Coroutine[Any, Any, Verdict]]":
    """Say a refusal as Synapse passes it on, and log it; an error is one too."""

    @wraps(callback)
    async def answer(self: "RoomRules", /, *args: P.args, **kwargs: P.kwargs) -> Verdict:
        try:
            refusal = await callback(self, *args, **kwargs)
        except Exception:
            logger.exception("%s of %s refused: it cannot be checked", callback.__name__, _parties(args))
            refusal = Refusal.UNCHECKED
        if refusal is None:
            return NOT_SPAM
        logger.info("%s of %s refused: %s", callback.__name__, _parties(args), refusal)
        return Codes.FORBIDDEN, {"error": SENTENCES[refusal]}

    return answer


def _parties(args: tuple[object, ...]) -> str:
    """Accounts, rooms and types of events; never what was written."""
    first = args[0] if args else None
    if isinstance(first, EventBase):
        return f"{first.sender}, {first.type}, {first.room_id}"
    return ", ".join(word for word in args if isinstance(word, str) and word.startswith(("@", "!")))


class RoomRules:
    """Callbacks of Synapse, each asking the pure rules; what cannot be checked is refused."""

    def __init__(self, config: RoomRulesConfig, api: ModuleApi) -> None:
        self._config = config
        self._api = api
        self._owner = api.get_qualified_user_id(config.room_owner)
        self._not_people = frozenset(map(api.get_qualified_user_id, config.service_accounts))
        notices = config.notice_account
        self._notice_account = None if notices is None else api.get_qualified_user_id(notices)
        self._entries = Entries(api)
        self._colleagues = Colleagues(api)
        self._guests = Guests(api, self._colleagues, self._not_people)
        self._rooms = Rooms(api, self._owner)
        self._first_invited = FirstInvited(api)
        self._own_hosts = frozenset(
            {api.server_name.partition(":")[0], urlsplit(api.public_baseurl or "").hostname or "", *config.call_hosts}
            - {""}
        )
        api.register_spam_checker_callbacks(
            check_event_for_spam=self.check_event_for_spam,
            user_may_join_room=self.user_may_join_room,
            user_may_invite=self.user_may_invite,
            user_may_create_room=self.user_may_create_room,
            user_may_publish_room=self.user_may_publish_room,
            user_may_send_state_event=self.user_may_send_state_event,
        )
        api.register_third_party_rules_callbacks(on_create_room=self.on_create_room)
        if api.should_run_background_tasks():
            RoomKeeping(config, api, HomeserverInternals(api)).begin()

    @staticmethod
    def parse_config(content: JsonDict) -> RoomRulesConfig:
        return parse(content)

    async def on_create_room(self, requester: "Requester", config: JsonDict, is_requester_admin: bool) -> None:  # noqa: ARG002
        """Decides who makes what, and shapes it; `user_may_create_room` could only refuse.

        Raises:
            SynapseError: it is refused, with the sentence for the person.
        """
        user_id = requester.user.to_string()
        try:
            refusal = await self._creation_refusal(user_id, config)
        except Exception:
            logger.exception("A room of %s refused: it cannot be checked", user_id)
            refusal = Refusal.UNCHECKED
        if refusal is not None:
            logger.info("A room of %s refused: %s", user_id, refusal)
            raise SynapseError(403, SENTENCES[refusal], Codes.FORBIDDEN)
        if user_id == self._owner:
            config.update(creation.unfederated(config))
        elif self._is_notice_room(user_id, config):
            made = notice_room.shaped(config, user_id)
            config.clear()
            config.update(made)
        else:
            config.update(creation.shaped(config, user_id, self._owner))

    def _is_notice_room(self, user_id: str, config: JsonDict) -> bool:
        return user_id == self._notice_account and notice_room.is_asked_for(config)

    async def _creation_refusal(self, user_id: str, config: JsonDict) -> Refusal | None:
        refusal = creation.body_refusal(config)
        if refusal is not None or user_id == self._owner:
            return refusal
        if self._is_notice_room(user_id, config):
            return notice_room.refusal(config, self._api.is_mine, self._not_people)
        if refusal := creation.people_refusal(
            config, self._api.server_name, self._owner, sender=user_id, own_hosts=self._own_hosts
        ):
            return refusal
        kind = creation.kind_of(config, self._owner)
        if kind is creation.Kind.DIRECT or user_id in self._not_people:
            return None  # a direct message is chat, which goes on without the register
        if await self._guests.is_guest(user_id):
            return guests.creation_refusal(kind)
        if refusal := await self._entries.refusal(user_id):
            return refusal
        return await self._position_refusal(user_id, kind)

    async def _position_refusal(self, user_id: str, kind: creation.Kind) -> Refusal | None:
        standing = (await self._colleagues.of([user_id]))[user_id].standing
        return creation.position_refusal(kind, standing, self._config.create_rooms, self._config.create_spaces)

    @_answering
    async def check_event_for_spam(self, event: EventBase) -> Refusal | None:
        """Messages and state of people; Synapse does not ask about memberships, nor about a new room's first state."""
        if event.sender in self._not_people:
            return None
        if event.is_state():
            facts = (await self._rooms.read(event.room_id)).facts
            return rules.state_refusal(
                event.type,
                event.content,
                facts,
                state_key=event.state_key,
                sender=event.sender,
                own_hosts=self._own_hosts,
            )
        if refusal := rules.message_refusal(event.type, event.content):
            return refusal
        if rules.needs_the_room(event.type, event.content) and (
            refusal := rules.plain_refusal(await self._rooms.facts(event.room_id), event.type)
        ):
            return refusal
        if event.type == REDACTION and await self._rooms.is_state(event.redacts):
            return Refusal.STATE_STAYS
        return None

    async def user_may_send_state_event(
        self,
        user_id: str,
        room_id: str,
        event_type: str,
        state_key: str,  # noqa: ARG002
        content: JsonDict,
    ) -> Literal["NOT_SPAM"]:
        """Memberships that a client sets as state: no other callback sees their content. Costs messages nothing.

        Raises:
            SynapseError: it is refused; of what is returned here Synapse passes on no sentence.
        """
        if event_type != EventTypes.Member or user_id in self._not_people:
            return NOT_SPAM
        refusal = rules.member_refusal(content)
        if refusal is None:
            return NOT_SPAM
        logger.info("A membership of %s in %s refused: %s", user_id, room_id, refusal)
        raise SynapseError(403, SENTENCES[refusal], Codes.FORBIDDEN)

    @_answering
    async def user_may_invite(self, inviter: str, invitee: str, room_id: str) -> Refusal | None:
        """Also by a member event, and in createRoom."""
        if inviter in self._not_people:
            return await self._notice_refusal(inviter, invitee, room_id)
        reading = await self._rooms.read(room_id, beside=invitee)
        if await self._guests.is_guest(inviter) and (refusal := guests.invitation_refusal(reading.facts)):
            return refusal
        to_owner = invitee == self._owner
        invitation = rules.Invitation(
            to_here=self._api.is_mine(invitee),
            to_owner=to_owner,
            owner_has_power=to_owner and await self._owner_has_power(room_id),
            by_room_maker=to_owner and await self._may_make_rooms(inviter),
            others=reading.others,
        )
        refusal = rules.invitation_refusal(reading.facts, invitation)
        if refusal is None and (to_owner or not reading.facts.owner_inside):
            # Last, and after every other objection: this writes down with whom the room began.
            pair = await self._first_invited.settle(room_id, invitee)
            return None if pair.has(invitee) else Refusal.DIRECT
        return refusal

    async def _notice_refusal(self, inviter: str, invitee: str, room_id: str) -> Refusal | None:
        """A notice room stays of the same two; elsewhere service accounts invite whom they will."""
        if inviter != self._notice_account:
            return None
        reading = await self._rooms.read(room_id, beside=invitee)
        alone = reading.others < notice_room.MEMBERS
        return None if reading.facts.of_owner or reading.facts.encrypted or alone else Refusal.DIRECT

    async def _may_make_rooms(self, user_id: str) -> bool:
        """Rooms or spaces: both are made with the service account in them."""
        if await self._position_refusal(user_id, creation.Kind.ROOM) is None:
            return True
        return await self._position_refusal(user_id, creation.Kind.SPACE) is None

    async def _owner_has_power(self, room_id: str) -> bool:
        state = await self._api.get_room_state(room_id, [("m.room.power_levels", "")])
        return any(rules.has_highest_power(levels.content, self._owner) for levels in state.values())

    @_answering
    async def user_may_join_room(self, user_id: str, room_id: str, is_invited: bool) -> Refusal | None:
        """Of rooms of the service account: whom the register knows, and of those who come by themselves its own people.

        Only the service account invites into its rooms; the provisioner's joins come by here too. A guest enters no
        room without an invitation of those who host them. Who is in already may get another name.
        """
        refusal = await self._entry_refusal(user_id, room_id, is_invited=is_invited)
        return None if refusal is not None and await is_in(self._api, user_id, room_id) else refusal

    async def _entry_refusal(self, user_id: str, room_id: str, *, is_invited: bool) -> Refusal | None:
        if refusal := await self._guests.entry_refusal(user_id, room_id):
            return refusal
        if user_id in self._not_people or not (await self._rooms.facts(room_id)).of_owner:
            return None
        if refusal := await self._entries.refusal(user_id):
            return refusal
        if is_invited or is_putting_in(user_id, room_id):
            return None
        colleague = (await self._colleagues.of([user_id]))[user_id]
        return rules.own_way_refusal(await self._rooms.unit(room_id), colleague.units)

    @_answering
    async def user_may_create_room(self, user_id: str, room_config: JsonDict) -> Refusal | None:
        """Upgrades alone: these come by here only. All other rooms were decided by `on_create_room`."""
        return Refusal.ROOM_VERSION if user_id != self._owner and creation.is_upgrade(room_config) else None

    @_answering
    async def user_may_publish_room(self, user_id: str, room_id: str) -> Refusal | None:  # noqa: ARG002
        """Nobody publishes rooms."""
        return Refusal.PUBLISHED
