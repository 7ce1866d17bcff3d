"""A batch of account actions: each for itself, many at once, in order on one account."""

import logging
from pathlib import Path

from synapse.api.errors import LimitExceededError, SynapseError
from twisted.internet.defer import ensureDeferred
from twisted.trial.unittest import TestCase

from synapse_modules.account_lifecycle.accounts import AT_ONCE, RENAME_ATTEMPTS, TOGETHER, Accounts
from synapse_modules.account_lifecycle.config import AccountLifecycleConfig
from synapse_modules.account_lifecycle.doors import Doors
from synapse_modules.account_lifecycle.requests import AccountAction, AccountVerb
from synapse_modules.projection import PeopleProjection
from tests.trial.fake_api import NOW_MS, FakeAccount, FakeApi, FakeInternals

CREATE, LOCK, UNLOCK, RENAME = AccountVerb.CREATE, AccountVerb.LOCK, AccountVerb.UNLOCK, AccountVerb.RENAME


class AccountsTests(TestCase):
    def setUp(self) -> None:
        self.api = FakeApi()
        config = AccountLifecycleConfig(Path("token"), "huep", frozenset({"huep"}))
        self.internals = FakeInternals(self.api)
        doors = Doors(self.api, self.internals, "@huep:hue.localhost")  # type: ignore[arg-type]
        self.accounts = Accounts(config, self.api, self.internals, PeopleProjection(self.api), doors)  # type: ignore[arg-type]
        logging.getLogger("synapse_modules").setLevel(logging.CRITICAL + 1)
        self.addCleanup(logging.getLogger("synapse_modules").setLevel, logging.NOTSET)

    async def _act(self, *acts: tuple[AccountVerb, str] | tuple[AccountVerb, str, str]) -> list[dict[str, object]]:
        actions = [
            AccountAction(str(number), act[0], act[1], act[2] if len(act) == 3 else None)
            for number, act in enumerate(acts)
        ]
        return [result.as_json() for result in await self.accounts.carry_out(actions)]

    def test_many_are_created_together_a_limited_number_at_a_time(self):
        names = [f"p-{number}" for number in range(TOGETHER + 50)]
        self.api.register = dict.fromkeys(names, "active")

        async def check() -> None:
            results = await self._act(*((CREATE, name, "An") for name in names))
            self.assertEqual([result["id"] for result in results], [str(number) for number in range(TOGETHER + 50)])
            self.assertTrue(all(result["ok"] and result["changed"] for result in results))
            self.assertEqual([len(entry) - 1 for entry in self.api.log], [TOGETHER, 50])

        return ensureDeferred(check())

    def test_when_together_fails_all_are_tried_alone_and_never_more_than_the_limit_at_once(self):
        names = [f"p-{number}" for number in range(90)]
        self.api.register = dict.fromkeys(names, "active")
        self.internals.together_error = SynapseError(400, "User ID already taken")

        async def check() -> None:
            results = await self._act(*((CREATE, name, "An") for name in names))
            self.assertTrue(all(result["ok"] and result["changed"] for result in results))
            self.assertEqual(self.api.most_running, AT_ONCE)

        return ensureDeferred(check())

    def test_what_stood_after_all_when_together_failed_is_no_second_change(self):
        self.api.register = {"an": "active", "binh": "active"}
        register = self.internals.register

        async def answers_too_late(accounts: object) -> None:
            await register(accounts)
            raise RuntimeError

        self.internals.register = answers_too_late

        async def check() -> None:
            results = await self._act((CREATE, "an", "An"), (CREATE, "binh", "Bình"))
            self.assertEqual([(result["ok"], result["changed"]) for result in results], [(True, False)] * 2)

        return ensureDeferred(check())

    def test_only_active_people_are_created_together_and_nobody_when_the_register_is_stale(self):
        self.api.register = {"an": "active", "binh": "left", "chi": "active"}

        async def check() -> None:
            acts = ((CREATE, "an", "An"), (CREATE, "binh", "Bình"), (CREATE, "chi", "Chi"), (CREATE, "xa", "Xa"))
            self.api.published_at_ms = None
            results = await self._act(*acts)
            self.assertEqual([result["code"] for result in results], ["not_in_register"] * 4)
            self.api.published_at_ms = NOW_MS
            results = await self._act(*acts)
            self.assertEqual(
                [result.get("code") for result in results], [None, "not_in_register", None, "not_in_register"]
            )
            self.assertEqual(self.api.log, [("create together", "an", "chi")])

        return ensureDeferred(check())

    def test_many_are_locked_together_and_those_with_devices_woken(self):
        self.api.accounts = {f"p{number}": FakeAccount("P", has_devices=number < 2) for number in range(4)}

        async def check() -> None:
            results = await self._act(*((LOCK, f"p{number}") for number in range(4)))
            self.assertTrue(all(result["changed"] for result in results))
            self.assertEqual(self.api.log, [("lock", "p0", "p1", "p2", "p3"), ("to_device", "p0", "p1")])

        return ensureDeferred(check())

    def test_locks_and_unlocks_that_fail_together_are_done_alone(self):
        self.api.accounts = {"an": FakeAccount("An"), "binh": FakeAccount("Bình")}
        self.internals.together_error = RuntimeError()

        async def check() -> None:
            for verb, locked in ((LOCK, True), (UNLOCK, False)):
                results = await self._act((verb, "an"), (verb, "binh"))
                self.assertEqual([result["changed"] for result in results], [True, True])
                self.assertEqual({account.locked for account in self.api.accounts.values()}, {locked})

        return ensureDeferred(check())

    def test_one_failure_stays_one_and_its_details_stay_inside(self):
        self.api.register = {"an": "active", "bad": "active"}
        self.api.broken_localparts = {"bad"}
        self.internals.together_error = RuntimeError("the disk is full, secret-token-123")

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
            self.assertEqual(self.api.log, [("lock", "an"), ("to_device", "an")])

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
