"""People as colleagues speak of them: `anh Minh`, `Nguyễn V. An`, `GĐ Sở Y tế`, `chị Lan phòng Tổ chức`."""

from array import array
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from enum import IntEnum, auto
from functools import lru_cache

from bots.language.names.units import UnitIndex
from bots.language.names.written import Word, words
from bots.language.spelling import Syllable, folded_key, spelling_key
from huep.directory.model import Person, PersonKey

MOST_FOUND = 10
"""So many are offered to choose from; who asks for more people must say more."""

_ADDRESSES = frozenset(
    ("anh", "chi", "ong", "ba", "co", "chu", "bac", "em", "cau", "di", "thay", "d/c", "dc", "a", "c", "o", "b")
)
_POSITIONS = {
    "gd": "giám đốc",
    "pgd": "phó giám đốc",
    "ct": "chủ tịch",
    "pct": "phó chủ tịch",
    "cvp": "chánh văn phòng",
    "pcvp": "phó chánh văn phòng",
    "tp": "trưởng phòng",
    "ptp": "phó trưởng phòng",
    "bt": "bí thư",
    "pbt": "phó bí thư",
    "ht": "hiệu trưởng",
    "pht": "phó hiệu trưởng",
    "cct": "chi cục trưởng",
    "cv": "chuyên viên",
}
POSITION_KEYS = {short: tuple(folded_key(long).split()) for short, long in _POSITIONS.items()}
_MOST_POSITION_WORDS = 4


@dataclass(frozen=True)
class Listed:
    """A person under the name, post and unit by which colleagues know them."""

    key: PersonKey
    full_name: str
    position: str
    unit_code: str
    unit_name: str

    @classmethod
    def of(cls, person: Person) -> "Listed | None":
        """By the main post; None for who holds no post today."""
        post = person.main_post
        if post is None:
            return None
        return cls(person.key, person.full_name, post.position, post.unit_code, post.unit_name)


class Likeness(IntEnum):
    """How a name was given; the lower, the surer."""

    WHOLE = auto()
    GIVEN = auto()
    """The last words: `Văn An`, `An`."""
    FAMILY_AND_GIVEN = auto()
    """`Nguyễn An`, without what stands between."""
    TURNED = auto()
    """The given name first: `An Nguyễn Văn`."""
    IN_ORDER = auto()
    """Some words or first letters, in their order: `N. V. An`."""


@dataclass(frozen=True)
class PeopleFound:
    """Whom a name can mean."""

    people: tuple[Listed, ...]
    """At most MOST_FOUND, those near the asker first, then by name; position and unit stand beside each."""
    more: bool
    """Whether there are more of them."""

    @property
    def person(self) -> Listed | None:
        """The person, where there is no doubt."""
        return self.people[0] if len(self.people) == 1 and not self.more else None


NOBODY = PeopleFound((), more=False)


def everybody(_: Listed) -> bool:
    """Nobody is hidden."""
    return True


class PersonIndex:
    """Everybody by the words of their name; made anew when the directory changes."""

    def __init__(self, people: Iterable[Listed], units: UnitIndex) -> None:
        self._units = units
        self._people = sorted(people, key=lambda one: (folded_key(one.full_name), one.full_name, str(one.key)))
        self._names = [_keys(one.full_name) for one in self._people]
        self._by_word: dict[str, array[int]] = {}
        self._by_unit: dict[str, list[int]] = {}
        for place, name in enumerate(self._names):
            for word in set(name):
                self._by_word.setdefault(word, array("I")).append(place)
            self._by_unit.setdefault(self._people[place].unit_code, []).append(place)
        self._positions = {
            keys[:length]
            for keys in {_keys(one.position) for one in self._people}
            for length in range(1, _MOST_POSITION_WORDS + 1)
        }
        """Every beginning of every position."""

    def search(
        self, text: str, may_see: Callable[[Listed], bool] = everybody, near_unit: str | None = None
    ) -> PeopleFound:
        """Whom the whole text can mean, of those whom the asker may see: the surest likeness alone.

        Args:
            text: a name, with or without address, position and unit, with or without diacritics.
            may_see: who is hidden from the asker takes nobody's place among the choices.
            near_unit: code of the asker's unit; its people come first.
        """
        typed = words(text)
        if not typed:
            return NOBODY
        asked = _without_address(typed)
        places = (
            self._holding_post(typed)
            or self._holding_post(asked)
            or self._called(asked)
            or self._called_in_unit(text, asked)
        )
        seen = [place for place in places if may_see(self._people[place])]
        seen.sort(key=lambda place: (self._people[place].unit_code != near_unit, place))
        return PeopleFound(tuple(self._people[place] for place in seen[:MOST_FOUND]), more=len(seen) > MOST_FOUND)

    def _called(self, asked: Sequence[Word], among: Set[int] | None = None) -> list[int]:
        """Places of those who are called so; marks that were typed are right, unless nobody is called so."""
        keys = tuple(key for word in asked for key in _name_keys(word))
        full = sorted((key for key in keys if len(key) > 1), key=lambda key: len(self._by_word.get(key, ())))
        if not full:
            return []
        candidates = set(self._by_word.get(full[0], ()))
        for key in full[1:]:
            candidates.intersection_update(self._by_word.get(key, ()))
        if among is not None:
            candidates &= among
        ranked: dict[Likeness, list[int]] = {}
        for place in sorted(candidates):
            likeness = _likeness(keys, self._names[place])
            if likeness is not None:
                ranked.setdefault(likeness, []).append(place)
        typed = [part for word in asked for part in _spelling(word.text) if len(part.letters) > 1]
        agreements = () if all(part.bare for part in typed) else (_is, _may_be)
        for agrees in agreements:
            for likeness in sorted(ranked):
                marked = [
                    place for place in ranked[likeness] if agrees(typed, _spelling(self._people[place].full_name))
                ]
                if marked:
                    return marked
        return ranked[min(ranked)] if ranked else []

    def _called_in_unit(self, text: str, asked: Sequence[Word]) -> list[int]:
        """`Lan phòng Tổ chức`: a name and, behind it, a unit in or below which the person works."""
        for split in range(len(asked) - 1, 0, -1):
            units = self._units.search(text[asked[split].begin :])
            if units:
                among = {place for unit in units for place in self._working_under(unit.code)}
                called = self._called(asked[:split], among)
                if called:
                    return called
        return []

    def _holding_post(self, asked: Sequence[Word]) -> list[int]:
        """`chủ tịch phường Thuận Hoá`: a position and, behind it, the very unit; nobody where it names no position."""
        keys = [word.key for word in asked]
        for split in range(min(_MOST_POSITION_WORDS, len(keys) - 1), 0, -1):
            position = tuple(part for key in keys[:split] for part in POSITION_KEYS.get(key, (key,)))
            if position not in self._positions:
                continue
            units = self._units.search(" ".join(word.text for word in asked[split:]))
            holders = [
                place
                for unit in units
                for place in self._by_unit.get(unit.code, ())
                if _keys(self._people[place].position)[: len(position)] == position
            ]
            if holders:
                return holders
        return []

    def _working_under(self, code: str) -> Iterable[int]:
        for unit_code, places in self._by_unit.items():
            if self._units.is_under(unit_code, code):
                yield from places


@lru_cache(maxsize=20_000)
def _keys(text: str) -> tuple[str, ...]:
    return tuple(word.key for word in words(text))


def _name_keys(word: Word) -> tuple[str, ...]:
    """The word, or the letters of capitals that are no word of a name: `NV` in `NV An`."""
    if word.text.isupper() and 1 < len(word.text) <= 3 and not set(word.key) & set("aeiouy"):
        return tuple(word.key)
    return (word.key,)


def _without_address(asked: Sequence[Word]) -> Sequence[Word]:
    if len(asked) > 2 and [word.key for word in asked[:2]] == ["dong", "chi"]:
        return asked[2:]
    return asked[1:] if len(asked) > 1 and asked[0].key in _ADDRESSES else asked


def _likeness(keys: tuple[str, ...], name: tuple[str, ...]) -> Likeness | None:
    if keys == name:
        return Likeness.WHOLE
    if keys == name[-len(keys) :]:
        return Likeness.GIVEN
    if len(keys) == 2 and keys == (name[0], name[-1]):
        return Likeness.FAMILY_AND_GIVEN
    if len(keys) > 1 and keys[0] == name[-1] and keys[1:] in (name[:-1], name[:1]):
        return Likeness.TURNED
    return Likeness.IN_ORDER if len(keys) > 1 and _in_order(keys, name) else None


def _in_order(keys: tuple[str, ...], name: tuple[str, ...]) -> bool:
    """Whether the keys, whole words or first letters, are among the words of the name in this order."""
    left = iter(name)
    return all(any(word == key or (len(key) == 1 and word.startswith(key)) for word in left) for key in keys)


def _is(typed: Sequence[Syllable], name: Sequence[Syllable]) -> bool:
    """Whether each word was typed with the marks that it has in the name: `Tuân` is not `Tuấn`."""
    return all(part in name for part in typed)


def _may_be(typed: Sequence[Syllable], name: Sequence[Syllable]) -> bool:
    return all(any(part.may_be(word) for word in name) for part in typed)


@lru_cache(maxsize=20_000)
def _spelling(text: str) -> tuple[Syllable, ...]:
    return spelling_key(text)
