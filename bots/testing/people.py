"""People who talk to a bot in a test: the same on the fake homeserver and on a real Synapse."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from bots.matrix.contents import (
    MESSAGE,
    POLL_RESPONSE,
    REACTION,
    Attachment,
    edit_content,
    file_content,
    reaction_content,
    text_content,
    vote_content,
)
from bots.matrix.file_kinds import kind_of
from bots.matrix.port import (
    Edit,
    Event,
    File,
    MatrixPort,
    PollAnswer,
    PollEnd,
    PollStart,
    Reaction,
    Redaction,
    Text,
    TextMessage,
    Unreadable,
)
from bots.matrix.trust import Origin
from bots.testing.meaning import Meanings
from bots.testing.rooms import StageRoom
from huep.catalogue import Argument
from huep.directory.model import Person

LATELY = 50
"""So many of the latest events of the bot are told where a test fails."""


@dataclass(frozen=True)
class Heard:
    """One message of the bot as a person's client has it."""

    event: Event
    meanings: Meanings

    @property
    def event_id(self) -> str:
        return self.event.event_id

    @property
    def body(self) -> str:
        """The words of it; of a poll the question and the choices, each on a line of its own."""
        match self.event:
            case TextMessage() | Edit() | File() | PollEnd():
                return self.event.body
            case PollStart():
                return "\n".join([self.event.question, *self.choices])
        return ""

    @property
    def choices(self) -> tuple[str, ...]:
        """What a poll lets people choose."""
        return tuple(answer.text for answer in self._answers)

    @property
    def encrypted(self) -> bool:
        """Whether it came from a device that the bot's owner signed, for the devices in the room alone."""
        return self.event.origin is Origin.CROSS_SIGNED

    def contains(self, *parts: str) -> bool:
        """Whether each of `parts` stands in it, letter for letter."""
        return all(part in self.body for part in parts)

    def means(self, name: str, /, **arguments: Argument) -> bool:
        """Whether it holds that message of the bot's Fluent files; arguments that are left out may be anything."""
        return self.meanings.says(self.body, name, **arguments)

    def answer(self, number: int) -> PollAnswer:
        """The choice `number`, from 1, of a poll."""
        return self._answers[number - 1]

    @property
    def _answers(self) -> tuple[PollAnswer, ...]:
        return self.event.answers if isinstance(self.event, PollStart) else ()

    def __str__(self) -> str:
        means = ", ".join(self.meanings.in_text(self.body))
        return f"{type(self.event).__name__}({self.body!r}{f'; means {means}' if means else ''})"


class Speaker:
    """A person with one device, in a direct room with the bot; made by the kit.

    Whatever the bot said since is heard in order, each message once. Where no `room` is named, the direct one is meant.
    """

    def __init__(
        self,
        person: Person,
        port: MatrixPort,
        bot: str,
        room_id: str,
        meanings: Meanings,
        patience_s: float,
        rest: Callable[[], Awaitable[None]],
    ) -> None:
        self.person = person
        self.port = port
        self.room_id = room_id
        self.said: list[str] = []
        """Event IDs of everything that the person has sent."""
        self.reactions: list[Reaction] = []
        """The bot's."""
        self.taken_back: set[str] = set()
        """Event IDs of what the bot redacted."""
        self.unreadable: list[Unreadable] = []
        """Messages of the bot for which this device got no key."""
        self._bot = bot
        self._meanings = meanings
        self._patience_s = patience_s
        self._rest = rest
        self._unheard: defaultdict[str, deque[Heard]] = defaultdict(deque)
        """By room."""
        self._lately: deque[str] = deque(maxlen=LATELY)
        self._poll: Heard | None = None
        self._latest: Heard | None = None
        self._words: tuple[str, str] | None = None
        """Room and ID of the latest event with words."""

    @property
    def user_id(self) -> str:
        return self.port.user_id

    # What the person does

    async def says(
        self,
        words: str,
        *,
        html: str | None = None,
        to_bot: bool = False,
        reply_to: Heard | str | None = None,
        room: StageRoom | None = None,
    ) -> str:
        """Write into the room. Returns the event ID.

        Args:
            words: what to write.
            html: the same formatted.
            to_bot: mention the bot.
            reply_to: what was heard, or an event ID.
            room: where.
        """
        answered = reply_to.event_id if isinstance(reply_to, Heard) else reply_to
        text = Text(words, html, reply_to=answered, mentions=(self._bot,) if to_bot else ())
        return await self._says(MESSAGE, text_content(text), self._place(room))

    async def forwards(self, heard: Heard) -> str:
        """Send what was heard once more, as clients forward it: the same content in an event of its own."""
        match heard.event:
            case TextMessage(body=body, html=html, notice=notice):
                content = text_content(Text(body, html, notice))
            case File(body=body, name=name, file=file):
                content = file_content(Attachment(file, name, body))
            case _:
                self._fail(f"can forward no {type(heard.event).__name__}")
        return await self._says(MESSAGE, content, self.room_id)

    async def corrects(self, words: str) -> str:
        """Edit what the person said last."""
        room_id, target = self._last_words()
        return await self._sends(MESSAGE, edit_content(target, Text(words)), room_id)

    async def takes_back(self) -> str:
        """Redact what the person said last; a bot that had not read it never will."""
        room_id, words = self._last_words()
        redaction = await self.port.redact(room_id, words)
        self.said = [*(event_id for event_id in self.said if event_id != words), redaction]
        return redaction

    async def reacts(self, key: str = "✅", *, to: Heard | None = None) -> str:
        """React to a message of the bot, by default to what was heard last."""
        target = to or self._latest
        if target is None:
            self._fail("has heard nothing to react to")
        return await self._sends(REACTION, reaction_content(target.event_id, key), target.event.room_id)

    async def chooses(self, number: int) -> str:
        """Vote in the poll heard last; where that was none, answer with the number."""
        if self._poll is None:
            return await self.says(str(number))
        content = vote_content(self._poll.event_id, (self._poll.answer(number).answer_id,))
        return await self._sends(POLL_RESPONSE, content, self._poll.event.room_id)

    async def shows(self, content: bytes, name: str, caption: str | None = None) -> str:
        """Send a file; it is a picture where its first bytes say so."""
        file = await self.port.upload(self.room_id, content, kind_of(content))
        return await self._says(MESSAGE, file_content(Attachment(file, name, caption)), self.room_id)

    async def sees(self, heard: Heard) -> None:
        """Their client shows a message of the bot, and says so by a read receipt."""
        await self.port.mark_read(heard.event.room_id, heard.event_id)

    async def _says(self, event_type: str, content: Mapping[str, Any], room_id: str) -> str:
        self._words = room_id, await self._sends(event_type, content, room_id)
        return self._words[1]

    async def _sends(self, event_type: str, content: Mapping[str, Any], room_id: str) -> str:
        self.said.append(await self.port.send_event(room_id, event_type, content))
        return self.said[-1]

    def _place(self, room: StageRoom | None) -> str:
        return self.room_id if room is None else room.room_id

    def _last_words(self) -> tuple[str, str]:
        if self._words is None:
            self._fail("has said nothing yet")
        return self._words

    # What the person gets

    async def hears(
        self, *parts: str, means: str | None = None, room: StageRoom | None = None, **arguments: Argument
    ) -> Heard:
        """The bot's next message in the room, which holds `parts` and the message `means` with these arguments.

        Raises:
            AssertionError: it is another one, or none came; says what was heard instead.
        """
        heard = await self._next(self._place(room))
        if not heard.contains(*parts) or (means is not None and not heard.means(means, **arguments)):
            wanted = [*map(repr, parts), *([f"{means}{arguments or ''}"] if means else [])]
            self._fail(f"heard {heard}, not {' and '.join(wanted)}")
        return heard

    async def hears_nothing(self, *, room: StageRoom | None = None) -> None:
        """The bot has dealt with everything, and said nothing in the room that was not heard.

        Raises:
            AssertionError: it did.
        """
        await self._rest()
        await self._take_in()
        if unheard := self._unheard[self._place(room)]:
            self._fail(f"heard {unheard[0]}, not nothing")

    async def _next(self, room_id: str) -> Heard:
        try:
            async with asyncio.timeout(self._patience_s):
                while not self._unheard[room_id]:
                    await self._take_in_next()
        except TimeoutError:
            self._fail(f"heard nothing for {self._patience_s:g} s")
        self._latest = heard = self._unheard[room_id].popleft()
        self._poll = heard if isinstance(heard.event, PollStart) else None
        return heard

    async def _take_in(self) -> None:
        """What is there already."""
        try:
            async with asyncio.timeout(0.05):
                while True:
                    await self._take_in_next()
        except TimeoutError:
            return

    async def _take_in_next(self) -> None:
        batch = await self.port.next_batch()
        await self.port.commit(batch)
        for event in batch.events:
            if event.sender == self._bot:
                self._take(event)

    def _take(self, event: Event) -> None:
        match event:
            case TextMessage() | Edit() | File() | PollStart() | PollEnd():
                heard = Heard(event, self._meanings)
                self._unheard[event.room_id].append(heard)
                self._lately.append(str(heard))
            case Reaction():
                self.reactions.append(event)
            case Redaction():
                self.taken_back.add(event.target)
            case Unreadable():
                self.unreadable.append(event)

    def _fail(self, what: str) -> NoReturn:
        said = "\n  ".join(self._lately) or "nothing"
        raise AssertionError(f"{self.person.full_name} {what}. The bot said so far:\n  {said}")
