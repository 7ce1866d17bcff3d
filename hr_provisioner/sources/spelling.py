"""Whether text looks like Vietnamese: what tells an old encoding, read rightly, from one read wrongly."""

import re
import unicodedata

WORDS_LOOKED_AT = 5_000

_TONES = frozenset(
    "\N{COMBINING GRAVE ACCENT}\N{COMBINING ACUTE ACCENT}\N{COMBINING TILDE}"
    "\N{COMBINING HOOK ABOVE}\N{COMBINING DOT BELOW}"
)
_STOPPED_TONES = frozenset("\N{COMBINING ACUTE ACCENT}\N{COMBINING DOT BELOW}")
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnprstvx])?[aăâeêioôơuưy]{1,3}(?:ch|ng|nh|[cmnpt])?"
)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_BETWEEN_WORDS = re.compile(r"[\x00-@\[-`{-\x7f]+")
"""ASCII that is no letter. What is not ASCII counts as part of a word: in a wrong reading it mostly is."""


def marked_words(text: str) -> list[str]:
    """The first words of a text that have a letter beyond ASCII, composed, each once."""
    words: dict[str, None] = {}
    for word in _BETWEEN_WORDS.split(text):
        if _BEYOND_ASCII.search(word):
            words[unicodedata.normalize("NFC", word).lower()] = None
            if len(words) == WORDS_LOOKED_AT:
                break
    return list(words)


def share_of_syllables(text: str) -> float | None:
    """How many of the words with letters beyond ASCII can be Vietnamese syllables; None where there is no such word."""
    words = marked_words(text)
    return sum(map(is_syllable, words)) / len(words) if words else None


def is_syllable(word: str) -> bool:
    """Whether Vietnamese spelling allows this word in small letters: one tone at most, initial, vowels, final."""
    decomposed = unicodedata.normalize("NFD", word)
    tones = [letter for letter in decomposed if letter in _TONES]
    if len(tones) > 1:
        return False
    toneless = unicodedata.normalize("NFC", "".join(letter for letter in decomposed if letter not in _TONES))
    if not _SYLLABLE.fullmatch(toneless):
        return False
    stopped = toneless.endswith(("c", "ch", "p", "t"))
    return not (stopped and tones and tones[0] not in _STOPPED_TONES)
