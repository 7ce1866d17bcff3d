"""How parts of a phrase go together where one of them can be two things."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product

from bots.language.calendar.holidays import NamedDay
from bots.language.periods.days import Away, DayOfMonth, LunarDay, Named, On, Weekday
from bots.language.periods.expression import Expression, FromNow, Unit, Year
from bots.language.periods.meaning import Either, Leaning, Limit, Phrase, Side
from bots.language.periods.moments import DayPart, TimeOfDay
from bots.language.periods.ranges import Behind, Range
from bots.language.periods.stretches import (
    Counted,
    EdgeDays,
    FromNowOn,
    LunarMonths,
    Months,
    PartOf,
    Portion,
    WeekOfMonth,
    WeekOfYear,
)

TODAY, YESTERDAY, TOMORROW = (FromNowOn(Unit.DAY, count) for count in (0, -1, 1))
_LAST_DAY_OF_FULL_MONTH = 30
_HOURS = 24


def either(phrases: Sequence[Phrase | None]) -> Phrase | None:
    """One phrase that can be any of these; None where there is none."""
    known = [phrase for phrase in phrases if phrase is not None]
    if not known:
        return None
    phrase = known[0]
    for other in known[1:]:
        phrase = Either(phrase, other)
    return phrase


def readings(phrase: Phrase) -> list[Phrase]:
    """What a phrase can be, one by one."""
    if isinstance(phrase, Either):
        return [*readings(phrase.one), *readings(phrase.other)]
    return [phrase]


def of_each(make: Callable[..., Phrase | None], *phrases: Phrase) -> Phrase | None:
    """`make` of every reading of the phrases that is an expression; who needs one cannot use a limit."""
    combinations = product(*(readings(phrase) for phrase in phrases))
    return either([make(*parts) for parts in combinations if all(isinstance(part, Expression) for part in parts)])


_UNLIKE = {Months, Weekday}
"""Nobody goes from a month to a weekday: in `T2 đến T6 tuần sau` T2 is Monday, not February."""


def ranging(first: Phrase, last: Phrase) -> Phrase | None:
    """From one to the other; where a side can be two things, it is of the other's kind if it can be.

    `từ mùng 1 đến rằm` is lunar on both sides, `từ T2 đến T6` has weekdays on both and no months.
    """
    pairs = [
        (one, other)
        for one, other in product(readings(first), readings(last))
        if isinstance(one, Expression) and isinstance(other, Expression) and {type(one), type(other)} != _UNLIKE
    ]
    alike = [(one, other) for one, other in pairs if type(one) is type(other)]
    return either([Range(one, other) for one, other in alike or pairs])


def behind(phrase: Phrase) -> Phrase:
    """What begins as the phrase ends: `từ sau Tết đến nay`."""
    return of_each(Behind, phrase) or phrase


def limited(side: Side, phrase: Phrase | None) -> Phrase | None:
    """Everything on one side of the phrase."""
    return None if phrase is None else Limit(side, phrase)


def edge_days(count: int, portion: Portion, whole: Phrase) -> Phrase | None:
    """`10 ngày đầu tháng 7`."""
    return of_each(lambda one: EdgeDays(count, portion, one), whole)


def at_time(clock: tuple[int, int], part: DayPart | None, day: Phrase | None) -> Phrase | None:
    """The end of a day, `24h`, is that of one that was said: else it is a duration."""
    hour, minute = clock
    if hour == _HOURS and (day is None or part is not None):
        return None
    hours = [hour] if part is None else _hours_meant(hour, part)
    if day is None:
        times = [TimeOfDay(one, minute, TODAY if part is not None else None) for one in hours]
        return either(times)
    return either([of_each(lambda on, one=one: TimeOfDay(one, minute, on), day) for one in hours])


def _hours_meant(hour: int, part: DayPart) -> list[int]:
    """`2h chiều` is 14:00; `8h chiều` is said of 20:00 and, by a slip, of 8:00."""
    afternoon = hour + 12 if hour < 12 else hour
    if part is DayPart.MORNING:
        return [hour] if hour < 12 else []
    if part is DayPart.NOON:
        return [hour] if 10 <= hour <= 13 else [afternoon] if hour in (1, 2) else []
    if part is DayPart.AFTERNOON:
        return [hour, afternoon] if 7 <= hour < 12 else [afternoon]
    if part is DayPart.EVENING:
        return [afternoon] if afternoon >= 17 else []
    return [24] if hour == 12 else [hour] if hour < 6 or hour >= 21 else [afternoon]


def between_times(
    first: tuple[int, int], first_part: DayPart | None, last: tuple[int, int], part: DayPart | None, day: Phrase | None
) -> Phrase | None:
    day = day or TODAY
    begins, ends = at_time(first, first_part or part, day), at_time(last, part, day)
    return None if begins is None or ends is None else ranging(begins, ends)


def last_units(count: int, unit: Unit) -> Phrase:
    return Counted(count, unit, ahead=False)


def coming_units(count: int, unit: Unit) -> Phrase:
    return Counted(count, unit, ahead=True)


def within_units(count: int, unit: Unit) -> Phrase:
    return Leaning(last_units(count, unit), Counted(count, unit, ahead=True, from_today=True))


def week_of_month(number: int, month: Phrase) -> Phrase | None:
    """`tuần 1 tháng 6`: offices count both calendar weeks and sevens."""
    return of_each(lambda one: Either(WeekOfMonth(number, one, True), WeekOfMonth(number, one, False)), month)


def units_before(count: int, unit: Unit) -> Phrase:
    """`3 ngày trước` is a day; `2 tuần trước` a day or a week."""
    away = Away(-count, unit)
    return Either(FromNowOn(unit, -count), away) if unit in _CALENDAR_UNITS else away


_CALENDAR_UNITS = (Unit.WEEK, Unit.MONTH, Unit.QUARTER, Unit.YEAR)


def past_unit(unit: Unit) -> Phrase:
    return Either(FromNowOn(unit, -1), last_units(1, unit))


def first_days(day: int, month: int | None = None, year: Year | None = None) -> Phrase:
    return Either(LunarDay(day, month, year=year), DayOfMonth(day, month, year))


def tet_eve(day: int, year: Year | None) -> Phrase | None:
    """`28 Tết` is in the last month of the lunar year before; `30 Tết` its last day, be it the 29th."""
    if day == _LAST_DAY_OF_FULL_MONTH:
        return Named(NamedDay.TET_EVE, year)
    if isinstance(year, int):
        return LunarDay(day, 12, year=year - 1)
    return LunarDay(day, 12, year=None if year is None else FromNow(year.years - 1))


def part_of(portion: Portion, of: Phrase) -> Phrase | None:
    return of_each(lambda whole: PartOf(portion, whole), of)


def on_weekday(weekday: int, day: Phrase) -> Phrase | None:
    return of_each(lambda one: On(weekday, one), day)


def in_years(expression: Expression, year: Year | None) -> Expression:
    """The same in that year, where it has none of its own."""
    if year is not None and isinstance(expression, Months | DayOfMonth | LunarDay | LunarMonths | Named | WeekOfYear):
        return replace(expression, year=year)
    return expression
