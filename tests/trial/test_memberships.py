"""A batch of memberships: together where that works, one by one where it does not, each for itself."""

import logging
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from synapse.api.errors import SynapseError
from twisted.internet.defer import ensureDeferred
from twisted.trial.unittest import TestCase

from synapse_modules.account_lifecycle.accounts import Accounts
from synapse_modules.account_lifecycle.config import AccountLifecycleConfig
from synapse_modules.account_lifecycle.doors import Doors
from synapse_modules.account_lifecycle.memberships import TOGETHER, Memberships
from synapse_modules.account_lifecycle.requests import MembershipAction, MembershipVerb
from synapse_modules.projection import PeopleProjection
from tests.trial.fake_api import SERVER, FakeAccount, FakeApi, FakeInternals, later

JOIN, LEAVE = MembershipVerb.JOIN, MembershipVerb.LEAVE
OWNER = f"@huep:{SERVER}"
ROOM, OTHER = f"!room:{SERVER}", f"!other:{SERVER}"


@dataclass
class FakeRooms(FakeApi):
    """A homeserver with rooms, whose owner is in all of them."""

    rules: dict[str, str] = field(default_factory=dict)
    members: dict[tuple[str, str], str] = field(default_factory=dict)

    async def get_room_state(self, room_id: str, wanted: Any) -> Any:
        await later()
        return {("m.room.join_rules", ""): SimpleNamespace(content={"join_rule": self.rules[room_id]})}

    async def run_db_interaction(self, desc: str, func: Any, *arguments: Any) -> Any:
        if desc != "huep_memberships_find":
            return await super().run_db_interaction(desc, func, *arguments)
        await later()
        rooms, people, _owner = arguments
        return {key: value for key, value in self.members.items() if key[0] in rooms and key[1] in people}


@dataclass
class FakeRoomInternals(FakeInternals):
    """Sends member events into FakeRooms, checking what the authorisation rules would."""

    objected: set[str] = field(default_factory=set)
    batch_error: Exception | None = None

    async def modules_let_join(self, user_id: str, room_id: str) -> bool:
        await later()
        return user_id not in self.objected

    async def send_memberships(self, actor: str, room_id: str, events: Any) -> None:
        await later()
        if self.batch_error:
            raise self.batch_error
        self.api.log.append(("together", room_id, str(len(events))))
        for event in events:
            self._set(event.sender, event.target, room_id, event.content["membership"])

    async def update_membership(self, sender: str, target: str, room_id: str, action: str) -> None:
        await later()
        if target in self.objected and action == "join":
            raise SynapseError(403, "Not allowed to join this room")
        self.api.log.append((action, room_id, target))
        self._set(sender, target, room_id, action)

    def _set(self, sender: str, target: str, room_id: str, membership: str) -> None:
        api: Any = self.api
        invited = api.members.get((room_id, target)) in ("invite", "join")
        assert membership != "join" or api.rules[room_id] == "public" or invited, "joined without an invitation"
        assert membership != "invite" or sender == OWNER
        api.members[room_id, target] = membership


class MembershipsTests(TestCase):
    def setUp(self) -> None:
        self.api = FakeRooms(rules={ROOM: "invite", OTHER: "public"})
        self.api.members = {(ROOM, OWNER): "join", (OTHER, OWNER): "join"}
        self.api.accounts = {f"p{number}": FakeAccount(f"P{number}") for number in range(120)}
        self.internals = FakeRoomInternals(self.api)
        config = AccountLifecycleConfig(
            Path("token"), "huep", frozenset({"huep", "tro-ly", "bao-tin"}), frozenset({"bao-tin"})
        )
        doors = Doors(self.api, self.internals, OWNER)  # type: ignore[arg-type]
        self.memberships = Memberships(
            config,
            self.api,  # type: ignore[arg-type]
            self.internals,  # type: ignore[arg-type]
            Accounts(config, self.api, self.internals, PeopleProjection(self.api), doors),  # type: ignore[arg-type]
        )
        logging.getLogger("synapse_modules").setLevel(logging.CRITICAL + 1)
        self.addCleanup(logging.getLogger("synapse_modules").setLevel, logging.NOTSET)

    async def _act(self, *acts: tuple[MembershipVerb, str, str]) -> list[dict[str, Any]]:
        actions = [MembershipAction(str(number), *act) for number, act in enumerate(acts)]
        results = [result.as_json() for result in await self.memberships.carry_out(actions)]
        self.assertEqual([result["id"] for result in results], [action.id for action in actions])
        return results

    def _in(self, room_id: str, localpart: str) -> bool:
        return self.api.members.get((room_id, f"@{localpart}:{SERVER}")) == "join"

    def test_people_are_put_into_a_room_together_a_limited_number_at_a_time(self):
        async def check() -> None:
            results = await self._act(*((JOIN, f"p{number}", ROOM) for number in range(120)))
            self.assertTrue(all(result["changed"] for result in results))
            self.assertTrue(all(self._in(ROOM, f"p{number}") for number in range(120)))
            sizes = [int(entry[2]) for entry in self.api.log]
            self.assertEqual(sizes, [2 * TOGETHER, 2 * TOGETHER, 2 * (120 - 2 * TOGETHER)])

        return ensureDeferred(check())

    def test_a_public_room_needs_no_invitations(self):
        async def check() -> None:
            await self._act((JOIN, "p1", OTHER), (JOIN, "p2", OTHER))
            self.assertEqual(self.api.log, [("together", OTHER, "2")])

        return ensureDeferred(check())

    def test_when_together_fails_all_join_one_by_one(self):
        self.internals.batch_error = SynapseError(403, "one of them may not")

        async def check() -> None:
            results = await self._act(*((JOIN, f"p{number}", ROOM) for number in range(5)))
            self.assertTrue(all(result["ok"] and result["changed"] for result in results))
            self.assertTrue(all(self._in(ROOM, f"p{number}") for number in range(5)))

        return ensureDeferred(check())

    def test_whom_a_module_keeps_out_is_refused_alone(self):
        self.internals.objected = {f"@p2:{SERVER}"}

        async def check() -> None:
            results = await self._act(*((JOIN, f"p{number}", ROOM) for number in range(4)))
            self.assertEqual([result["ok"] for result in results], [True, True, False, True])
            self.assertIn("Not allowed to join this room", results[2]["error"])
            self.assertFalse(self._in(ROOM, "p2"))

        return ensureDeferred(check())

    def test_locked_protected_and_unknown_people_do_not_join_with_the_others(self):
        self.api.accounts["p1"].locked = True
        self.api.accounts["root"] = FakeAccount("Root", admin=True)

        async def check() -> None:
            results = await self._act(
                (JOIN, "p0", ROOM), (JOIN, "p1", ROOM), (JOIN, "root", ROOM), (JOIN, "xa", ROOM), (JOIN, "p2", ROOM)
            )
            codes = [result.get("code") for result in results]
            self.assertEqual(codes, [None, "locked", "protected", "unknown_account", None])
            self.assertFalse(self._in(ROOM, "p1") or self._in(ROOM, "root"))

        return ensureDeferred(check())

    def test_of_all_services_those_that_announce_alone_are_put_into_rooms(self):
        self.api.accounts |= {name: FakeAccount(name) for name in ("huep", "tro-ly", "bao-tin")}

        async def check() -> None:
            results = await self._act(*((JOIN, name, ROOM) for name in ("huep", "tro-ly", "bao-tin", "p1")))
            self.assertEqual([result.get("code") for result in results], ["protected", "protected", None, None])
            self.assertTrue(self._in(ROOM, "bao-tin"))
            self.assertFalse(self._in(ROOM, "tro-ly"))

        return ensureDeferred(check())

    def test_two_acts_on_one_person_keep_their_order(self):
        async def check() -> None:
            results = await self._act(
                (JOIN, "p1", ROOM), (LEAVE, "p1", ROOM), (LEAVE, "p1", ROOM), (JOIN, "p2", ROOM), (JOIN, "p3", ROOM)
            )
            self.assertEqual([result["changed"] for result in results], [True, True, False, True, True])
            self.assertFalse(self._in(ROOM, "p1"))
            self.assertTrue(self._in(ROOM, "p2"))

        return ensureDeferred(check())

    def test_a_room_of_somebody_else_is_out_of_reach(self):
        del self.api.members[ROOM, OWNER]

        async def check() -> None:
            results = await self._act((JOIN, "p1", ROOM), (JOIN, "p2", ROOM), (JOIN, "p1", OTHER))
            self.assertEqual([result.get("code") for result in results], ["unknown_room", "unknown_room", None])

        return ensureDeferred(check())
