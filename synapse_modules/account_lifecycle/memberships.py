"""Memberships of unit rooms: serial in one room, as Synapse is, and parallel across rooms."""

import logging
from collections.abc import Collection, Sequence
from http import HTTPStatus

from synapse.api.errors import SynapseError
from synapse.module_api import LoggingTransaction, ModuleApi

from synapse_modules.account_lifecycle.accounts import Accounts
from synapse_modules.account_lifecycle.concurrency import for_each_group, grouped
from synapse_modules.account_lifecycle.config import AccountLifecycleConfig
from synapse_modules.account_lifecycle.requests import MembershipAction
from synapse_modules.account_lifecycle.results import Result
from synapse_modules.account_lifecycle.rules import Account, Membership, Refusal, Step, decide_membership
from synapse_modules.homeserver_internals import HomeserverInternals

logger = logging.getLogger(__name__)

ROOMS_AT_ONCE = 8
"""Rooms in hand at the same time; more only take turns on Synapse's one thread."""


class Memberships:
    """Carries out membership actions, each for itself."""

    def __init__(
        self, config: AccountLifecycleConfig, api: ModuleApi, internals: HomeserverInternals, accounts: Accounts
    ) -> None:
        self._config = config
        self._api = api
        self._internals = internals
        self._accounts = accounts
        self._room_owner = api.get_qualified_user_id(config.room_owner)

    async def carry_out(self, actions: Sequence[MembershipAction]) -> list[Result]:
        """One result for each action, in their order. Actions in one room keep their order too."""
        accounts = await self._accounts.find({action.localpart for action in actions})
        standing = await self._standing(actions)
        results: dict[int, Result] = {}
        numbered = list(enumerate(actions))

        async def handle(group: list[tuple[int, MembershipAction]]) -> None:
            seen: set[str] = set()
            for index, action in group:
                try:
                    # What was read before is old for a person met twice in one room.
                    known = standing if action.localpart not in seen else await self._standing([action])
                    seen.add(action.localpart)
                    results[index] = await self._carry_out_one(action, accounts.get(action.localpart), known)
                except Exception as error:
                    logger.exception("%s of %r in %s failed", action.verb, action.localpart, action.room_id)
                    results[index] = Result(action.id, refusal=Refusal.FAILED, detail=_said(error))

        await for_each_group(grouped(numbered, key=lambda entry: entry[1].room_id), ROOMS_AT_ONCE, handle)
        return [results[index] for index, _ in numbered]

    async def _carry_out_one(
        self, action: MembershipAction, account: Account | None, standing: dict[tuple[str, str], str]
    ) -> Result:
        user_id = self._api.get_qualified_user_id(action.localpart)
        membership = Membership(
            of_person=standing.get((action.room_id, user_id)),
            of_room_owner=standing.get((action.room_id, self._room_owner)),
        )
        decision = decide_membership(action, account, membership, self._config.protected)
        if isinstance(decision, Refusal):
            return Result(action.id, refusal=decision)
        if decision is Step.LEAVE:
            await self._internals.update_membership(user_id, user_id, action.room_id, "leave")
        elif decision is Step.JOIN:
            await self._join(user_id, action.room_id, invited=membership.of_person == "invite")
        return Result(action.id, changed=decision is not Step.NOTHING)

    async def _join(self, user_id: str, room_id: str, *, invited: bool) -> None:
        rule = await self._join_rule(room_id)
        if rule == "restricted" and not invited:
            try:
                # One event instead of two for a member of the unit's space.
                await self._internals.update_membership(user_id, user_id, room_id, "join")
            except SynapseError as error:
                if error.code != HTTPStatus.FORBIDDEN:
                    raise
            else:
                return
        if rule != "public" and not invited:
            await self._internals.update_membership(self._room_owner, user_id, room_id, "invite")
        await self._internals.update_membership(user_id, user_id, room_id, "join")

    async def _join_rule(self, room_id: str) -> str:
        state = await self._api.get_room_state(room_id, [("m.room.join_rules", "")])
        rule = state.get(("m.room.join_rules", ""))
        return str(rule.content.get("join_rule", "invite")) if rule else "invite"

    async def _standing(self, actions: Collection[MembershipAction]) -> dict[tuple[str, str], str]:
        rooms = sorted({action.room_id for action in actions})
        people = {self._api.get_qualified_user_id(action.localpart) for action in actions} | {self._room_owner}
        return await self._api.run_db_interaction("huep_memberships_find", _select_memberships, rooms, sorted(people))


def _said(error: Exception) -> str:
    """What Synapse said, without what might stand in other errors."""
    return error.msg if isinstance(error, SynapseError) else type(error).__name__


def _select_memberships(txn: LoggingTransaction, rooms: list[str], people: list[str]) -> dict[tuple[str, str], str]:
    txn.execute(
        """
        SELECT room_id, user_id, membership FROM local_current_membership
        WHERE room_id = ANY(?) AND user_id = ANY(?)
        """,
        (rooms, people),
    )
    return {(str(room_id), str(user_id)): str(membership) for room_id, user_id, membership in txn}
