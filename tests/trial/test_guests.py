"""The callbacks that meet guests, also when what they ask fails."""

import logging
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from synapse.api.errors import Codes, SynapseError
from synapse.module_api import NOT_SPAM
from twisted.internet.defer import ensureDeferred
from twisted.trial.unittest import TestCase

from synapse_modules.account_guard import module as guard
from synapse_modules.account_guard.module import AccountGuard
from synapse_modules.account_guard.rules import SPONSORSHIP_OVER
from synapse_modules.colleagues import Colleague
from synapse_modules.projection import LEAVERS_HOLD_MS, Reading, RegisterStatus
from synapse_modules.room_rules.first_invited import Pair
from synapse_modules.room_rules.module import RoomRules
from synapse_modules.room_rules.readings import RoomReading
from synapse_modules.room_rules.refusals import SENTENCES, Refusal
from synapse_modules.room_rules.rules import RoomFacts
from tests.trial.fake_api import SERVER, FakeApi, later

ACTIVE = RegisterStatus.ACTIVE
OWNER, AN, BINH, GUEST = (f"@{name}:{SERVER}" for name in ("huep", "an-k1", "binh-k2", "khach-b-k3"))
GROUP, DIRECT, UNIT = "!group", "!direct", "!unit"
CONFIG = {"room_owner": "huep", "service_accounts": ["tro-ly"], "create_rooms": ["head", "staff"], "create_spaces": []}


@dataclass
class GuestsApi(FakeApi):
    """With rooms, and one invitation to the guest in each."""

    inviters: dict[str, str] = field(default_factory=dict)
    rooms: dict[str, RoomReading] = field(default_factory=dict)

    def should_run_background_tasks(self) -> bool:
        return False

    async def get_room_state(self, room_id: str, wanted: list[tuple[str, str]]) -> dict[Any, Any]:
        await later()
        if room_id not in self.inviters or wanted != [("m.room.member", GUEST)]:
            return {}
        return {wanted[0]: SimpleNamespace(content={"membership": "invite"}, sender=self.inviters[room_id])}

    async def run_db_interaction(self, desc: str, func: Any, *arguments: Any) -> Any:
        if desc == "huep_room_read":
            await later()
            return self.rooms[arguments[0]]
        if desc == "huep_first_invited_settle":
            await later()
            return Pair(GUEST, arguments[1])
        answer = await super().run_db_interaction(desc, func, *arguments)
        if isinstance(answer, Reading):
            return replace(answer, guests=frozenset(name for name in answer.statuses if name.startswith("khach-")))
        return answer


class GuestsTests(TestCase):
    def setUp(self) -> None:
        self.api = GuestsApi(
            register={"an-k1": "active", "binh-k2": "active", "khach-b-k3": "active"},
            people={
                "an-k1": Colleague("an-k1", ACTIVE, ("TINH", "SVH"), 1, "head"),
                "binh-k2": Colleague("binh-k2", ACTIVE, ("TINH", "SYT"), 1, "head"),
                "khach-b-k3": Colleague("khach-b-k3", ACTIVE, ("TINH", "SVH"), sponsor="an-k1"),
            },
            rooms={
                GROUP: RoomReading(RoomFacts(of_owner=False, encrypted=True, owner_inside=True), 2),
                DIRECT: RoomReading(RoomFacts(of_owner=False, encrypted=True, owner_inside=False), 1),
                UNIT: RoomReading(RoomFacts(of_owner=True, encrypted=True, owner_inside=True), 2),
            },
        )
        self.patch(guard, "LockedOut", lambda *_: None)
        AccountGuard(AccountGuard.parse_config({}), self.api)  # type: ignore[arg-type]
        RoomRules(RoomRules.parse_config(CONFIG), self.api)  # type: ignore[arg-type]
        logging.getLogger("synapse_modules").setLevel(logging.CRITICAL + 1)
        self.addCleanup(logging.getLogger("synapse_modules").setLevel, logging.NOTSET)

    async def _enters(self, room_id: str, user_id: str = GUEST) -> object:
        return await self.api.callbacks["user_may_join_room"](user_id, room_id, True)

    async def _creates(self, body: dict[str, Any]) -> None:
        requester = SimpleNamespace(user=SimpleNamespace(to_string=lambda: GUEST))
        await self.api.callbacks["on_create_room"](requester, body, False)

    def assert_refused(self, verdict: object, refusal: Refusal) -> None:
        self.assertEqual(verdict, (Codes.FORBIDDEN, {"error": SENTENCES[refusal]}))

    def test_a_guest_enters_by_the_invitation_of_a_host_or_of_the_service_account(self):
        async def check() -> None:
            for inviter in (AN, OWNER):
                self.api.inviters = {GROUP: inviter, UNIT: inviter}
                self.assertIs(await self._enters(GROUP), NOT_SPAM)
                self.assertIs(await self._enters(UNIT), NOT_SPAM)
            for inviters in ({}, {GROUP: BINH}):
                self.api.inviters = inviters
                self.assert_refused(await self._enters(GROUP), Refusal.GUEST_UNINVITED)

        return ensureDeferred(check())

    def test_officers_enter_rooms_of_people_as_before_without_the_projection_too(self):
        self.api.people = None

        async def check() -> None:
            self.assertIs(await self._enters(GROUP, BINH), NOT_SPAM)
            self.assert_refused(await self._enters(GROUP), Refusal.UNCHECKED)

        return ensureDeferred(check())

    def test_a_guest_makes_no_rooms_and_begins_direct_messages(self):
        async def check() -> None:
            await self._creates({"is_direct": True, "invite": [AN]})
            for body in ({}, {"invite": [AN]}, {"creation_content": {"type": "m.space"}}):
                with self.assertRaises(SynapseError) as refused:
                    await self._creates(body)
                self.assertEqual(refused.exception.msg, SENTENCES[Refusal.GUEST_MAY_NOT_CREATE])

        return ensureDeferred(check())

    def test_a_guest_invites_nobody_into_a_room(self):
        async def check() -> None:
            invite = self.api.callbacks["user_may_invite"]
            for room_id in (GROUP, UNIT):
                self.assert_refused(await invite(GUEST, BINH, room_id), Refusal.GUEST_INVITES)
            self.assertIs(await invite(GUEST, AN, DIRECT), NOT_SPAM)
            self.assertIs(await invite(AN, GUEST, GROUP), NOT_SPAM)

        return ensureDeferred(check())

    def test_a_guest_whose_time_is_over_reads_why_the_door_is_shut(self):
        async def check() -> None:
            log_in = self.api.callbacks["check_login_for_spam"]
            self.assertIs(await log_in(GUEST, None, None, [], None), NOT_SPAM)
            self.api.register = {"khach-b-k3": "left"}
            self.api.now_ms += LEAVERS_HOLD_MS
            self.assertEqual(await log_in(GUEST, None, None, [], None), (Codes.FORBIDDEN, {"error": SPONSORSHIP_OVER}))

        return ensureDeferred(check())
