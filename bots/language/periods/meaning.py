"""From what a phrase says to what it can mean when it is said: which year, which side of now."""

from dataclasses import dataclass, replace
from datetime import date
from enum import Enum, auto

from bots.language.periods.expression import Cycle, Expression, Unit, unit_around
from bots.language.periods.model import EARLIEST_YEAR, LATEST_YEAR, Looking, Period, Setting
from bots.language.periods.ranges import Range
from bots.language.periods.stretches import PartOf, Portion

_UNITS = {Cycle.DAY: Unit.DAY, Cycle.WEEK: Unit.WEEK, Cycle.MONTH: Unit.MONTH, Cycle.YEAR: Unit.YEAR}


class Side(Enum):
    """Which side of something is meant."""

    BEFORE = auto()
    """`trước`: up to where it begins."""
    UNTIL = auto()
    """`đến hết`: up to where it ends."""
    SINCE = auto()
    """`từ`: from where it begins."""
    AFTER = auto()
    """`sau`: from where it ends."""


@dataclass(frozen=True)
class Limit:
    """Everything on one side of an expression."""

    side: Side
    of: "Phrase"


@dataclass(frozen=True)
class Deadline:
    """`hạn`, `chậm nhất`: lies ahead where nothing else says where."""

    of: "Phrase"


@dataclass(frozen=True)
class Directed:
    """Something of which the side was said: `30/4 vừa rồi`, `tháng 12 tới`."""

    of: "Phrase"
    looking: Looking


@dataclass(frozen=True)
class Either:
    """A phrase that can be two things."""

    one: "Phrase"
    other: "Phrase"


@dataclass(frozen=True)
class Leaning:
    """One thing for who looks back, another for who looks ahead: `trong 3 ngày`."""

    back: "Phrase"
    ahead: "Phrase"


Phrase = Expression | Limit | Deadline | Directed | Either | Leaning


def periods_of(phrase: Phrase, setting: Setting) -> tuple[Period, ...]:
    """All that the phrase can mean, the earliest first; nothing where there is no such day."""
    try:
        found = set(_periods(phrase, setting))
    except OverflowError:
        return ()
    return tuple(sorted((period for period in found if _is_near(period)), key=_order))


def _periods(phrase: Phrase, setting: Setting) -> tuple[Period, ...]:
    if isinstance(phrase, Either):
        return (*_periods(phrase.one, setting), *_periods(phrase.other, setting))
    if isinstance(phrase, Leaning):
        if setting.looking is Looking.EITHER:
            return (*_periods(phrase.back, setting), *_periods(phrase.ahead, setting))
        return _periods(phrase.back if setting.looking is Looking.BACK else phrase.ahead, setting)
    if isinstance(phrase, Directed):
        return _periods(phrase.of, replace(setting, looking=phrase.looking))
    if isinstance(phrase, Deadline):
        ahead = replace(setting, looking=Looking.AHEAD) if setting.looking is Looking.EITHER else setting
        return _periods(phrase.of, ahead)
    if isinstance(phrase, Limit):
        ends_with = isinstance(phrase.of, PartOf) and phrase.of.portion is Portion.END
        side = Side.UNTIL if phrase.side is Side.BEFORE and ends_with else phrase.side
        return tuple(_limited(side, period) for period in _periods(phrase.of, setting))
    return _chosen(phrase, setting)


def _limited(side: Side, period: Period) -> Period:
    if side is Side.BEFORE:
        return Period(None, period.begins, period.whole_days)
    if side is Side.UNTIL:
        return Period(None, period.closing, period.whole_days)
    return Period(period.begins if side is Side.SINCE else period.closing, None, period.whole_days)


def _chosen(expression: Expression, setting: Setting) -> tuple[Period, ...]:
    """Of what comes round, what is meant: docs/language.md, "Which one is meant"."""
    near = expression.near(setting.today, setting)
    if expression.cycle is None:
        return near
    past = [period for period in near if period.begins and period.begins <= setting.now][-1:]
    if setting.looking is Looking.BACK:
        return tuple(past)
    if setting.looking is Looking.AHEAD:
        return tuple([period for period in near if period.ends and period.ends > setting.now][:1])
    coming = [period for period in near if period.begins and period.begins > setting.now][:1]
    if expression.cycle is Cycle.WEEK and not isinstance(expression, Range):
        return (*past, *coming)
    cycle = unit_around(setting.today, _UNITS[expression.cycle], 0)
    current = [period for period in near if _overlap(period, cycle)]
    if not current:
        return (*past, *coming)
    if len(current) == 1 and expression.cycle is not Cycle.DAY:
        others = [period for period in (*past, *coming) if period not in current]
        current += [
            other for other in others if _days_away(other, setting.today) < _days_away(current[0], setting.today)
        ]
    return tuple(current)


def _overlap(one: Period, other: Period) -> bool:
    return bool(one.begins and one.ends and other.begins and other.ends) and (
        one.begins < other.ends and other.begins < one.ends  # type: ignore[operator]
    )


def _days_away(period: Period, today: date) -> int:
    first, last = period.first_day, period.last_day
    assert first and last  # noqa: S101
    return max((first - today).days, (today - last).days, 0)


def _is_near(period: Period) -> bool:
    ends = [moment for moment in (period.begins, period.ends) if moment is not None]
    return bool(ends) and all(EARLIEST_YEAR <= moment.year <= LATEST_YEAR for moment in ends)


def _order(period: Period) -> tuple[float, float]:
    begins = period.begins.timestamp() if period.begins else float("-inf")
    return begins, period.ends.timestamp() if period.ends else float("inf")
