"""What a bot can be asked: commands that answer, and commands that act.

An act is written once and carried out twice: with the capability's dry-run twin, which gives the words that the person
confirms, and, by `bots.runtime.confirmation` alone, with the capability itself.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from bots.matrix.port import RoomEvent, RoomView
from bots.runtime.access import Caller, Role
from bots.runtime.arguments import Asking, Parser
from bots.runtime.capabilities import Capability
from bots.runtime.outcome import Enclosure
from bots.runtime.phrases import Phrase
from huep.catalogue import Catalogue, Locale, Message
from huep.directory.model import Person

A = TypeVar("A")
C = TypeVar("C")
T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """What to write back: plain, and the same as HTML."""

    body: str
    html: str
    speaks: Locale | None = None
    """The person asked to be spoken to in this language from now on."""
    rings: bool = True
    """False for a bare sentence of ours, at which no phone rings and which no program answers."""
    files: tuple[Enclosure, ...] = ()
    """Sent behind it, in this order."""


@dataclass(frozen=True)
class Request:
    """What the middleware found out about an event that asks for something."""

    event: RoomEvent
    room: RoomView
    caller: Caller
    locale: Locale
    moment: datetime
    commands: tuple["Command", ...]
    """What this person may use: nothing else exists for them."""

    @property
    def person(self) -> Person:
        return self.caller.person

    @property
    def unit_code(self) -> str:
        """The unit of the main post, else of the first post: whoever has none is not heard."""
        return (self.person.main_post or self.person.posts[0]).unit_code

    @property
    def asking(self) -> Asking:
        return Asking(self.caller, self.locale, self.moment)


Check = Callable[[T, Mapping[str, Any]], Message | None]
"""A value and those given before it; the message says what is wrong with it."""

Needed = Callable[[Mapping[str, Any]], bool]
"""By the values given before it, whether a value has to be given too."""


Default = Callable[[Mapping[str, Any]], T | None]
"""By the values given before it, what a value is unless it is said; None where nothing follows from them."""


@dataclass(frozen=True)
class Step(Generic[T]):
    """One value that a command needs, asked for when it was not said: by `ask-COMMAND-STEP` of the catalogue."""

    name: str
    parser: Parser[T]
    optional: bool = False
    check: Check[T] | None = None
    needed: Needed | None = None
    """Of an optional one: when it is asked for all the same."""
    default: Default[T] | None = None


@dataclass(frozen=True)
class Scene(Generic[A]):
    """The steps that lead to the values of a command, in the order in which they are asked for."""

    values: Callable[..., A]
    steps: tuple[Step[Any], ...] = ()

    def step(self, name: str) -> Step[Any]:
        return next(step for step in self.steps if step.name == name)


NO_STEPS: Scene[None] = Scene(lambda: None)


def scene(
    values: type[A],
    *,
    checks: Mapping[str, Check[Any]] | None = None,
    needed: Mapping[str, Needed] | None = None,
    defaults: Mapping[str, Default[Any]] | None = None,
    **parsers: Parser[Any],
) -> Scene[A]:
    """A scene that fills the dataclass `values`, one parser a field; one with a default is asked for where `needed`.

    Raises:
        ValueError: fields and parsers are not the same.
    """
    if not is_dataclass(values):
        raise ValueError(f"{values.__name__} is no dataclass")
    named = {one.name: one for one in fields(values)}
    if named.keys() != parsers.keys():
        raise ValueError(f"{values.__name__} has the fields {sorted(named)}, not {sorted(parsers)}")
    steps = tuple(
        Step(
            name,
            parsers[name],
            one.default is not MISSING,
            (checks or {}).get(name),
            (needed or {}).get(name),
            (defaults or {}).get(name),
        )
        for name, one in named.items()
    )
    return Scene(values, steps)


Reader = Callable[[Request, A], Awaitable[Answer]]
"""Answers, and changes nothing. Safe to repeat: it is called again when the database went away in the middle."""
Actor = Callable[[Request, A, C], Awaitable[Answer]]
"""Acts through its capability, and by no other way. Safe to repeat."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """One thing that a bot does, and how people ask for it; the first phrase of a language is its title."""

    name: str
    phrases: Mapping[Locale, tuple[Phrase, ...]]
    allowed: frozenset[Role]
    """Who has one of these roles may use it; for everybody else it does not exist."""
    scene: Scene[Any]
    catalogue: Catalogue
    section: str
    """Under which heading it stands in the help: `section-SECTION` of the catalogue."""

    def title(self, locale: Locale) -> str:
        """What to type, a value in its place as ‹đơn vị›."""
        return self.phrases[locale][0].shown(lambda slot: self.step_name(slot, locale))

    def to_type(self, locale: Locale) -> str:
        """What can be typed as it stands: the title, or its example where a value has a place in it."""
        if self.phrases[locale][0].slots:
            return self.catalogue.text(locale, f"example-{self.name}")
        return self.title(locale)

    def step_name(self, step: str, locale: Locale) -> str:
        return self.catalogue.text(locale, f"step-{self.name}-{step}")

    @property
    def writes(self) -> bool:
        return isinstance(self, Act)


@dataclass(frozen=True, kw_only=True)
class Question(Command):
    """A command that answers."""

    reader: Reader[Any]


@dataclass(frozen=True, kw_only=True)
class Act(Command):
    """A command that changes something, once the person has confirmed it."""

    actor: Actor[Any, Any] = field(repr=False)
    capability: Capability[Any]
