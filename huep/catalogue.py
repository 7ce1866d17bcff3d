"""What people read, from Fluent files: `messages/<locale>.ftl` inside a package; no sentence stands in the code."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import TYPE_CHECKING, Union

from huep.errors import HuepError

if TYPE_CHECKING:
    from fluent.runtime import FluentBundle


class Locale(StrEnum):
    """The two languages that every message exists in: Vietnamese first, English beside it."""

    VI = "vi"
    EN = "en"


class MessageMissing(HuepError):
    """A message that the code asks for is in no file, or lacks an argument: a mistake of ours."""


Argument = Union[str, int, float, "Message"]
"""A number is written as the language writes it, 2.000 or 2,000; what only looks like one (a row, a year) is a text."""


@dataclass(frozen=True)
class Message:
    """Something to say, before it is known in which language: a message's name and its arguments."""

    name: str
    arguments: tuple[tuple[str, Argument], ...] = ()

    @classmethod
    def of(cls, name: str, /, **arguments: Argument) -> "Message":
        """The message `name` with these arguments."""
        return cls(name, tuple(arguments.items()))


class Catalogue:
    """All messages of one package, in both languages; every message must exist in each."""

    def __init__(self, package: str) -> None:
        self.package = package
        self._bundles: dict[Locale, FluentBundle] = {}

    def text(self, locale: Locale, message: str, arguments: Mapping[str, object] | None = None) -> str:
        """The message in `locale`, its arguments filled in as they are (no isolation marks)."""
        bundle = self._bundle(locale)
        if not bundle.has_message(message):
            raise MessageMissing(f"{self.package}: no message {message!r} in {locale.value}.ftl.")
        value = bundle.get_message(message).value
        if value is None:
            raise MessageMissing(f"{self.package}: the message {message!r} of {locale.value}.ftl has no text.")
        filled_in = {
            name: self.render(locale, argument) if isinstance(argument, Message) else argument
            for name, argument in (arguments or {}).items()
        }
        text, errors = bundle.format_pattern(value, filled_in)
        if errors:
            raise MessageMissing(f"{self.package}: the message {message!r} of {locale.value}.ftl: {errors[0]}.")
        return str(text)

    def render(self, locale: Locale, message: Message) -> str:
        """`message` in `locale`, and the messages among its arguments too."""
        return self.text(locale, message.name, dict(message.arguments))

    def names(self, locale: Locale) -> frozenset[str]:
        """Every message of one language, for the test that both have the same."""
        return frozenset(self._bundle(locale)._messages)

    def _bundle(self, locale: Locale) -> "FluentBundle":
        # Read when first spoken: most processes speak one language, and some none.
        if locale not in self._bundles:
            self._bundles[locale] = _read_bundle(self.package, locale)
        return self._bundles[locale]


@dataclass(frozen=True)
class Voice:
    """A catalogue that speaks one language."""

    catalogue: Catalogue
    locale: Locale

    def __call__(self, name: str, /, **arguments: Argument) -> str:
        """The message `name` with these arguments."""
        return self.catalogue.text(self.locale, name, arguments)

    def render(self, message: Message) -> str:
        """A message that was made elsewhere."""
        return self.catalogue.render(self.locale, message)

    def number(self, value: int) -> str:
        """A number that stands alone, in a cell of a table."""
        return written_number(self.locale, value)


def written_number(locale: Locale, value: int) -> str:
    """As the language writes it, and as Fluent does inside a message: 2.000 or 2,000."""
    grouped = f"{value:,}"
    return grouped.replace(",", ".") if locale is Locale.VI else grouped


def _read_bundle(package: str, locale: Locale) -> "FluentBundle":
    from fluent.runtime import FluentBundle, FluentResource  # with Babel it takes a tenth of a second to import

    source = (files(package) / "messages" / f"{locale.value}.ftl").read_text("utf-8")
    bundle = FluentBundle([locale.value], use_isolating=False)
    bundle.add_resource(FluentResource(source))
    return bundle
