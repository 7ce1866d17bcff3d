"""Who takes note of an announcement: a sign on any of its messages, or a word, as a reply or in the direct chat.

It concerns the person alone, so nobody asks them to confirm it. In rooms of many the bot says nothing: a sign is
answered by nothing, a word by a sign.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bots.broadcasts.desk import Desk
from bots.broadcasts.ledger import Owed
from bots.broadcasts.model import Means
from bots.broadcasts.rendering import MESSAGES, named
from bots.language.phrases import bare
from bots.matrix.contents import REACTION, reaction_content
from bots.matrix.port import Event, File, Reaction, RoomEvent, RoomView, TextMessage
from bots.runtime.access import Caller
from bots.runtime.commands import Answer
from bots.runtime.concern import is_direct
from bots.runtime.middleware import IGNORED
from bots.runtime.outcome import Outcome, Outgoing
from bots.runtime.replies import outgoing
from huep.catalogue import Locale, Voice

SIGNS = frozenset(["✅", "✔", "☑", "👍", "👌", "🆗", "💯", "🫡"])
"""Which mean that somebody has taken note, whatever their colour."""
DONE = "✅"
_VARIATION = "\ufe0e\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
_VERB = "(?:ro|nhan|doc|xem|hieu|tiep thu|xac nhan)"
_WORDS = re.compile(
    r"(?:(?:da|vang|ok) )?(?:(?:em|toi|minh|anh|chi|chung toi) )?"
    rf"(?:da {_VERB}(?: ro)?(?: roi)?|{_VERB} roi|ro|nhan ro|xac nhan(?: da {_VERB})?)"
    r"(?: (?:(?:thong bao|tin|so) )*(?P<number>\d{1,9})| (?P<all>tat ca|het))?"
    r"|(?:got it|noted|understood|i have read it)(?: (?P<nr>\d{1,9})| (?P<every>all))?"
)
"""Folded, without courtesies."""


@dataclass(frozen=True)
class Noted:
    """Somebody says that they have taken note: of one announcement, of all they owe, or without saying of which."""

    number: int | None = None
    all: bool = False


def is_sign(key: str) -> bool:
    """Whether a reaction means that somebody has taken note."""
    return key.strip().strip(_VARIATION) in SIGNS


def noted(text: str) -> Noted | None:
    """What `đã rõ`, `đã nhận 17`, `đã đọc tất cả` say; None for anything else."""
    found = _WORDS.fullmatch(bare(text))
    if found is None:
        return Noted() if is_sign(text) else None
    number = found["number"] or found["nr"]
    return Noted(None if number is None else int(number), all=bool(found["all"] or found["every"]))


class Ears:
    """The `Hearer` of Truyền thông."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def hear(self, event: Event, caller: Caller, room: RoomView) -> Outcome | None:
        """An acknowledgement; None for whatever has nothing to do with announcements."""
        match event:
            case Reaction():
                number = await asyncio.to_thread(self._desk.ledger.of_event, event.room_id, event.target)
                if number is None:
                    return None
                return self._acknowledged(event, caller, (number,), Means.REACTION) if is_sign(event.key) else IGNORED
            case TextMessage():
                return await self._words(event, caller, room)
            case File() if not is_direct(room):
                return await self._aside(event)
        return None

    async def _words(self, event: TextMessage, caller: Caller, room: RoomView) -> Outcome | None:
        said = noted(event.body)
        about = await self._about(event)
        if about is not None and not is_direct(room):
            if said is None:
                return IGNORED
            mark = Outgoing(event.room_id, REACTION, reaction_content(event.event_id, DONE))
            return self._acknowledged(event, caller, (about,), Means.WORD, mark)
        if said is None or not is_direct(room):
            return None
        owed = await asyncio.to_thread(self._desk.ledger.owed_by, caller.person.key)
        return self._in_direct_chat(event, caller, said if about is None else Noted(about), owed)

    def _in_direct_chat(self, event: TextMessage, caller: Caller, said: Noted, owed: Sequence[Owed]) -> Outcome:
        voice = Voice(MESSAGES, caller.chosen_locale or Locale.VI)
        numbers = [one.broadcast.number for one in owed]
        if said.number is not None:
            numbers = [number for number in numbers if number == said.number]
            if not numbers:
                return _answer(event, voice("noted-not-owed", number=str(said.number)))
        if not numbers:
            return _answer(event, voice("noted-nothing-owed"))
        if len(numbers) > 1 and not said.all:
            listed = "\n".join(named(one.broadcast) for one in owed)
            return _answer(event, voice("noted-which", first=str(numbers[0])), listed)
        told = voice("noted", numbers=", ".join(map(str, numbers)), count=len(numbers))
        return self._acknowledged(event, caller, numbers, Means.WORD, *_answer(event, told).outgoing)

    def _acknowledged(
        self, event: RoomEvent, caller: Caller, numbers: Sequence[int], means: Means, *answers: Outgoing
    ) -> Outcome:
        key, ledger = caller.person.key, self._desk.ledger
        # What waited while the bot was away counts as of when the homeserver took it.
        at = min(datetime.fromtimestamp(event.sent_at_ms / 1000, UTC), self._desk.tools.clock())
        return Outcome(
            answers,
            tuple(
                lambda connection, number=number: ledger.acknowledge(  # type: ignore[misc]
                    connection, number, key, at, means, event.event_id
                )
                for number in numbers
            ),
        )

    async def _about(self, event: TextMessage | File) -> int | None:
        """The announcement that a message replies to."""
        if event.reply_to is None:
            return None
        return await asyncio.to_thread(self._desk.ledger.of_event, event.room_id, event.reply_to)

    async def _aside(self, event: File) -> Outcome | None:
        """A file with which somebody replies to an announcement in a room of many is said to the others there."""
        return None if await self._about(event) is None else IGNORED


def _answer(event: TextMessage, *lines: str) -> Outcome:
    text = "\n".join(lines)
    return Outcome((outgoing(event, Answer(text, text, rings=False)),))
