"""Accounts on the homeserver: found in one query, then created, locked, unlocked and renamed in process."""

import logging
from collections.abc import Iterable, Sequence
from http import HTTPStatus

from synapse.api.errors import LimitExceededError, SynapseError
from synapse.module_api import LoggingTransaction, ModuleApi, UserID

from synapse_modules.account_lifecycle.concurrency import for_each_group, grouped
from synapse_modules.account_lifecycle.config import AccountLifecycleConfig
from synapse_modules.account_lifecycle.requests import AccountAction
from synapse_modules.account_lifecycle.results import Result
from synapse_modules.account_lifecycle.rules import Account, Refusal, Step, decide_account
from synapse_modules.homeserver_internals import HomeserverInternals

logger = logging.getLogger(__name__)

AT_ONCE = 32
"""Accounts in hand at the same time: past this Synapse's database threads only queue."""
LOCK_DATA = "vn.huep.lock"
"""Type of the account data that ends open syncs and lets a client read when it was locked."""
RENAME_ATTEMPTS = 4
LONGEST_PAUSE_S = 10.0


class Accounts:
    """Carries out account actions, each for itself."""

    def __init__(self, config: AccountLifecycleConfig, api: ModuleApi, internals: HomeserverInternals) -> None:
        self._config = config
        self._api = api
        self._internals = internals

    async def find(self, localparts: Iterable[str]) -> dict[str, Account]:
        """Those of `localparts` that exist."""
        user_ids = {self._api.get_qualified_user_id(localpart): localpart for localpart in localparts}
        found = await self._api.run_db_interaction("huep_accounts_find", _select_accounts, list(user_ids))
        return {user_ids[user_id]: account for user_id, account in found.items()}

    async def carry_out(self, actions: Sequence[AccountAction]) -> list[Result]:
        """One result for each action, in their order. Several actions on one account keep their order too."""
        accounts = await self.find(action.localpart for action in actions)
        results: dict[int, Result] = {}
        numbered = list(enumerate(actions))

        async def handle(group: list[tuple[int, AccountAction]]) -> None:
            for turn, (index, action) in enumerate(group):
                try:
                    known = accounts if turn == 0 else await self.find([action.localpart])
                    results[index] = await self._carry_out_one(action, known.get(action.localpart))
                except Exception as error:
                    logger.exception("%s of %r failed", action.verb, action.localpart)
                    results[index] = Result(action.id, refusal=Refusal.FAILED, detail=type(error).__name__)

        await for_each_group(grouped(numbered, key=lambda entry: entry[1].localpart), AT_ONCE, handle)
        return [results[index] for index, _ in numbered]

    async def _carry_out_one(self, action: AccountAction, account: Account | None) -> Result:
        decision = decide_account(action, account, self._config.protected)
        if isinstance(decision, Refusal):
            return Result(action.id, refusal=decision)
        user_id = self._api.get_qualified_user_id(action.localpart)
        match decision:
            case Step.CREATE:
                refusal = await self._create(action)
                if refusal is not None:
                    return Result(action.id, refusal=refusal)
            case Step.LOCK:
                await self._lock(user_id, end_syncs=account is not None and account.has_devices)
            case Step.UNLOCK:
                await self._internals.set_locked(user_id, False)
            case Step.RENAME:
                await self._rename(user_id, action.display_name or "")
        return Result(action.id, changed=decision is not Step.NOTHING)

    async def _create(self, action: AccountAction) -> Refusal | None:
        try:
            await self._api.register_user(action.localpart, action.display_name)
        except SynapseError as error:
            # Synapse gives the refusal of account_guard out as a rate limit; this path has no other one.
            if error.code == HTTPStatus.TOO_MANY_REQUESTS:
                return Refusal.NOT_IN_REGISTER
            raise
        return None

    async def _lock(self, user_id: str, *, end_syncs: bool) -> None:
        await self._internals.set_locked(user_id, True)
        if not end_syncs:
            return
        # Syncs already waiting answer once more at the next write to what they watch: account data for most, a
        # to-device message for those that leave account data out. Their next request meets the lock.
        at_ms = self._api.get_current_time_msec()
        await self._api.account_data_manager.put_global(user_id, LOCK_DATA, {"at": at_ms})
        await self._internals.send_to_all_devices(user_id)

    async def _rename(self, user_id: str, display_name: str) -> None:
        for attempt in range(1, RENAME_ATTEMPTS + 1):
            try:
                await self._api.set_displayname(UserID.from_string(user_id), display_name)
            except LimitExceededError as error:
                # The profile is written by now and the rooms are not: a comparison would find nothing left to do.
                if attempt == RENAME_ATTEMPTS:
                    raise
                await self._api.sleep(min((error.retry_after_ms or 1000) / 1000, LONGEST_PAUSE_S))
            else:
                return


def _select_accounts(txn: LoggingTransaction, user_ids: list[str]) -> dict[str, Account]:
    txn.execute(
        """
        SELECT users.name, profiles.displayname, users.admin, users.locked, users.deactivated,
            EXISTS (SELECT FROM devices WHERE devices.user_id = users.name AND NOT devices.hidden), profiles.avatar_url
        FROM users LEFT JOIN profiles ON profiles.full_user_id = users.name
        WHERE users.name = ANY(?)
        """,
        (user_ids,),
    )
    return {
        str(name): Account(display_name, bool(admin), bool(locked), bool(deactivated), bool(has_devices), avatar_url)
        for name, display_name, admin, locked, deactivated, has_devices, avatar_url in txn
    }
