"""directory_rules: who may find whom, who may begin a conversation with whom, and whose name says what."""

import logging
from typing import Literal

from synapse.api.errors import Codes
from synapse.module_api import NOT_SPAM, EventBase, JsonDict, ModuleApi, ProfileInfo, StateMap, UserID, UserProfile

from synapse_modules.colleagues import Colleagues, unknown
from synapse_modules.directory_rules import rules
from synapse_modules.directory_rules.config import DirectoryRulesConfig, parse
from synapse_modules.directory_rules.rules import Reason
from synapse_modules.directory_rules.search import SEARCH_PATH, SearchResource
from synapse_modules.directory_rules.titles import Titles

logger = logging.getLogger(__name__)

TITLES_EVERY_MS = 600_000

Verdict = Literal["NOT_SPAM"] | tuple[Codes, JsonDict]


class DirectoryRules:
    """Callbacks of Synapse, each asking `rules`; where the projection cannot be read, nobody is found or invited."""

    def __init__(self, config: DirectoryRulesConfig, api: ModuleApi) -> None:
        self._policy = policy = config.policy
        self._api = api
        self._colleagues = Colleagues(api)
        self._titles = Titles(api, policy.hidden_units | policy.internal_units)
        api.register_spam_checker_callbacks(
            check_username_for_spam=self.check_username_for_spam,
            user_may_invite=self.user_may_invite,
            user_may_create_room=self.user_may_create_room,
        )
        api.register_third_party_rules_callbacks(
            check_threepid_can_be_invited=self.check_threepid_can_be_invited,
            on_profile_update=self.on_profile_update,
        )
        search = SearchResource(api, policy, self._colleagues)
        api.register_web_resource(SEARCH_PATH, search)
        if config.is_searched_on(api.worker_name):
            # Here alone: a process to which nobody's searches are led shall not keep everybody in memory.
            api.run_as_background_process("huep_directory_first", search.prepare)
        if api.should_run_background_tasks():
            api.looping_background_call(self._put_all_titles_back, TITLES_EVERY_MS)
            api.run_as_background_process("huep_titles_first", self._put_all_titles_back)

    @staticmethod
    def parse_config(content: JsonDict) -> DirectoryRulesConfig:
        return parse(content)

    async def check_username_for_spam(self, user_profile: UserProfile, requester_id: str) -> bool:
        """Hides from a search whom the asker may not find; asked once for each result."""
        try:
            reason = await self._reason(requester_id, user_profile["user_id"])
        except Exception:
            logger.exception(
                "A result of %s's search is hidden: the register's projection cannot be read", requester_id
            )
            return True
        return not rules.may_find(reason, self._policy)

    async def user_may_invite(self, inviter: str, invitee: str, room_id: str) -> Verdict:
        """Refuses an invitation that the rules do not permit, and every one to a locked person."""
        return await self._may_invite(inviter, invitee, room_id)

    async def user_may_create_room(self, user_id: str, room_config: JsonDict) -> Verdict:
        """Refuses a room, a direct message above all, whose first invitations would be refused.

        Synapse asks `user_may_invite` too late: the room would stay behind, empty.
        """
        for invitee in room_config.get("invite") or ():
            verdict = await self._may_invite(user_id, invitee, "a new room")
            if verdict != NOT_SPAM:
                return verdict
        return NOT_SPAM

    async def check_threepid_can_be_invited(self, medium: str, address: str, state: StateMap[EventBase]) -> bool:  # noqa: ARG002
        """Never: Synapse would ask whatever identity server the client names, outside the building."""
        logger.info("An invitation by %s refused", medium)
        return False

    async def on_profile_update(
        self,
        user_id: str,
        new_profile: ProfileInfo,  # noqa: ARG002
        by_admin: bool,  # noqa: ARG002
        deactivation: bool,
    ) -> None:
        """Puts position and unit back before the answer is given; names are refused by `enable_set_displayname`."""
        if deactivation:
            return
        try:
            if await self._titles.put_back([UserID.from_string(user_id).localpart]):
                logger.info("Position and unit in the profile of %s put back", user_id)
        except Exception:
            logger.exception("Position and unit in the profile of %s cannot be put back now", user_id)

    async def _may_invite(self, inviter: str, invitee: str, where: str) -> Verdict:
        try:
            reason = await self._reason(inviter, invitee)
            account = await self._api.get_userinfo_by_id(invitee)
        except Exception:
            logger.exception("Invitation of %s to %s by %s refused: no projection", invitee, where, inviter)
            return _refusal(rules.DIRECTORY_SILENT)
        if account is not None and account.locked:
            reason = Reason.LEFT
        if rules.may_invite(reason):
            return NOT_SPAM
        logger.info("Invitation of %s to %s by %s refused: %s", invitee, where, inviter, reason.value)
        return _refusal(rules.SENTENCES[reason])

    async def _reason(self, asker: str, other: str) -> Reason:
        names = self._colleagues.name_of(asker), self._colleagues.name_of(other)
        without_register = rules.decide(unknown(names[0]), unknown(names[1]), self._policy)
        if without_register in rules.ALLOWING:
            # Service accounts work before the first publication, too.
            return without_register
        people = await self._colleagues.of((asker, other))
        return rules.decide(people[asker], people[other], self._policy)

    async def _put_all_titles_back(self) -> None:
        try:
            written = await self._titles.put_back()
        except Exception:
            # Right after the first start the tables may not be there yet; the next round comes.
            logger.exception("Positions and units cannot be brought into the profiles now")
        else:
            logger.info("Positions and units brought into %d profiles", written)


def _refusal(sentence: str) -> tuple[Codes, JsonDict]:
    return Codes.FORBIDDEN, {"error": sentence}
