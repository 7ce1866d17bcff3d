"""Finding people by any words of name, position and unit, with or without diacritics: values in, values out."""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from huep.names import localpart_of, slug
from synapse_modules.colleagues import Colleague
from synapse_modules.directory_rules.rules import Policy, Reason, decide, may_find

MOST_RANKED = 2_000
"""Of those who have a word elsewhere than in the name; who asks for what more people have must ask more closely."""
FEW = 500
"""People whose words are looked through one by one: faster than another list of thousands."""
MOST_FOLDED = 20_000
"""Texts remembered with what they fold to: words of names, positions and units repeat a few thousand."""
_BETWEEN_WORDS = re.compile(r"[^a-z0-9]+")
_BEHIND_ALL = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Entry:
    """One person as the search knows them; words are folded, each behind a space."""

    colleague: Colleague
    name_words: str
    """Of the full name and the localpart."""
    all_words: str
    """These, and the words of position and unit."""


class _Words:
    """For each word the places of the texts that have it."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        places: dict[str, array[int]] = {}
        for place, text in enumerate(texts):
            for word in set(text.split()):
                places.setdefault(word, array("I")).append(place)
        self._words = sorted(places)
        self._places = [places[word] for word in self._words]

    def having(self, beginnings: Sequence[str]) -> set[int]:
        """The places of the texts that have, for each beginning, a word that begins so."""
        rarest, *others = sorted(map(self._places_of, beginnings), key=lambda places: sum(map(len, places)))
        found = set(chain.from_iterable(rarest))
        for places in others:
            if len(found) <= FEW:
                spaced = [f" {beginning}" for beginning in beginnings]
                return {place for place in found if all(word in self._texts[place] for word in spaced)}
            found.intersection_update(chain.from_iterable(places))
        return found

    def _places_of(self, beginning: str) -> Sequence[Sequence[int]]:
        first, behind = bisect_left(self._words, beginning), bisect_left(self._words, beginning + _BEHIND_ALL)
        return self._places[first:behind]


class Index:
    """Everybody who can be found, in the order of their names."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._entries = sorted(entries, key=_name_words)
        self._in_names = _Words([one.name_words for one in self._entries])
        self._anywhere = _Words([one.all_words for one in self._entries])
        self._of_unit: dict[str | None, set[int]] = {}
        for place, one in enumerate(self._entries):
            self._of_unit.setdefault(one.colleague.unit, set()).add(place)

    def having(self, words: Sequence[str], unit: str | None) -> Iterator[Entry]:
        """Those who have words that begin with all of these.

        Who has more of them in the name comes first, then who is of this unit, then by name.
        """
        own = self._of_unit.get(unit, set())
        named = self._in_names.having(words)
        for places in (named & own, named - own):
            yield from (self._entries[place] for place in sorted(places))
        spaced = [f" {word}" for word in words]

        def rank(place: int) -> tuple[int, bool, int]:
            elsewhere = [word in self._entries[place].name_words for word in spaced].count(False)
            return elsewhere, place not in own, place

        others = self._anywhere.having(words) - named
        ranked = sorted(others & own) + sorted(others - own)
        yield from (self._entries[place] for place in sorted(ranked[:MOST_RANKED], key=rank))


@dataclass(frozen=True)
class Found:
    """What a search shows."""

    localparts: tuple[str, ...]
    """The best first."""
    limited: bool
    """Whether there are more."""


def entry(colleague: Colleague, full_name: str | None, unit_name: str | None) -> Entry:
    """The person under all words by which colleagues look for somebody."""
    name_words = _words(full_name or "") + _words_of_localpart(colleague.localpart)
    return Entry(colleague, name_words, name_words + _text_words(colleague.position or "", unit_name or ""))


def search(index: Index, asker: Colleague, term: str, limit: int, policy: Policy) -> Found:
    """Whom `asker` may find of those who have all words of `term`, each from its beginning, in the order of `having`.

    The rules are asked before the limit is applied, so that hidden people take nobody's place.
    """
    wanted = _split(localpart_of(term) if term.startswith("@") else term)
    if not wanted:
        return Found((), limited=False)
    shown: list[str] = []
    for candidate in index.having(wanted, asker.unit):
        reason = decide(asker, candidate.colleague, policy)
        if reason is not Reason.SELF and may_find(reason, policy):
            shown.append(candidate.colleague.localpart)
            if len(shown) > limit:
                break
    return Found(tuple(shown[:limit]), limited=len(shown) > limit)


def _name_words(one: Entry) -> str:
    return one.name_words


def _words(text: str) -> str:
    return "".join(f" {word}" for word in _split(text))


@lru_cache(maxsize=MOST_FOLDED)
def _text_words(position: str, unit_name: str) -> str:
    return _words(position) + _words(unit_name)


def _words_of_localpart(localpart: str) -> str:
    return "".join(f" {word}" for word in _BETWEEN_WORDS.split(localpart) if word)


def _split(text: str) -> list[str]:
    return [word for part in text.split() for word in _folded(part)]


@lru_cache(maxsize=MOST_FOLDED)
def _folded(part: str) -> tuple[str, ...]:
    return tuple(word for word in slug(part).split("-") if word)
