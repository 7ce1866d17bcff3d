"""room_rules' callbacks, also when what they ask fails; and the rooms it looks after."""

import logging
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from synapse.api.errors import Codes, SynapseError
from synapse.module_api import NOT_SPAM
from twisted.internet.defer import ensureDeferred
from twisted.trial.unittest import TestCase

from synapse_modules.colleagues import Colleague
from synapse_modules.projection import RegisterStatus
from synapse_modules.register_hand import putting_in
from synapse_modules.room_rules import notice_room
from synapse_modules.room_rules.departures import Changes, Departure
from synapse_modules.room_rules.first_invited import Pair
from synapse_modules.room_rules.keeping import RoomKeeping
from synapse_modules.room_rules.module import RoomRules
from synapse_modules.room_rules.readings import FACTS_HOLD, RoomReading
from synapse_modules.room_rules.refusals import SENTENCES, Refusal
from synapse_modules.room_rules.rules import RoomFacts, UnitOfRoom
from tests.clients.sealed import sealed
from tests.trial.fake_api import SERVER, FakeAccount, FakeApi, FakeInternals, later

OWNER, BOT, AN, BINH, CHI = (f"@{name}:{SERVER}" for name in ("huep", "tro-ly", "an-k1", "binh-k2", "chi-k3"))
TALK, ANNOUNCEMENTS, GROUP, DIRECT = "!talk", "!announcements", "!group", "!direct"
OTHER_BOT = f"@khao-sat:{SERVER}"
CONFIG = {
    "room_owner": "huep",
    "service_accounts": ["tro-ly", "khao-sat"],
    "notice_account": "tro-ly",
    "create_rooms": ["head"],
    "create_spaces": [],
}
CALL_HOST = "rtc.hue.example"
SEALED = sealed()
NAME_EVENT = "$" + "n" * 43
WORDS = {"msgtype": "m.text", "body": "xin chào"}


def reading(*, of_owner: bool, encrypted: bool, owner_inside: bool = True, others: int = 2) -> RoomReading:
    return RoomReading(RoomFacts(of_owner, encrypted, owner_inside), others)


@dataclass
class RoomsApi(FakeApi):
    """With rooms and a stream of changes."""

    rooms: dict[str, RoomReading] = field(default_factory=dict)
    changes: list[Changes] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    state: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    broken: bool = False
    out: list[Departure] = field(default_factory=list)
    """Who is out of a unit's room by their own will, as the tables have it."""
    tables_made: int = 0
    first_invited: dict[str, str] = field(default_factory=dict)
    units: dict[str, UnitOfRoom] = field(default_factory=dict)
    """By room."""

    def should_run_background_tasks(self) -> bool:
        return False

    async def get_room_state(self, room_id: str, wanted: list[tuple[str, str]]) -> dict[Any, Any]:
        await later()
        found = {kind: self.state[room_id, kind] for kind, _ in wanted if (room_id, kind) in self.state}
        return {(kind, ""): SimpleNamespace(content=content) for kind, content in found.items()}

    async def run_db_interaction(self, desc: str, func: Any, *arguments: Any) -> Any:
        await later()
        self.reads.append(desc)
        if self.broken:
            raise RuntimeError("the database is gone, secret-token-123")
        match desc:
            case "huep_room_read":
                return self.rooms[arguments[0]]
            case "huep_departures_find":
                _, only = arguments
                return [departure for departure in self.out if only in (None, departure)]
            case "huep_first_invited_settle":
                room_id, invitee = arguments
                return Pair(AN, self.first_invited.setdefault(room_id, invitee))
            case "huep_first_invited_create":
                self.tables_made += 1
                return None
            case "huep_room_unit":
                return self.units.get(arguments[0])
            case "huep_event_is_state":
                return arguments[0] == NAME_EVENT
            case "huep_memberships_position":
                return 0
            case "huep_invitations_find":
                return self.waiting
            case "huep_memberships_follow":
                return 1, self.changes.pop(0) if self.changes else Changes((), ())
        return await super().run_db_interaction(desc, func, *arguments)


@dataclass
class RoomInternals(FakeInternals):
    """Memberships are written down."""

    refused: set[str] = field(default_factory=set)

    async def update_membership(self, sender: str, target: str, room_id: str, action: str) -> None:
        await later()
        if room_id in self.refused:
            raise SynapseError(403, "no")
        self.api.log.append((sender, action, target, room_id))


def event(kind: str, content: dict[str, Any], room: str, sender: str = AN, state_key: str | None = None) -> Any:
    return SimpleNamespace(
        type=kind,
        content=content,
        room_id=room,
        sender=sender,
        is_state=lambda: state_key is not None,
        state_key=state_key,
        redacts=content.get("redacts"),
    )


class RoomRulesTests(TestCase):
    def setUp(self) -> None:
        self.api = RoomsApi(
            register={"an-k1": "active", "binh-k2": "active", "chi-k3": "left"},
            people={
                name: Colleague(name, RegisterStatus.ACTIVE, units=("TINH", unit), standing=standing)
                for name, unit, standing in (("an-k1", "SO", "head"), ("binh-k2", "SO-KHAC", "staff"))
            },
            units={TALK: UnitOfRoom("SO", 1)},
            rooms={
                TALK: reading(of_owner=True, encrypted=True),
                ANNOUNCEMENTS: reading(of_owner=True, encrypted=False),
                GROUP: reading(of_owner=False, encrypted=True),
                DIRECT: reading(of_owner=False, encrypted=True, owner_inside=False),
            },
        )
        RoomRules(RoomRules.parse_config({**CONFIG, "call_hosts": [CALL_HOST]}), self.api)  # type: ignore[arg-type]
        logging.getLogger("synapse_modules").setLevel(logging.CRITICAL + 1)
        self.addCleanup(logging.getLogger("synapse_modules").setLevel, logging.NOTSET)

    def assert_refused(self, verdict: object, refusal: Refusal) -> None:
        self.assertEqual(verdict, (Codes.FORBIDDEN, {"error": SENTENCES[refusal]}))

    async def _send(self, *arguments: Any, **options: Any) -> object:
        return await self.api.callbacks["check_event_for_spam"](event(*arguments, **options))

    async def _create(self, user_id: str, body: dict[str, Any]) -> dict[str, Any]:
        requester = SimpleNamespace(user=SimpleNamespace(to_string=lambda: user_id))
        await self.api.callbacks["on_create_room"](requester, body, False)
        return body

    def test_a_notice_room_is_the_notice_accounts_alone_and_of_two(self):
        body = {notice_room.MARK: True, "invite": [AN], "name": "Thông báo", "is_direct": True}
        self.api.rooms["!notice"] = reading(of_owner=False, encrypted=False, owner_inside=False)

        async def check() -> None:
            plain = await self._create(BOT, dict(body))
            self.assertEqual(plain, notice_room.shaped(body, BOT))
            for asker, asked in (
                (AN, {**body, "invite": [BINH]}),
                (OTHER_BOT, dict(body)),
                (BOT, {**body, notice_room.MARK: 1}),
            ):
                made = await self._create(asker, asked)
                self.assertIn("m.room.encryption", {item["type"] for item in made["initial_state"]}, asker)
            with self.assertRaises(SynapseError):
                await self._create(BOT, {**body, "invite": [AN, BINH]})
            invite = self.api.callbacks["user_may_invite"]
            self.assert_refused(await invite(BOT, BINH, "!notice"), Refusal.DIRECT)
            self.assertIs(await invite(BOT, BINH, GROUP), NOT_SPAM)
            for kind, content in (
                ("m.room.message", WORDS),
                ("m.room.redaction", {"redacts": "$" + "a" * 43, "reason": "x"}),
            ):
                refusal = Refusal.PLAIN if kind == "m.room.message" else Refusal.REASON
                self.assert_refused(await self._send(kind, content, "!notice"), refusal)

        return ensureDeferred(check())

    def test_neither_callback_that_reads_the_whole_state_is_registered(self):
        self.assertFalse({"check_event_allowed", "on_new_event"} & self.api.callbacks.keys())

    def test_an_encrypted_message_costs_no_query(self):
        async def check() -> None:
            for room in (TALK, GROUP, DIRECT):
                self.assertIs(await self._send("m.room.encrypted", SEALED, room), NOT_SPAM)
                self.assertIs(await self._send("m.reaction", {}, room), NOT_SPAM)
            self.assertEqual(self.api.reads, [])

        return ensureDeferred(check())

    def test_words_in_clear_reach_announcement_rooms_alone(self):
        async def check() -> None:
            self.assertIs(await self._send("m.room.message", WORDS, ANNOUNCEMENTS), NOT_SPAM)
            for room in (TALK, GROUP, DIRECT):
                self.assert_refused(await self._send("m.room.message", WORDS, room), Refusal.PLAIN)
                self.assertIs(await self._send("m.room.message", WORDS, room, sender=BOT), NOT_SPAM)

        return ensureDeferred(check())

    def test_words_beside_what_may_stay_plain_are_refused_without_a_query(self):
        async def check() -> None:
            for kind, content, refusal in (
                ("m.room.encrypted", {**SEALED, "body": "xin chào"}, Refusal.NOT_ENCRYPTED_AT_ALL),
                ("m.reaction", {"body": "xin chào"}, Refusal.NO_REACTION),
                ("m.call.hangup", {"reason": "xin chào"}, Refusal.WORDS_BESIDE),
            ):
                self.assert_refused(await self._send(kind, content, GROUP), refusal)
            self.assertEqual(self.api.reads, [])

        return ensureDeferred(check())

    def test_a_redaction_gives_its_reason_in_announcement_rooms_alone(self):
        redacts = "$" + "a" * 43

        async def check() -> None:
            for reason, room, refusal in (
                (None, GROUP, None),
                ("gửi nhầm", GROUP, Refusal.REASON),
                ("gửi nhầm", ANNOUNCEMENTS, None),
            ):
                content = {"redacts": redacts, **({"reason": reason} if reason else {})}
                verdict = await self._send("m.room.redaction", content, room)
                if refusal is None:
                    self.assertIs(verdict, NOT_SPAM)
                else:
                    self.assert_refused(verdict, refusal)
            self.assert_refused(
                await self._send("m.room.redaction", {"redacts": NAME_EVENT}, GROUP), Refusal.STATE_STAYS
            )

        return ensureDeferred(check())

    def test_state_holds_no_words_and_calls_go_through_our_own_servers(self):
        async def check() -> None:
            for kind, key, content, refusal in (
                ("vn.example.words", "", {"body": "xin chào"}, Refusal.UNKNOWN_STATE),
                ("im.vector.modular.widgets", "w", {"url": "https://outside.example"}, Refusal.WIDGET),
                ("m.call.member", AN, {"foci_preferred": [{"u": "https://outside.example"}]}, Refusal.OUTSIDE_CALL),
                ("m.call.member", BINH, {}, Refusal.UNKNOWN_STATE),
            ):
                self.assert_refused(await self._send(kind, content, GROUP, state_key=key), refusal)
            for host in (SERVER, "chat.hue.example", CALL_HOST):
                content = {"foci_preferred": [{"livekit_service_url": f"https://{host}/jwt"}]}
                self.assertIs(await self._send("m.call.member", content, GROUP, state_key=AN), NOT_SPAM)

        return ensureDeferred(check())

    def test_a_membership_set_as_state_holds_no_words_of_its_own(self):
        async def check() -> None:
            sets = self.api.callbacks["user_may_send_state_event"]
            content = {"membership": "join", "vn.example.words": "xin chào"}
            with self.assertRaises(SynapseError) as refused:
                await sets(AN, GROUP, "m.room.member", AN, content)
            self.assertEqual((refused.exception.code, refused.exception.msg), (403, SENTENCES[Refusal.UNKNOWN_STATE]))
            self.assertIs(await sets(AN, GROUP, "m.room.member", AN, {"membership": "join"}), NOT_SPAM)
            self.assertIs(await sets(AN, GROUP, "m.room.name", "", content), NOT_SPAM)
            self.assertEqual(self.api.reads, [])

        return ensureDeferred(check())

    def test_a_room_is_read_once_a_minute_for_its_messages(self):
        async def check() -> None:
            for _ in range(3):
                await self._send("m.room.message", WORDS, ANNOUNCEMENTS)
            self.assertEqual(len(self.api.reads), 1)
            self.api.rooms[ANNOUNCEMENTS] = reading(of_owner=True, encrypted=True)
            self.api.now_ms += int(FACTS_HOLD.total_seconds() * 1000)
            self.assert_refused(await self._send("m.room.message", WORDS, ANNOUNCEMENTS), Refusal.PLAIN)

        return ensureDeferred(check())

    def test_what_cannot_be_checked_is_refused_and_logged_without_its_words(self):
        self.api.broken = True
        logging.getLogger("synapse_modules").setLevel(logging.INFO)

        async def check() -> None:
            with self.assertLogs("synapse_modules.room_rules", logging.ERROR) as logs:
                verdict = await self._send("m.room.message", WORDS, GROUP)
                with self.assertRaises(SynapseError) as refused:
                    await self._create(AN, {"name": "Tổ tin học"})
            self.assert_refused(verdict, Refusal.UNCHECKED)
            self.assertEqual(refused.exception.msg, SENTENCES[Refusal.UNCHECKED])
            for logged in (record.getMessage() for record in logs.records):
                self.assertNotIn("xin chào", logged)
                self.assertNotIn("Tổ tin học", logged)

        return ensureDeferred(check())

    def test_a_refusal_is_logged_without_its_words(self):
        logging.getLogger("synapse_modules").setLevel(logging.INFO)

        async def check() -> None:
            with self.assertLogs("synapse_modules.room_rules", logging.INFO) as logs:
                await self._send("m.room.message", WORDS, GROUP)
            self.assertIn("room_rules", logs.output[0])
            self.assertIn("plain", logs.output[0])
            self.assertNotIn("xin chào", logs.output[0])

        return ensureDeferred(check())

    def test_state_of_unit_rooms_is_the_service_accounts(self):
        async def check() -> None:
            named = ("m.room.name", {"name": "Của tôi"})
            self.assert_refused(await self._send(*named, TALK, state_key=""), Refusal.UNIT_ROOM)
            self.assertIs(await self._send(*named, TALK, sender=OWNER, state_key=""), NOT_SPAM)
            self.assertIs(await self._send(*named, GROUP, state_key=""), NOT_SPAM)
            public = ("m.room.join_rules", {"join_rule": "public"})
            self.assert_refused(await self._send(*public, GROUP, state_key=""), Refusal.PUBLIC)

        return ensureDeferred(check())

    def test_invitations(self):
        async def check() -> None:
            invite = self.api.callbacks["user_may_invite"]
            self.assertIs(await invite(AN, BINH, GROUP), NOT_SPAM)
            self.assert_refused(await invite(AN, BINH, TALK), Refusal.UNIT_ROOM)
            self.assertIs(await invite(OWNER, BINH, TALK), NOT_SPAM)
            self.assert_refused(await invite(AN, CHI, DIRECT), Refusal.DIRECT)
            self.assert_refused(await invite(AN, "@ai:matrix.org", GROUP), Refusal.FEDERATED)

        return ensureDeferred(check())

    def test_the_service_account_is_invited_only_where_it_has_power(self):
        async def check() -> None:
            invite = self.api.callbacks["user_may_invite"]
            self.api.rooms[GROUP] = reading(of_owner=False, encrypted=True, owner_inside=False, others=1)
            self.api.state[GROUP, "m.room.power_levels"] = {"users": {AN: 100, OWNER: 100}}
            self.assertIs(await invite(AN, OWNER, GROUP), NOT_SPAM)
            self.api.state[GROUP, "m.room.power_levels"] = {"users": {AN: 100}}
            self.assert_refused(await invite(AN, OWNER, GROUP), Refusal.DIRECT)

        return ensureDeferred(check())

    def test_of_those_invited_at_the_same_moment_the_first_is_the_other_of_a_direct_message(self):
        async def check() -> None:
            invite = self.api.callbacks["user_may_invite"]
            self.api.rooms[DIRECT] = reading(of_owner=False, encrypted=True, owner_inside=False, others=1)
            self.assertIs(await invite(AN, BINH, DIRECT), NOT_SPAM)
            # Nobody has entered yet: by the count there would still be room for one.
            self.assert_refused(await invite(AN, CHI, DIRECT), Refusal.DIRECT)
            self.assertIs(await invite(AN, BINH, DIRECT), NOT_SPAM)
            self.assertIs(await invite(BINH, AN, DIRECT), NOT_SPAM)
            self.api.state[DIRECT, "m.room.power_levels"] = {"users": {AN: 100, OWNER: 100}}
            self.assert_refused(await invite(AN, OWNER, DIRECT), Refusal.DIRECT)

        return ensureDeferred(check())

    def test_a_refused_invitation_is_nobodys_first(self):
        async def check() -> None:
            invite = self.api.callbacks["user_may_invite"]
            self.api.rooms[DIRECT] = reading(of_owner=False, encrypted=True, owner_inside=False, others=1)
            self.assert_refused(await invite(AN, OWNER, DIRECT), Refusal.DIRECT)
            self.assert_refused(await invite(AN, "@ai:matrix.org", DIRECT), Refusal.FEDERATED)
            self.assertEqual(self.api.first_invited, {})
            self.assertIs(await invite(AN, BINH, GROUP), NOT_SPAM)
            self.assertEqual(self.api.first_invited, {})

        return ensureDeferred(check())

    def test_joins_into_the_service_accounts_rooms_ask_the_register(self):
        async def check() -> None:
            join = self.api.callbacks["user_may_join_room"]
            for invited in (True, False):
                self.assertIs(await join(AN, TALK, invited), NOT_SPAM)
                self.assertIs(await join(BOT, TALK, invited), NOT_SPAM)
                self.assertIs(await join(CHI, GROUP, invited), NOT_SPAM)
                self.assert_refused(await join(CHI, TALK, invited), Refusal.NOT_IN_REGISTER)
            self.api.published_at_ms = None
            self.assert_refused(await join(AN, TALK, True), Refusal.STALE_REGISTER)
            self.assertIs(await join(AN, GROUP, True), NOT_SPAM)

        return ensureDeferred(check())

    def test_by_themselves_come_a_units_own_people_and_others_by_the_registers_hand(self):
        async def check() -> None:
            join = self.api.callbacks["user_may_join_room"]
            self.assertIs(await join(AN, TALK, False), NOT_SPAM)
            self.assert_refused(await join(BINH, TALK, False), Refusal.OTHER_UNIT)
            self.assertIs(await join(BINH, TALK, True), NOT_SPAM)
            with putting_in(BINH, TALK):
                self.assertIs(await join(BINH, TALK, False), NOT_SPAM)
                self.assert_refused(await join(BINH, ANNOUNCEMENTS, False), Refusal.OTHER_UNIT)
            with putting_in(CHI, TALK):
                self.assert_refused(await join(CHI, TALK, False), Refusal.NOT_IN_REGISTER)
            self.assert_refused(await join(BINH, TALK, False), Refusal.OTHER_UNIT)
            self.assert_refused(await join(AN, ANNOUNCEMENTS, False), Refusal.OTHER_UNIT)

        return ensureDeferred(check())

    def test_a_head_makes_a_room_and_the_service_account_stands_above_it(self):
        async def check() -> None:
            body = await self._create(AN, {"name": "Tổ tin học", "invite": [BINH]})
            self.assertEqual(body["invite"], [OWNER, BINH])
            self.assertEqual(body["creation_content"], {"m.federate": False})
            kinds = [item["type"] for item in body["initial_state"]]
            self.assertEqual(kinds, ["m.room.join_rules", "m.room.encryption"])

        return ensureDeferred(check())

    def test_position_decides_who_makes_rooms_but_everybody_begins_direct_messages(self):
        async def check() -> None:
            for user_id, body, refusal in (
                (BINH, {}, Refusal.MAY_NOT_CREATE_ROOM),
                (AN, {"creation_content": {"type": "m.space"}}, Refusal.MAY_NOT_CREATE_SPACE),
                (CHI, {}, Refusal.NOT_IN_REGISTER),
                (AN, {"visibility": "public"}, Refusal.PUBLISHED),
                (OWNER, {"visibility": "public"}, Refusal.PUBLISHED),
                (OWNER, {"room_version": "12"}, Refusal.ROOM_VERSION),
                (BOT, {"preset": "public_chat"}, Refusal.PUBLIC),
            ):
                with self.assertRaises(SynapseError) as refused:
                    await self._create(user_id, body)
                self.assertEqual((refused.exception.code, refused.exception.msg), (403, SENTENCES[refusal]))
            self.api.published_at_ms = None
            direct = await self._create(BINH, {"is_direct": True, "invite": [AN]})
            self.assertEqual(direct["invite"], [AN])
            self.assertIn(OWNER, (await self._create(BOT, {}))["invite"])

        return ensureDeferred(check())

    def test_the_service_accounts_rooms_are_made_as_it_says(self):
        async def check() -> None:
            rule = {"type": "m.room.join_rules", "state_key": "", "content": {"join_rule": "public"}}
            body = await self._create(OWNER, {"preset": "public_chat", "initial_state": [rule]})
            self.assertEqual(body["initial_state"], [rule])
            self.assertNotIn("invite", body)
            self.assertIs(body["creation_content"]["m.federate"], False)

        return ensureDeferred(check())

    def test_nobody_publishes_and_people_upgrade_nothing(self):
        async def check() -> None:
            self.assert_refused(await self.api.callbacks["user_may_publish_room"](AN, GROUP), Refusal.PUBLISHED)
            self.assert_refused(await self.api.callbacks["user_may_publish_room"](OWNER, TALK), Refusal.PUBLISHED)
            create = self.api.callbacks["user_may_create_room"]
            upgrade = {"creation_content": {"predecessor": {"room_id": GROUP}}}
            self.assert_refused(await create(AN, upgrade), Refusal.ROOM_VERSION)
            self.assertIs(await create(AN, {"name": "Tổ tin học"}), NOT_SPAM)

        return ensureDeferred(check())


class RoomKeepingTests(TestCase):
    def setUp(self) -> None:
        self.api = RoomsApi(
            register={"an-k1": "active", "binh-k2": "active", "chi-k3": "left"},
            accounts={
                "an-k1": FakeAccount("An"),
                "binh-k2": FakeAccount("Bình", locked=True),
                "chi-k3": FakeAccount(""),
            },
            people={"an-k1": Colleague("an-k1", RegisterStatus.ACTIVE, units=("TINH", "SO"))},
            units={TALK: UnitOfRoom("SO", 1)},
        )
        self.internals = RoomInternals(self.api)
        self.keeping = RoomKeeping(RoomRules.parse_config(CONFIG), self.api, self.internals)  # type: ignore[arg-type]
        logging.getLogger("synapse_modules").setLevel(logging.CRITICAL + 1)
        self.addCleanup(logging.getLogger("synapse_modules").setLevel, logging.NOTSET)

    def test_the_service_account_enters_where_it_is_invited_before_and_after_the_start(self):
        self.api.waiting = ["!old"]
        self.internals.refused = {"!gone"}
        self.api.changes = [Changes((), ("!gone", "!new"))]

        async def check() -> None:
            await self.keeping.keep()
            await self.keeping.keep()
            self.assertEqual(self.api.log, [(OWNER, "join", OWNER, "!old"), (OWNER, "join", OWNER, "!new")])

        return ensureDeferred(check())

    def test_who_left_a_units_room_is_brought_back_unless_locked_or_no_longer_of_the_register(self):
        self.api.changes = [Changes([Departure(TALK, user_id) for user_id in (AN, BINH, CHI, BOT)], ())]

        async def check() -> None:
            await self.keeping.keep()
            await self.keeping.keep()
            self.assertEqual(self.api.log, [(OWNER, "invite", AN, TALK), (AN, "join", AN, TALK)])

        return ensureDeferred(check())

    def test_the_table_of_first_invited_is_tried_again_until_it_is_there(self):
        self.api.broken = True

        async def check() -> None:
            self.keeping.begin()
            (at_start,) = (function for name, function in self.api.background if name == "huep_first_invited_create")
            await at_start()
            await self.keeping.keep()
            self.assertEqual(self.api.tables_made, 0)
            self.api.broken = False
            self.api.waiting = ["!old"]
            await self.keeping.keep()
            await self.keeping.keep()
            self.assertEqual(self.api.tables_made, 1)
            self.assertEqual(self.api.log, [(OWNER, "join", OWNER, "!old")])

        return ensureDeferred(check())

    def test_a_public_space_needs_no_invitation(self):
        self.api.changes = [Changes([Departure(TALK, AN)], ())]
        self.api.state[TALK, "m.room.join_rules"] = {"join_rule": "public"}

        async def check() -> None:
            await self.keeping.keep()
            await self.keeping.keep()
            self.assertEqual(self.api.log, [(AN, "join", AN, TALK)])

        return ensureDeferred(check())

    def test_nobody_is_brought_back_on_a_stale_register(self):
        self.api.changes = [Changes([Departure(TALK, AN)], ())]
        self.api.published_at_ms = None

        async def check() -> None:
            await self.keeping.keep()
            await self.keeping.keep()
            self.assertEqual(self.api.log, [])

        return ensureDeferred(check())

    def test_what_did_not_succeed_is_tried_again_later_and_less_often(self):
        self.api.changes = [Changes([Departure(TALK, AN)], ["!new"])]
        self.api.waiting, self.api.out = [], [Departure(TALK, AN)]
        self.internals.refused = {TALK, "!new"}

        async def check() -> None:
            await self.keeping.keep()
            await self.keeping.keep()
            self.api.waiting = ["!new"]
            await self._later(5.9)
            self.internals.refused = set()
            await self._later(0.0)
            self.assertEqual(self.api.log, [])
            await self._later(0.2)
            back = [(OWNER, "join", OWNER, "!new"), (OWNER, "invite", AN, TALK), (AN, "join", AN, TALK)]
            self.assertEqual(self.api.log, back)
            await self._later(3600)
            self.assertEqual(self.api.log, back)

        return ensureDeferred(check())

    def test_who_left_while_nobody_looked_is_brought_back_after_the_start(self):
        self.api.out = [Departure(TALK, AN)]

        async def check() -> None:
            await self.keeping.keep()
            await self._later(6)
            self.assertEqual(self.api.log, [(OWNER, "invite", AN, TALK), (AN, "join", AN, TALK)])

        return ensureDeferred(check())

    def test_who_was_out_for_a_while_comes_back_to_their_own_unit_alone(self):
        self.api.out = [Departure(TALK, AN), Departure(ANNOUNCEMENTS, AN)]
        self.api.units[TALK] = UnitOfRoom("SO-KHAC", 1)

        async def check() -> None:
            await self.keeping.keep()
            await self._later(6)
            await self._later(3600)
            self.assertEqual(self.api.log, [])

        return ensureDeferred(check())

    def test_who_has_come_back_or_was_invited_no_longer_is_left_in_peace(self):
        self.api.changes = [Changes([Departure(TALK, AN)], ["!new"])]
        self.internals.refused = {TALK, "!new"}

        async def check() -> None:
            await self.keeping.keep()
            await self.keeping.keep()
            self.internals.refused = set()
            await self._later(6)
            self.assertEqual(self.api.log, [])

        return ensureDeferred(check())

    def test_on_a_fresh_register_those_who_waited_for_it_come_back(self):
        self.api.changes = [Changes([Departure(TALK, AN)], ())]
        self.api.out = [Departure(TALK, AN)]
        self.api.published_at_ms = None

        async def check() -> None:
            await self.keeping.keep()
            await self.keeping.keep()
            await self._later(6)
            self.assertEqual(self.api.log, [])
            self.api.published_at_ms = self.api.now_ms
            await self._later(12)
            self.assertEqual(self.api.log, [(OWNER, "invite", AN, TALK), (AN, "join", AN, TALK)])

        return ensureDeferred(check())

    async def _later(self, seconds: float) -> None:
        self.api.now_ms += int(seconds * 1000)
        await self.keeping.keep()

    def test_an_error_ends_one_round_and_no_more(self):
        self.api.broken = True
        self.api.waiting = ["!old"]

        async def check() -> None:
            await self.keeping.keep()
            self.api.broken = False
            await self.keeping.keep()
            self.assertEqual(self.api.log, [(OWNER, "join", OWNER, "!old")])

        return ensureDeferred(check())
