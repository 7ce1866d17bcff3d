"""Accounts on the homeserver: found in one query, then created, locked, unlocked and renamed in process.

New accounts and locks are written many in one transaction, which is several times as fast as one by one; where it fails
for any of them, all go one by one, so that each has a result of their own.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from synapse.api.errors import LimitExceededError, SynapseError
from synapse.module_api import LoggingTransaction, ModuleApi, UserID

from synapse_modules.account_guard.rules import may_register
from synapse_modules.account_lifecycle.concurrency import for_each_group, grouped
from synapse_modules.account_lifecycle.config import AccountLifecycleConfig
from synapse_modules.account_lifecycle.doors import Doors
from synapse_modules.account_lifecycle.requests import AccountAction
from synapse_modules.account_lifecycle.results import Result
from synapse_modules.account_lifecycle.rules import Account, Refusal, Step, decide_account
from synapse_modules.homeserver_internals.acts import HomeserverInternals, NewAccount
from synapse_modules.projection import PeopleProjection

logger = logging.getLogger(__name__)

AT_ONCE = 32
"""Accounts in hand at the same time, one by one: past this Synapse's database threads only queue."""
TOGETHER = 100
"""Accounts written by one transaction; more would keep rows and one of Synapse's database threads for too long."""
RENAME_ATTEMPTS = 4
LONGEST_PAUSE_S = 10.0

_Entry = tuple[int, AccountAction]


class Accounts:
    """Carries out account actions, each for itself."""

    def __init__(
        self,
        config: AccountLifecycleConfig,
        api: ModuleApi,
        internals: HomeserverInternals,
        people: PeopleProjection,
        doors: Doors,
    ) -> None:
        self._config = config
        self._api = api
        self._internals = internals
        self._people = people
        self._doors = doors

    async def find(self, localparts: Iterable[str]) -> dict[str, Account]:
        """Those of `localparts` that exist."""
        user_ids = {self._api.get_qualified_user_id(localpart): localpart for localpart in localparts}
        found = await self._api.run_db_interaction("huep_accounts_find", _select_accounts, list(user_ids))
        return {user_ids[user_id]: account for user_id, account in found.items()}

    async def carry_out(self, actions: Sequence[AccountAction]) -> list[Result]:
        """One result for each action, in their order. Several actions on one account keep their order too."""
        accounts = await self.find(action.localpart for action in actions)
        numbered = list(enumerate(actions))
        results = await self._carry_out_together(numbered, accounts)

        async def handle(group: list[_Entry]) -> None:
            for turn, (index, action) in enumerate(group):
                try:
                    # What was read before is old by now for a later turn, and for those whose transaction failed.
                    fresh = turn == 0 and index not in results.tried
                    known = accounts if fresh else await self.find([action.localpart])
                    results.by_index[index] = await self._carry_out_one(action, known.get(action.localpart))
                except Exception as error:
                    logger.exception("%s of %r failed", action.verb, action.localpart)
                    results.by_index[index] = Result(action.id, refusal=Refusal.FAILED, detail=type(error).__name__)

        left = [entry for entry in numbered if entry[0] not in results.by_index]
        await for_each_group(grouped(left, key=lambda entry: entry[1].localpart), AT_ONCE, handle)
        return [results.by_index[index] for index, _ in numbered]

    async def _carry_out_together(self, numbered: Sequence[_Entry], accounts: Mapping[str, Account]) -> "_Results":
        """What many accounts can have done to them in one transaction; the rest is left for one by one."""
        times = Counter(action.localpart for _, action in numbered)
        by_step: dict[Step, list[_Entry]] = {Step.LOCK: [], Step.UNLOCK: [], Step.CREATE: []}
        for index, action in numbered:
            decision = decide_account(action, accounts.get(action.localpart), self._config.protected)
            # Synapse keeps all-digit names for guests; its own registration is left to say so.
            simple = times[action.localpart] == 1 and not action.localpart.isdigit()
            if simple and isinstance(decision, Step) and decision in by_step:
                by_step[decision].append((index, action))
        results = _Results()
        for step, entries in by_step.items():
            for start in range(0, len(entries), TOGETHER):
                part = entries[start : start + TOGETHER]
                if len(part) < 2:
                    continue
                results.tried.update(index for index, _ in part)
                try:
                    results.by_index.update(await self._step_together(step, part))
                except Exception:
                    logger.exception("%s of %d accounts together failed; each is tried alone", step, len(part))
        return results

    async def _step_together(self, step: Step, entries: Sequence[_Entry]) -> dict[int, Result]:
        if step is Step.CREATE:
            return await self._create_together(entries)
        user_ids = [self._api.get_qualified_user_id(action.localpart) for _, action in entries]
        await (self._doors.lock(user_ids) if step is Step.LOCK else self._doors.unlock(user_ids))
        return {index: Result(action.id, changed=True) for index, action in entries}

    async def _create_together(self, entries: Sequence[_Entry]) -> dict[int, Result]:
        # account_guard would ask this for each of them; both ask the same rule.
        reading = await self._people.read([action.localpart for _, action in entries])
        known = {} if reading.is_stale(self._api.get_current_time_msec()) else reading.statuses
        permitted = {name for name, status in known.items() if may_register(name, status, frozenset())}
        accounts = [
            NewAccount(self._api.get_qualified_user_id(action.localpart), action.display_name or "")
            for _, action in entries
            if action.localpart in permitted
        ]
        if accounts:
            await self._internals.register(accounts)
        return {
            index: Result(action.id, changed=True)
            if action.localpart in permitted
            else Result(action.id, refusal=Refusal.NOT_IN_REGISTER)
            for index, action in entries
        }

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
                await self._doors.lock([user_id])
            case Step.UNLOCK:
                await self._doors.unlock([user_id])
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


@dataclass
class _Results:
    by_index: dict[int, Result] = field(default_factory=dict)
    tried: set[int] = field(default_factory=set)
    """Indices whose transaction was tried together with others."""


def _select_accounts(txn: LoggingTransaction, user_ids: list[str]) -> dict[str, Account]:
    txn.execute(
        """
        SELECT users.name, profiles.displayname, users.admin, users.locked, users.deactivated, profiles.avatar_url
        FROM users LEFT JOIN profiles ON profiles.full_user_id = users.name
        WHERE users.name = ANY(?)
        """,
        (user_ids,),
    )
    return {
        str(name): Account(display_name, bool(admin), bool(locked), bool(deactivated), avatar_url)
        for name, display_name, admin, locked, deactivated, avatar_url in txn
    }
