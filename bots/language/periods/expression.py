"""What the grammar makes of a phrase before it is known when it is said: values that name their periods near a day."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, IntEnum, auto

from bots.language.periods.model import MINUTE, Period, Setting

_DAY = timedelta(days=1)
_WEEK = timedelta(weeks=1)
MONTHS_OF_YEAR = 12
CYCLES_AROUND = 2
"""So many weeks or months before and after are looked at for what comes round."""
_YEARS_AROUND = 8
"""29/2 can be eight years away."""


class Cycle(IntEnum):
    """How often something without a year, month, week or day comes round; the longer, the larger."""

    DAY = auto()
    WEEK = auto()
    MONTH = auto()
    YEAR = auto()


class Unit(Enum):
    """What is counted in "3 ngày qua"."""

    MINUTE = auto()
    HOUR = auto()
    DAY = auto()
    WORKING_DAY = auto()
    WEEK = auto()
    MONTH = auto()
    QUARTER = auto()
    YEAR = auto()


@dataclass(frozen=True)
class FromNow:
    """A year so many after the present one."""

    years: int


Year = int | FromNow
"""A year as said."""


class Expression(ABC):
    """Something that names a period, once or each time that it comes round."""

    @property
    def cycle(self) -> Cycle | None:
        """None where it names one period, whenever that is."""
        return None

    @abstractmethod
    def near(self, day: date, setting: Setting) -> tuple[Period, ...]:
        """Its periods around `day`, the earliest first; the one that it names where it does not come round."""


class Yearly(Expression):
    """Something that comes round with each year, unless its year is said."""

    year: Year | None

    @property
    def cycle(self) -> Cycle | None:
        return Cycle.YEAR if self.year is None else None


class Within(Expression):
    """Something that comes round with what it lies in."""

    of: Expression

    @property
    def cycle(self) -> Cycle | None:
        return self.of.cycle


class Once(Expression):
    """Something that names one period, wherever one looks."""

    def near(self, day: date, setting: Setting) -> tuple[Period, ...]:  # noqa: ARG002
        return self.periods(setting)

    @abstractmethod
    def periods(self, setting: Setting) -> tuple[Period, ...]:
        """That period; none where there is no such one."""


def unit_around(day: date, unit: Unit, count: int) -> Period:
    """The calendar unit in which `day` lies, or the one so many behind it."""
    if unit is Unit.DAY:
        return Period.of_day(day + _DAY * count)
    if unit is Unit.WEEK:
        first = monday(day) + _WEEK * count
        return Period.of_days(first, first + _WEEK)
    months = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: MONTHS_OF_YEAR}[unit]
    begin = (day.month - 1) // months * months + 1 + months * count
    return Period.of_days(first_of_month(day.year, begin), first_of_month(day.year, begin + months))


def first_of_month(year: int, month: int) -> date:
    """The first day of a month that may lie beyond its year: month 13 is January of the next."""
    return date(year + (month - 1) // MONTHS_OF_YEAR, (month - 1) % MONTHS_OF_YEAR + 1, 1)


def monday(day: date) -> date:
    """The Monday of the week in which `day` lies."""
    return day - _DAY * day.weekday()


def shifted(setting: Setting, day: date, unit: Unit, count: int) -> date:
    """The day so many units away; of a month that is too short, its last."""
    if unit is Unit.WORKING_DAY:
        return setting.calendar.add_working_days(day, count)
    if unit is Unit.DAY:
        return day + _DAY * count
    if unit is Unit.WEEK:
        return day + _WEEK * count
    months = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: MONTHS_OF_YEAR}[unit]
    first = first_of_month(day.year, day.month + months * count)
    last = first_of_month(first.year, first.month + 1) - _DAY
    return first.replace(day=min(day.day, last.day))


def duration(unit: Unit, count: int) -> timedelta:
    """So many hours or minutes."""
    return MINUTE * count if unit is Unit.MINUTE else hours(count)


def hours(count: int) -> timedelta:
    """So many hours."""
    return timedelta(hours=count)


def years_around(year: Year | None, day: date, setting: Setting) -> Iterator[int]:
    """The year that was said, or, where none was, all years around the day."""
    if isinstance(year, FromNow):
        yield setting.today.year + year.years
    elif year is not None:
        yield year
    else:
        yield from range(max(day.year - _YEARS_AROUND, date.min.year), day.year + _YEARS_AROUND + 1)
