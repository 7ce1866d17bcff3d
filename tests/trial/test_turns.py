"""Searches of one person at the same moment: one is made, the newest of each device comes next, nobody is refused."""

from collections.abc import Callable
from io import BytesIO
from types import SimpleNamespace
from typing import Any

from synapse.api.errors import SynapseError
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.trial.unittest import TestCase

from synapse_modules.colleagues import Colleague
from synapse_modules.directory_rules.module import DirectoryRules
from synapse_modules.directory_rules.search import SEARCH_PATH
from synapse_modules.directory_rules.turns import Turns
from synapse_modules.projection import RegisterStatus
from tests.trial.fake_api import FakeAccount, FakeApi
from tests.trial.test_directory_rules import read

AN, BINH = "@an:hue.localhost", "@binh:hue.localhost"
WEB, PHONE = "WEB", "PHONE"


class TurnsTests(TestCase):
    def setUp(self) -> None:
        self.turns: Turns[str] = Turns()
        self.under_way: dict[str, Deferred[str]] = {}
        self.made: list[str] = []

    def _search(self, term: str, person: str = AN, device: str | None = WEB) -> "Deferred[str]":
        async def search() -> str:
            self.made.append(term)
            self.under_way[term] = Deferred()
            return await self.under_way[term]

        return ensureDeferred(self.turns.take(person, device, search))

    def _end(self, term: str) -> None:
        self.under_way[term].callback(f"found by {term}")

    def test_who_types_is_never_refused_and_only_the_newest_that_waits_is_searched_for(self):
        first, second, third, newest = (self._search(term) for term in ("n", "ng", "ngu", "nguyễn"))
        self.assertEqual(self.made, ["n"])
        self._end("n")
        self.assertEqual(self.successResultOf(first), "found by n")
        self.assertEqual(self.made, ["n", "nguyễn"])
        self.assertNoResult(second)
        self._end("nguyễn")
        for one in (second, third, newest):
            self.assertEqual(self.successResultOf(one), "found by nguyễn")
        self.assertEqual(self.turns._waiting, {})

    def test_whoever_comes_while_the_newest_is_searched_for_waits_for_the_next(self):
        self._search("n")
        waiting = self._search("ng")
        self._end("n")
        later = self._search("ngu")
        self._end("ng")
        self.assertEqual(self.successResultOf(waiting), "found by ng")
        self.assertEqual(self.made, ["n", "ng", "ngu"])
        self._end("ngu")
        self.assertEqual(self.successResultOf(later), "found by ngu")

    def test_another_device_gets_what_it_asked_for_and_one_search_is_under_way_for_the_person(self):
        self._search("n")
        web, phone = self._search("nga"), self._search("bình", device=PHONE)
        self._end("n")
        self.assertEqual(self.made, ["n", "nga"])
        self._end("nga")
        self._end("bình")
        self.assertEqual(self.successResultOf(web), "found by nga")
        self.assertEqual(self.successResultOf(phone), "found by bình")

    def test_nobody_waits_for_another_person(self):
        self._search("n")
        self._search("b", person=BINH)
        self.assertEqual(self.made, ["n", "b"])

    def test_a_search_that_fails_tells_those_it_overtook_and_the_next_goes_on(self):
        first = self._search("n")
        overtaken, newest = self._search("ng"), self._search("ngu")
        self.under_way["n"].errback(RuntimeError("no database"))
        self.failureResultOf(first, RuntimeError)
        later = self._search("nguy")
        self.under_way["ngu"].errback(SynapseError(500, "no database"))
        self.failureResultOf(newest, SynapseError)
        self.failureResultOf(overtaken, SynapseError)
        self._end("nguy")
        self.assertEqual(self.successResultOf(later), "found by nguy")
        self.assertEqual(self.turns._waiting, {})


class SearchApi(FakeApi):
    """Everybody may be searched for by An."""

    async def get_user_by_req(self, request: Any) -> Any:
        return SimpleNamespace(user=SimpleNamespace(to_string=lambda: AN), device_id=WEB)

    async def run_db_interaction(self, desc: str, func: Callable[..., Any], *arguments: Any) -> Any:
        match desc:
            case "huep_directory_read":
                return read("binh", "an")
            case "huep_directory_show":
                self.log.append(("shown", *arguments[0]))
                return [{"user_id": name} for name in arguments[0]]
        return await super().run_db_interaction(desc, func, *arguments)


class SearchTests(TestCase):
    def test_searches_at_the_same_moment_all_find_somebody(self):
        api = SearchApi(accounts={"an": FakeAccount("An")})
        api.people = {"an": Colleague("an", RegisterStatus.ACTIVE, ("TINH",), 0, "staff", "Chuyên viên")}
        DirectoryRules(DirectoryRules.parse_config({}), api)  # type: ignore[arg-type]
        resource = api.resources[SEARCH_PATH]

        def ask(term: str) -> "Deferred[Any]":
            request = SimpleNamespace(content=BytesIO(f'{{"search_term": "{term}"}}'.encode()))
            return ensureDeferred(resource._async_render_POST(request))

        async def check() -> None:
            asked = [ask(term) for term in ("b", "bi", "bin", "binh")]
            for answer in asked:
                status, body = await answer
                self.assertEqual((status, body["results"]), (200, [{"user_id": "binh"}]))
            self.assertEqual(api.log, [("shown", "binh")] * 2)

        return ensureDeferred(check())
