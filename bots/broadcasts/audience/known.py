"""What words can name today: units, groups of them, positions, people, lists."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from bots.broadcasts.audience.groups import Groups
from bots.broadcasts.audience.titles import Titles
from bots.language.names.people import Listed, PeopleFound, PersonIndex
from bots.language.names.units import UnitIndex
from bots.language.phrases import plain
from huep.directory.model import Member, PersonKey, Standing, Unit
from huep.names import localpart_of

_MOST_REMEMBERED = 5_000

Codes = frozenset[str]


@dataclass(frozen=True)
class NamedList:
    """People who belong together by name and by nothing in the register: `Tổ công tác Đề án 06`."""

    name: str
    people: frozenset[PersonKey]
    owner: PersonKey
    """Who keeps it."""


class Known:
    """The names of one day; made anew when the directory changes.

    Args:
        units: of today.
        positions: code and name of each.
        members: asks for everybody with an account; only where people are named.
        leaders: asks for heads and deputies; only where a title is said of a unit.
        lists: of everybody who keeps any.
    """

    def __init__(
        self,
        units: Iterable[Unit],
        positions: Iterable[tuple[str, str]],
        members: Callable[[], Sequence[Member]],
        leaders: Callable[[], Sequence[Member]],
        lists: Iterable[NamedList] = (),
    ) -> None:
        self.units: Mapping[str, Unit] = {unit.code: unit for unit in units}
        self.index = UnitIndex(self.units.values())
        self.groups = Groups(self.units)
        self.titles = Titles(positions)
        self.lists = [one for one in lists if one.people]
        # Every span of a text is looked up, most of them more than once.
        self.units_named = lru_cache(_MOST_REMEMBERED)(self.index.named)
        self.units_nearly_named = lru_cache(_MOST_REMEMBERED)(self.index.search)
        self.people_called = lru_cache(_MOST_REMEMBERED)(self._people_called)
        self._members = members
        self._leaders = leaders

    @cached_property
    def by_code(self) -> Mapping[str, Unit]:
        """Units by their codes as they may be typed."""
        return {plain(code): unit for code, unit in self.units.items()}

    @cached_property
    def root(self) -> Unit | None:
        """The province itself."""
        return next((unit for unit in self.units.values() if unit.parent_code is None), None)

    @cached_property
    def everybody(self) -> Mapping[PersonKey, Member]:
        """All with an account."""
        return {member.key: member for member in self._members()}

    @cached_property
    def by_localpart(self) -> Mapping[str, Member]:
        """The same by the first part of their Matrix ID."""
        return {localpart_of(member.user_id): member for member in self.everybody.values()}

    def lists_called(self, words: str, reader: PersonKey | None) -> Sequence[NamedList]:
        """Those of `reader` where there are any; else everybody's."""
        called = self._lists_called.get(plain(words), ())
        return [one for one in called if one.owner == reader] or called

    def owner_words(self, named: NamedList) -> str:
        """As much of its owner as tells it from the lists of others; nothing where its name does."""
        ways = self._owners(named)
        return next((way for way in ways if self._lists_called[_list_words(named, way)] == [named]), ways[-1])

    @cached_property
    def _lists_called(self) -> Mapping[str, Sequence[NamedList]]:
        """By all that they may be called."""
        called: dict[str, list[NamedList]] = {}
        for one in self.lists:
            for words in dict.fromkeys(_list_words(one, owner) for owner in self._owners(one)):
                called.setdefault(words, []).append(one)
        return called

    def _owners(self, named: NamedList) -> Sequence[str]:
        """Whose it is: not said, by name, by name and account."""
        owner = self.everybody.get(named.owner)
        if owner is None:  # locked, or without a post today
            return ("", str(named.owner))
        return ("", owner.full_name, f"{owner.full_name} @{localpart_of(owner.user_id)}")

    def _people_called(self, text: str) -> PeopleFound:
        return self.people.search(text)

    @cached_property
    def people(self) -> PersonIndex:
        """The same by their names."""
        listed = (
            Listed(one.key, one.full_name, one.position, one.unit_code, self.units[one.unit_code].name)
            for one in self.everybody.values()
            if one.unit_code in self.units
        )
        return PersonIndex(listed, self.index)

    def leads(self, code: str, positions: Codes) -> bool:
        """Whether these positions are those of the unit itself, rather than of units below it.

        They are where one who leads it holds one of them, or where they are the title of its head, `phó` before it or
        not. Where it has no head, what leads other units of its kind decides: a vacant post never hands its title on.
        """
        own = self._positions_of_leaders.get(code, {})
        if own.keys() & positions:
            return True
        heads = {self.titles.bare(position) for position, standing in own.items() if standing is Standing.HEAD}
        if heads:
            return any(title in heads or title[1:] in heads for title in map(self.titles.bare, positions))
        unit = self.units[code]
        return bool(positions & self._positions_of_kind.get((unit.kind, unit.level), frozenset()))

    def has(self, positions: Codes, places: Iterable[Codes]) -> bool:
        """Whether somebody may hold one of these in or below these units.

        Asked of titles that lead; the others are taken to be held.
        """
        leading = frozenset(position for held in self._positions_of_leaders.values() for position in held)
        if not positions or not positions <= leading:
            return True
        units = frozenset(code for place in places for code in place)
        return any(
            self._positions_of_leaders.get(code, {}).keys() & positions for code in units | self.groups.below(units)
        )

    def titles_of_leaders(self, codes: Iterable[str]) -> Sequence[Codes]:
        """What those who lead these units are called, the most frequent first: as words mean it, all called so."""
        held = (position for code in codes for position in self._positions_of_leaders.get(code, ()))
        often = Counter(map(self.titles.bare, held))
        found = (self.titles.called(title) for title in sorted(often, key=lambda one: (-often[one], one)))
        return [positions for positions in found if positions]

    @cached_property
    def _positions_of_leaders(self) -> Mapping[str, Mapping[str, Standing]]:
        found: dict[str, dict[str, Standing]] = {}
        for member in self._leaders():
            found.setdefault(member.unit_code, {})[member.position_code] = member.standing
        return found

    @cached_property
    def _positions_of_kind(self) -> Mapping[tuple[object, int], Codes]:
        found: dict[tuple[object, int], set[str]] = {}
        for code, positions in self._positions_of_leaders.items():
            unit = self.units.get(code)
            if unit is not None:
                found.setdefault((unit.kind, unit.level), set()).update(positions)
        return {kind: frozenset(positions) for kind, positions in found.items()}


def _list_words(named: NamedList, owner: str) -> str:
    return plain(f"{named.name} của {owner}" if owner else named.name)
