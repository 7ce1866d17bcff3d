"""Times of day and parts of it."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from bots.language.periods.expression import CYCLES_AROUND, Cycle, Expression, hours
from bots.language.periods.model import MINUTE, Period, Setting
from bots.language.periods.stretches import Portion

_DAY = timedelta(days=1)
_WEEK = timedelta(weeks=1)


class DayPart(Enum):
    """`sáng`, `trưa`, `chiều`, `tối`, `đêm`: hours in which it begins, and at which it is over."""

    MORNING = (5, 12)
    NOON = (11, 13)
    AFTERNOON = (13, 18)
    EVENING = (18, 24)
    NIGHT = (22, 29)


@dataclass(frozen=True)
class PartOfDay(Expression):
    """`sáng mai`, `chiều thứ sáu`."""

    part: DayPart
    day: Expression

    @property
    def cycle(self) -> Cycle | None:
        return self.day.cycle

    def near(self, day: date, setting: Setting) -> tuple[Period, ...]:
        begins, ends = self.part.value
        return tuple(
            Period(whole.begins + hours(begins), whole.begins + hours(ends), whole_days=False)
            for whole in self.day.near(day, setting)
            if whole.begins is not None
        )


@dataclass(frozen=True)
class TimeOfDay(Expression):
    """`8h30` of a day, or of whichever."""

    hour: int
    minute: int
    day: Expression | None = None

    @property
    def cycle(self) -> Cycle | None:
        return Cycle.DAY if self.day is None else self.day.cycle

    def near(self, day: date, setting: Setting) -> tuple[Period, ...]:
        away = hours(self.hour) + MINUTE * self.minute
        return tuple(
            Period.of_minute(whole.begins + away)
            for whole in _whole_days(self.day, day, setting)
            if whole.begins is not None
        )


@dataclass(frozen=True)
class OfficeTime(Expression):
    """`giờ hành chính` of a day, the lunch break with it; with `edge` the first or last hour of a half day."""

    day: Expression
    edge: tuple[Portion, DayPart] | None = None

    @property
    def cycle(self) -> Cycle | None:
        return self.day.cycle

    def near(self, day: date, setting: Setting) -> tuple[Period, ...]:
        return tuple(self._of(whole.begins.date(), setting) for whole in self.day.near(day, setting) if whole.begins)

    def _of(self, day: date, setting: Setting) -> Period:
        morning, afternoon = setting.calendar.hours.shifts(day)
        if self.edge is None:
            return Period(morning[0], afternoon[1], whole_days=False)
        portion, part = self.edge
        begins, ends = morning if part is DayPart.MORNING else afternoon
        hour = hours(1)
        if portion is Portion.BEGINNING:
            return Period(begins, begins + hour, whole_days=False)
        return Period(ends - hour, ends, whole_days=False)


def _whole_days(expression: Expression | None, day: date, setting: Setting) -> tuple[Period, ...]:
    if expression is not None:
        return expression.near(day, setting)
    return tuple(Period.of_day(day + _DAY * number) for number in range(-CYCLES_AROUND, CYCLES_AROUND + 1))
