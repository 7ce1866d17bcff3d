"""Single days: by date, by the moon, by name, by weekday, by how far away they are."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bots.language.calendar.holidays import NamedDay, day_named
from bots.language.calendar.lunar import LunarMonth, OutsideLunarCalendar, lunar, month_of, months_of, solar
from bots.language.periods.expression import (
    CYCLES_AROUND,
    Cycle,
    Expression,
    Once,
    Unit,
    Year,
    Yearly,
    duration,
    first_of_month,
    monday,
    shifted,
    years_around,
)
from bots.language.periods.model import Period, Setting

_DAY = timedelta(days=1)
_HALF_A_YEAR = timedelta(days=184)
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class DayOfMonth(Expression):
    """`15/6`, `ngày 15` (of whichever month), `ngày 5 tháng sau`."""

    day: int
    month: int | None = None
    year: Year | None = None
    months_from_now: int | None = None

    @property
    def cycle(self) -> Cycle | None:
        if self.months_from_now is not None or self.year is not None:
            return None
        return Cycle.MONTH if self.month is None else Cycle.YEAR

    def near(self, day: date, setting: Setting) -> tuple[Period, ...]:
        return tuple(
            Period.of_day(found) for first in self._months(day, setting) if (found := _in_month(first, self.day))
        )

    def _months(self, day: date, setting: Setting) -> Iterator[date]:
        if self.months_from_now is not None:
            yield first_of_month(setting.today.year, setting.today.month + self.months_from_now)
        elif self.month is None:
            for number in range(-CYCLES_AROUND, CYCLES_AROUND + 1):
                yield first_of_month(day.year, day.month + number)
        else:
            for year in years_around(self.year, day, setting):
                yield date(year, self.month, 1)


@dataclass(frozen=True)
class LunarDay(Expression):
    """`rằm tháng bảy`, `mùng 1` of whichever lunar month."""

    day: int
    month: int | None = None
    leap: bool = False
    year: Year | None = None
    this_month: bool = False

    @property
    def cycle(self) -> Cycle | None:
        if self.year is not None or self.this_month:
            return None
        return Cycle.MONTH if self.month is None else Cycle.YEAR

    def near(self, day: date, setting: Setting) -> tuple[Period, ...]:
        if self.this_month:
            return (Period.of_day(solar(replace(lunar(setting.today), day=self.day))),)
        return tuple(
            Period.of_day(month.first + _DAY * (self.day - 1))
            for month in lunar_months_around(self.month, self.leap, self.year, day, setting)
            if self.day <= month.days
        )


@dataclass(frozen=True)
class Named(Yearly):
    """`Quốc khánh`, `Tết`."""

    name: NamedDay
    year: Year | None = None

    def near(self, day: date, setting: Setting) -> tuple[Period, ...]:
        periods = []
        for year in years_around(self.year, day, setting):
            try:
                if self.name is NamedDay.TET:
                    periods.append(Period.of_days(*setting.calendar.tet(year)))
                else:
                    periods.append(Period.of_day(day_named(self.name, year)))
            except OutsideLunarCalendar:
                continue
        return tuple(periods)


@dataclass(frozen=True)
class Weekday(Expression):
    """`thứ hai` (0) to `chủ nhật` (6), of the week so many after the present one or of whichever."""

    number: int
    weeks: int | None = None

    @property
    def cycle(self) -> Cycle | None:
        return Cycle.WEEK if self.weeks is None else None

    def near(self, day: date, setting: Setting) -> tuple[Period, ...]:
        if self.weeks is not None:
            return (Period.of_day(monday(setting.today) + _WEEK * self.weeks + _DAY * self.number),)
        first = monday(day) + _DAY * self.number
        return tuple(Period.of_day(first + _WEEK * week) for week in range(-CYCLES_AROUND, CYCLES_AROUND + 1))


@dataclass(frozen=True)
class NextWeekday(Once):
    """`thứ sáu tới`, `thứ sáu vừa rồi`: the nearest that is not today."""

    number: int
    ahead: bool

    def periods(self, setting: Setting) -> tuple[Period, ...]:
        away = (self.number - setting.today.weekday()) % 7 or 7
        return (Period.of_day(setting.today + _DAY * (away if self.ahead else (away - 7 or -7))),)


@dataclass(frozen=True)
class On(Expression):
    """A weekday with its date: `thứ sáu, ngày 17/7`; nothing where they do not belong together.

    In some other year they would: so without a year only what is near counts.
    """

    weekday: int
    day: Expression

    @property
    def cycle(self) -> Cycle | None:
        return self.day.cycle

    def near(self, day: date, setting: Setting) -> tuple[Period, ...]:
        return tuple(
            period
            for period in self.day.near(day, setting)
            if period.begins and period.begins.weekday() == self.weekday
            if self.cycle is None or abs(period.begins.date() - day) < _HALF_A_YEAR
        )


@dataclass(frozen=True)
class Away(Once):
    """The day, or the minute, so far from now: `3 ngày nữa`, `cách đây 2 tuần`, `2 tiếng nữa`."""

    count: int
    unit: Unit

    def periods(self, setting: Setting) -> tuple[Period, ...]:
        if self.unit in (Unit.HOUR, Unit.MINUTE):
            moment = setting.now + duration(self.unit, self.count)
            return (Period.of_minute(moment.replace(second=0, microsecond=0)),)
        return (Period.of_day(shifted(setting, setting.today, self.unit, self.count)),)


def _in_month(first: date, number: int) -> date | None:
    day = first + _DAY * (number - 1)
    return day if day.month == first.month else None


def lunar_months_around(
    month: int | None, leap: bool, year: Year | None, day: date, setting: Setting
) -> Iterator[LunarMonth]:
    """The lunar months of that number, or, where no number was said, those around the day."""
    if month is None:
        today = lunar(day)
        around = [one for number in (-1, 0, 1) for one in months_of(today.year + number)]
        here = next(place for place, one in enumerate(around) if one.first <= day < one.after)
        yield from around[here - CYCLES_AROUND : here + CYCLES_AROUND + 1]
        return
    for number in years_around(year, day, setting):
        try:
            yield month_of(number, month, leap=leap)
        except OutsideLunarCalendar:
            continue
