"""A batch of account actions: each for itself, many at once, in order on one account."""

import logging
from pathlib import Path

from synapse.api.errors import LimitExceededError
from twisted.internet.defer import ensureDeferred
from twisted.trial.unittest import TestCase

from synapse_modules.account_lifecycle.accounts import AT_ONCE, RENAME_ATTEMPTS, Accounts
from synapse_modules.account_lifecycle.config import AccountLifecycleConfig
from synapse_modules.account_lifecycle.requests import AccountAction, AccountVerb
from tests.trial.fake_api import FakeAccount, FakeApi, FakeInternals

CREATE, LOCK, UNLOCK, RENAME = AccountVerb.CREATE, AccountVerb.LOCK, AccountVerb.UNLOCK, AccountVerb.RENAME


class AccountsTests(TestCase):
    def setUp(self) -> None:
        self.api = FakeApi()
        config = AccountLifecycleConfig(Path("token"), "huep", frozenset({"huep"}))
        self.accounts = Accounts(config, self.api, FakeInternals(self.api))  # type: ignore[arg-type]
        logging.getLogger("synapse_modules").setLevel(logging.CRITICAL + 1)
        self.addCleanup(logging.getLogger("synapse_modules").setLevel, logging.NOTSET)

    async def _act(self, *acts: tuple[AccountVerb, str] | tuple[AccountVerb, str, str]) -> list[dict[str, object]]:
        actions = [
            AccountAction(str(number), act[0], act[1], act[2] if len(act) == 3 else None)
            for number, act in enumerate(acts)
        ]
        return [result.as_json() for result in await self.accounts.carry_out(actions)]

    def test_many_are_created_at_once_but_never_more_than_the_limit(self):
        names = [f"p-{number}" for number in range(150)]
        self.api.register = dict.fromkeys(names, "active")

        async def check() -> None:
            results = await self._act(*((CREATE, name, "An") for name in names))
            self.assertEqual([result["id"] for result in results], [str(number) for number in range(150)])
            self.assertTrue(all(result["ok"] and result["changed"] for result in results))
            self.assertEqual(self.api.most_running, AT_ONCE)

        return ensureDeferred(check())

    def test_one_failure_stays_one_and_its_details_stay_inside(self):
        self.api.register = {"an": "active", "bad": "active"}
        self.api.broken_localparts = {"bad"}

        async def check() -> None:
            bad, good, unknown = await self._act((CREATE, "bad", "B"), (CREATE, "an", "An"), (CREATE, "xa", "Xa"))
            self.assertEqual((bad["ok"], bad["code"]), (False, "failed"))
            self.assertNotIn("secret-token-123", str(bad))
            self.assertEqual((good["ok"], good["changed"]), (True, True))
            self.assertEqual((unknown["ok"], unknown["code"]), (False, "not_in_register"))

        return ensureDeferred(check())

    def test_actions_on_one_account_see_what_the_one_before_did(self):
        self.api.register = {"an": "active"}

        async def check() -> None:
            results = await self._act(
                (CREATE, "an", "An"), (CREATE, "an", "An"), (LOCK, "an"), (LOCK, "an"), (UNLOCK, "an")
            )
            self.assertEqual([result["changed"] for result in results], [True, False, True, False, True])
            self.assertEqual(self.api.log, [("create", "an"), ("lock", "an"), ("unlock", "an")])

        return ensureDeferred(check())

    def test_locking_ends_the_open_syncs_of_who_has_devices_after_the_lock_stands(self):
        self.api.accounts = {"an": FakeAccount("An", has_devices=True)}

        async def check() -> None:
            await self._act((LOCK, "an"))
            self.assertEqual(
                self.api.log, [("lock", "an"), ("account_data", "an", "vn.huep.lock"), ("to_device", "an")]
            )

        return ensureDeferred(check())

    def test_creating_an_account_that_is_locked_leaves_it_locked(self):
        self.api.accounts = {"an": FakeAccount("An", locked=True)}

        async def check() -> None:
            (result,) = await self._act((CREATE, "an", "An"))
            self.assertEqual((result["ok"], result["changed"]), (True, False))
            self.assertTrue(self.api.accounts["an"].locked)

        return ensureDeferred(check())

    def test_an_unchanged_name_is_not_set_again(self):
        self.api.accounts = {"an": FakeAccount("An")}

        async def check() -> None:
            same, other = await self._act((RENAME, "an", "An"), (RENAME, "an", "Lê An"))
            self.assertEqual((same["changed"], other["changed"]), (False, True))
            self.assertEqual(self.api.log, [("rename", "an", "Lê An")])

        return ensureDeferred(check())

    def test_a_rename_that_was_limited_half_way_is_done_again(self):
        self.api.accounts = {"an": FakeAccount("An")}
        self.api.rename_errors = [LimitExceededError("rc_message", retry_after_ms=500)]

        async def check() -> None:
            (result,) = await self._act((RENAME, "an", "Lê An"))
            self.assertTrue(result["ok"])
            self.assertEqual(self.api.log, [("rename", "an", "Lê An"), ("sleep", "0.5"), ("rename", "an", "Lê An")])

        return ensureDeferred(check())

    def test_a_rename_that_stays_limited_is_a_failure_that_says_so(self):
        self.api.accounts = {"an": FakeAccount("An")}
        self.api.rename_errors = [LimitExceededError("rc_message", retry_after_ms=1)] * RENAME_ATTEMPTS

        async def check() -> None:
            (result,) = await self._act((RENAME, "an", "Lê An"))
            self.assertEqual((result["ok"], result["code"]), (False, "failed"))

        return ensureDeferred(check())

    def test_the_service_account_is_out_of_reach(self):
        self.api.accounts = {"huep": FakeAccount("HueP"), "root": FakeAccount("Root", admin=True)}

        async def check() -> None:
            results = await self._act((LOCK, "huep"), (RENAME, "root", "X"))
            self.assertEqual([result["code"] for result in results], ["protected", "protected"])
            self.assertEqual(self.api.log, [])

        return ensureDeferred(check())
