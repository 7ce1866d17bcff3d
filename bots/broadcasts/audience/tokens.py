"""A text as words and signs, and phrases found in it: marks that were typed must be right, others are forgiven."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from bots.language.spelling import Syllable, folded_key, spelling_key
from huep.names import normalise

_PIECE = re.compile(r"@[^\s,;()]+|đ/c\b|d/c\b|[^\W_]+(?:&[^\W_]+)*|[,;()&+/]", re.IGNORECASE)

T = TypeVar("T")


@dataclass(frozen=True)
class Token:
    """One word, or one sign that stands between words."""

    text: str
    key: str
    """Folded; a final y as i."""

    @property
    def is_sign(self) -> bool:
        return not self.text[0].isalnum() and self.text[0] != "@"

    @cached_property
    def spelling(self) -> Syllable:
        return spelling_key(self.text)[0]

    def may_be(self, word: str) -> bool:
        """Whether it is `word`, perhaps with marks left out."""
        return self.text == word if self.is_sign else self.spelling.may_be(spelling_key(word)[0])


def tokens(text: str) -> tuple[Token, ...]:
    """The words and signs of a text; a line ends as with a semicolon, other punctuation says nothing here."""
    lines = filter(None, (normalise(line) for line in text.splitlines()))
    pieces = _PIECE.findall(";".join(lines))
    return tuple(Token(piece, folded_key(piece) or piece) for piece in pieces)


def said(part: Sequence[Token]) -> str:
    """The words as they were typed, with single spaces."""
    return re.sub(r" (?=[,;)])|(?<=\() ", "", " ".join(token.text for token in part))


class Phrases(Generic[T]):
    """Phrases with what each means; a comma in a phrase is a token as any word is."""

    def __init__(self, phrases: Iterable[tuple[str, T]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[Token, ...], T]]] = {}
        for phrase, meaning in phrases:
            words = tokens(phrase)
            self._by_first.setdefault(words[0].key, []).append((words, meaning))

    def at(self, typed: Sequence[Token], place: int) -> Iterator[tuple[int, T]]:
        """(place behind it, meaning) of each phrase that stands at `place`."""
        if place >= len(typed):
            return
        for words, meaning in self._by_first.get(typed[place].key, ()):
            end = place + len(words)
            if end <= len(typed) and all(
                token.key == word.key and token.may_be(word.text)
                for token, word in zip(typed[place:end], words, strict=True)
            ):
                yield end, meaning
