"""The tree of a bot's commands: a router a subject, each with those allowed in it and a heading in the help."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar, overload

from bots.runtime.access import EVERYBODY, Role
from bots.runtime.capabilities import Capability
from bots.runtime.commands import NO_STEPS, Act, Actor, Answer, Command, Question, Reader, Request, Scene
from bots.runtime.phrases import Phrase
from bots.runtime.vocabulary import check_phrases
from huep.catalogue import Catalogue, Locale

A = TypeVar("A")
C = TypeVar("C")

Phrases = Mapping[Locale, Sequence[str]]
BareReader = Callable[[Request], Awaitable[Answer]]
BareActor = Callable[[Request, C], Awaitable[Answer]]


class Router:
    """Commands on one subject, and the routers below it.

    Args:
        section: names the heading in the help, `section-SECTION` in the catalogue.
        catalogue: of the messages that the commands ask with: `help-COMMAND`, `ask-COMMAND-STEP`, `step-COMMAND-STEP`,
            and `example-COMMAND` of a command whose title has values in it.
        allowed: who may use its commands, unless a command says otherwise.
    """

    def __init__(self, section: str, catalogue: Catalogue, allowed: frozenset[Role] = EVERYBODY) -> None:
        self._section = section
        self._catalogue = catalogue
        self._allowed = allowed
        self._commands: list[Command] = []
        self._below: list[Router] = []

    @property
    def commands(self) -> tuple[Command, ...]:
        """Those of this router, then those below, in the order in which they were declared and included."""
        return (*self._commands, *(command for router in self._below for command in router.commands))

    def include(self, *routers: "Router") -> None:
        """Hang other routers below this one.

        Raises:
            ValueError: a phrase or a name would mean two commands.
        """
        check_phrases([*self.commands, *(command for router in routers for command in router.commands)])
        self._below += routers

    @overload
    def question(
        self, name: str, phrases: Phrases, *, allowed: frozenset[Role] | None = None
    ) -> Callable[[BareReader], BareReader]: ...

    @overload
    def question(
        self, name: str, phrases: Phrases, *, scene: Scene[A], allowed: frozenset[Role] | None = None
    ) -> Callable[[Reader[A]], Reader[A]]: ...

    def question(
        self,
        name: str,
        phrases: Phrases,
        *,
        scene: Scene[Any] | None = None,
        allowed: frozenset[Role] | None = None,
    ) -> Callable[[Any], Any]:
        """Declare a command that answers and changes nothing; without a scene its handler takes the request alone."""

        def declare(handler: Any) -> Any:
            reader = handler if scene is not None else (lambda request, _: handler(request))
            self._add(Question(**self._said(name, phrases, scene or NO_STEPS, allowed), reader=reader))
            return handler

        return declare

    @overload
    def act(
        self, name: str, phrases: Phrases, capability: Capability[C], *, allowed: frozenset[Role] | None = None
    ) -> Callable[[BareActor[C]], BareActor[C]]: ...

    @overload
    def act(
        self,
        name: str,
        phrases: Phrases,
        capability: Capability[C],
        *,
        scene: Scene[A],
        allowed: frozenset[Role] | None = None,
    ) -> Callable[[Actor[A, C]], Actor[A, C]]: ...

    def act(
        self,
        name: str,
        phrases: Phrases,
        capability: Capability[Any],
        *,
        scene: Scene[Any] | None = None,
        allowed: frozenset[Role] | None = None,
    ) -> Callable[[Any], Any]:
        """Declare a command that changes something: it is read out and confirmed before it is carried out.

        Its handler takes the request, the values where there is a scene, and the capability or its twin.
        """

        def declare(handler: Any) -> Any:
            actor = handler if scene is not None else (lambda request, _, power: handler(request, power))
            said = self._said(name, phrases, scene or NO_STEPS, allowed)
            self._add(Act(**said, actor=actor, capability=capability))
            return handler

        return declare

    def _said(self, name: str, phrases: Phrases, scene: Scene[Any], allowed: frozenset[Role] | None) -> dict[str, Any]:
        spoken = {locale: tuple(Phrase.of(phrase) for phrase in many) for locale, many in phrases.items()}
        known = {step.name for step in scene.steps}
        for phrase in (phrase for many in spoken.values() for phrase in many):
            if not set(phrase.slots) <= known:
                raise ValueError(f"{name}: {phrase.written!r} has values that are no steps: {sorted(known)}")
        return {
            "name": name,
            "phrases": spoken,
            "scene": scene,
            "allowed": self._allowed if allowed is None else allowed,
            "catalogue": self._catalogue,
            "section": self._section,
        }

    def _add(self, command: Command) -> None:
        check_phrases([*self.commands, command])
        self._commands.append(command)
