"""A room as lines of text: what came in, and what the next command refers to. Knows no terminal and no server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bots.matrix.port import (
    Edit,
    Event,
    File,
    Image,
    MembershipChange,
    PollAnswer,
    PollEnd,
    PollResponse,
    PollStart,
    Reaction,
    Redaction,
    RoomEvent,
    RoomReplaced,
    TextMessage,
    Unreadable,
)
from bots.matrix.trust import Origin
from huep.catalogue import Catalogue, Locale
from huep.clock import PROVINCE_TIMEZONE

MESSAGES = Catalogue("bots.chat")
INDENT = "       "
NEVER_ENCRYPTED = Reaction | Redaction | RoomReplaced


class NoPoll(ValueError):
    """There is no poll to vote in, or it has no such answer."""


@dataclass
class Conversation:
    """What was shown of one room so far."""

    own_user_id: str
    locale: Locale
    names: Mapping[str, str] = field(default_factory=dict)
    """User ID to display name."""

    def __post_init__(self) -> None:
        self.last_message: str | None = None
        self._poll: PollStart | None = None

    def lines(self, event: Event) -> list[str]:
        """How `event` reads on a terminal; control characters of others never reach it."""
        head = f"{_time(event)}{self._mark(event)} {self._name(event.sender)}"
        match event:
            case TextMessage():
                self.last_message = event.event_id
                return block(head, event.body)
            case Edit():
                return block(f"{head} ({self._text('edited')})", event.body)
            case Reaction():
                return [f"{head} {one_line(event.key)}"]
            case File():
                self.last_message = event.event_id
                kind = self._text("picture" if isinstance(event, Image) else "file")
                return [f"{head}: [{kind}] {one_line(event.body)}"]
            case PollStart():
                self.last_message = event.event_id
                self._poll = event
                choices = [f"{INDENT}{place}. {one_line(answer.text)}" for place, answer in _numbered(event.answers)]
                return [
                    f"{head}: [{self._text('poll')}] {one_line(event.question)}",
                    *choices,
                    f"{INDENT}{self._text('poll-how')}",
                ]
            case PollResponse():
                return [f"{head} {self._text('voted')}"]
            case PollEnd():
                return [f"{head} {self._text('poll-ended')}"]
            case Redaction():
                return [f"{head} {self._text('took-back')}"]
            case MembershipChange():
                name = self._name(event.user_id)
                return [f"{_time(event)} {name} {self._text(f'membership-{event.membership.value}')}"]
            case RoomReplaced():
                return [f"{head} {self._text('room-replaced')}"]
            case Unreadable():
                return [f"{head}: [{self._text('unreadable')}]"]

    def vote(self, number: int) -> tuple[str, tuple[str, ...]]:
        """Poll and answer IDs for choice `number` (from 1) of the latest poll; raises NoPoll."""
        if self._poll is None or not 1 <= number <= len(self._poll.answers):
            raise NoPoll
        return self._poll.event_id, (self._poll.answers[number - 1].answer_id,)

    def _name(self, user_id: str) -> str:
        if user_id == self.own_user_id:
            return self._text("you")
        return one_line(self.names.get(user_id, "")) or one_line(user_id)

    def _mark(self, event: RoomEvent) -> str:
        """A warning sign before what no verified device vouches for; some kinds are never encrypted."""
        if isinstance(event, NEVER_ENCRYPTED | Unreadable) or event.origin is Origin.CROSS_SIGNED:
            return ""
        return f" [{self._text('not-encrypted' if event.origin is Origin.PLAIN else 'not-verified')}]"

    def _text(self, message: str) -> str:
        return MESSAGES.text(self.locale, message)


def printable(text: str) -> str:
    """`text` without control and direction characters, so that nobody else drives this terminal; line breaks stay."""
    return "".join(
        character
        for character in text.replace("\r\n", "\n").replace("\t", "    ")
        if character == "\n" or (character.isprintable() or character == "\u200d")
    )


def one_line(text: str) -> str:
    """`text` as one printable line: for whatever may not look like a message of somebody else."""
    return " ".join(printable(text).split())


def _numbered(answers: tuple[PollAnswer, ...]) -> list[tuple[int, PollAnswer]]:
    return list(enumerate(answers, start=1))


def _time(event: RoomEvent) -> str:
    return datetime.fromtimestamp(event.sent_at_ms / 1000, UTC).astimezone(PROVINCE_TIMEZONE).strftime("%H:%M")


def block(head: str, body: str) -> list[str]:
    """A message's lines; from the second on, and with more than one also the first, they stand indented."""
    first, *rest = printable(body).split("\n")
    if not rest:
        return [f"{head}: {first}"]
    return [f"{head}:", *(f"{INDENT}{line}".rstrip() for line in (first, *rest))]
