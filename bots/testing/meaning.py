"""What a text says, told by the messages of the Fluent files that could have made it, in whichever language."""

import re
from functools import cache
from importlib.resources import files

from fluent.syntax import FluentParser
from fluent.syntax.ast import Message as Entry
from fluent.syntax.ast import VariableReference
from fluent.syntax.visitor import Visitor

from huep.catalogue import Argument, Catalogue, Locale

ANYTHING = "\ue000"
"""Stands for an argument that is not asked about; of the private use area, so no message holds it."""
LITERAL_LETTERS = 8
"""A message with less text of its own would be found everywhere, and so is not named where nobody asked for it."""


class Meanings:
    """The messages that a bot has to choose from."""

    def __init__(self, *catalogues: Catalogue) -> None:
        self._catalogues = catalogues

    def says(self, text: str, name: str, /, **arguments: Argument) -> bool:
        """Whether `text` holds the message `name`; arguments that are not given may be anything.

        Raises:
            KeyError: no catalogue has such a message, so the question is a mistake.
        """
        having = [catalogue for catalogue in self._catalogues if name in _variables(catalogue.package, Locale.VI)]
        if not having:
            raise KeyError(f"no message {name!r} in {', '.join(catalogue.package for catalogue in self._catalogues)}")
        return any(_form(catalogue, locale, name, arguments).search(text) for catalogue in having for locale in Locale)

    def in_text(self, text: str) -> tuple[str, ...]:
        """The names of the messages that `text` holds, for whoever reads why a test failed."""
        return tuple(
            name
            for catalogue in self._catalogues
            for name in sorted(_variables(catalogue.package, Locale.VI))
            if any(
                len(re.findall(r"\w", form.pattern.replace("(.*)", ""))) >= LITERAL_LETTERS and form.search(text)
                for form in (_form(catalogue, locale, name, {}) for locale in Locale)
            )
        )


def _form(catalogue: Catalogue, locale: Locale, name: str, arguments: dict[str, Argument]) -> re.Pattern[str]:
    """The message as a pattern; where it chooses by an argument that is not given, its default is meant."""
    unasked = _variables(catalogue.package, locale)[name] - arguments.keys()
    filled_in = catalogue.text(locale, name, {**dict.fromkeys(unasked, ANYTHING), **arguments})
    return re.compile(re.escape(filled_in).replace(ANYTHING, "(.*)"), re.DOTALL)


class _Variables(Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: VariableReference) -> None:  # noqa: N802 - the visitor's way
        self.names.add(node.id.name)


@cache
def _variables(package: str, locale: Locale) -> dict[str, frozenset[str]]:
    """Every message of one file, with the arguments that it takes."""
    source = (files(package) / "messages" / f"{locale.value}.ftl").read_text("utf-8")
    found = {}
    for entry in FluentParser().parse(source).body:
        if isinstance(entry, Entry):
            variables = _Variables()
            variables.visit(entry)
            found[entry.id.name] = frozenset(variables.names)
    return found
