"""The guard's callbacks, also when what they ask fails."""

import logging
from datetime import timedelta

from synapse.api.errors import Codes
from synapse.module_api import NOT_SPAM
from synapse.spam_checker_api import RegistrationBehaviour
from twisted.internet.defer import ensureDeferred
from twisted.trial.unittest import TestCase

from synapse_modules.account_guard import module
from synapse_modules.account_guard.module import AccountGuard
from synapse_modules.projection import LEAVERS_HOLD_MS, PUBLICATIONS, STALE_AFTER
from tests.trial.fake_api import NOW_MS, FakeAccount, FakeApi

ALLOW, DENY = RegistrationBehaviour.ALLOW, RegistrationBehaviour.DENY


class AccountGuardTests(TestCase):
    def setUp(self) -> None:
        self.api = FakeApi(register={"an-k1": "active", "binh-k2": "left"})
        self.patch(module, "LockedOut", lambda *_: None)
        self.guard = AccountGuard(AccountGuard.parse_config({"allowed_localparts": ["huep"]}), self.api)  # type: ignore[arg-type]
        logging.getLogger("synapse_modules").setLevel(logging.CRITICAL + 1)
        self.addCleanup(logging.getLogger("synapse_modules").setLevel, logging.NOTSET)

    async def _register(self, localpart: str | None) -> RegistrationBehaviour:
        return await self.api.callbacks["check_registration_for_spam"](None, localpart, [], None)

    async def _log_in(self, localpart: str) -> object:
        return await self.api.callbacks["check_login_for_spam"](f"@{localpart}:hue.localhost", None, None, [], None)

    def test_only_the_register_and_the_allow_list_come_in(self):
        async def check() -> None:
            self.assertEqual(await self._register("an-k1"), ALLOW)
            self.assertEqual(await self._register("huep"), ALLOW)
            for localpart in ("binh-k2", "stranger", "", None):
                self.assertEqual(await self._register(localpart), DENY, localpart)

        return ensureDeferred(check())

    def test_without_the_projection_registration_refuses_and_chat_goes_on(self):
        self.api.register = None

        async def check() -> None:
            self.assertEqual(await self._register("an-k1"), DENY)
            self.assertEqual(await self._register("huep"), ALLOW)
            self.assertIs(await self._log_in("an-k1"), NOT_SPAM)

        return ensureDeferred(check())

    def test_a_stale_projection_refuses_registration_and_chat_goes_on(self):
        async def check() -> None:
            for published_at_ms in (None, NOW_MS - STALE_AFTER // timedelta(milliseconds=1) - 1):
                self.api.published_at_ms = published_at_ms
                self.assertEqual(await self._register("an-k1"), DENY)
                self.assertEqual(await self._register("huep"), ALLOW)
                self.assertIs(await self._log_in("an-k1"), NOT_SPAM)
                self.assertIsInstance(await self._log_in("binh-k2"), tuple)

        return ensureDeferred(check())

    def test_a_refusal_for_want_of_the_projection_is_logged(self):
        self.api.register = None
        logging.getLogger("synapse_modules").setLevel(logging.INFO)

        async def check() -> None:
            with self.assertLogs("synapse_modules.account_guard", logging.ERROR) as logs:
                await self._register("an-k1")
            self.assertIn("an-k1", logs.output[0])

        return ensureDeferred(check())

    def test_who_left_reads_a_sentence_at_login_and_nobody_else_is_stopped(self):
        async def check() -> None:
            refusal = await self._log_in("binh-k2")
            self.assertIsInstance(refusal, tuple)
            self.assertIs(refusal[0], Codes.FORBIDDEN)
            self.assertIn("danh sách cán bộ", refusal[1]["error"])
            for localpart in ("an-k1", "huep", "not-published-yet"):
                self.assertIs(await self._log_in(localpart), NOT_SPAM)

        return ensureDeferred(check())

    def test_logins_read_the_register_once_until_something_is_published_or_a_minute_has_passed(self):
        async def check() -> None:
            for _ in range(3):
                self.assertIs(await self._log_in("an-k1"), NOT_SPAM)
            self.assertEqual(self.api.log, [("huep_people_left",)])
            self.api.register["an-k1"] = "left"
            await self.api.invalidate_cache(PUBLICATIONS, ())
            self.assertIsInstance(await self._log_in("an-k1"), tuple)
            self.api.register["an-k1"] = "active"
            self.api.now_ms += LEAVERS_HOLD_MS
            self.assertIs(await self._log_in("an-k1"), NOT_SPAM)

        return ensureDeferred(check())

    def test_what_could_not_be_read_is_read_again(self):
        register, self.api.register = self.api.register, None

        async def check() -> None:
            self.assertIs(await self._log_in("binh-k2"), NOT_SPAM)
            self.api.register = register
            self.assertIsInstance(await self._log_in("binh-k2"), tuple)

        return ensureDeferred(check())

    def test_a_locked_person_is_expired(self):
        self.api.accounts = {"an-k1": FakeAccount("An", locked=True), "binh-k2": FakeAccount("Bình")}

        async def check() -> None:
            expired = self.api.callbacks["is_user_expired"]
            self.assertIs(await expired("@an-k1:hue.localhost"), True)
            self.assertIs(await expired("@binh-k2:hue.localhost"), False)
            self.assertIs(await expired("@nobody:hue.localhost"), False)

        return ensureDeferred(check())

    def test_a_locked_person_is_brought_into_no_room(self):
        self.api.accounts = {"an-k1": FakeAccount("An", locked=True), "binh-k2": FakeAccount("Bình")}

        async def check() -> None:
            may_join = self.api.callbacks["user_may_join_room"]
            refusal = await may_join("@an-k1:hue.localhost", "!r:hue.localhost", True)
            self.assertIs(refusal[0], Codes.FORBIDDEN)
            self.assertIn("khóa", refusal[1]["error"])
            self.assertIs(await may_join("@binh-k2:hue.localhost", "!r:hue.localhost", False), NOT_SPAM)

        return ensureDeferred(check())

    def test_a_locked_person_who_is_in_a_room_gets_another_name_there(self):
        self.api.accounts = {"an-k1": FakeAccount("An", locked=True)}
        self.api.inside = {("@an-k1:hue.localhost", "!r:hue.localhost")}

        async def check() -> None:
            may_join = self.api.callbacks["user_may_join_room"]
            self.assertIs(await may_join("@an-k1:hue.localhost", "!r:hue.localhost", False), NOT_SPAM)

        return ensureDeferred(check())

    def test_an_error_leaves_expiry_and_joins_to_others(self):
        async def broken(user_id: str) -> None:
            raise RuntimeError

        self.api.get_userinfo_by_id = broken

        async def check() -> None:
            self.assertIsNone(await self.api.callbacks["is_user_expired"]("@an-k1:hue.localhost"))
            may_join = self.api.callbacks["user_may_join_room"]
            self.assertIs(await may_join("@an-k1:hue.localhost", "!r:hue.localhost", False), NOT_SPAM)

        return ensureDeferred(check())

    def test_nobody_deactivates_themselves(self):
        async def check() -> None:
            deactivate = self.api.callbacks["check_can_deactivate_user"]
            self.assertIs(await deactivate("@an-k1:hue.localhost", False), False)
            self.assertIs(await deactivate("@an-k1:hue.localhost", True), True)

        return ensureDeferred(check())
