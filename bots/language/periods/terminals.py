"""What the grammar reads from the tokens themselves: numbers, dates in figures, times of day."""

from collections.abc import Iterator, Sequence

from bots.language.numbers import WORDS, small_at, thousands_at
from bots.language.periods.days import DayOfMonth
from bots.language.periods.expression import MONTHS_OF_YEAR
from bots.language.periods.matcher import NUMBER, Terminal, Value
from bots.language.periods.model import EARLIEST_YEAR, LATEST_YEAR
from bots.language.periods.stretches import Months
from bots.language.words import Kind, Token

Tokens = Sequence[Token]
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_CENTURY = 2000
_COMPOUNDS_WITH_DUE = frozenset(
    ["tre", "qua", "dung", "gia", "cham", "con", "ky", "khong", "het", "vo", "co", "gioi", "dai", "ngan", "sap", "den"]
)
_HOURS, _MINUTES = 24, 60
_MOST_COUNTED = 999
_LIST_GOES_BEFORE = frozenset({"năm", "của", "ở", "tại", "trên", "và", "vừa", "này", "nay"})
"""Words before which `5, 6` is still a list; before others the last number counts them: `tháng 5, 6 người`."""


def _within(low: int, high: int) -> Terminal:
    def terminal(tokens: Tokens, place: int) -> list[tuple[int, Value]]:
        return [(end, value) for end, value in small_at(tokens, place) if low <= value <= high]

    return terminal


def _tight(low: int, high: int) -> Terminal:
    def terminal(tokens: Tokens, place: int) -> list[tuple[int, Value]]:
        if tokens[place].kind is not Kind.NUMBER or not tokens[place].tight:
            return []
        return [(end, value) for end, value in small_at(tokens, place) if low <= value <= high]

    return terminal


def _digit(tokens: Tokens, place: int) -> list[tuple[int, Value]]:
    """2 to 7 as one token: Monday to Saturday."""
    return [(end, value) for end, value in small_at(tokens, place) if 2 <= value <= 7 and end == place + 1]


def _day_number(tokens: Tokens, place: int) -> list[tuple[int, Value]]:
    """1 to 31; "tư" alone is said of months and weekdays, never of a day."""
    return [
        (end, value)
        for end, value in small_at(tokens, place)
        if 1 <= value <= 31 and not (end == place + 1 and "tư" in tokens[place].means)
    ]


def _bare_day(tokens: Tokens, place: int) -> list[tuple[int, Value]]:
    """A day without "ngày": where "sau" can be after or six, it is after."""
    return [] if "sau" in tokens[place].means else _day_number(tokens, place)


def _lone_day(tokens: Tokens, place: int) -> list[tuple[int, Value]]:
    """A day without a month: in figures, or in words from ten on; "ngày một" means more and more."""
    return [
        (end, value) for end, value in _day_number(tokens, place) if tokens[place].kind is Kind.NUMBER or value >= 10
    ]


def _month_of_day(tokens: Tokens, place: int) -> list[tuple[int, Value]]:
    """The month behind a day; in `9 tháng năm 2025` "năm" is no May but the year's."""
    before_year = place + 1 < len(tokens) and "năm" in tokens[place].means and len(tokens[place + 1].text) == 4
    year = before_year and tokens[place + 1].kind is Kind.NUMBER
    return [] if year else [(end, value) for end, value in small_at(tokens, place) if 1 <= value <= MONTHS_OF_YEAR]


def _week_number(tokens: Tokens, place: int) -> list[tuple[int, Value]]:
    """In figures: "tuần sáu" is nothing that people say, and without diacritics it would be "tuần sau"."""
    if tokens[place].kind is not Kind.NUMBER:
        return []
    return [(end, value) for end, value in small_at(tokens, place) if 1 <= value <= 53]


def _due(tokens: Tokens, place: int) -> list[tuple[int, Value]]:
    """`hạn`, unless it is the end of "trễ hạn", "đúng hạn", "gia hạn"."""
    before = tokens[place - 1].folded if place else ""
    return [] if before in _COMPOUNDS_WITH_DUE or "hạn" not in tokens[place].means else [(place + 1, None)]


def _count(tokens: Tokens, place: int) -> list[tuple[int, Value]]:
    token = tokens[place]
    if token.kind is Kind.NUMBER:
        return [(place + 1, int(token.text))] if len(token.text) <= 3 and 0 < int(token.text) <= _MOST_COUNTED else []
    return [(end, value) for end, value in small_at(tokens, place) if value and "tư" not in tokens[place].means]


def _year(tokens: Tokens, place: int) -> list[tuple[int, Value]]:
    token = tokens[place]
    if token.kind is Kind.NUMBER:
        return [(place + 1, int(token.text))] if len(token.text) == 4 and _is_year(int(token.text)) else []
    return [(end, value) for end, value in thousands_at(tokens, place) if _is_year(value)]


def _quarter(tokens: Tokens, place: int) -> list[tuple[int, Value]]:
    roman = _ROMAN.get(tokens[place].folded)
    found: list[tuple[int, Value]] = [(place + 1, roman)] if roman else []
    return found + [(end, value) for end, value in small_at(tokens, place) if 1 <= value <= 4]


def _listed(number: Terminal) -> Terminal:
    """Numbers that follow each other, `4, 5, 6` or `I và II`, as (first, how many)."""

    def terminal(tokens: Tokens, place: int) -> list[tuple[int, Value]]:
        found = []
        for end, first in number(tokens, place):
            for last_end, last in _rest(tokens, end, first):
                if last > first and _ends_list(tokens, last_end):
                    found.append((last_end, (first, last - first + 1)))
        return found

    def _rest(tokens: Tokens, place: int, last: int) -> Iterator[tuple[int, int]]:
        yield place, last
        if place + 1 < len(tokens) and tokens[place].means & {",", "và"}:
            for end, value in number(tokens, place + 1):
                if value == last + 1:
                    yield from _rest(tokens, end, value)

    return terminal


def _ends_list(tokens: Tokens, place: int) -> bool:
    if place >= len(tokens) or tokens[place].means & _LIST_GOES_BEFORE:
        return True
    return tokens[place].kind is Kind.SIGN


def _date(tokens: Tokens, place: int) -> list[tuple[int, Value]]:
    """`15/6`, `15/6/2026`, `15-6-2026`, `15.6.26`, `2026-06-15`; with two parts only by a stroke."""
    found = []
    for end, sign, parts in _figures(tokens, place):
        if len(parts) == 3 and len(parts[0]) == 4 and sign == "-":
            found += [(end, day) for day in _day(parts[2], parts[1], parts[0])]
        elif len(parts) == 3 or sign == "/":
            found += [(end, day) for day in _day(*parts)]
    return found


def _loose_date(tokens: Tokens, place: int) -> list[tuple[int, Value]]:
    """`15-6` and `15.6`, where "ngày" before them says that they are dates."""
    return [
        (end, day)
        for end, sign, parts in _figures(tokens, place)
        if len(parts) == 2 and sign != "/"
        for day in _day(*parts)
    ]


def _month_year(tokens: Tokens, place: int) -> list[tuple[int, Value]]:
    """`6/2026`, `06-2026`."""
    if place and tokens[place].tight and tokens[place - 1].text in "/-.":
        return []
    return [
        (end, Months(int(parts[0]), 1, int(parts[1])))
        for end, sign, parts in _figures(tokens, place)
        if len(parts) == 2 and sign != "." and len(parts[0]) <= 2 and len(parts[1]) == 4
        if 1 <= int(parts[0]) <= MONTHS_OF_YEAR and _is_year(int(parts[1]))
    ]


def _figures(tokens: Tokens, place: int) -> Iterator[tuple[int, str, list[str]]]:
    """(end, sign, parts) of two and of three numbers with the same sign between them and no space."""
    if tokens[place].kind is not Kind.NUMBER or place + 2 >= len(tokens) or tokens[place + 1].text not in "/-.":
        return
    sign, parts, end = tokens[place + 1].text, [tokens[place].text], place + 1
    while (
        len(parts) < 3
        and end + 1 < len(tokens)
        and tokens[end].text == sign
        and tokens[end].tight
        and tokens[end + 1].kind is Kind.NUMBER
        and tokens[end + 1].tight
    ):
        parts.append(tokens[end + 1].text)
        end += 2
        if len(parts) > 1:
            yield end, sign, list(parts)


def _day(day: str, month: str, year: str | None = None) -> Iterator[DayOfMonth]:
    if len(day) > 2 or len(month) > 2 or not (1 <= int(day) <= 31 and 1 <= int(month) <= MONTHS_OF_YEAR):
        return
    if year is None:
        yield DayOfMonth(int(day), int(month))
    elif len(year) == 2:
        yield DayOfMonth(int(day), int(month), _CENTURY + int(year))
    elif len(year) == 4 and _is_year(int(year)):
        yield DayOfMonth(int(day), int(month), int(year))


def _clock(tokens: Tokens, place: int) -> list[tuple[int, Value]]:
    """(hour, minute) of `8h`, `8h30`, `8 giờ 30 phút`, `08:30`, `8 rưỡi`, `9 giờ kém 15`; `24h` is the end of a day."""
    found: list[tuple[int, Value]] = []
    for end, hour in small_at(tokens, place):
        if hour > _HOURS or end >= len(tokens):
            continue
        sign = tokens[end]
        if sign.text == ":" and sign.tight:
            minutes = tokens[end + 1] if end + 1 < len(tokens) else None
            if minutes and minutes.kind is Kind.NUMBER and minutes.tight and len(minutes.text) == 2:
                found.append((end + 2, (hour, int(minutes.text))))
        elif "giờ" in sign.means or sign.folded == "h" or (sign.folded == "g" and sign.tight):
            found.append((end + 1, (hour, 0)))
            found += _minutes(tokens, end + 1, hour)
        elif "rưỡi" in sign.means:
            found.append((end + 1, (hour, 30)))
    return [(end, (hour, minute)) for end, (hour, minute) in found if minute < (_MINUTES if hour < _HOURS else 1)]


def _minutes(tokens: Tokens, place: int, hour: int) -> Iterator[tuple[int, Value]]:
    if place >= len(tokens):
        return
    if "rưỡi" in tokens[place].means:
        yield place + 1, (hour, 30)
    if "kém" in tokens[place].means:
        for end, minute in small_at(tokens, place + 1):
            if hour and 0 < minute < _MINUTES:
                yield _past_word(tokens, end), (hour - 1, _MINUTES - minute)
    for end, minute in small_at(tokens, place):
        yield _past_word(tokens, end), (hour, minute)


def _past_word(tokens: Tokens, place: int) -> int:
    behind = place < len(tokens) and ("phút" in tokens[place].means or tokens[place].text in ("p", "'", "’"))
    return place + 1 if behind else place


def _is_year(year: int) -> bool:
    return EARLIEST_YEAR <= year <= LATEST_YEAR


_NUMBERS = frozenset((NUMBER, *WORDS))
_FIGURES = frozenset((NUMBER,))
TERMINALS: dict[str, tuple[Terminal, frozenset[str]]] = {
    "day-number": (_day_number, _NUMBERS),
    "bare-day": (_bare_day, _NUMBERS),
    "lone-day": (_lone_day, _NUMBERS),
    "month-of-day": (_month_of_day, _NUMBERS),
    "due": (_due, frozenset(("hạn",))),
    "first-days": (_within(1, 10), _NUMBERS),
    "last-days": (_within(23, 30), _NUMBERS),
    "month": (_within(1, MONTHS_OF_YEAR), _NUMBERS),
    "tight-month": (_tight(1, MONTHS_OF_YEAR), _FIGURES),
    "tight-weekday": (_tight(2, 7), _FIGURES),
    "tight-quarter": (_tight(1, 4), _FIGURES),
    "weekday-number": (_digit, _NUMBERS),
    "week-number": (_week_number, _FIGURES),
    "week-of-month": (_within(1, 5), _NUMBERS),
    "count": (_count, _NUMBERS),
    "year-number": (_year, _NUMBERS),
    "quarter": (_quarter, _NUMBERS | frozenset(_ROMAN)),
    "months-listed": (_listed(_within(1, MONTHS_OF_YEAR)), _NUMBERS),
    "quarters-listed": (_listed(_quarter), _NUMBERS | frozenset(_ROMAN)),
    "date": (_date, _FIGURES),
    "loose-date": (_loose_date, _FIGURES),
    "month-year": (_month_year, _FIGURES),
    "clock": (_clock, _NUMBERS),
}
"""Name to what reads it and the words with which it begins."""
