"""Units as people call them: `UBND P. Vỹ Dạ`, `sở nv`, `TT&TT`, `phong to chuc`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum, auto

from bots.language.names.written import Word, initials, variants, words
from huep.directory.model import Unit

_PEOPLES_COMMITTEE = ("uy", "ban", "nhan", "dan")
_KINDS = frozenset({"phuong", "xa", "so", "phong", "ban", "trung", "truong", "chi", "to", "khoa", "tram", "thi", "van"})
"""First words that say what sort of unit it is: without them people mean it too, `Vỹ Dạ`."""
_MOST_WORDS = 10
_LONGEST_ABBREVIATION = 8


class Form(IntEnum):
    """How a unit was called; the lower, the surer."""

    NAME = auto()
    ABBREVIATED = auto()
    """By its first letters, `SNV`."""
    BARE = auto()
    """Without the word that says what sort of unit it is."""


@dataclass(frozen=True)
class UnitFound:
    """A unit named in a text, `text[begin:end]`; more than one where several are called so."""

    begin: int
    end: int
    choices: tuple[Unit, ...]

    @property
    def unit(self) -> Unit | None:
        """The unit, where there is no doubt."""
        return self.choices[0] if len(self.choices) == 1 else None


def everybody(_: object) -> bool:
    """Nothing is hidden."""
    return True


class UnitIndex:
    """All units under all names that they are called by; made anew when the directory changes."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._units = {unit.code: unit for unit in units}
        self._forms: dict[tuple[str, ...], dict[str, Form]] = {}
        self._by_word: dict[str, set[str]] = {}
        for unit in self._units.values():
            for word in _all_words(unit):
                self._by_word.setdefault(word, set()).add(unit.code)
        for unit in self._units.values():
            for form, keys in _forms(unit):
                known = self._forms.setdefault(keys, {})
                known[unit.code] = min(form, known.get(unit.code, form))

    def search(self, text: str, may_see: Callable[[Unit], bool] = everybody) -> tuple[Unit, ...]:
        """Which units the whole text can mean, of those that the asker may see: the surest kind of name alone.

        By level and name; several are for the person to choose from, with `path` beside each.
        """
        asked = tuple(word.key for word in words(text))
        if not asked:
            return ()
        named = self._named(asked, may_see)
        return named or self._in_order(code for code in self._having(asked) if may_see(self._units[code]))

    def named(self, text: str) -> tuple[Unit, ...]:
        """Which units the whole text is a name of, the surest kind of name alone; never by parts of a name."""
        return self._named(tuple(word.key for word in words(text)), everybody)

    def find(self, text: str, may_see: Callable[[Unit], bool] = everybody) -> tuple[UnitFound, ...]:
        """The units that a sentence names, from left to right, each by as many words as belong to it."""
        found: list[UnitFound] = []
        asked = words(text)
        place = 0
        while place < len(asked):
            for end in range(min(place + _MOST_WORDS, len(asked)), place, -1):
                part = asked[place:end]
                if not _can_be_named_by(part):
                    continue
                units = self._named(tuple(word.key for word in part), may_see)
                if units:
                    found.append(UnitFound(part[0].begin, part[-1].end, units))
                    place = end
                    break
            else:
                place += 1
        return tuple(found)

    def path(self, unit: Unit) -> tuple[Unit, ...]:
        """From the topmost unit known down to this one: what is said beside a choice."""
        above: list[Unit] = [unit]
        while (parent := self._units.get(above[-1].parent_code or "")) is not None and parent not in above:
            above.append(parent)
        return tuple(reversed(above))

    def is_under(self, code: str, top: str) -> bool:
        """Whether a unit is `top` or lies below it."""
        unit = self._units.get(code)
        return unit is not None and any(above.code == top for above in self.path(unit))

    def _named(self, asked: tuple[str, ...], may_see: Callable[[Unit], bool]) -> tuple[Unit, ...]:
        best: dict[str, Form] = {}
        for keys in variants(asked):
            for form in (keys, _without_committee(keys)):
                for code, known in self._forms.get(form, {}).items():
                    if may_see(self._units[code]):
                        best[code] = min(known, best.get(code, known))
        if not best:
            return ()
        surest = min(best.values())
        return self._in_order(code for code, form in best.items() if form is surest)

    def _having(self, asked: tuple[str, ...]) -> set[str]:
        """Units that have, for each word asked, a word that begins so."""
        found: set[str] = set()
        for keys in variants(asked):
            having = (self._beginning(key) for key in keys)
            found |= set.intersection(*having)
        return found

    def _beginning(self, key: str) -> set[str]:
        return {code for word, codes in self._by_word.items() if word.startswith(key) for code in codes}

    def _in_order(self, codes: Iterable[str]) -> tuple[Unit, ...]:
        return tuple(sorted((self._units[code] for code in codes), key=lambda unit: (unit.level, unit.name, unit.code)))


def _forms(unit: Unit) -> Iterable[tuple[Form, tuple[str, ...]]]:
    for name in (unit.name, unit.short_name):
        typed = tuple(word.key for word in words(name))
        if not typed:
            continue
        for keys in variants(typed):
            yield Form.NAME, keys
            yield Form.NAME, _without_committee(keys)
            if 1 < len(keys) <= _LONGEST_ABBREVIATION:
                yield Form.ABBREVIATED, (initials(keys),)
            if len(keys) > 2 and keys[0] in _KINDS:
                yield Form.BARE, keys[1:]


def _all_words(unit: Unit) -> frozenset[str]:
    typed = tuple(word.key for word in words(f"{unit.name} {unit.short_name}"))
    return frozenset(word for keys in variants(typed) for word in keys)


def _without_committee(keys: tuple[str, ...]) -> tuple[str, ...]:
    """UBND phường Vỹ Dạ is the unit Phường Vỹ Dạ."""
    behind = keys[len(_PEOPLES_COMMITTEE) :]
    return behind if keys[: len(_PEOPLES_COMMITTEE)] == _PEOPLES_COMMITTEE and behind else keys


def _can_be_named_by(part: tuple[Word, ...]) -> bool:
    """Within a sentence one word names a unit only as an abbreviation in capitals."""
    return len(part) > 1 or (len(part[0].text) > 1 and part[0].text.isupper())
