"""directory_rules' callbacks, also when what they ask fails."""

import logging
from collections.abc import Callable
from typing import Any

from synapse.api.errors import Codes
from synapse.module_api import NOT_SPAM
from twisted.internet.defer import Deferred, ensureDeferred, gatherResults
from twisted.trial.unittest import TestCase

from synapse_modules.colleagues import KEPT_FOR_MS, Colleague
from synapse_modules.directory_rules.everybody import OVERLAP_MS, Everybody
from synapse_modules.directory_rules.index import Entry, Index, entry
from synapse_modules.directory_rules.module import DirectoryRules
from synapse_modules.directory_rules.rules import DIRECTORY_SILENT, NOT_REACHABLE, SENTENCES, Reason
from synapse_modules.projection import RegisterStatus
from tests.trial.fake_api import NOW_MS, FakeAccount, FakeApi

ACTIVE = RegisterStatus.ACTIVE
PEOPLE = {
    person.localpart: person
    for person in (
        Colleague("chair", ACTIVE, ("TINH",), 0, "head", "Chủ tịch"),
        Colleague("an", ACTIVE, ("TINH", "SYT"), 1, "staff", "Chuyên viên"),
        Colleague("binh", ACTIVE, ("TINH", "PHUONG"), 1, "staff", "Chuyên viên"),
    )
}
CONFIG = {"services": ["huep"], "red_list": {"level": 0}}
ROOM = "!r:hue.localhost"


def user(localpart: str) -> str:
    return f"@{localpart}:hue.localhost"


class DirectoryRulesTests(TestCase):
    def setUp(self) -> None:
        self.api = FakeApi(accounts={name: FakeAccount(name) for name in (*PEOPLE, "outsider", "huep")})
        self.api.people = dict(PEOPLE)
        DirectoryRules(DirectoryRules.parse_config(CONFIG), self.api)  # type: ignore[arg-type]
        logging.getLogger("synapse_modules").setLevel(logging.CRITICAL + 1)
        self.addCleanup(logging.getLogger("synapse_modules").setLevel, logging.NOTSET)

    async def _hidden(self, asker: str, other: str) -> bool:
        profile = {"user_id": user(other), "display_name": other, "avatar_url": None}
        return await self.api.callbacks["check_username_for_spam"](profile, user(asker))

    async def _invite(self, asker: str, other: str) -> object:
        return await self.api.callbacks["user_may_invite"](user(asker), user(other), ROOM)

    async def _create(self, asker: str, **config: object) -> object:
        return await self.api.callbacks["user_may_create_room"](user(asker), config)

    def test_a_search_shows_whom_one_may_reach(self):
        async def check() -> None:
            self.assertFalse(await self._hidden("an", "binh"))
            self.assertTrue(await self._hidden("an", "chair"))
            self.assertFalse(await self._hidden("chair", "an"))
            self.assertTrue(await self._hidden("an", "outsider"))
            self.assertFalse(await self._hidden("an", "huep"))

        return ensureDeferred(check())

    def test_an_invitation_follows_the_same_rules_and_says_why_not(self):
        async def check() -> None:
            self.assertIs(await self._invite("an", "binh"), NOT_SPAM)
            self.assertEqual(await self._invite("an", "chair"), (Codes.FORBIDDEN, {"error": NOT_REACHABLE}))
            self.assertEqual(await self._invite("an", "nobody"), (Codes.FORBIDDEN, {"error": NOT_REACHABLE}))
            self.assertEqual(await self._invite("an", "outsider"), (Codes.FORBIDDEN, {"error": NOT_REACHABLE}))
            refused = await self._invite("outsider", "an")
            self.assertEqual(refused, (Codes.FORBIDDEN, {"error": SENTENCES[Reason.ASKER_NOT_IN_REGISTER]}))

        return ensureDeferred(check())

    def test_an_account_of_another_server_is_not_its_namesake_here(self):
        async def check() -> None:
            invite = self.api.callbacks["user_may_invite"]
            refused = await invite(user("an"), "@binh:elsewhere.example", ROOM)
            self.assertEqual(refused, (Codes.FORBIDDEN, {"error": NOT_REACHABLE}))

        return ensureDeferred(check())

    def test_a_locked_person_is_invited_by_nobody_whatever_is_published(self):
        self.api.accounts["binh"].locked = True

        async def check() -> None:
            for asker in ("an", "chair"):
                self.assertEqual(await self._invite(asker, "binh"), (Codes.FORBIDDEN, {"error": NOT_REACHABLE}))

        return ensureDeferred(check())

    def test_a_room_is_refused_before_it_is_made_when_one_invitation_would_be(self):
        async def check() -> None:
            self.assertIs(await self._create("an"), NOT_SPAM)
            self.assertIs(await self._create("an", invite=[user("binh")], is_direct=True), NOT_SPAM)
            refused = await self._create("an", invite=[user("binh"), user("chair")])
            self.assertEqual(refused, (Codes.FORBIDDEN, {"error": NOT_REACHABLE}))
            self.assertFalse(await self.api.callbacks["check_threepid_can_be_invited"]("email", "a@b.vn", {}))

        return ensureDeferred(check())

    def test_without_the_projection_nobody_is_found_or_invited_and_services_work(self):
        self.api.people = None

        async def check() -> None:
            self.assertTrue(await self._hidden("an", "binh"))
            self.assertEqual(await self._invite("an", "binh"), (Codes.FORBIDDEN, {"error": DIRECTORY_SILENT}))
            self.assertFalse(await self._hidden("an", "huep"))
            self.assertIs(await self._invite("huep", "binh"), NOT_SPAM)

        return ensureDeferred(check())

    def test_what_was_read_is_kept_for_a_minute(self):
        async def check() -> None:
            self.assertFalse(await self._hidden("an", "binh"))
            self.api.people["binh"] = Colleague("binh", RegisterStatus.LEFT)
            self.assertFalse(await self._hidden("an", "binh"))
            self.api.now_ms += KEPT_FOR_MS
            self.assertTrue(await self._hidden("an", "binh"))

        return ensureDeferred(check())

    def test_titles_are_put_back_for_whoever_edits_and_for_all_at_the_start(self):
        async def check() -> None:
            await self.api.callbacks["on_profile_update"](user("an"), None, False, False)
            await self.api.callbacks["on_profile_update"](user("binh"), None, True, True)
            self.assertEqual([entry for entry in self.api.log if entry[0] == "titles"], [("titles", "an")])
            for _, function in self.api.background:
                await function()
            self.assertIn(("titles", "everybody"), self.api.log)

        return ensureDeferred(check())

    def test_an_edit_stands_when_titles_cannot_be_put_back_and_the_next_round_comes(self):
        self.api.people = None
        logging.getLogger("synapse_modules").setLevel(logging.ERROR)

        async def check() -> None:
            with self.assertLogs("synapse_modules.directory_rules", logging.ERROR) as logs:
                await self.api.callbacks["on_profile_update"](user("an"), None, False, False)
                for _, function in self.api.background:
                    await function()
            self.assertGreaterEqual(len(logs.output), 2)

        return ensureDeferred(check())


class FakeDirectory(FakeApi):
    """Answers the reading of the directory when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[Deferred[Any]] = []
        self.since: list[int] = []

    async def run_db_interaction(self, desc: str, func: Callable[..., Any], *arguments: Any) -> Any:
        assert desc == "huep_directory_read"
        self.since.append(arguments[0])
        answer: Deferred[Any] = Deferred()
        self.read.append(answer)
        return await answer


def read(*names: str) -> tuple[int, dict[str, Entry]]:
    people = (Colleague(name, RegisterStatus.ACTIVE, ("TINH",), 0, "staff", "Chuyên viên") for name in names)
    return 1, {one.localpart: entry(one, one.localpart.title(), "Sở Y tế") for one in people}


class EverybodyTests(TestCase):
    def setUp(self) -> None:
        self.api = FakeDirectory()
        self.everybody = Everybody(self.api, frozenset())  # type: ignore[arg-type]

    def _found(self, index: Index) -> list[str]:
        return sorted(one.colleague.localpart for one in index.having(["so"], None))

    def test_all_who_ask_at_the_start_wait_for_one_reading(self):
        async def check() -> None:
            asking = [ensureDeferred(self.everybody.index()) for _ in range(5)]
            self.assertEqual(len(self.api.read), 1)
            self.api.read[0].callback(read("an", "binh"))
            for index in await gatherResults(asking):
                self.assertEqual(self._found(index), ["an", "binh"])
            self.assertEqual(self._found(await self.everybody.index()), ["an", "binh"])
            self.assertEqual(len(self.api.read), 1)

        return ensureDeferred(check())

    def test_what_changed_is_read_by_one_and_the_others_do_not_wait(self):
        async def check() -> None:
            first = ensureDeferred(self.everybody.index())
            self.api.read[0].callback(read("an"))
            before = await first
            self.api.now_ms += 600_000
            reading = ensureDeferred(self.everybody.index())
            self.assertIs(await self.everybody.index(), before)
            self.assertEqual(self.api.since, [0, NOW_MS - OVERLAP_MS])
            self.api.read[1].callback(read("binh"))
            self.assertEqual(self._found(await reading), ["an", "binh"])
            self.api.now_ms += 600_000
            again = ensureDeferred(self.everybody.index())
            self.api.read[2].callback(read("binh"))
            self.assertIs(await again, await self.everybody.index(), "nothing differs: nothing is built anew")

        return ensureDeferred(check())

    def test_a_reading_that_fails_is_told_to_all_and_the_next_one_tries_again(self):
        logging.getLogger("synapse_modules").setLevel(logging.CRITICAL + 1)
        self.addCleanup(logging.getLogger("synapse_modules").setLevel, logging.NOTSET)

        async def check() -> None:
            prepared = ensureDeferred(self.everybody.prepare())
            waiting = ensureDeferred(self.everybody.index())
            self.api.read[0].errback(RuntimeError("no table"))
            await prepared
            await self.assertFailure(waiting, RuntimeError)
            again = ensureDeferred(self.everybody.index())
            self.api.read[1].callback(read("an"))
            self.assertEqual(self._found(await again), ["an"])

        return ensureDeferred(check())
