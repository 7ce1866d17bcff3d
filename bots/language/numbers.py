"""Numbers as people write and say them: `15`, `mười lăm`, `1,5 triệu`, `2 tỷ 300`, `1tr2`, `hai mươi mốt`.

A comma is the decimal sign and dots stand between thousands, as Vietnamese writes it. What can be read in two ways
(`1,500`: one and a half, or fifteen hundred as in English) is returned as choices.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bots.language.words import Kind, Token, Vocabulary

_DIGITS = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5, "nhăm": 5, "sáu": 6,
    "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9,
}  # fmt: skip
_ONLY_BEHIND_TENS = frozenset({"mốt", "tư", "lăm", "nhăm"})
_SCALES = {"nghìn": 1_000, "triệu": 1_000_000, "tỷ": 1_000_000_000}
WORDS = (*_DIGITS, *_SCALES, "mười", "mươi", "hăm", "chục", "trăm", "linh", "rưỡi")
ALIASES: dict[str, tuple[str, ...]] = {
    "ngan": ("nghìn",), "k": ("nghìn",), "tr": ("triệu",), "ti": ("tỷ",), "le": ("linh",), "ruoi": ("rưỡi",),
}  # fmt: skip
_VOCABULARY = Vocabulary(WORDS, ALIASES, frozenset({"nam", "ba", "bay", "tu", "tam", "linh", "chin"}))
_GROUP_OF_THOUSANDS = 3
_HUNDREDS_HALF = 50


@dataclass(frozen=True)
class Number:
    """A number found in a text."""

    values: tuple[Decimal, ...]
    """More than one where it can be read in several ways."""
    begin: int
    end: int
    """Place in the text: `text[begin:end]`."""

    @property
    def value(self) -> Decimal | None:
        """The number, where there is no doubt."""
        return self.values[0] if len(self.values) == 1 else None


def find_numbers(text: str) -> tuple[Number, ...]:
    """Every number of the text, from left to right, each as long as it can be read."""
    tokens = _VOCABULARY.tokens(text)
    found: list[Number] = []
    place = 0
    while place < len(tokens):
        end, values = _longest(tokens, place)
        if values:
            found.append(Number(values, tokens[place].begin, tokens[end - 1].end))
        place = max(end, place + 1)
    return tuple(found)


def read_number(text: str) -> Number | None:
    """The number that the whole text is; None where it is anything else."""
    found = find_numbers(text)
    return found[0] if len(found) == 1 and text[found[0].begin : found[0].end] == text.strip() else None


def small_at(tokens: Sequence[Token], place: int) -> list[tuple[int, int]]:
    """(place behind it, value) of whole numbers below a hundred, in digits or words, each length that can be one.

    `"mười hai"` can be ten or twelve: which of them is meant, what follows decides.
    """
    if place < len(tokens) and tokens[place].kind is Kind.NUMBER:
        text = tokens[place].text
        return [(place + 1, int(text))] if len(text) <= 2 else []
    return [(end, value) for end, value in _below_hundred(tokens, place)]


def thousands_at(tokens: Sequence[Token], place: int) -> list[tuple[int, int]]:
    """(place behind it, value) of a number in words from 1,000 to 9,999: a year that somebody spelled out."""
    return [
        (end, int(value))
        for end, value in _sums(tokens, place)
        if value == int(value) and 1_000 <= value < 10_000 and tokens[place].kind is Kind.WORD
    ]


@dataclass(frozen=True)
class _Group:
    """Up to 999, or what digits say, before the scale behind it is known."""

    end: int
    value: Decimal
    single: bool = False
    """One spoken digit: behind a scale it counts its tenths, `hai triệu tư`."""
    glued: bool = False
    """Digits right behind the scale: its decimals, `1tr25`."""
    units: bool = False
    """Begins with "linh" or "không trăm": counts units whatever scale stands before."""


def _longest(tokens: Sequence[Token], place: int) -> tuple[int, tuple[Decimal, ...]]:
    readings = list(_sums(tokens, place))
    if not readings:
        return place, ()
    end = max(end for end, _ in readings)
    return end, tuple(dict.fromkeys(value for reached, value in readings if reached == end))


def _sums(tokens: Sequence[Token], place: int) -> Iterator[tuple[int, Decimal]]:
    """Groups with falling scales added up: `2 tỷ 300 triệu`."""
    for group in _groups(tokens, place, behind_scale=False):
        yield from _with_scales(tokens, group, Decimal(0), None)


def _with_scales(
    tokens: Sequence[Token], group: _Group, before: Decimal, last_scale: int | None
) -> Iterator[tuple[int, Decimal]]:
    scale = _scale_at(tokens, group.end)
    if scale is None or (last_scale is not None and scale >= last_scale):
        yield group.end, before + _closing(group, last_scale)
        return
    total = before + group.value * scale
    end = group.end + 1
    if _is(tokens, end, "rưỡi"):
        yield end + 1, total + Decimal(scale) / 2
        return
    yield end, total
    for following in _groups(tokens, end, behind_scale=True):
        yield from _with_scales(tokens, following, total, scale)


def _closing(group: _Group, last_scale: int | None) -> Decimal:
    """What the last group counts when no scale stands behind it."""
    if last_scale is None or group.units:
        return group.value
    if group.glued:
        return group.value * last_scale / Decimal(10) ** len(str(group.value))
    if group.single:
        return group.value * last_scale / 10
    return group.value * (last_scale // 1_000)


def _groups(tokens: Sequence[Token], place: int, *, behind_scale: bool) -> Iterator[_Group]:
    if place >= len(tokens):
        return
    if tokens[place].kind is Kind.NUMBER:
        glued = behind_scale and tokens[place].tight
        for end, value in _written(tokens, place):
            single = len(tokens[place].text) == 1 and end == place + 1
            yield _Group(end, value, single=single, glued=glued)
        return
    units = _is(tokens, place, "linh") or (_is(tokens, place, "không") and _is(tokens, place + 1, "trăm"))
    if units and not behind_scale:
        return
    for end, spoken, single in _spoken(tokens, place, behind_scale=behind_scale):
        yield _Group(end, Decimal(spoken), single=single, units=units)


def _written(tokens: Sequence[Token], place: int) -> Iterator[tuple[int, Decimal]]:
    """Digits with the signs between them; the longest run, in each way it can be read."""
    text, end = tokens[place].text, place + 1
    while (
        end + 1 < len(tokens)
        and tokens[end].text in ".,"
        and tokens[end].tight
        and tokens[end + 1].kind is Kind.NUMBER
        and tokens[end + 1].tight
    ):
        text += tokens[end].text + tokens[end + 1].text
        end += 2
    whole, *decimals = text.split(",")
    groups = whole.split(".")
    in_thousands = all(len(group) == _GROUP_OF_THOUSANDS for group in groups[1:])
    if not decimals:
        if in_thousands:
            yield end, Decimal(whole.replace(".", ""))
        elif len(groups) == 2:
            yield end, Decimal(whole)
    elif in_thousands and len(decimals) == 1:
        yield end, Decimal(whole.replace(".", "") + "." + decimals[0]).normalize()
    if decimals and len(groups) == 1 and all(len(group) == _GROUP_OF_THOUSANDS for group in decimals):
        yield end, Decimal(text.replace(",", ""))


def _spoken(tokens: Sequence[Token], place: int, *, behind_scale: bool) -> Iterator[tuple[int, int, bool]]:
    """(end, value, whether it is one digit) of words up to 999, each length that can be a number."""
    begin = place + 1 if behind_scale and _is(tokens, place, "linh") else place
    for end, value in _below_hundred(tokens, begin):
        yield end, value, begin == place and end == begin + 1 and value < 10
    hundreds = [(end, value) for end, value in _below_hundred(tokens, place) if value < 10 and end == place + 1]
    if _is(tokens, place, "trăm"):
        hundreds.append((place, 1))
    for end, value in hundreds:
        if not _is(tokens, end, "trăm"):
            continue
        yield end + 1, value * 100, False
        if _is(tokens, end + 1, "rưỡi"):
            yield end + 2, value * 100 + _HUNDREDS_HALF, False
        if _is(tokens, end + 1, "linh"):
            yield from (
                (reached, value * 100 + rest, False) for reached, rest in _below_hundred(tokens, end + 2) if rest < 10
            )
            continue
        for reached, rest in _below_hundred(tokens, end + 1):
            yield reached, value * 100 + (rest * 10 if rest < 10 else rest), False


def _below_hundred(tokens: Sequence[Token], place: int) -> Iterator[tuple[int, int]]:
    """(end, value) of words from 0 to 99."""
    if _is(tokens, place, "mười"):
        yield place + 1, 10
        yield from ((place + 2, 10 + unit) for unit in _units(tokens, place + 1) if unit)
    if _is(tokens, place, "hăm"):
        yield from ((place + 2, 20 + unit) for unit in _units(tokens, place + 1) if unit)
    for word in sorted(_means(tokens, place) & _DIGITS.keys()):
        digit = _DIGITS[word]
        if word not in _ONLY_BEHIND_TENS or word == "tư":
            yield place + 1, digit
        if not digit:
            continue
        if _means(tokens, place + 1) & {"mươi", "chục"}:
            yield place + 2, digit * 10
            if _is(tokens, place + 1, "mươi"):
                yield from ((place + 3, digit * 10 + unit) for unit in _units(tokens, place + 2) if unit)
        elif behind := _means(tokens, place + 1) & _ONLY_BEHIND_TENS:
            yield from ((place + 2, digit * 10 + _DIGITS[unit]) for unit in behind)


def _units(tokens: Sequence[Token], place: int) -> set[int]:
    return {_DIGITS[word] for word in _means(tokens, place) & _DIGITS.keys()}


def _scale_at(tokens: Sequence[Token], place: int) -> int | None:
    return next((_SCALES[word] for word in _means(tokens, place) & _SCALES.keys()), None)


def _is(tokens: Sequence[Token], place: int, word: str) -> bool:
    return word in _means(tokens, place)


def _means(tokens: Sequence[Token], place: int) -> frozenset[str]:
    return tokens[place].means if place < len(tokens) else frozenset()
