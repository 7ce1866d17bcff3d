"""From one thing to another."""

from dataclasses import dataclass
from datetime import date, timedelta

from bots.language.periods.expression import Cycle, Expression, Within
from bots.language.periods.model import Period, Setting

_DAY = timedelta(days=1)
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Range(Expression):
    """From one to the other. What one side leaves open the other gives: `từ 15 đến 20/6`, `từ 8h đến 10h sáng mai`."""

    first: Expression
    last: Expression

    @property
    def cycle(self) -> Cycle | None:
        return (self.last if self._last_leads else self.first).cycle

    @property
    def _last_leads(self) -> bool:
        return _rank(self.last) >= _rank(self.first)

    def near(self, day: date, setting: Setting) -> tuple[Period, ...]:
        if self._last_leads:
            pairs: list[tuple[Period | None, Period | None]] = [
                (self._before(last, setting), last) for last in self.last.near(day, setting)
            ]
        else:
            pairs = [(first, self._behind(first, setting)) for first in self.first.near(day, setting)]
        return tuple(
            Period(first.begins, last.closing, whole_days=first.whole_days and last.whole_days)
            for first, last in pairs
            if first and last and first.begins and last.closing and first.begins < last.closing
        )

    def _before(self, last: Period, setting: Setting) -> Period | None:
        if last.begins is None:
            return None
        at = last.begins
        before = [one for one in self.first.near(at.date(), setting) if one.begins and one.begins <= at]
        return before[-1] if before else None

    def _behind(self, first: Period, setting: Setting) -> Period | None:
        if first.begins is None:
            return None
        at = first.begins
        return next((one for one in self.last.near(at.date(), setting) if one.begins and one.begins >= at), None)


@dataclass(frozen=True)
class Behind(Within):
    """All that comes after something; it has no end of its own."""

    of: Expression

    def near(self, day: date, setting: Setting) -> tuple[Period, ...]:
        return tuple(Period(one.closing, None, one.whole_days) for one in self.of.near(day, setting) if one.closing)


def _rank(expression: Expression) -> int:
    return Cycle.YEAR + 1 if expression.cycle is None else expression.cycle
