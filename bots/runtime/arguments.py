"""From the words of a person to a typed value: what every parser of an argument offers."""

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from bots.matrix.port import File, TextMessage
from bots.runtime.access import Caller
from huep.catalogue import Locale, Message

T = TypeVar("T")

Kept = Any
"""A value as JSON, in which a dialog keeps it over a restart."""

MOST_CHOICES = 9
"""So many are offered; past them the person is asked to say more."""


@dataclass(frozen=True)
class Asking:
    """In whose eyes, and when, words are read: a parser finds nothing that this person may not see."""

    caller: Caller
    locale: Locale
    moment: datetime
    """Now, aware; "tuần này" counts from it."""


@dataclass(frozen=True)
class Choice(Generic[T]):
    """One of several values, as the person reads it."""

    label: str
    value: T


@dataclass(frozen=True)
class Understood(Generic[T]):
    """The words mean this and nothing else."""

    value: T


@dataclass(frozen=True)
class Ambiguous(Generic[T]):
    """The words mean one of these; the person chooses, nobody guesses."""

    choices: tuple[Choice[T], ...]


@dataclass(frozen=True)
class NotUnderstood:
    """The words are no such value, or none that this person may know of: both look alike."""

    why: str = ""
    """What of it was not understood, as a sentence in the asker's language; nothing where there is no more to say."""


Reading = Understood[T] | Ambiguous[T] | NotUnderstood


@dataclass(frozen=True)
class More(Generic[T]):
    """A message belongs to the value, and others may follow it until the person says that this was all (`xong`)."""

    value: T
    """All of it so far."""
    told: Message | None = None
    """What the person is told of it, from the catalogue of the command."""


@dataclass(frozen=True)
class Nearer:
    """No value yet, but nearer to one: what is asked next is `Guide.menu` of `place`."""

    place: Kept


@dataclass(frozen=True)
class Menu:
    """What is asked at one place on the way to a value, in the asker's language."""

    question: str
    """Nothing where the question of the step says it."""
    choices: tuple[str, ...]
    """Shown with numbers from 1, for `Guide.answer` to read."""

    @property
    def digest(self) -> str:
        """SHA-256 of all of it, in hex."""
        return sha256(json.dumps([self.question, *self.choices], ensure_ascii=False).encode()).hexdigest()


class Parser(Protocol[T]):
    """Reads one kind of argument. Synchronous, called in a worker thread: it may ask the database."""

    @property
    def takes_anything(self) -> bool:
        """Whether any words at all are a value, so that a command among them has to be asked about."""
        ...

    def read(self, words: str, asking: Asking) -> Reading[T]:
        """What `words` mean, as typed: any case, with diacritics or without."""
        ...

    def offers(self, asking: Asking) -> tuple[Choice[T], ...]:
        """All values, where they are few; nothing where they are many."""
        ...

    def written(self, value: T, locale: Locale) -> str:
        """The value as it is repeated to the person."""
        ...

    def dump(self, value: T) -> Kept: ...

    def load(self, kept: Kept, asking: Asking) -> T | None:
        """The value that was kept; None where it is no longer one for this person."""
        ...


@runtime_checkable
class MessageParser(Parser[T], Protocol[T]):
    """A parser that a dialog hands whole messages to: with their formatting and line breaks, pictures and files too.

    What is said in one message with the command comes to `read` all the same; where its place is the end of a phrase,
    everything up to the end of the message as it was typed, however long.
    """

    def read_message(self, event: TextMessage | File, asking: Asking, before: T | None) -> Reading[T] | More[T]:
        """What `event` means behind those that came to `before`, which is None for the first."""
        ...


@runtime_checkable
class Guide(Parser[T], Protocol[T]):
    """A parser that leads to a value by menus too, for who does not know the words for it."""

    def menu(self, place: Kept | None, asking: Asking) -> Menu:
        """What is asked at `place`, where the step begins if that is None or is there no more."""
        ...

    def answer(self, words: str, place: Kept | None, asking: Asking) -> Reading[T] | Nearer:
        """What `words` are as an answer to that: a value, as `read` takes it, or a way further."""
        ...
