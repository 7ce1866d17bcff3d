"""From what a person typed to the handler that answers it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bots.language.phrases import bare, likeness, plain
from bots.matrix.port import TextMessage
from huep.catalogue import Locale
from huep.directory.model import Person

SUGGESTIONS = 2
LIKENESS_LENGTH = 200
"""Characters; comparing takes time by the length, and a message may have 60,000."""


@dataclass(frozen=True)
class Request:
    """A message with everything that the middleware found out about it."""

    message: TextMessage
    person: Person
    locale: Locale


@dataclass(frozen=True)
class Answer:
    """What to write back: plain, and the same as HTML."""

    body: str
    html: str


Handler = Callable[[Request], Awaitable[Answer]]
"""Safe to repeat: it is called again when the database went away in the middle."""


@dataclass(frozen=True)
class Command:
    """One thing that a bot does, and how people ask for it; the first phrase of a language is its name."""

    name: str
    phrases: dict[Locale, tuple[str, ...]]
    handler: Handler

    def title(self, locale: Locale) -> str:
        return self.phrases[locale][0]


@dataclass(frozen=True)
class Match:
    """A command that was found, and the language in which it was asked for."""

    command: Command
    locale: Locale


class Router:
    """The commands of one bot."""

    def __init__(self) -> None:
        self._commands: list[Command] = []
        self._by_phrase: dict[str, Match] = {}

    @property
    def commands(self) -> tuple[Command, ...]:
        return tuple(self._commands)

    def command(self, name: str, phrases: dict[Locale, tuple[str, ...]]) -> Callable[[Handler], Handler]:
        """Register a handler; a phrase that two commands share is a mistake and raises ValueError."""

        def register(handler: Handler) -> Handler:
            command = Command(name, phrases, handler)
            self._commands.append(command)
            for locale, spoken in phrases.items():
                for phrase in spoken:
                    known = self._by_phrase.setdefault(plain(phrase), Match(command, locale))
                    if known.command is not command:
                        raise ValueError(f"{phrase!r} would mean both {known.command.name} and {name}")
            return handler

        return register

    def match(self, text: str) -> Match | None:
        """The command that `text` asks for, whatever its case, diacritics, punctuation and courtesies."""
        return self._by_phrase.get(plain(text)) or self._by_phrase.get(bare(text))

    def likeliest(self, text: str) -> tuple[Command, ...]:
        """The two commands nearest to a text that matches none; only its beginning is looked at."""
        typed = bare(text[:LIKENESS_LENGTH])

        def nearness(command: Command) -> float:
            return max(likeness(typed, plain(phrase)) for spoken in command.phrases.values() for phrase in spoken)

        return tuple(sorted(self._commands, key=nearness, reverse=True)[:SUGGESTIONS])
