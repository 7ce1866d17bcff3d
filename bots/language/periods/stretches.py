"""Stretches of whole days: weeks, months, quarters, years, and parts of them."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto

from bots.language.periods.days import lunar_months_around
from bots.language.periods.expression import (
    MONTHS_OF_YEAR,
    Cycle,
    Expression,
    Once,
    Unit,
    Within,
    Year,
    Yearly,
    duration,
    first_of_month,
    monday,
    shifted,
    unit_around,
    years_around,
)
from bots.language.periods.model import Period, Setting

_DAY = timedelta(days=1)
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class FromNowOn(Once):
    """The unit so many after the present one: `tuần trước`, `ngày mai`, `quý này`."""

    unit: Unit
    count: int

    def periods(self, setting: Setting) -> tuple[Period, ...]:
        return (unit_around(setting.today, self.unit, self.count),)


@dataclass(frozen=True)
class Months(Yearly):
    """So many months of a year from one on: `tháng 6`, `quý III/2025`, `6 tháng đầu năm`, `năm 2025`."""

    first: int
    count: int
    year: Year | None = None

    def near(self, day: date, setting: Setting) -> tuple[Period, ...]:
        return tuple(
            Period.of_days(first_of_month(year, self.first), first_of_month(year, self.first + self.count))
            for year in years_around(self.year, day, setting)
        )


@dataclass(frozen=True)
class Years(Once):
    """From one year to another, both whole: `nhiệm kỳ 2020-2025`."""

    first: int
    last: int

    def periods(self, setting: Setting) -> tuple[Period, ...]:  # noqa: ARG002
        return (Period.of_days(date(self.first, 1, 1), date(self.last + 1, 1, 1)),) if self.first <= self.last else ()


@dataclass(frozen=True)
class LunarMonths(Yearly):
    """`tháng giêng âm lịch`."""

    month: int
    leap: bool = False
    year: Year | None = None

    def near(self, day: date, setting: Setting) -> tuple[Period, ...]:
        return tuple(
            Period.of_days(month.first, month.after)
            for month in lunar_months_around(self.month, self.leap, self.year, day, setting)
        )


@dataclass(frozen=True)
class WeekOfYear(Yearly):
    """`tuần 25`: by ISO 8601, as Vietnamese calendars number weeks."""

    number: int
    year: Year | None = None

    def near(self, day: date, setting: Setting) -> tuple[Period, ...]:
        periods = []
        for year in years_around(self.year, day, setting):
            first = monday(date(year, 1, 4)) + _WEEK * (self.number - 1)
            if (first + _DAY * 3).year == year:
                periods.append(Period.of_days(first, first + _WEEK))
        return tuple(periods)


@dataclass(frozen=True)
class WeekOfMonth(Expression):
    """`tuần 1 tháng 6`: counted by calendar weeks, or by sevens from the first on."""

    number: int
    month: Expression
    calendar_week: bool

    @property
    def cycle(self) -> Cycle | None:
        return self.month.cycle

    def near(self, day: date, setting: Setting) -> tuple[Period, ...]:
        periods = []
        for month in self.month.near(day, setting):
            assert month.first_day and month.after_day  # noqa: S101
            begins = monday(month.first_day) if self.calendar_week else month.first_day
            first = begins + _WEEK * (self.number - 1)
            if first < month.after_day:
                after = first + _WEEK
                periods.append(Period.of_days(first, after if self.calendar_week else min(after, month.after_day)))
        return tuple(periods)


class Portion(Enum):
    """`đầu`, `giữa`, `cuối`, `nửa đầu`, `nửa cuối`."""

    BEGINNING = auto()
    MIDDLE = auto()
    END = auto()
    FIRST_HALF = auto()
    SECOND_HALF = auto()


@dataclass(frozen=True)
class PartOf(Within):
    """`cuối tháng 6`, `nửa đầu năm`, `cuối tuần`: thirds, but the end of a week is Saturday and Sunday."""

    portion: Portion
    of: Expression

    def near(self, day: date, setting: Setting) -> tuple[Period, ...]:
        return tuple(part for whole in self.of.near(day, setting) if (part := self._of(whole)))

    def _of(self, whole: Period) -> Period | None:
        first, after = whole.first_day, whole.after_day
        if first is None or after is None or not whole.whole_days:
            return None
        edges = _edges(first, after)
        if edges is None:
            return None
        one_third, half, two_thirds = edges
        weekend = after - _DAY * 2 if after - first == _WEEK else two_thirds
        begins, ends = {
            Portion.BEGINNING: (first, one_third),
            Portion.MIDDLE: (one_third, two_thirds),
            Portion.END: (weekend, after),
            Portion.FIRST_HALF: (first, half),
            Portion.SECOND_HALF: (half, after),
        }[self.portion]
        return Period.of_days(begins, ends)


@dataclass(frozen=True)
class EdgeDays(Within):
    """`10 ngày đầu tháng 7`, `5 ngày cuối năm`; nothing where the whole has fewer days."""

    count: int
    portion: Portion
    of: Expression

    def near(self, day: date, setting: Setting) -> tuple[Period, ...]:
        periods = []
        for whole in self.of.near(day, setting):
            first, after = whole.first_day, whole.after_day
            if first and after and after - first >= _DAY * self.count:
                if self.portion is Portion.BEGINNING:
                    periods.append(Period.of_days(first, first + _DAY * self.count))
                else:
                    periods.append(Period.of_days(after - _DAY * self.count, after))
        return tuple(periods)


@dataclass(frozen=True)
class Counted(Once):
    """So many units up to today or from tomorrow on: `3 ngày qua`, `2 tuần tới`; with `from_today`, `trong 3 ngày`."""

    count: int
    unit: Unit
    ahead: bool
    from_today: bool = False

    def periods(self, setting: Setting) -> tuple[Period, ...]:
        if self.unit in (Unit.HOUR, Unit.MINUTE):
            away = duration(self.unit, self.count)
            begins, ends = (setting.now, setting.now + away) if self.ahead else (setting.now - away, setting.now)
            return (Period(begins, ends, whole_days=False),)
        tomorrow = setting.today + _DAY
        if not self.ahead:
            begin = shifted(setting, setting.today, self.unit, -self.count)
            return (Period.of_days(begin + _DAY, tomorrow),)
        after = shifted(setting, setting.today, self.unit, self.count) + _DAY
        return (Period.of_days(setting.today if self.from_today else tomorrow, after),)


def _edges(first: date, after: date) -> tuple[date, date, date] | None:
    """Where the first third, the first half and the second third of a week, month, quarter or year end."""
    if after - first == _WEEK:
        return first + _DAY * 2, first + _DAY * 3, first + _DAY * 4
    months = (after.year - first.year) * MONTHS_OF_YEAR + after.month - first.month
    if first.day != 1 or after.day != 1:
        return None
    if months == 1:
        return first + _DAY * 10, first + _DAY * 15, first + _DAY * 20
    if months % 3:
        return None
    third = months // 3
    half = first_of_month(first.year, first.month + months // 2)
    if months % 2:
        half += _DAY * 15
    return first_of_month(first.year, first.month + third), half, first_of_month(first.year, first.month + 2 * third)
