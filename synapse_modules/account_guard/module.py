"""account_guard: accounts exist for people in the register alone, and a locked person is out everywhere."""

import logging
from collections.abc import Collection
from typing import Literal

from synapse.api.errors import Codes
from synapse.module_api import NOT_SPAM, JsonDict, ModuleApi, UserID
from synapse.spam_checker_api import RegistrationBehaviour

from synapse_modules.account_guard import rules
from synapse_modules.account_guard.config import AccountGuardConfig, parse
from synapse_modules.homeserver_internals.locks import LockedOut
from synapse_modules.membership import is_in
from synapse_modules.projection import PeopleProjection, RegisterStatus

logger = logging.getLogger(__name__)


class AccountGuard:
    """Callbacks of Synapse, each asking `rules` and failing in the direction that its docstring says."""

    def __init__(self, config: AccountGuardConfig, api: ModuleApi) -> None:
        self._config = config
        self._api = api
        self._people = PeopleProjection(api)
        LockedOut(api, rules.LOCKED)
        api.register_spam_checker_callbacks(
            check_registration_for_spam=self.check_registration_for_spam,
            check_login_for_spam=self.check_login_for_spam,
            user_may_join_room=self.user_may_join_room,
        )
        api.register_account_validity_callbacks(is_user_expired=self.is_user_expired)
        api.register_third_party_rules_callbacks(check_can_deactivate_user=self.check_can_deactivate_user)

    @staticmethod
    def parse_config(content: JsonDict) -> AccountGuardConfig:
        return parse(content)

    async def check_registration_for_spam(
        self,
        email_threepid: JsonDict | None,  # noqa: ARG002
        username: str | None,
        request_info: Collection[tuple[str, str]],  # noqa: ARG002
        auth_provider_id: str | None = None,  # noqa: ARG002
    ) -> RegistrationBehaviour:
        """Refuses whom the register does not know; when it cannot be asked or is stale, all but the listed accounts."""
        allowed = self._config.allowed_localparts
        try:
            # A listed account must be able to come into being before the first publication.
            status = None if username is None or username in allowed else await self._fresh_status_of(username)
            permitted = rules.may_register(username, status, allowed)
        except Exception:
            logger.exception("Registration of %r refused: the register's projection cannot be read", username)
            return RegistrationBehaviour.DENY
        if permitted:
            return RegistrationBehaviour.ALLOW
        logger.info("Registration of %r refused: not an active person of the register", username)
        return RegistrationBehaviour.DENY

    async def _fresh_status_of(self, localpart: str) -> RegisterStatus | None:
        reading = await self._people.read([localpart])
        if reading.is_stale(self._api.get_current_time_msec()):
            logger.warning("The register's projection is stale: nobody can be registered until it is published anew")
            return None
        return reading.statuses.get(localpart)

    async def check_login_for_spam(
        self,
        user_id: str,
        device_id: str | None,  # noqa: ARG002
        initial_display_name: str | None,  # noqa: ARG002
        request_info: Collection[tuple[str | None, str]],  # noqa: ARG002
        auth_provider_id: str | None = None,  # noqa: ARG002
    ) -> Literal["NOT_SPAM"] | tuple[Codes, JsonDict]:
        """Tells somebody who left why the door is shut; when the register cannot be asked, the door stays open.

        Synapse itself answers a locked person before this is asked, with M_USER_LOCKED.
        """
        try:
            localpart = UserID.from_string(user_id).localpart
            reading = await self._people.leavers()
            permitted = rules.may_log_in(localpart, reading.statuses.get(localpart), self._config.allowed_localparts)
        except Exception:
            logger.exception("Login of %s let through: the register's projection cannot be read", user_id)
            return NOT_SPAM
        if permitted:
            return NOT_SPAM
        logger.info("Login of %s refused: has left the register", user_id)
        return Codes.FORBIDDEN, {"error": rules.shut_door(guest=localpart in reading.guests)}

    async def is_user_expired(self, user_id: str) -> bool | None:
        """Says of a locked person that they are expired, which silences their push too.

        Asked on every request, so it reads only what Synapse has cached. On an error it has no opinion: Synapse's
        own look at the lock comes before it. What Synapse asks neither here nor itself is shut by `LockedOut`.
        """
        try:
            return await self._is_locked(user_id)
        except Exception:
            logger.exception("Whether %s is locked cannot be read", user_id)
            return None

    async def user_may_join_room(
        self,
        user_id: str,
        room_id: str,
        is_invited: bool,  # noqa: ARG002
    ) -> Literal["NOT_SPAM"] | tuple[Codes, JsonDict]:
        """Brings a locked person into no room, whoever asks for it; when it cannot be read, others decide.

        Where they are in already, they may get another name.
        """
        try:
            enters_locked = await self._is_locked(user_id) and not await is_in(self._api, user_id, room_id)
        except Exception:
            logger.exception("Whether %s is locked cannot be read", user_id)
            return NOT_SPAM
        if not enters_locked:
            return NOT_SPAM
        logger.info("%s is locked and joins no room, not %s", user_id, room_id)
        return Codes.FORBIDDEN, {"error": rules.OTHER_IS_LOCKED}

    async def _is_locked(self, user_id: str) -> bool:
        user = await self._api.get_userinfo_by_id(user_id)
        return user is not None and bool(user.locked)

    async def check_can_deactivate_user(self, user_id: str, by_admin: bool) -> bool:
        """Nobody deactivates themselves: it would destroy keys and memberships of a person who may return."""
        if not by_admin:
            logger.info("Self-deactivation of %s refused", user_id)
        return by_admin
