"""One search of a person at a time; of those of a device that wait, the newest alone is searched for.

Clients search while one types, and show a refusal as "nobody found". So a search waits while another of the same person
is under way; whoever was overtaken by a newer one of the same device gets that one's answer, with which clients do as
they do with every answer to what was typed before.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from synapse.logging.context import PreserveLoggingContext
from synapse.module_api import make_deferred_yieldable
from twisted.internet.defer import Deferred

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class _Answered(Generic[Answer]):
    """A newer one of the same device was searched for instead."""

    answer: Answer


@dataclass(frozen=True)
class _Turn(Generic[Answer]):
    """Go on."""

    overtaken: "Sequence[Deferred[_Turn[Answer] | _Answered[Answer]]]"
    """To be told what is found."""


_News = Deferred[_Turn[Answer] | _Answered[Answer]]


class Turns(Generic[Answer]):
    """Who searches and who waits, in this process."""

    def __init__(self) -> None:
        self._waiting: dict[str, dict[str | None, list[_News[Answer]]]] = {}
        """By person whose search is under way, then by device in the order of their coming; the newest is the last."""

    async def take(self, person: str, device: str | None, search: Callable[[], Awaitable[Answer]]) -> Answer:
        """What `search` finds when it is its turn, or the answer of a newer one of the same device.

        Raises:
            Exception: whatever the search that was made raises.
        """
        overtaken: Sequence[_News[Answer]] = ()
        if person in self._waiting:
            news: _News[Answer] = Deferred()
            self._waiting[person].setdefault(device, []).append(news)
            told = await make_deferred_yieldable(news)
            if isinstance(told, _Answered):
                return told.answer
            overtaken = told.overtaken
        else:
            self._waiting[person] = {}
        try:
            answer = await search()
        except Exception as error:
            with PreserveLoggingContext():  # each of them goes on in its own
                for one in overtaken:
                    one.errback(error)
            raise
        else:
            with PreserveLoggingContext():
                for one in overtaken:
                    one.callback(_Answered(answer))
            return answer
        finally:
            self._next(person)

    def _next(self, person: str) -> None:
        waiting = self._waiting[person]
        if not waiting:
            del self._waiting[person]
            return
        *overtaken, newest = waiting.pop(next(iter(waiting)))
        with PreserveLoggingContext():
            newest.callback(_Turn(overtaken))
