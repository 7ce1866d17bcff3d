"""Messages from Fluent files, `messages/<locale>.ftl` inside a package; no sentence stands in the code."""

from collections.abc import Mapping
from importlib.resources import files

from fluent.runtime import FluentBundle, FluentResource

from bots.language.locale import Locale
from huep.errors import HuepError


class MessageMissing(HuepError):
    """A message that the code asks for is in no file, or lacks an argument: a mistake of ours."""


class Catalogue:
    """All messages of one package, in both languages; every message must exist in each."""

    def __init__(self, package: str) -> None:
        self.package = package
        self._bundles = {locale: _bundle(package, locale) for locale in Locale}

    def text(self, locale: Locale, message: str, arguments: Mapping[str, object] | None = None) -> str:
        """The message in `locale`, its arguments filled in as they are (no isolation marks)."""
        bundle = self._bundles[locale]
        if not bundle.has_message(message):
            raise MessageMissing(f"{self.package}: no message {message!r} in {locale.value}.ftl.")
        value = bundle.get_message(message).value
        if value is None:
            raise MessageMissing(f"{self.package}: the message {message!r} of {locale.value}.ftl has no text.")
        text, errors = bundle.format_pattern(value, dict(arguments or {}))
        if errors:
            raise MessageMissing(f"{self.package}: the message {message!r} of {locale.value}.ftl: {errors[0]}.")
        return str(text)

    def names(self, locale: Locale) -> frozenset[str]:
        """Every message of one language, for the test that both have the same."""
        return frozenset(self._bundles[locale]._messages)


def _bundle(package: str, locale: Locale) -> FluentBundle:
    source = (files(package) / "messages" / f"{locale.value}.ftl").read_text("utf-8")
    bundle = FluentBundle([locale.value], use_isolating=False)
    bundle.add_resource(FluentResource(source))
    return bundle
