"""How people may ask for a command: `giao việc cho {person}: {task}`, in any case, with diacritics or without."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from bots.language.phrases import bare, plain
from huep.names import fold

LONGEST = 2_000
"""Characters; what is longer is no command with values, unless the last of them takes whole messages."""
MOST_READINGS = 20
"""A phrase whose words occur again inside a value can be divided in many ways; so many are tried."""

_SLOT = re.compile(r"\{(\w+)\}")
_SIGNS = (":", ",", ";")
"""Which may part two values as a word does."""
_AROUND = " \t\r\n,;:.!?–—-"
_BEFORE_THE_REST = " \t\r\n,;:"


@dataclass(frozen=True)
class Word:
    """One folded word, where it stands in the text, and the signs between it and the word before."""

    plain: str
    start: int
    end: int
    signs: str


@dataclass(frozen=True)
class Spoken:
    """What a person typed, cut into folded words, without an address in front and a courtesy behind."""

    text: str
    words: tuple[Word, ...]
    """Of its first LONGEST characters."""
    stop: int
    """Where what counts of the text ends."""

    @property
    def is_long(self) -> bool:
        """Whether there is more of it than words."""
        return len(self.text) > LONGEST

    @classmethod
    def of(cls, typed: str) -> "Spoken":
        text = unicodedata.normalize("NFC", typed)
        beginning = text[:LONGEST]
        words = tuple(_words(beginning))
        kept, said = bare(beginning).split(), [word.plain for word in words]
        first = next((at for at in range(len(said)) if kept and said[at : at + len(kept)] == kept), None)
        if first is None:
            return cls(text, words, len(text))
        end = first + len(kept)
        return cls(text, words[first:end], words[end].start if end < len(words) else len(text))

    def between(self, start: int, end: int, sign: str = "") -> str:
        """The text of the words from `start` up to `end`, or to the `sign` before that one, as typed."""
        stop = self.words[end].start if end < len(self.words) else self.stop
        if sign:
            stop += self.words[end].signs.index(sign) - len(self.words[end].signs)
        return self.text[self.words[start].start : stop].strip(_AROUND)

    def rest(self, start: int) -> str:
        """Everything from the word `start` on, with signs and courtesies, as typed."""
        word = self.words[start]
        return self.text[word.start - len(word.signs) :].lstrip(_BEFORE_THE_REST).rstrip()


@dataclass(frozen=True)
class Phrase:
    """Words, and slots for values between them."""

    parts: tuple[str, ...]
    """In turn folded words, or one sign, and at odd places the name of a slot; words may be missing at either end."""
    written: str

    @classmethod
    def of(cls, written: str) -> "Phrase":
        """The phrase `written`.

        Raises:
            ValueError: it has no words, or two slots with nothing between them.
        """
        parts = [part if place % 2 else _literal(part) for place, part in enumerate(_SLOT.split(written))]
        phrase = cls(tuple(parts), written)
        if not phrase.words or not all(parts[2:-1:2]):
            raise ValueError(f"{written!r} needs words, and a word or a colon between any two values")
        return phrase

    @property
    def slots(self) -> tuple[str, ...]:
        return self.parts[1::2]

    @property
    def words(self) -> str:
        """Its folded words alone."""
        return " ".join(part for part in self.parts[::2] if part and part not in _SIGNS)

    @property
    def frame(self) -> tuple[str, ...]:
        """Two phrases of one frame could not be told apart."""
        return self.parts[::2]

    def shown(self, name_of: Callable[[str], str]) -> str:
        """The phrase with ‹names› in the slots."""
        return _SLOT.sub(lambda slot: f"‹{name_of(slot[1])}›", self.written)

    def readings(self, spoken: Spoken, *, with_rest: bool = False) -> Iterator[Mapping[str, str]]:
        """Every way in which the whole of `spoken` is this phrase: its slots with their texts, the shortest first.

        Args:
            spoken: what was typed.
            with_rest: the phrase ends in a slot that takes all the rest of the message, as it was typed.
        """
        first, *others = [part.split() for part in self.parts[::2]]
        if [word.plain for word in spoken.words[: len(first)]] != first:
            return
        for ends in islice(_divisions(len(first), others, spoken.words), MOST_READINGS):
            said = {
                slot: spoken.between(*ends[place], sign=literal if literal in _SIGNS else "")
                for place, (slot, literal) in enumerate(zip(self.slots, self.parts[2::2], strict=True))
            }
            yield said | {self.slots[-1]: spoken.rest(ends[-1][0])} if with_rest else said


def _literal(part: str) -> str:
    sign = part.strip()
    return sign if sign in _SIGNS else plain(part)


def _divisions(start: int, literals: Sequence[Sequence[str]], words: Sequence[Word]) -> Iterator[list[tuple[int, int]]]:
    """Spans of words between the literals from `start` on, which stand in their order, the last one at the end."""
    if not literals:
        if start == len(words):
            yield []
        return
    literal, *others = literals
    if not others:
        end = len(words) - len(literal)
        if end > start and [word.plain for word in words[end:]] == literal:
            yield [(start, end)]
        return
    for end in range(start + 1, len(words)):
        if literal[0] in _SIGNS:
            after = end if literal[0] in words[end].signs else None
        else:
            after = end + len(literal) if [word.plain for word in words[end : end + len(literal)]] == literal else None
        if after is not None:
            for rest in _divisions(after, others, words):
                yield [(start, end), *rest]


def _words(text: str) -> Iterator[Word]:
    start, letters, before = 0, "", 0
    for place, character in enumerate(text):
        folded = _folded(character)
        if folded is not None:
            start = start if letters else place
            letters += folded
        elif letters:
            yield Word(letters, start, place, text[before:start])
            letters, before = "", place
    if letters:
        yield Word(letters, start, len(text), text[before:start])


@lru_cache(maxsize=4_096)
def _folded(character: str) -> str | None:
    """Its letters or digits; empty for a mark on the letter before; None for what parts words."""
    folded = fold(character)
    if re.fullmatch("[a-z0-9]+", folded):
        return folded
    return "" if unicodedata.combining(character) else None
