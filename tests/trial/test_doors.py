"""A lock and what goes with it, also when a part of it fails."""

import logging

from twisted.internet.defer import ensureDeferred
from twisted.trial.unittest import TestCase

from synapse_modules.account_lifecycle.doors import CallMember, Doors
from tests.trial.fake_api import FakeAccount, FakeApi, FakeInternals

AN, BINH = "@an:hue.localhost", "@binh:hue.localhost"


def in_call(user_id: str, room_id: str) -> CallMember:
    return CallMember(room_id, user_id, "m.rtc.member", f"_{user_id}_DEVICE")


class DoorsTests(TestCase):
    def setUp(self) -> None:
        self.api = FakeApi(accounts={"an": FakeAccount("An", has_devices=True), "binh": FakeAccount("Bình")})
        self.internals = FakeInternals(self.api)
        self.doors = Doors(self.api, self.internals, "@huep:hue.localhost")  # type: ignore[arg-type]
        logging.getLogger("synapse_modules").setLevel(logging.CRITICAL + 1)
        self.addCleanup(logging.getLogger("synapse_modules").setLevel, logging.NOTSET)

    def test_calls_are_ended_for_the_locked_alone_after_the_lock_stands(self):
        self.api.calls = [in_call(AN, "!a"), in_call(BINH, "!a")]

        async def check() -> None:
            await self.doors.lock([AN])
            ended = ("call ended", "an", "m.rtc.member", f"_{AN}_DEVICE")
            self.assertEqual(self.api.log, [("lock", "an"), ("to_device", "an"), ended])

        return ensureDeferred(check())

    def test_whoever_has_no_device_is_locked_and_nothing_more(self):
        async def check() -> None:
            await self.doors.lock([BINH])
            self.assertEqual(self.api.log, [("lock", "binh")])

        return ensureDeferred(check())

    def test_the_lock_stands_when_nobody_can_be_woken_and_a_call_cannot_be_ended(self):
        self.api.calls = [in_call(AN, "!broken"), in_call(AN, "!a")]
        self.api.broken_rooms = {"!broken"}
        self.internals.waking_error = RuntimeError()

        async def check() -> None:
            await self.doors.lock([AN])
            self.assertEqual([entry[0] for entry in self.api.log], ["lock", "call ended"])

        return ensureDeferred(check())

    def test_a_lock_that_fails_is_told_and_ends_nothing(self):
        self.internals.together_error = RuntimeError()

        async def check() -> None:
            with self.assertRaises(RuntimeError):
                await self.doors.lock([AN, BINH])
            self.assertEqual(self.api.log, [])

        return ensureDeferred(check())

    def test_the_admin_api_shuts_the_same_doors(self):
        async def check() -> None:
            set_locked = self.internals.set_locked_of_synapse
            await set_locked(AN, True)
            await set_locked(AN, False)
            self.assertEqual(self.api.log, [("lock", "an"), ("to_device", "an"), ("unlock", "an")])

        return ensureDeferred(check())
