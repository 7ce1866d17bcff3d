"""Positions by what people call them: `chủ tịch`, `chủ tịch UBND`, `giám đốc sở`, `phó phòng`."""

from collections.abc import Iterable, Sequence
from itertools import islice, product

from bots.broadcasts.audience.tokens import Token
from bots.language.names.people import POSITION_KEYS
from bots.language.names.written import variants, words

_COMMITTEE = ("uy", "ban", "nhan", "dan")
_OF_A_UNIT = (("phuong",), ("xa",), ("so",), ("tinh",), ("thanh", "pho"), ("huyen",), ("thi", "tran"))
"""What a title says of the unit at its end; without it the title is that of all such units."""
_SMALL_WORDS = frozenset({"va", "cua"})
_MOST_WORDS = 8
_MOST_SPELLINGS = 16

Codes = frozenset[str]
Keys = tuple[str, ...]


class Titles:
    """The positions that somebody holds today, by name.

    Args:
        positions: (code, name), as the directory gives them.
    """

    def __init__(self, positions: Iterable[tuple[str, str]]) -> None:
        self.names: dict[str, str] = {}
        self._exact: dict[Keys, set[str]] = {}
        self._bare: dict[Keys, set[str]] = {}
        self._texts: dict[Keys, str] = {}
        for code, name in positions:
            self.names.setdefault(code, name)
            full = tuple(word.key for word in words(name))
            for keys in {*variants(full), full}:
                for exact in (keys, _without_committee(keys)):
                    self._exact.setdefault(exact, set()).add(code)
                bare = _bare(keys)
                self._bare.setdefault(bare, set()).add(code)
                self._texts.setdefault(bare, _beginning(name, len(bare)))

    def at(self, typed: Sequence[Token], place: int) -> Iterable[tuple[int, Codes]]:
        """(place behind it, codes) of the titles that stand at `place`."""
        end = place
        while end < len(typed) and end - place < _MOST_WORDS and not typed[end].is_sign:
            end += 1
            codes = self.called([token.key for token in typed[place:end]])
            if codes:
                yield end, codes

    def called(self, keys: Sequence[str]) -> Codes:
        """The positions of this name: with the unit in it those alone, without it those of all such units."""
        found: set[str] = set()
        for spelled in _spellings(tuple(key for key in keys if key not in _SMALL_WORDS)):
            short = _without_committee(spelled)
            found |= self._bare.get(short, set()) if short == _bare(spelled) else self._exact.get(short, set())
        return frozenset(found)

    def bare(self, code: str) -> Keys:
        """The title alone, without the unit that it names."""
        return _bare(tuple(word.key for word in words(self.names.get(code, code))))

    def written(self, codes: Codes) -> tuple[str, ...]:
        """The fewest names that are read as these positions."""
        names: list[str] = []
        left = set(codes)
        bare = ((self._texts[keys], known) for keys, known in self._bare.items())
        exact = ((self.names[code], {code}) for code in sorted(self.names))
        for name, known in (*sorted(bare, key=lambda one: (-len(one[1]), one[0])), *exact):
            if known <= left and self.called([word.key for word in words(name)]) == known:
                names.append(name)
                left -= known
        return (*names, *(self.names.get(code, code) for code in sorted(left)))


def _spellings(keys: Keys) -> Iterable[Keys]:
    """With abbreviations written out, `phó phòng` as `phó trưởng phòng`, `hiệu phó` as `phó hiệu trưởng`."""
    if keys == ("hieu", "pho"):
        keys = ("pho", "hieu", "truong")
    options = [((key,), *((POSITION_KEYS[key],) if key in POSITION_KEYS else ())) for key in keys]
    for combination in islice(product(*options), _MOST_SPELLINGS):
        for spelled in variants(tuple(word for part in combination for word in part)):
            yield spelled
            if spelled[:1] == ("pho",) and spelled[1:2] != ("truong",):
                yield ("pho", "truong", *spelled[1:])


def _without_committee(keys: Keys) -> Keys:
    size = len(_COMMITTEE)
    for place in range(len(keys) - size + 1):
        if keys[place : place + size] == _COMMITTEE:
            return (*keys[:place], *keys[place + size :])
    return keys


def _bare(keys: Keys) -> Keys:
    """Without committee and unit: `chủ tịch UBND phường` is a `chủ tịch`."""
    short = _without_committee(tuple(key for one in keys for key in (_COMMITTEE if one == "ubnd" else (one,))))
    for unit in _OF_A_UNIT:
        if short[-len(unit) :] == unit and len(short) > len(unit):
            return short[: -len(unit)]
    return short


def _beginning(name: str, length: int) -> str:
    return " ".join(word.text for word in words(name)[:length])
