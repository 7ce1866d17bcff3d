"""A text as words with their places, each with what it may mean in a given vocabulary."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Set
from dataclasses import dataclass
from enum import Enum, auto

from bots.language.spelling import Syllable, from_telex, is_syllable, slips_of, syllable
from huep.names import fold

MOST_CHARACTERS = 2_000
"""So much of a text is looked at; nobody asks in longer sentences, and work stays bounded."""
_SHORTEST_SLIP = 4
_ONE_IN = 3
_CLAUSE = re.compile(r"[^,.;:!?\n]*[,.;:!?\n]|[^,.;:!?\n]+")
_PIECE = re.compile(r"[0-9]+|[^\W\d_]+|[^\w\s]")


class Kind(Enum):
    """What a token is made of."""

    NUMBER = auto()
    WORD = auto()
    SIGN = auto()


@dataclass(frozen=True)
class Token:
    """A run of digits, a run of letters, or one sign."""

    kind: Kind
    text: str
    folded: str
    begin: int
    end: int
    """Place in the text as it was given: `text[begin:end]`."""
    tight: bool
    """Nothing stands between it and the token before."""
    means: frozenset[str]
    """The words of the vocabulary that it may be."""


class Vocabulary:
    """Words that a grammar knows, found by what people type for them.

    Args:
        words: with all their marks.
        aliases: abbreviations and dialect, folded, to the word that they stand for.
        homographs: folded words that are names or other words too; in a text with diacritics they need their own.
        strangers: words with all their marks that are none of the vocabulary's, however like one of them they look.
    """

    def __init__(
        self,
        words: Iterable[str],
        aliases: dict[str, tuple[str, ...]],
        homographs: Set[str],
        strangers: Set[str] = frozenset(),
    ) -> None:
        self._by_letters: dict[str, list[tuple[Syllable, str]]] = {}
        for word in words:
            taken_apart = syllable(word)
            self._by_letters.setdefault(taken_apart.letters, []).append((taken_apart, word))
        self._aliases = aliases
        self._homographs = homographs
        self._strangers = {syllable(word) for word in strangers}

    def tokens(self, text: str) -> tuple[Token, ...]:
        """The text's tokens, of its first MOST_CHARACTERS."""
        composed, places = _composed(text[:MOST_CHARACTERS])
        tokens: list[Token] = []
        marked = _Marked(composed)
        last_end = 0
        for piece in _PIECE.finditer(composed):
            found = piece[0]
            kind = Kind.NUMBER if found.isdecimal() else Kind.WORD if found[0].isalpha() else Kind.SIGN
            tight = piece.start() == last_end > 0
            last_end = piece.end()
            begin, end = places[piece.start()], places[last_end]
            means = self._meanings(found, marked.at(piece.start())) if kind is Kind.WORD else frozenset((found,))
            tokens.append(Token(kind, found, fold(found), begin, end, tight, means))
        return tuple(tokens)

    def _meanings(self, typed: str, marked: bool) -> frozenset[str]:
        taken_apart = syllable(typed)
        letters = taken_apart.letters
        if taken_apart in self._strangers:
            return frozenset()
        if letters in self._aliases:
            return frozenset(self._aliases[letters])
        if marked and taken_apart.bare and letters in self._homographs:
            return frozenset(word for meant, word in self._by_letters.get(letters, ()) if meant.bare)
        if letters in self._by_letters:
            return frozenset(word for meant, word in self._by_letters[letters] if taken_apart.may_be(meant))
        return self._mended(typed, letters)

    def _mended(self, typed: str, letters: str) -> frozenset[str]:
        """What keystrokes of Telex stand for, or the one word from which a word that cannot exist slipped."""
        intended = None if typed.isupper() else from_telex(typed)
        if intended is not None:
            made = syllable(intended)
            return frozenset(word for meant, word in self._by_letters.get(made.letters, ()) if made.may_be(meant))
        if len(letters) < _SHORTEST_SLIP or is_syllable(letters):
            return frozenset()
        slipped = {slip for slip in slips_of(letters) if slip in self._by_letters}
        return (
            frozenset(word for slip in slipped for _, word in self._by_letters[slip])
            if len(slipped) == 1
            else frozenset()
        )


class _Marked:
    """Which parts of a text were typed with diacritics: clauses in which a third of the words have them."""

    def __init__(self, text: str) -> None:
        self._ends: list[int] = []
        self._marked: list[bool] = []
        for clause in _CLAUSE.finditer(text):
            words = [word for word in clause[0].split() if word[0].isalpha()]
            with_marks = sum(not word.isascii() for word in words)
            self._ends.append(clause.end())
            self._marked.append(with_marks * _ONE_IN >= max(len(words), 1))

    def at(self, place: int) -> bool:
        return self._marked[bisect_right(self._ends, place)]


def _composed(text: str) -> tuple[str, tuple[int, ...]]:
    """The text in NFC, and for each of its places, and its end, the place in the text as given."""
    if unicodedata.is_normalized("NFC", text):
        return text, tuple(range(len(text) + 1))
    pieces: list[str] = []
    places: list[int] = []
    begin = 0
    while begin < len(text):
        end = begin + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        piece = unicodedata.normalize("NFC", text[begin:end])
        pieces.append(piece)
        places += [begin] * len(piece)
        begin = end
    return "".join(pieces), (*places, len(text))
