"""What Synapse leaves open to a locked person, shut around a homeserver that does nothing but answer."""

from types import SimpleNamespace
from typing import Any

import pytest
from synapse.api.errors import UserLockedError
from synapse.config import ConfigError
from synapse.push.httppusher import HttpPusher
from twisted.internet.defer import ensureDeferred
from twisted.trial.unittest import TestCase

from synapse_modules.homeserver_internals.locks import LockedOut

AN, BINH = "@an:hue.localhost", "@binh:hue.localhost"
SENTENCE = "Tài khoản này đang bị khóa."
SHUT = {
    "get_notifier": "wait_for_events",
    "get_sync_handler": "wait_for_sync_for_user",
    "get_sliding_sync_handler": "wait_for_sync_for_user",
    "get_auth_handler": "create_refresh_token_for_user_id",
}
PUSHES = {"_unsafe_process": None, "_send_badge": None, "dispatch_push": False}
"""How a pusher sets out, after a message, a start or a pause; how it tells the unread count; how it sends."""


class Pusher(HttpPusher):
    """Only says what it did."""

    def __init__(self, user_id: str) -> None:
        self.user_id = user_id
        self.pushed: list[str] = []

    async def _unsafe_process(self, _: object = None) -> Any:
        return self._note("_unsafe_process")

    async def _send_badge(self, _: object) -> Any:
        return self._note("_send_badge")

    async def dispatch_push(self, *_: Any) -> Any:
        return self._note("dispatch_push")

    def _note(self, name: str) -> str:
        self.pushed.append(name)
        return "pushed"


class Homeserver:
    """The parts that are wrapped; `locked` are the people who are."""

    def __init__(self, without: str = "") -> None:
        self.locked: set[str] = set()
        parts: dict[str, Any] = {getter: SimpleNamespace() for getter in SHUT}
        for getter, name in SHUT.items():
            if getter != without:
                setattr(parts[getter], name, getattr(self, name))
        parts["get_pusherpool"] = SimpleNamespace(pusher_factory=SimpleNamespace(create_pusher=self.create_pusher))
        self.parts = parts
        store = SimpleNamespace(get_user_locked_status=self.get_user_locked_status)
        getters = {getter: (lambda part=part: part) for getter, part in parts.items()}
        self.api: Any = SimpleNamespace(
            _hs=SimpleNamespace(get_datastores=lambda: SimpleNamespace(main=store), **getters)
        )

    async def get_user_locked_status(self, user_id: str) -> bool:
        return user_id in self.locked

    def create_pusher(self, pusher_config: str) -> Pusher | None:
        return Pusher(pusher_config) if pusher_config.startswith("@") else None

    async def wait_for_events(self, user_id: str, timeout: int, callback: Any, from_token: str = "") -> Any:
        return await callback("before", "after")

    async def wait_for_sync_for_user(self, requester: Any, sync_config: Any, timeout_ms: int = 0) -> str:
        return "events"

    async def create_refresh_token_for_user_id(self, user_id: str, device_id: str) -> str:
        return f"refresh token of {user_id} for {device_id}"


def requester(user_id: str) -> Any:
    return SimpleNamespace(user=SimpleNamespace(to_string=lambda: user_id))


class LockedOutTests(TestCase):
    def setUp(self) -> None:
        self.patch(UserLockedError, "__init__", UserLockedError.__init__)
        self.homeserver = Homeserver()
        LockedOut(self.homeserver.api, SENTENCE)

    async def _woken(self, user_id: str) -> object:
        async def news(before: str, after: str) -> str:
            return f"news from {before} to {after}"

        notifier = self.homeserver.parts["get_notifier"]
        return await notifier.wait_for_events(user_id, 30_000, news, from_token="s1")

    def test_a_request_that_waits_ends_when_it_is_woken_after_the_lock(self):
        async def check() -> None:
            self.assertEqual(await self._woken(AN), "news from before to after")
            self.homeserver.locked = {AN}
            with self.assertRaises(UserLockedError):
                await self._woken(AN)
            self.assertEqual(await self._woken(BINH), "news from before to after")

        return ensureDeferred(check())

    def test_what_was_gathered_while_the_lock_came_is_not_given_out(self):
        async def check() -> None:
            for getter in ("get_sync_handler", "get_sliding_sync_handler"):
                sync = self.homeserver.parts[getter].wait_for_sync_for_user
                self.homeserver.locked = set()
                self.assertEqual(await sync(requester(AN), object(), timeout_ms=1), "events")
                self.homeserver.locked = {AN}
                with self.assertRaises(UserLockedError):
                    await sync(requester(AN), object(), timeout_ms=1)

        return ensureDeferred(check())

    def test_a_refresh_is_refused_in_the_words_of_the_province(self):
        self.homeserver.locked = {AN}

        async def check() -> None:
            create = self.homeserver.parts["get_auth_handler"].create_refresh_token_for_user_id
            with self.assertRaises(UserLockedError) as refusal:
                await create(user_id=AN, device_id="D")
            self.assertEqual((refusal.exception.code, refusal.exception.errcode), (401, "M_USER_LOCKED"))
            self.assertEqual(refusal.exception.error_dict(None)["error"], SENTENCE)
            self.assertIs(refusal.exception.error_dict(None)["soft_logout"], True)
            self.assertEqual(await create(user_id=BINH, device_id="D"), f"refresh token of {BINH} for D")

        return ensureDeferred(check())

    def test_a_locked_persons_pusher_pushes_nothing_and_says_that_the_push_failed(self):
        self.homeserver.locked = {AN}
        create = self.homeserver.parts["get_pusherpool"].pusher_factory.create_pusher
        an, binh = create(pusher_config=AN), create(BINH)

        async def check() -> None:
            for name, answer in PUSHES.items():
                self.assertIs(await getattr(an, name)(None), answer)
                self.assertEqual(await getattr(binh, name)(None), "pushed")
            self.assertEqual((an.pushed, binh.pushed), ([], list(PUSHES)))
            self.homeserver.locked = set()
            self.assertEqual(await an.dispatch_push(None), "pushed")
            self.assertIsNone(create("mail"), "what is no pusher stays none")

        return ensureDeferred(check())

    def test_a_pusher_that_moved_is_named_at_the_start(self):
        async def dispatch_push(pusher: Any, event: object) -> None: ...

        self.patch(HttpPusher, "dispatch_push", dispatch_push)
        with pytest.raises(ConfigError, match=r"'content' of HttpPusher\.dispatch_push"):
            LockedOut(Homeserver().api, SENTENCE)

    def test_what_moved_is_named_at_the_start(self):
        for getter, name in SHUT.items():
            with pytest.raises(ConfigError, match=name):
                LockedOut(Homeserver(without=getter).api, SENTENCE)
