"""Days off by law, and the days that people call by a name.

By law (Labour Code 45/2019/QH14, articles 111 and 112): Tết Dương lịch one day, Tết Nguyên đán five, Giỗ Tổ one, 30/4
one, 1/5 one, Quốc khánh two; a day off that falls on the weekly rest is made up for on the next working day. Which five
and which two is decided each year. Worked out here: two days before mùng một and three from it on; of 1/9 and 3/9 the
one that makes the longer break, 1/9 where both do. So it was decided from 2021 to 2026; what is decided otherwise, days
swapped among it, the operator declares in huep.toml, `[[calendar.decisions]]`.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from bots.language.calendar.lunar import LAST_YEAR, LunarDate, new_year, new_year_eve, solar

_DAY = timedelta(days=1)
_TET_DAYS_BEFORE, _TET_DAYS_FROM = 2, 3
_LAW_SINCE = 2013
"""Since May of that year Tết has five days."""


class NamedDay(StrEnum):
    """Days that people name instead of giving their date."""

    NEW_YEAR = "new_year"
    """Tết Dương lịch."""
    TET_EVE = "tet_eve"
    """Giao thừa."""
    TET = "tet"
    """Tết Nguyên đán: the days off around mùng một."""
    LANTERNS = "lanterns"
    """Tết Nguyên tiêu, rằm tháng giêng."""
    HUNG_KINGS = "hung_kings"
    """Giỗ Tổ Hùng Vương, 10/3 by the lunar calendar."""
    REUNIFICATION = "reunification"
    """Ngày Giải phóng miền Nam, 30/4."""
    LABOUR = "labour"
    """Quốc tế Lao động, 1/5."""
    VESAK = "vesak"
    """Lễ Phật đản, rằm tháng tư."""
    DOUBLE_FIFTH = "double_fifth"
    """Tết Đoan Ngọ, 5/5 by the lunar calendar."""
    VU_LAN = "vu_lan"
    """Lễ Vu Lan, rằm tháng bảy."""
    NATIONAL = "national"
    """Quốc khánh, 2/9."""
    MID_AUTUMN = "mid_autumn"
    """Tết Trung thu, rằm tháng tám."""
    KITCHEN_GODS = "kitchen_gods"
    """Ông Công ông Táo, 23 tháng chạp."""
    WOMEN = "women"
    """Quốc tế Phụ nữ, 8/3."""
    VIETNAMESE_WOMEN = "vietnamese_women"
    """Ngày Phụ nữ Việt Nam, 20/10."""
    TEACHERS = "teachers"
    """Ngày Nhà giáo Việt Nam, 20/11."""
    CHRISTMAS = "christmas"
    """Lễ Giáng sinh, 25/12."""


_LUNAR_DAYS = {
    NamedDay.LANTERNS: (1, 15),
    NamedDay.HUNG_KINGS: (3, 10),
    NamedDay.VESAK: (4, 15),
    NamedDay.DOUBLE_FIFTH: (5, 5),
    NamedDay.VU_LAN: (7, 15),
    NamedDay.MID_AUTUMN: (8, 15),
    NamedDay.KITCHEN_GODS: (12, 23),
}
_SOLAR_DAYS = {
    NamedDay.NEW_YEAR: (1, 1),
    NamedDay.WOMEN: (3, 8),
    NamedDay.REUNIFICATION: (4, 30),
    NamedDay.LABOUR: (5, 1),
    NamedDay.NATIONAL: (9, 2),
    NamedDay.VIETNAMESE_WOMEN: (10, 20),
    NamedDay.TEACHERS: (11, 20),
    NamedDay.CHRISTMAS: (12, 25),
}


def day_named(name: NamedDay, year: int) -> date:
    """Its day in `year`, the lunar year where it goes by the moon; of Tết mùng một."""
    if name is NamedDay.TET:
        return new_year(year)
    if name is NamedDay.TET_EVE:
        return new_year_eve(year)
    if name in _LUNAR_DAYS:
        month, day = _LUNAR_DAYS[name]
        return solar(LunarDate(year, month, leap=False, day=day))
    month, day = _SOLAR_DAYS[name]
    return date(year, month, day)


@dataclass(frozen=True)
class DaysOff:
    """The days off of one year beside the weekly rest, and the days of weekly rest that are worked."""

    off: frozenset[date]
    worked: frozenset[date] = frozenset()


NO_DAYS_OFF = DaysOff(frozenset())


@lru_cache(maxsize=256)
def days_off_by_law(year: int, weekly_rest: frozenset[int]) -> DaysOff:
    """What the law gives in `year` where nothing else was decided; none before 2013 or after 2100.

    Args:
        year: of the common calendar.
        weekly_rest: weekdays without work, as `date.weekday` counts them.
    """
    if not _LAW_SINCE <= year <= LAST_YEAR:
        return NO_DAYS_OFF
    tet = new_year(year)
    holidays = {tet + _DAY * number for number in range(-_TET_DAYS_BEFORE, _TET_DAYS_FROM)}
    fixed = (NamedDay.NEW_YEAR, NamedDay.HUNG_KINGS, NamedDay.REUNIFICATION, NamedDay.LABOUR, NamedDay.NATIONAL)
    holidays |= {day_named(name, year) for name in fixed}
    return DaysOff(frozenset(_made_up(holidays | {_beside_national_day(year, weekly_rest)}, weekly_rest)))


def _made_up(holidays: Set[date], weekly_rest: Set[int]) -> set[date]:
    """The holidays with the working days that make up for those on the weekly rest, each the next one free."""
    off = set(holidays)
    for holiday in sorted(holidays):
        if holiday.weekday() in weekly_rest:
            off.add(_next(holiday, lambda day: day not in off and day.weekday() not in weekly_rest))
    return off


def _beside_national_day(year: int, weekly_rest: Set[int]) -> date:
    national = day_named(NamedDay.NATIONAL, year)

    def break_days(beside: date) -> int:
        off = _made_up({national, beside}, weekly_rest)
        days = 1
        for step in (-_DAY, _DAY):
            day = national + step
            while day in off or day.weekday() in weekly_rest:
                days += 1
                day += step
        return days

    return max((national - _DAY, national + _DAY), key=break_days)


def _next(day: date, wanted: Callable[[date], bool]) -> date:
    day += _DAY
    while not wanted(day):
        day += _DAY
    return day
