"""Memberships of unit rooms: serial in one room, as Synapse is, and parallel across rooms.

People who join the same room are put there together, in one write of invitations and joins. That is many times as fast
as one by one; where it fails for any of them, all go one by one, so that each has a result of their own.
"""

import logging
from collections import Counter
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
from synapse_modules.homeserver_internals.acts import HomeserverInternals, MembershipEvent
from synapse_modules.register_hand import putting_in

logger = logging.getLogger(__name__)

ROOMS_AT_ONCE = 8
"""Rooms in hand at the same time; more only take turns on Synapse's one thread."""
TOGETHER = 50
"""People put into a room by one write; more would keep Synapse's one thread from answering for too long."""

Standing = dict[tuple[str, str], str]
"""Room ID and user ID to membership."""


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
            together = await self._join_together([action for _, action in group], accounts, standing)
            # What was read before is old by now for a person met twice, and after a batch that failed.
            fresh = Counter(action.localpart for _, action in group)
            for index, action in group:
                if action.localpart in together:
                    results[index] = Result(action.id, changed=True)
                    continue
                try:
                    known = standing if together and fresh[action.localpart] == 1 else await self._standing([action])
                    results[index] = await self._carry_out_one(action, accounts.get(action.localpart), known)
                except Exception as error:
                    logger.exception("%s of %r in %s failed", action.verb, action.localpart, action.room_id)
                    results[index] = Result(action.id, refusal=Refusal.FAILED, detail=_said(error))

        await for_each_group(grouped(numbered, key=lambda entry: entry[1].room_id), ROOMS_AT_ONCE, handle)
        return [results[index] for index, _ in numbered]

    async def _carry_out_one(self, action: MembershipAction, account: Account | None, standing: Standing) -> Result:
        user_id = self._api.get_qualified_user_id(action.localpart)
        membership = self._membership(action, standing)
        decision = decide_membership(action, account, membership, self._config.kept_out)
        if isinstance(decision, Refusal):
            return Result(action.id, refusal=decision)
        if decision is Step.LEAVE:
            await self._internals.update_membership(user_id, user_id, action.room_id, "leave")
        elif decision is Step.JOIN:
            with putting_in(user_id, action.room_id):
                await self._join(user_id, action.room_id, invited=membership.of_person == "invite")
        return Result(action.id, changed=decision is not Step.NOTHING)

    def _membership(self, action: MembershipAction, standing: Standing) -> Membership:
        user_id = self._api.get_qualified_user_id(action.localpart)
        return Membership(
            of_person=standing.get((action.room_id, user_id)),
            of_room_owner=standing.get((action.room_id, self._room_owner)),
        )

    async def _join_together(
        self, actions: Sequence[MembershipAction], accounts: dict[str, Account], standing: Standing
    ) -> frozenset[str]:
        """Put those into one room who can simply join it; returns the localparts of those who are in now."""
        times = Counter(action.localpart for action in actions)
        simple = []
        for action in actions:
            account = accounts.get(action.localpart)
            membership = self._membership(action, standing)
            decision = decide_membership(action, account, membership, self._config.kept_out)
            if decision is Step.JOIN and account is not None and times[action.localpart] == 1:
                simple.append((action, account, membership.of_person == "invite"))
        if len(simple) < 2:
            return frozenset()
        room_id = actions[0].room_id
        joined: set[str] = set()
        try:
            public = await self._join_rule(room_id) == "public"
            for start in range(0, len(simple), TOGETHER):
                events: list[MembershipEvent] = []
                for action, account, invited in simple[start : start + TOGETHER]:
                    user_id = self._api.get_qualified_user_id(action.localpart)
                    if not await self._internals.modules_let_join(user_id, room_id):
                        continue
                    if not (public or invited):
                        events.append(MembershipEvent(self._room_owner, user_id, _content("invite", account)))
                    events.append(MembershipEvent(user_id, user_id, _content("join", account)))
                if events:
                    await self._internals.send_memberships(self._room_owner, room_id, events)
        except Exception:
            logger.exception("Joining %d people to %s together failed; each is tried alone", len(simple), room_id)
        now = await self._standing([action for action, _, _ in simple])
        for action, _, _ in simple:
            if self._membership(action, now).of_person == "join":
                joined.add(action.localpart)
        return frozenset(joined)

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

    async def _standing(self, actions: Collection[MembershipAction]) -> Standing:
        rooms = sorted({action.room_id for action in actions})
        people = {self._api.get_qualified_user_id(action.localpart) for action in actions} | {self._room_owner}
        return await self._api.run_db_interaction(
            "huep_memberships_find", _select_memberships, rooms, sorted(people), self._room_owner
        )


def _said(error: Exception) -> str:
    """What Synapse said, without what might stand in other errors."""
    return error.msg if isinstance(error, SynapseError) else type(error).__name__


def _content(membership: str, account: Account) -> dict[str, str]:
    """A member event's content as Synapse itself would write it."""
    profile = {"displayname": account.display_name, "avatar_url": account.avatar_url}
    return {"membership": membership, **{key: value for key, value in profile.items() if value is not None}}


def _select_memberships(txn: LoggingTransaction, rooms: list[str], people: list[str], room_owner: str) -> Standing:
    """Only of rooms that `room_owner` made: it is in rooms of people too, where the register has no say."""
    txn.execute(
        """
        SELECT room_id, user_id, membership FROM local_current_membership JOIN rooms USING (room_id)
        WHERE room_id = ANY(?) AND user_id = ANY(?) AND creator = ?
        """,
        (rooms, people, room_owner),
    )
    return {(str(room_id), str(user_id)): str(membership) for room_id, user_id, membership in txn}
