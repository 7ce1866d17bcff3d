"""Finding people by any words of name, position and unit, with or without diacritics: values in, values out."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, islice

from huep.names import localpart_of, slug
from synapse_modules.colleagues import Colleague
from synapse_modules.directory_rules.rules import Policy, Reason, decide, may_find

MOST_RANKED = 5_000
"""Who asks for a word that more people have must ask more closely."""
MOST_FOLDED = 20_000
"""Words remembered with what they fold to: names, positions and units repeat a few thousand."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One person as the search knows them; words are folded, each behind a space."""

    colleague: Colleague
    name_words: str
    """Of the full name and the localpart."""
    all_words: str
    """These, and the words of position and unit."""


class Index:
    """Everybody who can be found, as one text with a line a person: Python searches it at the speed of C."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._entries = tuple(entries)
        self._text = "\n".join(entry.all_words for entry in self._entries)
        self._starts = list(accumulate((len(entry.all_words) + 1 for entry in self._entries), initial=0))

    def having(self, words: Sequence[str]) -> Iterator[Entry]:
        """Those who have all of these, each with a space before it."""
        rarest = min(words, key=self._text.count)
        place = self._text.find(rarest)
        while place >= 0:
            line = bisect_right(self._starts, place) - 1
            found = self._entries[line]
            if all(word in found.all_words for word in words):
                yield found
            place = self._text.find(rarest, self._starts[line + 1])


@dataclass(frozen=True)
class Found:
    """What a search shows."""

    localparts: tuple[str, ...]
    """The best first."""
    limited: bool
    """Whether there are more."""


def entry(colleague: Colleague, full_name: str | None, unit_name: str | None) -> Entry:
    """The person under all words by which colleagues look for somebody."""
    name_words = _words(full_name or "", colleague.localpart.replace("-", " "))
    return Entry(colleague, name_words, name_words + _words(colleague.position or "", unit_name or ""))


def search(index: Index, asker: Colleague, term: str, limit: int, policy: Policy) -> Found:
    """Whom `asker` may find of those who have all words of `term`, each from its beginning.

    Who has more of them in the name comes first, then colleagues of the own unit, then by name. The rules are asked
    before the limit is applied, so that hidden people take nobody's place.
    """
    wanted = [f" {word}" for word in _split(localpart_of(term) if term.startswith("@") else term)]
    if not wanted:
        return Found((), limited=False)

    def rank(candidate: Entry) -> tuple[int, bool, str]:
        elsewhere = sum(word not in candidate.name_words for word in wanted)
        return elsewhere, candidate.colleague.unit != asker.unit, candidate.name_words

    shown: list[str] = []
    for candidate in sorted(islice(index.having(wanted), MOST_RANKED), key=rank):
        reason = decide(asker, candidate.colleague, policy)
        if reason is not Reason.SELF and may_find(reason, policy):
            shown.append(candidate.colleague.localpart)
            if len(shown) > limit:
                break
    return Found(tuple(shown[:limit]), limited=len(shown) > limit)


def _words(*texts: str) -> str:
    return "".join(f" {word}" for text in texts for word in _split(text))


def _split(text: str) -> list[str]:
    return [word for part in text.split() for word in _folded(part)]


@lru_cache(maxsize=MOST_FOLDED)
def _folded(part: str) -> tuple[str, ...]:
    return tuple(word for word in slug(part).split("-") if word)
