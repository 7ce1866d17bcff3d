"""Judging passwords in a thread of its own: one at a time, few in waiting, so that nobody slows Synapse with them."""

from collections.abc import Collection

from synapse.module_api import ModuleApi
from twisted.internet import reactor
from twisted.python.threadpool import ThreadPool

from synapse_modules.activation.strength import Strength, strength_of

MOST_WAITING = 16
"""Passwords that are being judged or wait for it; at 100 ms each the last waits for two seconds."""


class JudgesBusy(Exception):
    """Too many passwords wait already; the person tries again."""


class Judges:
    """The one thread in which zxcvbn runs; it holds the interpreter, so a second one would only take from Synapse."""

    def __init__(self, api: ModuleApi) -> None:
        self._api = api
        self._waiting = 0
        self._threads = ThreadPool(minthreads=0, maxthreads=1, name="huep-passwords")
        self._threads.start()
        reactor.addSystemEventTrigger("during", "shutdown", self._threads.stop)  # type: ignore[arg-type]  # interfaces have no self

    async def strength_of(self, password: str, about: Collection[str]) -> Strength:
        """What `strength.strength_of` says.

        Raises:
            JudgesBusy: `MOST_WAITING` others come first.
        """
        if self._waiting >= MOST_WAITING:
            raise JudgesBusy
        self._waiting += 1
        try:
            found: Strength = await self._api.defer_to_threadpool(self._threads, strength_of, password, about)
        finally:
            self._waiting -= 1
        return found
