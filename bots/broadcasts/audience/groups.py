"""Units by what they are: `các xã`, `các trường tiểu học`, `cấp sở`, `các đơn vị trực thuộc Sở Y tế`."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bots.broadcasts.audience.tokens import Phrases, Token, tokens
from bots.language.names.written import variants
from huep.directory.model import Unit, UnitKind

_LONGEST_NOUN = 6
"""Words of a name's beginning that may stand for all units called so: `trung tâm y tế khu vực`."""
_LEAST = 2

Codes = frozenset[str]


def _of(*kinds: UnitKind) -> Callable[[Unit], bool]:
    return lambda unit: unit.kind in kinds


_LOCAL = _of(UnitKind.WARD, UnitKind.COMMUNE)

_EVERY_UNIT = ("đơn vị", "cơ quan, đơn vị", "cơ quan đơn vị", "cơ quan", "đơn vị, địa phương")

_KINDS: Sequence[tuple[tuple[str, ...], Callable[[Unit], bool]]] = (
    (("sở, ban, ngành", "sở ban ngành", "sở, ngành", "sở ngành", "sở, ban ngành"), _of(UnitKind.DEPARTMENT)),
    (("phường",), _of(UnitKind.WARD)),
    (("xã",), _of(UnitKind.COMMUNE)),
    (
        ("xã, phường", "phường, xã", "xã phường", "phường xã", "đơn vị cấp xã", "địa phương", "cấp xã", "UBND cấp xã"),
        _LOCAL,
    ),
    (("trường học", "trường", "cơ sở giáo dục", "nhà trường"), _of(UnitKind.SCHOOL)),
    (("cơ sở y tế", "đơn vị y tế"), _of(UnitKind.HEALTH_CENTRE)),
    (("đơn vị sự nghiệp",), _of(UnitKind.CENTRE, UnitKind.SCHOOL, UnitKind.HEALTH_CENTRE)),
    (("đơn vị cấp sở", "cấp sở", "cơ quan cấp sở"), lambda unit: unit.level == 1 and not _LOCAL(unit)),
    (("đơn vị cấp phòng", "cấp phòng", "phòng, ban", "phòng ban"), _of(UnitKind.OFFICE)),
    (("đơn vị cấp tổ", "cấp tổ"), _of(UnitKind.TEAM)),
    (
        tuple(
            f"{unit} {below} {top}"
            for unit in ("đơn vị", "cơ quan, đơn vị", "cơ quan")
            for below in ("trực thuộc", "thuộc")
            for top in ("tỉnh", "thành phố", "UBND tỉnh", "UBND thành phố")
        ),
        lambda unit: unit.level == 1,
    ),
    (_EVERY_UNIT, lambda unit: unit.level > 0),
)
"""Nouns, the first of which is written, and which units they mean."""


@dataclass(frozen=True)
class Group:
    """Units that one noun stands for."""

    noun: str
    codes: Codes
    stands_alone: bool = False
    """Whether it says enough without `các`: `cấp sở`, where `sở` alone may be anything."""


class Groups:
    """The nouns that stand for units, of the units of today."""

    def __init__(self, units: Mapping[str, Unit]) -> None:
        self._units = units
        self._below: dict[str, set[str]] = {code: set() for code in units}
        self.children: dict[str, set[str]] = {code: set() for code in units}
        for unit in units.values():
            if unit.parent_code in self.children:
                self.children[unit.parent_code].add(unit.code)
            above = units.get(unit.parent_code or "")
            while above is not None and unit.code not in self._below[above.code]:
                self._below[above.code].add(unit.code)
                above = units.get(above.parent_code or "")
        self._kinds: list[tuple[tuple[str, ...], Codes]] = [
            (nouns, frozenset(unit.code for unit in units.values() if belongs(unit))) for nouns, belongs in _KINDS
        ]
        self._phrases = Phrases(
            [(noun, Group(nouns[0], codes, _stands_alone(noun))) for nouns, codes in self._kinds for noun in nouns]
        )
        self._by_beginning = self._beginnings()

    def at(self, typed: Sequence[Token], place: int) -> Iterator[tuple[int, Group]]:
        """(place behind it, group) of the nouns that stand at `place`."""
        kinds = [(end, group) for end, group in self._phrases.at(typed, place) if group.codes]
        yield from kinds
        taken = {end for end, _ in kinds}
        for length in range(1, _LONGEST_NOUN + 1):
            words = typed[place : place + length]
            if len(words) < length or words[-1].is_sign:
                return
            if place + length in taken:
                continue
            named = self._by_beginning.get(_keys(words), [])
            codes = frozenset(code for noun, codes in named for code in codes if _may_be(words, noun))
            if len(codes) >= _LEAST:
                yield place + length, Group(named[0][0], codes)

    @cached_property
    def all(self) -> Sequence[Group]:
        """Every group, the largest first, each under the noun that tells most."""
        found: list[Group] = []
        groups = [*self.kinds(), *self._called_alike()]
        seen: set[Codes] = set()
        for group in sorted(groups, key=lambda one: -len(one.codes)):
            if group.codes not in seen:
                seen.add(group.codes)
                found.append(group)
        return found

    def _called_alike(self) -> Iterator[Group]:
        nouns = self._by_beginning.values()
        for named in sorted(nouns, key=lambda named: (-len(named[0][0].split()), named[0][0])):
            codes = frozenset(code for _, codes in named for code in codes)
            if len(codes) >= _LEAST:
                yield Group(named[0][0], codes)

    def kinds(self) -> Iterator[Group]:
        """Those that are of a kind or level."""
        for nouns, codes in self._kinds:
            if len(codes) >= _LEAST:
                yield Group(nouns[0], codes, _stands_alone(nouns[0]))

    def below(self, codes: Iterable[str]) -> Codes:
        """Every unit that lies under one of these."""
        return frozenset(below for code in codes for below in self._below.get(code, ()))

    def topmost(self, codes: Codes) -> Codes:
        """Those that lie under none of the others: with all below them they are the same people."""
        return codes - self.below(codes)

    def _beginnings(self) -> dict[tuple[str, ...], list[tuple[str, Codes]]]:
        """By the keys of a beginning: how names spell it, and whose they are."""
        found: dict[tuple[str, ...], dict[str, set[str]]] = {}
        for unit in self._units.values():
            words = [word for word in tokens(unit.name) if not word.is_sign]
            for length in range(1, min(len(words), _LONGEST_NOUN) + 1):
                noun = _beginning(unit.name, length)
                for keys in variants(tuple(word.key for word in words[:length])):
                    found.setdefault(keys, {}).setdefault(noun, set()).add(unit.code)
        return {
            keys: sorted(((noun, frozenset(codes)) for noun, codes in named.items()), key=lambda one: -len(one[1]))
            for keys, named in found.items()
        }


def _stands_alone(noun: str) -> bool:
    return len(noun.split()) > 1 and noun not in _EVERY_UNIT


def _beginning(name: str, length: int) -> str:
    """So many words of a name with what stands between them: `phòng Văn hóa - Xã hội`."""
    pieces: list[str] = []
    for piece in name.split():
        if length <= 0:
            break
        pieces.append(piece)
        length -= sum(not token.is_sign for token in tokens(piece))
    noun = " ".join(pieces).rstrip(",;")
    return noun[:1].lower() + noun[1:]


def _keys(words: Sequence[Token]) -> tuple[str, ...]:
    return tuple(word.key for word in words)


def _may_be(words: Sequence[Token], noun: str) -> bool:
    """Whether the marks that were typed are those of the name; where it is written out there is nothing to compare."""
    spelled = tokens(noun)
    spelled = tuple(token for token in spelled if not token.is_sign)
    if len(spelled) != len(words) or any(one.key != other.key for one, other in zip(words, spelled, strict=True)):
        return True
    return all(one.may_be(other.text) for one, other in zip(words, spelled, strict=True))
