"""The grammar: a text as steps of a list, in the ways that cost least; every word is read, or nothing is.

docs/bots/audience-words.md has it in words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from bots.broadcasts.audience.atoms import Atoms
from bots.broadcasts.audience.known import Known
from bots.broadcasts.audience.lexicon import ROLES, STANDINGS, STANDINGS_OF_A_PLACE, Joint, Link, Word
from bots.broadcasts.audience.parts import Part, Place, Sort, Step, Subject
from bots.broadcasts.audience.places import EVERYWHERE, Found, Places
from bots.broadcasts.audience.tokens import Token
from huep.directory.model import PersonKey

_MOST_READINGS = 6
"""Kept at each place of the text, the cheapest first."""
_PLACE_BEHIND_TITLE = 0.5
_IN_A_ROW = 1.0
"""`các xã phường`: nouns without a comma between."""
_WORD_OF_TITLE = 0.01
_NOBODY = 3.0
"""A title said of a place where nobody holds it: something else is meant, if anything else can be."""
_NAMESAKES = 5.0

Steps = tuple[Step, ...]


@dataclass(frozen=True)
class Reading:
    """One way to read the text up to some place."""

    steps: Steps
    cost: float


class Grammar:
    """Reads one text.

    Args:
        typed: its tokens.
        known: what can be named today.
        loosely: whether parts of unit names, and people, count.
        reader: whose lists come before those of others.
    """

    def __init__(self, typed: Sequence[Token], known: Known, *, loosely: bool, reader: PersonKey | None = None) -> None:
        self._typed = typed
        self._known = known
        self._atoms = Atoms(typed, known, loosely=loosely, reader=reader)
        self._places = Places(typed, known, self._atoms)
        self._kept: dict[int, list[Reading]] = {}

    @cached_property
    def readings(self) -> tuple[Steps, ...]:
        """The ways that cost least, and no more than one another; none where a word is left over."""
        for begin in self._openings(0):
            self._extend(begin, Reading((), 0.0), Joint.START, comma=False)
        for place in range(len(self._typed) + 1):
            for reading in self._kept.get(place, ()):
                joint = self._atoms.joint(place)
                if joint is not None:
                    self._extend(joint[0], reading, joint[1], comma=joint[2])
                self._extend_by_nouns(place, reading)
        ended = [
            reading
            for place, readings in self._kept.items()
            if any(end == len(self._typed) for end in self._closings(place))
            for reading in readings
        ]
        least = min((reading.cost for reading in ended), default=0.0)
        return tuple(dict.fromkeys(reading.steps for reading in ended if reading.cost == least))

    def _openings(self, place: int) -> Iterator[int]:
        yield place
        for end in self._atoms.word(place, Word.COURTESY):
            yield from self._openings(end)

    def _closings(self, place: int) -> Iterator[int]:
        """What may still stand behind the last part: a closing bracket, a semicolon, a courtesy."""
        yield place
        joint = self._atoms.joint(place)
        if joint is not None and joint[1] is Joint.STOP:
            yield from self._closings(joint[0])
        if self._atoms.is_ending(place):
            yield from self._closings(place + 1)

    def _extend(self, place: int, reading: Reading, joint: Joint, *, comma: bool) -> None:
        """Add every part that stands at `place`."""
        noun = _noun_before(reading) if joint is Joint.LIST else None
        for end, part, cost in self._parts(place, bare=noun is not None):
            self._keep(end, reading, Step(joint, part, comma), cost)
        for end, found, cost in self._places.continued(place, noun or ""):
            self._keep(end, reading, Step(joint, _people_of(found), comma), 1 + cost)

    def _extend_by_nouns(self, place: int, reading: Reading) -> None:
        if _noun_before(reading) is not None and not self._atoms.is_within_a_noun(place):
            for end, found, cost in self._places.groups(place):
                self._keep(end, reading, Step(Joint.LIST, _people_of(found)), cost + _IN_A_ROW)

    def _keep(self, end: int, before: Reading, step: Step, cost: float) -> None:
        at = self._kept.setdefault(end, [])
        # To so many digits, lest equal costs differ by the order in which they were added up.
        reading = Reading((*before.steps, step), round(before.cost + cost, 3))
        if reading not in at:
            at.append(reading)
            at.sort(key=lambda one: one.cost)
            del at[_MOST_READINGS:]

    def _parts(self, place: int, *, bare: bool) -> Iterator[tuple[int, Part, float]]:
        """(place behind it, part, cost) of every part that begins at `place`."""
        for begin, _ in self._places.quantified(place):
            yield from self._of_a_subject(begin)
        yield from self._everybody(place)
        for end, found, cost in self._places.at(place, bare=bare):
            yield from ((end, part, 1 + cost) for part in self._whole_or_alone(found))
        for begin in self._atoms.word(place, Word.ONLY):
            for end, found, cost in self._places.units(begin):
                yield end, _people_of(replace(found, only=True)), 1 + cost
        yield from self._people(place)

    def _everybody(self, place: int) -> Iterator[tuple[int, Part, float]]:
        whole = _people_of(EVERYWHERE)
        for begin, _ in self._places.quantified(place):
            every = any(True for _ in self._atoms.word(place, Word.EVERY))
            if every and self._atoms.ends(begin):
                yield begin, whole, 1
            for end in self._people_nouns(begin):
                alone = every or (self._typed[place].key, self._typed[end - 1].key) == ("moi", "nguoi")
                if alone and self._atoms.ends(end):
                    yield end, whole, 1
                for after, found, cost in self._linked(end):
                    yield from ((after, part, 1 + cost) for part in self._whole_or_alone(found))

    def _people_nouns(self, place: int) -> Iterator[int]:
        """`cán bộ, công chức, viên chức và người lao động`."""
        for end in self._atoms.word(place, Word.PEOPLE):
            yield end
            yield from self._people_nouns(end)
            joint = self._atoms.joint(end)
            if joint is not None and joint[1] is Joint.LIST:
                yield from self._people_nouns(joint[0])

    def _of_a_subject(self, place: int) -> Iterator[tuple[int, Part, float]]:
        """A rank, title or role, with its place or without."""
        for begin in (place, *self._atoms.word(place, Word.PEOPLE)):
            for end, subject, cost in self._subjects(begin):
                if self._atoms.ends(end):
                    yield end, Part(subject, sort=Sort.SUBJECT), cost
                yield from self._at_its_place(end, subject, cost)
            for end, standings in STANDINGS_OF_A_PLACE.at(self._typed, begin):
                yield from self._at_its_place(end, Subject(standings=standings), 2)

    def _at_its_place(self, place: int, subject: Subject, cost: float) -> Iterator[tuple[int, Part, float]]:
        for end, found, more in self._linked(place):
            nobody = _NOBODY * (not self._known.has(subject.positions, found.choices))
            yield end, Part(subject, (found,), sort=found.sort), cost + more + nobody + _PLACE_BEHIND_TITLE

    def _subjects(self, place: int) -> Iterator[tuple[int, Subject, float]]:
        for end, standings in STANDINGS.at(self._typed, place):
            yield end, Subject(standings=standings), 1
        for end, positions in self._known.titles.at(self._typed, place):
            # Of "giám đốc Sở Y tế" the title is "giám đốc", and no "giám đốc sở" of something called "Y tế".
            yield end, Subject(positions=positions), 1 + (end - place) * _WORD_OF_TITLE
        for end, role in ROLES.at(self._typed, place):
            yield end, Subject(roles=frozenset({role.value})), 1

    def _linked(self, place: int) -> Iterator[Found]:
        """The place of people who were named before: `của Sở Nội vụ`, `thuộc các xã`, `xã`."""
        yield from self._places.at(place, bare=True)
        for end, link in self._atoms.link(place):
            for after, found, cost in self._places.at(end, bare=True):
                yield after, replace(found, below=link is Link.BELOW), cost

    def _whole_or_alone(self, found: Place) -> Iterator[Part]:
        """Everybody there; of the province itself perhaps nobody but who sits there."""
        yield _people_of(found)
        root = self._known.root
        if root is not None and found.choices == (frozenset({root.code}),):
            yield _people_of(replace(found, only=True))

    def _people(self, place: int) -> Iterator[tuple[int, Part, float]]:
        for begin in (place, *self._atoms.word(place, Word.LIST_OF)):
            for end, people in self._atoms.people(begin):
                yield end, Part(people=people, sort=Sort.PERSON), 1 + _NAMESAKES * (len(people) > 1)


def _people_of(found: Place) -> Part:
    return Part(places=(found,), sort=found.sort)


def _noun_before(reading: Reading) -> str | None:
    """What the last group was called; None where the last part is none."""
    last = reading.steps[-1].part if reading.steps else None
    return last.places[-1].noun if last is not None and last.sort is Sort.GROUP else None
