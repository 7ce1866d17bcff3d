"""Where people are: units by name, groups of units, and either within other units."""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce

from bots.broadcasts.audience.atoms import Atoms, Calling
from bots.broadcasts.audience.groups import Group
from bots.broadcasts.audience.known import Known
from bots.broadcasts.audience.lexicon import Joint, Word
from bots.broadcasts.audience.parts import Codes, Place, Sort
from bots.broadcasts.audience.tokens import Token, tokens
from huep.directory.model import Unit

_DEEPEST = 3
"""`phòng Tổ chức thuộc Sở Nội vụ thuộc tỉnh`: so many places may stand within one another."""
_BESIDE, _LINKED = 1.0, 0.5
"""What it costs to read the unit behind as that in which the one before lies, without `thuộc` and with it."""
_PLURAL = 0.3
"""What it costs to read `các phòng Kinh tế` as one unit of that name."""
_NOT_PLURAL = 0.6
"""... to read `văn phòng các sở` as a group."""
_LEFT_OUT = 0.5
"""... to read `tiểu học` behind `các trường mầm non` as `trường tiểu học`."""

EVERYWHERE = Place((frozenset(),), Sort.EVERYWHERE)

Found = tuple[int, Place, float]
"""(place behind it, what it is, cost)."""


class Places:
    """The places that stand in a text."""

    def __init__(self, typed: Sequence[Token], known: Known, atoms: Atoms) -> None:
        self._typed = typed
        self._known = known
        self._atoms = atoms
        self._at: dict[tuple[int, bool, int], list[Found]] = {}

    def at(self, place: int, *, bare: bool, depth: int = 0) -> Sequence[Found]:
        """Everything that begins at `place`.

        Args:
            place: of the first word.
            bare: whether a noun needs no `các`: behind a title it says enough, `chủ tịch xã`.
            depth: how many places this one lies in.
        """
        if (place, bare, depth) not in self._at:
            self._at[place, bare, depth] = list(self._found_at(place, bare=bare, depth=depth))
        return self._at[place, bare, depth]

    def _found_at(self, place: int, *, bare: bool, depth: int) -> Iterator[Found]:
        for begin, every in self.quantified(place):
            for end, found, cost in self.units(begin, depth=depth):
                yield end, found, cost + _PLURAL * every
            yield from self.groups(begin, depth=depth, bare=bare or every)
        for end in self._atoms.word(place, Word.WHOLE):
            yield end, EVERYWHERE, 0

    def quantified(self, place: int) -> Iterator[tuple[int, bool]]:
        """`tất cả các`: (place behind it, whether there is any)."""
        yield place, False
        for end in self._atoms.word(place, Word.EVERY, Word.PLURAL):
            for further, _ in self.quantified(end):
                yield further, True

    def units(self, place: int, *, depth: int = 0) -> Iterator[Found]:
        """Units by name, and units of that name within others."""
        for end, units, calling in self._atoms.units(place):
            codes = frozenset(unit.code for unit in units)
            yield end, self._unit(codes, calling), calling.value
            for after, within, cost in self._within(end, codes, depth=depth):
                narrowed = codes & self._known.groups.below(_all(within))
                yield after, self._unit(narrowed, calling), calling.value + cost

    def groups(self, place: int, *, depth: int = 0, bare: bool = True) -> Iterator[Found]:
        """Nouns, and the units of that noun within others."""
        for end, group in self._atoms.groups(place):
            if bare or group.stands_alone:
                yield end, Place((group.codes,), Sort.GROUP, noun=group.noun), 0
            for after, found, cost in self._group_within(end, group, depth=depth):
                yield after, found, cost + (0 if bare or group.stands_alone else _NOT_PLURAL)
        for end in self._atoms.word(place, Word.DIRECTLY):
            for after, found, cost in self.at(end, bare=False, depth=depth + 1):
                children = frozenset(child for code in _all(found) for child in self._known.groups.children[code])
                if children:
                    yield after, Place((children,), Sort.GROUP), cost

    def continued(self, place: int, noun: str) -> Iterator[Found]:
        """`tiểu học` behind `các trường mầm non`: the first word of the noun before is to be thought."""
        first = tokens(noun)[:1]
        for end, group in self._known.groups.at((*first, *self._typed[place:]), 0):
            if end > 1:
                yield place + end - 1, Place((group.codes,), Sort.GROUP, noun=group.noun), _LEFT_OUT

    def _group_within(self, place: int, group: Group, *, depth: int) -> Iterator[Found]:
        for end, within, cost in self._within(place, group.codes, depth=depth):
            narrowed = (group.codes & self._known.groups.below(choice) for choice in within.choices)
            yield end, Place(tuple(filter(None, narrowed)), Sort.GROUP, noun=group.noun), cost

    def _within(self, place: int, codes: Codes, *, depth: int) -> Iterator[Found]:
        """In which others some of these lie: `thuộc Sở Nội vụ và Sở Y tế`, `(Sở Nội vụ)`, `các phường`."""
        if depth >= _DEEPEST:
            return
        for end, found, cost in self.at(place, bare=False, depth=depth + 1):
            yield from self._listed(end, found, codes, cost + _BESIDE)
        for end, _ in self._atoms.link(place):
            for after, found, cost in self.at(end, bare=False, depth=depth + 1):
                yield from self._listed(after, found, codes, cost + _LINKED)
        if place < len(self._typed) and self._typed[place].text == "(":
            for end, found, cost in self.units(place + 1, depth=depth + 1):
                if end < len(self._typed) and self._typed[end].text == ")" and self._lie_in(codes, found):
                    yield end + 1, found, cost + _LINKED

    def _listed(self, place: int, found: Place, codes: Codes, cost: float) -> Iterator[Found]:
        """The place, and the list that it begins, as far as some of `codes` lie in each of its units."""
        if not self._lie_in(codes, found):
            return
        yield place, found, cost
        joint = self._atoms.joint(place)
        if joint is None or joint[1] is not Joint.LIST or len(found.choices) > 1:
            return
        for end, other, more in self.units(joint[0], depth=_DEEPEST):
            if len(other.choices) == 1 and self._lie_in(codes, other):
                both = Place((found.choices[0] | other.choices[0],), found.sort)
                yield from self._listed(end, both, codes, cost + more)

    def _lie_in(self, codes: Codes, found: Place) -> bool:
        """Whether some of them do; that all lie in the province says nothing."""
        within, root = _all(found), self._known.root
        return bool(codes & self._known.groups.below(within)) and (root is None or root.code not in within)

    def _unit(self, codes: Codes, calling: Calling) -> Place:
        """One of those called so; of those called nearly so, all of one kind together first."""
        if calling is not Calling.PART:
            return Place(_each(self._known.units[code] for code in codes), Sort.UNIT)
        topmost = self._known.groups.topmost(codes)
        kinds: dict[object, set[str]] = {}
        for code in sorted(topmost):
            unit = self._known.units[code]
            kinds.setdefault((unit.kind, unit.level), set()).add(code)
        together = tuple(frozenset(same) for same in kinds.values() if len(same) > 1)
        return Place((*together, *_each(self._known.units[code] for code in topmost)), Sort.UNIT)


def _each(units: Iterable[Unit]) -> tuple[Codes, ...]:
    ordered = sorted(units, key=lambda unit: (unit.level, unit.name, unit.code))
    return tuple(frozenset({unit.code}) for unit in ordered)


def _all(found: Place) -> Codes:
    """The units of a place in whichever way it is meant."""
    return reduce(frozenset.union, found.choices, frozenset())
