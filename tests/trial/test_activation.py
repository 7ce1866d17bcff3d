"""The activation desk and its pages: which code sets a password, once, and what everybody else is told."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from synapse.api.errors import SynapseError
from twisted.internet.address import IPv4Address
from twisted.internet.defer import ensureDeferred, gatherResults
from twisted.trial.unittest import TestCase
from twisted.web.test.requesthelper import DummyRequest

from huep.activation_code import FAILURES_OF_A_CODE, FAILURES_OF_A_PERSON, FAILURES_OF_AN_ADDRESS, StoredCode, hash_code
from synapse_modules.activation import judging
from synapse_modules.activation.choosing import Choices
from synapse_modules.activation.config import ActivationConfig
from synapse_modules.activation.desk import Desk
from synapse_modules.activation.judging import MOST_WAITING, Judges
from synapse_modules.activation.limits import WEAK_TRIES
from synapse_modules.activation.module import Activation
from synapse_modules.activation.page import Pages, headers
from synapse_modules.activation.people import AccountShut
from synapse_modules.activation.resource import ActivationPages
from synapse_modules.activation.rules import KnownPerson
from synapse_modules.activation.strength import strength_of
from synapse_modules.projection import STALE_AFTER, RegisterStatus
from tests.trial.fake_api import NOW_MS, FakeApi, later

CODE, OTHER_CODE = "7KQM-2XWD-9FHT", "AAAA-BBBB-CCCC"
PASSWORD = "thuyen giay banh beo 71"
NOW = datetime.fromtimestamp(NOW_MS / 1000, UTC)
HASH = hash_code(CODE)
URL = "https://chat.hue.localhost"


@dataclass
class FakeHomeserver(FakeApi):
    """People with codes, accounts with passwords; what is redeemed outlives the module, as a database does."""

    known: list[KnownPerson] = field(default_factory=list)
    standing: dict[str, SimpleNamespace] = field(default_factory=dict)
    redeemed: dict[str, datetime] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    worker_app: str | None = None
    public_baseurl: str = f"{URL}/"
    resources: dict[str, Any] = field(default_factory=dict)
    broken: bool = False

    def register_web_resource(self, path: str, resource: Any) -> None:
        self.resources[path] = resource

    async def defer_to_thread(self, function: Callable[..., Any], *arguments: Any) -> Any:
        await later()
        return function(*arguments)

    async def get_userinfo_by_id(self, user_id: str) -> Any:
        await later()
        return self.standing.get(user_id)

    async def run_db_interaction(self, desc: str, func: Callable[..., Any], *arguments: Any) -> Any:
        if self.broken:
            raise RuntimeError("the database is away")
        if desc == "huep_activation_find":
            await later()
            officer, localpart = arguments
            found = [one for one in self.known if one.officer_code == officer or one.localpart == localpart]
            return self._with_use(found[0]) if found else None
        if desc == "huep_activation_redeem":
            await later()
            localpart, user_id, code_hash, now_ms, store_password = arguments
            if self.standing[user_id].locked or self.standing[user_id].is_deactivated:
                raise AccountShut
            if code_hash in self.redeemed:
                return False
            store_password(SimpleNamespace())
            self.redeemed[code_hash] = datetime.fromtimestamp(now_ms / 1000, UTC)
            return True
        return await super().run_db_interaction(desc, func, *arguments)

    def _with_use(self, person: KnownPerson) -> KnownPerson:
        if person.code is None:
            return person
        return replace(person, code=replace(person.code, used_at=self.redeemed.get(person.code.code_hash)))


@dataclass
class FakePasswords:
    api: FakeHomeserver
    error: Exception | None = None

    async def prepare(self, user_id: str, password: str) -> Callable[[Any], None]:
        await later()

        def store(txn: Any) -> None:
            if self.error:
                raise self.error
            self.api.passwords[user_id] = password

        return store


def account(admin: bool = False, locked: bool = False) -> SimpleNamespace:
    return SimpleNamespace(is_admin=admin, locked=locked, is_deactivated=False)


def person(localpart: str, officer_code: str, code_hash: str | None = HASH, **changes: Any) -> KnownPerson:
    code = None if code_hash is None else StoredCode(code_hash, NOW + timedelta(days=1))
    made = KnownPerson(localpart, officer_code, "Nguyễn Văn An", RegisterStatus.ACTIVE, code)
    return replace(made, **changes)


def form(**changes: str) -> bytes:
    fields = {"officer": "CB000001", "code": CODE, "password": PASSWORD, "again": PASSWORD, **changes}
    return urlencode(fields).encode()


class ActivationTests(TestCase):
    def setUp(self) -> None:
        self.api = FakeHomeserver(known=[person("an-k1", "CB000001"), person("binh-k2", "CB000002", None)])
        self.api.standing = {f"@{name}:hue.localhost": account() for name in ("an-k1", "binh-k2")}
        self.passwords = FakePasswords(self.api)
        self.restart()
        logging.getLogger("synapse_modules").setLevel(logging.CRITICAL + 1)
        self.addCleanup(logging.getLogger("synapse_modules").setLevel, logging.NOTSET)

    def restart(self) -> None:
        config = ActivationConfig(protected=frozenset({"tro-ly"}))
        self.judges = Judges(self.api)  # type: ignore[arg-type]
        desk = Desk(config, self.api, self.passwords, self.judges)  # type: ignore[arg-type]
        self.pages = ActivationPages(Pages(URL, config.minimum_length), desk)

    async def _send(
        self,
        body: bytes | None = None,
        *,
        path: str = "/kich-hoat",
        method: str = "POST",
        address: str = "10.1.2.3",
        **sent: str,
    ) -> DummyRequest:
        request = DummyRequest([b""])
        request.client = IPv4Address("TCP", address, 40000)
        request.method = method.encode()
        request.uri = path.encode()
        request.path = request.uri.partition(b"?")[0]
        request.content = BytesIO(form() if body is None else body)
        kind = {"Content_Type": "application/x-www-form-urlencoded"} if method == "POST" else {}
        for name, value in {**kind, **sent}.items():
            request.requestHeaders.setRawHeaders(name.replace("_", "-"), [value])
        await self.pages._async_render(request)  # type: ignore[arg-type]
        self.assertEqual(request.finished, 1)
        for name, value in headers().items():
            self.assertEqual(request.responseHeaders.getRawHeaders(name), [value])
        return request

    async def _status(self, body: bytes | None = None, **options: str) -> int:
        return (await self._send(body, **options)).responseCode or 200

    def _says(self, request: DummyRequest, words: str) -> None:
        self.assertIn(words, b"".join(request.written).decode())

    def test_the_code_sets_the_password_and_says_how_to_log_in(self):
        async def check() -> None:
            done = await self._send()
            self.assertEqual(done.responseCode, 200)
            self._says(done, "Đã đặt mật khẩu")
            self._says(done, "an-k1")
            self.assertEqual(self.api.passwords, {"@an-k1:hue.localhost": PASSWORD})

        return ensureDeferred(check())

    def test_code_and_officer_are_known_however_they_are_typed(self):
        async def check() -> None:
            for officer, code in (("cb000001", "7kqm2xwd9fht"), (" CB000001 ", "7KQM – 2XWD – 9FHT"), ("An-K1", CODE)):
                self.api.redeemed.clear()
                self.assertEqual(await self._status(form(officer=officer, code=code)), 200, officer)

        return ensureDeferred(check())

    def test_a_code_is_used_once_even_after_a_restart(self):
        async def check() -> None:
            self.assertEqual(await self._status(), 200)
            for _ in range(2):
                again = await self._send(form(password=f"khac {PASSWORD}", again=f"khac {PASSWORD}"))
                self.assertEqual(again.responseCode, 403)
                self._says(again, "đã được dùng")
                self.restart()
            self.assertEqual(self.api.passwords, {"@an-k1:hue.localhost": PASSWORD})

        return ensureDeferred(check())

    def test_of_two_at_once_one_sets_the_password(self):
        async def check() -> None:
            answers = await gatherResults([ensureDeferred(self._status()) for _ in range(5)])
            self.assertEqual(sorted(answers), [200, 403, 403, 403, 403])

        return ensureDeferred(check())

    def test_no_refusal_tells_whether_the_officer_exists(self):
        self.api.known.append(person("root-k9", "CB000009"))
        self.api.standing["@root-k9:hue.localhost"] = account(admin=True)
        self.api.known.append(person("tro-ly", "CB000008"))
        self.api.standing["@tro-ly:hue.localhost"] = account()
        self.api.known.append(person("chi-k3", "CB000003"))

        async def check() -> None:
            said = set()
            for officer, code in (
                ("CB000001", OTHER_CODE),
                ("CB000001", "khong phai ma"),
                ("CB000002", CODE),
                ("CB999999", CODE),
                ("CB000009", CODE),
                ("CB000008", CODE),
                ("CB000003", CODE),
            ):
                answer = await self._send(form(officer=officer, code=code), address="10.1.2.9")
                self.assertEqual(answer.responseCode, 403, officer)
                page = b"".join(answer.written).decode()
                said.add(page.replace(officer, "OFFICER").replace(code, "CODE"))
            self.assertEqual(len(said), 1)
            self.assertEqual(self.api.passwords, {})

        return ensureDeferred(check())

    def test_who_is_locked_or_has_left_reads_whom_to_ask(self):
        async def check() -> None:
            for standing, status in ((account(locked=True), "active"), (account(), "left")):
                self.api.known = [person("an-k1", "CB000001", status=RegisterStatus(status))]
                self.api.standing = {"@an-k1:hue.localhost": standing}
                answer = await self._send()
                self.assertEqual(answer.responseCode, 403)
                self._says(answer, "phòng tổ chức cán bộ")
            self.assertEqual((self.api.passwords, self.api.redeemed), ({}, {}))

        return ensureDeferred(check())

    def test_a_code_that_is_over_is_told_to_its_bearer(self):
        self.api.known = [person("an-k1", "CB000001", code=StoredCode(HASH, NOW))]

        async def check() -> None:
            answer = await self._send()
            self.assertEqual(answer.responseCode, 403)
            self._says(answer, "quá hạn")

        return ensureDeferred(check())

    def test_a_weak_password_leaves_the_code_as_it_was(self):
        async def check() -> None:
            for password in ("matkhau2026", "nguyenvanan", "CB000001cb") * 5:
                answer = await self._send(form(password=password, again=password))
                self.assertEqual(answer.responseCode, 400)
                self._says(answer, "dễ đoán")
            self.assertEqual(self.api.redeemed, {})
            self.assertEqual(await self._status(), 200)

        return ensureDeferred(check())

    def test_too_many_weak_passwords_wait_and_only_who_has_the_code_reads_it(self):
        async def check() -> None:
            weak = form(password="matkhau2026", again="matkhau2026")
            for _ in range(WEAK_TRIES):
                self.assertEqual(await self._status(weak), 400)
            waiting = await self._send(address="10.9.9.9")
            self.assertEqual(waiting.responseCode, 429)
            self.assertEqual(waiting.responseHeaders.getRawHeaders("Retry-After"), ["3600"])
            self._says(waiting, "vẫn còn nguyên")
            self.assertEqual(await self._status(form(code=OTHER_CODE)), 403)
            self.api.now_ms += 3_600_000
            self.assertEqual(await self._status(), 200)

        return ensureDeferred(check())

    def test_where_too_many_passwords_wait_to_be_judged_the_form_comes_back(self):
        async def check() -> None:
            go_on = threading.Event()
            self.patch(judging, "strength_of", lambda *asked: go_on.wait() and strength_of(*asked))
            waiting = [ensureDeferred(self.judges.strength_of(PASSWORD * 3, ())) for _ in range(MOST_WAITING)]
            try:
                answer = await self._send()
            finally:
                go_on.set()
            self.assertEqual(answer.responseCode, 503)
            self._says(answer, "vẫn còn nguyên")
            await gatherResults(waiting)
            self.assertEqual(await self._status(), 200)

        return ensureDeferred(check())

    def test_an_account_that_is_locked_while_its_password_is_hashed_gets_none(self):
        prepare = self.passwords.prepare

        async def locked_meanwhile(user_id: str, password: str) -> Callable[[Any], None]:
            self.api.standing[user_id].locked = True
            return await prepare(user_id, password)

        self.passwords.prepare = locked_meanwhile  # type: ignore[method-assign]

        async def check() -> None:
            answer = await self._send()
            self.assertEqual(answer.responseCode, 403)
            self._says(answer, "phòng tổ chức cán bộ")
            self.assertEqual((self.api.passwords, self.api.redeemed), ({}, {}))

        return ensureDeferred(check())

    def test_failures_with_the_officer_code_do_not_tell_whose_account_that_is(self):
        async def check() -> None:
            for number in range(FAILURES_OF_A_PERSON):
                self.assertEqual(await self._status(form(code=OTHER_CODE[:-1] + "BCDEFGHJKL"[number])), 403)
            self.assertEqual(await self._status(form(officer="cb000001", code="EEEE-EEEE-EEEE")), 429)
            for account in ("an-k1", "binh-k2", "nobody-k9"):
                self.assertEqual(await self._status(form(officer=account, code="EEEE-EEEE-EEEE")), 403, account)

        return ensureDeferred(check())

    def test_a_password_that_somebody_chooses_is_judged_as_one_of_the_page(self):
        choices = Choices(self.api, self.judges)  # type: ignore[arg-type]
        an = "@an-k1:hue.localhost"

        async def refusal(user_id: str | None, password: str) -> tuple[int, str]:
            try:
                await choices.check(user_id, password)
            except SynapseError as error:
                return error.code, error.msg
            return 200, ""

        async def check() -> None:
            self.assertEqual(await refusal(an, PASSWORD), (200, ""))
            for weak in ("matkhau2026", "nguyenvanan", "a" * 73):
                code, said = await refusal(an, weak)
                self.assertEqual(code, 400, weak)
                self.assertIn("Mật khẩu", said)
            self.assertEqual(await refusal("@unknown:hue.localhost", PASSWORD), (200, ""))
            self.assertEqual((await refusal(None, PASSWORD))[0], 401)
            at_once = await gatherResults([ensureDeferred(refusal(an, PASSWORD)) for _ in range(3)])
            self.assertEqual(sorted(code for code, _ in at_once), [200, 429, 429])
            others = [ensureDeferred(refusal(f"@p{n}:hue.localhost", PASSWORD)) for n in range(MOST_WAITING + 1)]
            self.assertEqual([code for code, _ in await gatherResults(others)].count(503), 1)

        return ensureDeferred(check())

    def test_a_slip_in_the_form_costs_no_attempt(self):
        async def check() -> None:
            for _ in range(3 * FAILURES_OF_A_PERSON):
                self.assertEqual(await self._status(form(code=OTHER_CODE, again="khac")), 400)
            self.assertEqual(await self._status(), 200)

        return ensureDeferred(check())

    def test_where_the_password_cannot_be_stored_the_code_is_kept(self):
        self.passwords.error = RuntimeError("the disk is full")

        async def check() -> None:
            answer = await self._send()
            self.assertEqual(answer.responseCode, 503)
            self._says(answer, "vẫn còn nguyên")
            self.passwords.error = None
            self.assertEqual(await self._status(), 200)

        return ensureDeferred(check())

    def test_without_a_fresh_register_no_code_is_taken(self):
        async def check() -> None:
            for published_at_ms in (None, NOW_MS - STALE_AFTER // timedelta(milliseconds=1) - 1):
                self.api.published_at_ms = published_at_ms
                self.assertEqual(await self._status(), 503)
            self.api.published_at_ms = NOW_MS
            self.api.broken = True
            self.assertEqual(await self._status(), 503)
            self.assertEqual(self.api.passwords, {})

        return ensureDeferred(check())

    def test_too_many_failures_stop_a_person_whoever_tries_and_a_code_whoever_it_is_tried_for(self):
        async def check() -> None:
            for number in range(FAILURES_OF_A_PERSON):
                self.assertEqual(await self._status(form(code=OTHER_CODE), address=f"10.0.0.{number}"), 403)
            waiting = await self._send(address="10.0.1.1")
            self.assertEqual(waiting.responseCode, 429)
            self.assertEqual(waiting.responseHeaders.getRawHeaders("Retry-After"), ["3600"])
            self._says(waiting, "chờ 60 phút")
            self.restart()
            for number in range(FAILURES_OF_A_CODE):
                sent = form(officer=f"CB90000{number}", code=OTHER_CODE)
                self.assertEqual(await self._status(sent, address=f"10.0.0.{number}"), 403)
            self.assertEqual(await self._status(form(officer="CB800000", code=OTHER_CODE), address="10.0.1.1"), 429)
            self.assertEqual(await self._status(), 200)

        return ensureDeferred(check())

    def test_a_volley_gets_no_further_than_one_after_another(self):
        async def check() -> None:
            tries = [self._status(form(code=OTHER_CODE)) for _ in range(3 * FAILURES_OF_A_PERSON)]
            answers = await gatherResults([ensureDeferred(one) for one in tries])
            self.assertEqual(answers.count(403), FAILURES_OF_A_PERSON)
            self.assertEqual(answers.count(429), 2 * FAILURES_OF_A_PERSON)

        return ensureDeferred(check())

    def test_a_morning_of_one_office_behind_one_address(self):
        async def check() -> None:
            for number in range(FAILURES_OF_AN_ADDRESS // 2):
                code = f"AAAA-{number:04}-CCCC".translate(str.maketrans("01", "XY"))
                self.assertEqual(await self._status(form(officer=f"CB7{number}", code=code)), 403)
            self.assertEqual(await self._status(), 200)

        return ensureDeferred(check())

    def test_a_form_of_another_site_is_not_taken(self):
        async def check() -> None:
            for sent in ({"Sec_Fetch_Site": "cross-site"}, {"Origin": "https://evil.vn"}, {"Origin": "null"}):
                self.assertEqual(await self._status(**sent), 403)
            self.assertEqual(self.api.passwords, {})
            self.assertEqual(await self._status(Sec_Fetch_Site="same-origin", Origin=URL), 200)

        return ensureDeferred(check())

    def test_what_is_no_form_is_not_read(self):
        async def check() -> None:
            self.assertEqual(await self._status(b'{"officer": 1}', Content_Type="application/json"), 400)
            self.assertEqual(await self._status(form(token="x")), 400)
            self.assertEqual(await self._status(form(password="a" * 20_000)), 400)

        return ensureDeferred(check())

    def test_every_page_is_served_and_the_qr_code_of_the_slip_fills_in_the_account(self):
        async def check() -> None:
            filled = await self._send(path="/kich-hoat?account=an-k1", method="GET")
            self._says(filled, 'value="an-k1"')
            hostile = await self._send(path="/kich-hoat?account=%22%3E%3Cscript%3E", method="GET")
            self.assertNotIn("script", b"".join(hostile.written).decode())
            for path, words in (
                ("/kich-hoat", "Đặt mật khẩu"),
                ("/kich-hoat/", "Đặt mật khẩu"),
                ("/kich-hoat/dang-nhap", "Đăng nhập Element"),
                ("/kich-hoat/dang-nhap?account=an-k1", "an-k1"),
                ("/kich-hoat/khoa-khoi-phuc", "Mất khóa khôi phục"),
            ):
                answer = await self._send(path=path, method="GET")
                self.assertEqual(answer.responseCode, 200, path)
                self._says(answer, words)
            self.assertEqual(await self._status(path="/kich-hoat/khac", method="GET"), 404)
            self.assertEqual(await self._status(path="/kich-hoat", method="PUT"), 405)
            self.assertEqual(await self._status(path="/kich-hoat/dang-nhap", method="POST"), 405)

        return ensureDeferred(check())

    def test_no_line_of_the_log_has_a_code_or_a_password(self):
        logging.getLogger("synapse_modules").setLevel(logging.DEBUG)

        async def check() -> None:
            with self.assertLogs("synapse_modules.activation", logging.DEBUG) as logs:
                await self._send(form(code=OTHER_CODE))
                self.passwords.error = RuntimeError("the disk is full")
                await self._send()
                self.passwords.error = None
                await self._send()
                await self._send()
            lines = "\n".join(logs.output)
            self.assertIn("an-k1", lines)
            self.assertIn("10.1.2.3", lines)
            for secret in (CODE, OTHER_CODE, PASSWORD, HASH):
                self.assertNotIn(secret, lines)

        return ensureDeferred(check())

    def test_a_worker_serves_no_page(self):
        self.api.worker_app = "synapse.app.generic_worker"
        Activation(ActivationConfig(), self.api)  # type: ignore[arg-type]
        self.assertEqual(self.api.resources, {})
