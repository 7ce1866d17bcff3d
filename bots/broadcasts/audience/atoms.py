"""What stands at one place of a text: units, groups, titles, people, each with all that it can mean."""

from collections.abc import Iterator, Sequence, Set
from enum import Enum
from itertools import takewhile
from typing import Any

from bots.broadcasts.audience.groups import Group
from bots.broadcasts.audience.known import Known
from bots.broadcasts.audience.lexicon import (
    ENDINGS,
    JOINTS,
    LINKS,
    ROLES,
    STANDINGS,
    STANDINGS_OF_A_PLACE,
    WORDS,
    Joint,
    Link,
    Word,
)
from bots.broadcasts.audience.tokens import Phrases, Token, said
from bots.language.names.written import variants, words
from bots.language.phrases import plain
from huep.directory.model import PersonKey, Unit

_MOST_WORDS = 14
"""Of the name of a unit, or a person with unit."""
_MOST_WORDS_OF_A_LIST = 24
"""Of its name with that of its owner."""
_PROVINCE = frozenset(("tinh", "thanh pho", "ubnd tinh", "ubnd thanh pho", "ubnd tp"))
_STRONGEST = (Joint.EXCEPT, Joint.STOP, Joint.BESIDE, Joint.LIST)


class Calling(Enum):
    """How units are called, and what it costs: the surer, the less."""

    WHOLE = 0.0
    SHORT = 0.05
    """Without the word that says what sort of unit it is, or by first letters."""
    PART = 5.0
    """By a part of the name: only where nothing else is understood."""


class Atoms:
    """The typed words beside what is known.

    Args:
        typed: the text.
        known: what can be named.
        loosely: whether parts of names of units, and people, count: only where nothing else is understood.
        reader: whose lists come before those of others.
    """

    def __init__(self, typed: Sequence[Token], known: Known, *, loosely: bool, reader: PersonKey | None = None) -> None:
        self.typed = typed
        self.known = known
        self._loosely = loosely
        self._reader = reader
        self._units: dict[int, list[tuple[int, tuple[Unit, ...], Calling]]] = {}
        self._groups: dict[int, list[tuple[int, Group]]] = {}
        self._excludes = {
            place for place in range(len(typed)) if any(joint is Joint.EXCEPT for _, joint in JOINTS.at(typed, place))
        }

        self._joins = {place for place in range(len(typed)) if any(True for _ in JOINTS.at(typed, place))}

    def joint(self, place: int) -> tuple[int, Joint, bool] | None:
        """All that joins at `place`: (place behind it, the strongest of it, whether it is a comma alone)."""
        end, found = place, set[Joint]()
        while end < len(self.typed):
            longest = max(JOINTS.at(self.typed, end), default=None, key=lambda one: one[0])
            if longest is None and self.typed[end].text == "(" and end + 1 in self._excludes:
                longest = (end + 1, Joint.LIST)
            if longest is None:
                break
            end = longest[0]
            found.add(longest[1])
        if not found:
            return None
        joint = next(one for one in _STRONGEST if one in found)
        if joint is Joint.EXCEPT and Joint.STOP in found:
            joint = Joint.EXCEPT_ALL
        return end, joint, [token.text for token in self.typed[place:end]] == [","]

    def ends(self, place: int) -> bool:
        """Whether a part may end before `place`."""
        return place >= len(self.typed) or self.is_ending(place) or self.joint(place) is not None

    def is_ending(self, place: int) -> bool:
        """Whether a courtesy stands at `place`."""
        return place < len(self.typed) and self.typed[place].text.casefold() in ENDINGS

    def word(self, place: int, *wanted: Word) -> Iterator[int]:
        """Places behind each of these words."""
        for end, word in WORDS.at(self.typed, place):
            if word in wanted:
                yield end

    def link(self, place: int) -> Iterator[tuple[int, Link]]:
        yield from LINKS.at(self.typed, place)

    def groups(self, place: int) -> Sequence[tuple[int, Group]]:
        """(place behind it, group)."""
        if place not in self._groups:
            self._groups[place] = list(self.known.groups.at(self.typed, place))
        return self._groups[place]

    def is_within_a_noun(self, place: int) -> bool:
        """Whether one noun goes on over `place`: `các đơn vị cấp sở` are no `đơn vị` and `cấp sở`."""
        return any(place < end for begin in range(place) for end, _ in self.groups(begin))

    def units(self, place: int) -> Sequence[tuple[int, tuple[Unit, ...], Calling]]:
        """(place behind it, units, how they were called)."""
        if place not in self._units:
            self._units[place] = list(self._units_at(place))
        return self._units[place]

    def _units_at(self, place: int) -> Iterator[tuple[int, tuple[Unit, ...], Calling]]:
        for end in self._spans(place):
            text = said(self.typed[place:end])
            excludes = any(within in self._excludes for within in range(place, end))
            found = self._named(text) if len(text) > 2 or text.isupper() else ()
            if found:
                whole = any(self._begins_as(text, unit) for unit in found)
                yield end, found, Calling.WHOLE if whole else Calling.SHORT
            elif self._loosely and not excludes and self.ends(end):
                loosely = self.known.units_nearly_named(text)
                if loosely:
                    yield end, loosely, Calling.PART

    def people(self, place: int) -> Iterator[tuple[int, tuple[frozenset[PersonKey], ...]]]:
        """People by list, by Matrix ID, and by name where nothing else is understood."""
        yield from self._lists(place)
        spans = self._spans_of_people(place)
        # Of "giáo viên Quốc Học" are many; a title with a place is no way to name one of them.
        is_title = any(True for _ in self.known.titles.at(self.typed, place))
        for end in spans:
            if self.typed[end - 1].text[0] == "@":
                found = self._by_account(place, end)
                if found is not None:
                    yield end, (frozenset({found}),)
            elif self._loosely and not is_title and self.ends(end):
                called = self.known.people_called(said(self.typed[place:end]))
                if called.people:
                    yield end, tuple(frozenset({one.key}) for one in called.people)

    def _lists(self, place: int) -> Iterator[tuple[int, tuple[frozenset[PersonKey], ...]]]:
        """Lists behind `danh sách`, which may begin their names too: a list may be called as anything else is."""
        behind = tuple(self.word(place, Word.LIST_OF))
        for begin in (place, *behind) if behind else ():
            for end in self._spans_of_people(begin, _MOST_WORDS_OF_A_LIST):
                called = self.known.lists_called(said(self.typed[begin:end]), self._reader)
                if called:
                    yield end, tuple(one.people for one in called)

    def _spans_of_people(self, place: int, most: int = _MOST_WORDS) -> Sequence[int]:
        return list(takewhile(lambda end: end - 1 not in self._excludes, self._spans(place, most)))

    def read(self) -> Set[int]:
        """Places of the words that are part of something that is known."""
        read: set[int] = set()
        for place in range(len(self.typed)):
            read.update(range(place, max(self._ends_at(place), default=place)))
        return read

    def _ends_at(self, place: int) -> Iterator[int]:
        """Ends of everything that stands at `place`."""
        phrases: tuple[Phrases[Any], ...] = (JOINTS, LINKS, WORDS, STANDINGS, STANDINGS_OF_A_PLACE, ROLES)
        for found in (*(one.at(self.typed, place) for one in phrases), self.known.titles.at(self.typed, place)):
            yield from (end for end, _ in found)
        yield from (end for end, *_ in self.groups(place))
        yield from (end for end, *_ in self.units(place))
        yield from (end for end, _ in self.people(place))

    def _spans(self, place: int, most: int = _MOST_WORDS) -> Iterator[int]:
        """Ends of what may be a name: it neither begins nor ends with a word that joins."""
        if place in self._joins:
            return
        for end in range(place + 1, min(place + most, len(self.typed)) + 1):
            if self.typed[end - 1].text in ";()":
                return
            if not self.typed[end - 1].is_sign and (end - 1 not in self._joins or end - 1 in self._excludes):
                yield end

    def _named(self, text: str) -> tuple[Unit, ...]:
        if plain(text) in _PROVINCE and self.known.root is not None:
            return (self.known.root,)
        by_code = self.known.by_code.get(plain(text))
        return (by_code,) if by_code is not None else self.known.units_named(text)

    @staticmethod
    def _begins_as(text: str, unit: Unit) -> bool:
        """Whether the first word is that of the name: not so for `Vỹ Dạ`, `SNV`."""
        typed, *_ = (word.key for word in words(text))
        return any(
            keys[0] == first[0]
            for name in (unit.name, unit.short_name)
            for keys in variants(tuple(word.key for word in words(name)))
            for first in variants((typed,))
        )

    def _by_account(self, place: int, end: int) -> PersonKey | None:
        """Whose Matrix ID ends the span; the words before it have to be their name."""
        localpart = self.typed[end - 1].text[1:].partition(":")[0]
        member = self.known.by_localpart.get(localpart.casefold())
        name = said(self.typed[place : end - 1])
        if member is None or (name and plain(name) != plain(member.full_name)):
            return None
        return member.key
