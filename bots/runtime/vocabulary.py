"""What one person can say to a bot: the commands that they may use, found by what was typed, exactly or nearly."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bots.language.phrases import bare, likeness, plain
from bots.runtime.arguments import MessageParser
from bots.runtime.commands import Command
from bots.runtime.phrases import Phrase, Spoken
from huep.catalogue import Locale

SUGGESTIONS = 2
LIKENESS_LENGTH = 200
"""Characters; comparing takes time by the length, and a message may have 60,000."""


@dataclass(frozen=True)
class Match:
    """A command that was asked for, in which language, and what stood in the places of its values."""

    command: Command
    locale: Locale
    said: Mapping[str, str]


class Vocabulary:
    """The commands of one person. Whatever is not among them is unknown here, and so refused as the unknown is."""

    def __init__(self, commands: Sequence[Command]) -> None:
        self.commands = tuple(commands)
        self._exact: dict[str, Match] = {}
        self._with_values: list[tuple[Phrase, Command, Locale, bool]] = []
        for command, locale, phrase in _phrases(commands):
            if phrase.slots:
                self._with_values.append((phrase, command, locale, _ends_in_message(command, phrase)))
            else:
                self._exact[phrase.words] = Match(command, locale, {})

    def match(self, text: str) -> Match | None:
        """The command that `text` asks for, whatever its case, diacritics, punctuation and courtesies."""
        return next(self.matches(text), None)

    def matches(self, text: str) -> Iterator[Match]:
        """Every way to take `text` for a command: exact phrases before those with values."""
        exact = self._exact.get(plain(text)) or self._exact.get(bare(text))
        if exact is not None:
            yield exact
        spoken = Spoken.of(text)
        for phrase, command, locale, with_rest in self._with_values:
            if spoken.is_long and not with_rest:
                continue
            for said in phrase.readings(spoken, with_rest=with_rest):
                yield Match(command, locale, said)

    def titled(self, text: str) -> Match | None:
        """The command one of whose phrases has these words, whatever its values."""
        said = bare(text)
        for command, locale, phrase in _phrases(self.commands):
            if phrase.words == said or plain(command.title(locale)) == said:
                return Match(command, locale, {})
        return None

    def named(self, name: str) -> Command | None:
        """The command of this name, where the person may use it."""
        return next((command for command in self.commands if command.name == name), None)

    def likeliest(self, text: str) -> tuple[Command, ...]:
        """The two commands nearest to a text that matches none; only its beginning is looked at."""
        typed = bare(text[:LIKENESS_LENGTH])

        def nearness(command: Command) -> float:
            spoken = (phrase for many in command.phrases.values() for phrase in many)
            return max(_nearness(typed, phrase) for phrase in spoken)

        return tuple(sorted(self.commands, key=nearness, reverse=True)[:SUGGESTIONS])


def check_phrases(commands: Sequence[Command]) -> None:
    """Refuse commands between which a listener could not choose.

    Raises:
        ValueError: two have the same name, or share a phrase.
    """
    frames: dict[tuple[str, ...], Command] = {}
    for command, _, phrase in _phrases(commands):
        known = frames.setdefault(phrase.frame, command)
        if known is not command:
            raise ValueError(f"{phrase.written!r} would mean both {known.name} and {command.name}")
    names = [command.name for command in commands]
    if len(set(names)) < len(names):
        raise ValueError(f"two commands have one name: {sorted(names)}")


def _phrases(commands: Sequence[Command]) -> Iterator[tuple[Command, Locale, Phrase]]:
    for command in commands:
        for locale, phrases in command.phrases.items():
            for phrase in phrases:
                yield command, locale, phrase


def _ends_in_message(command: Command, phrase: Phrase) -> bool:
    return not phrase.parts[-1] and isinstance(command.scene.step(phrase.slots[-1]).parser, MessageParser)


def _nearness(typed: str, phrase: Phrase) -> float:
    """From 0 to 1; a phrase that goes on with a value is compared with the beginning of what was typed too."""
    whole = likeness(typed, phrase.words)
    if not phrase.slots or not phrase.parts[0]:
        return whole
    beginning = " ".join(typed.split()[: len(phrase.parts[0].split())])
    return max(whole, likeness(beginning, phrase.parts[0]))
