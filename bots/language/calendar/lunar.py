"""The Vietnamese lunar calendar (âm lịch), from the sun and the moon as they stand over Việt Nam.

A month begins on the day of a new moon; the month with the winter solstice is the eleventh; where thirteen months lie
between two solstices, the first without a major solar term (trung khí) is the leap month (tháng nhuận). So Hồ Ngọc Đức
sets it out (https://www.informatik.uni-leipzig.de/~duc/amlich/calrules_en.html). New moon and sun after Meeus,
Astronomical Algorithms, 2nd edition, chapters 49 and 25. Days begin at midnight of UTC+7 since decree 121/CP of 1967;
before that the calendar in use went by UTC+8.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from math import cos, floor, radians, sin

FIRST_YEAR, LAST_YEAR = 1900, 2100
"""Lunar years that are checked against published tables; outside them nothing is converted."""

_ORDINAL_TO_JULIAN_DAY = 1_721_425
_SINCE_DECREE_121 = date(1968, 1, 1).toordinal() + _ORDINAL_TO_JULIAN_DAY
_SYNODIC_MONTH_DAYS = 29.530588861
_NEW_MOON_OF_2000 = 2_451_550.09766
_J2000 = 2_451_545.0
_CENTURY_DAYS = 36_525
_SECONDS_OF_DAY = 86_400
_SOLSTICE_TERM = 9
"""The winter solstice is the tenth of twelve major terms: the sun at 270°."""


class OutsideLunarCalendar(ValueError):
    """The year is none that the calendar is checked for, or it has no such month or day."""


@dataclass(frozen=True, order=True)
class LunarDate:
    """A day of the lunar calendar; in a leap month `leap` is set, which comes behind the month of the same number."""

    year: int
    month: int
    leap: bool
    day: int


@dataclass(frozen=True)
class LunarMonth:
    """A month with the days that it takes: `first` is its mùng một, `after` the mùng một of the next."""

    year: int
    number: int
    leap: bool
    first: date
    after: date

    @property
    def days(self) -> int:
        """29 in a short month (tháng thiếu), 30 in a full one (tháng đủ)."""
        return (self.after - self.first).days


def months_of(year: int) -> tuple[LunarMonth, ...]:
    """The twelve or thirteen months of a lunar year, from tháng giêng to tháng chạp."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise OutsideLunarCalendar(f"Lunar years go from {FIRST_YEAR} to {LAST_YEAR}, not to {year}.")
    return _months_of(year)


def month_of(year: int, number: int, *, leap: bool = False) -> LunarMonth:
    """One month of a lunar year; OutsideLunarCalendar where the year has no such leap month."""
    for month in months_of(year):
        if (month.number, month.leap) == (number, leap):
            return month
    raise OutsideLunarCalendar(f"The lunar year {year} has no {'leap ' if leap else ''}month {number}.")


def solar(day: LunarDate) -> date:
    """The day of the common calendar; OutsideLunarCalendar where the month has no such day."""
    month = month_of(day.year, day.month, leap=day.leap)
    if not 1 <= day.day <= month.days:
        raise OutsideLunarCalendar(f"Lunar month {day.month} of {day.year} has {month.days} days, not {day.day}.")
    return month.first + timedelta(days=day.day - 1)


def lunar(day: date) -> LunarDate:
    """The lunar day of a day of the common calendar."""
    year = day.year if FIRST_YEAR <= day.year <= LAST_YEAR and day >= new_year(day.year) else day.year - 1
    months = months_of(year)
    month = months[bisect_right(months, day, key=lambda one: one.first) - 1]
    return LunarDate(year, month.number, month.leap, (day - month.first).days + 1)


def new_year(year: int) -> date:
    """Mùng một Tết of a lunar year."""
    return months_of(year)[0].first


def new_year_eve(year: int) -> date:
    """The last day of the year before, ba mươi or, in a short month, hai mươi chín Tết."""
    return new_year(year) - timedelta(days=1)


@lru_cache(maxsize=LAST_YEAR - FIRST_YEAR + 1)
def _months_of(year: int) -> tuple[LunarMonth, ...]:
    before, within = _from_solstice(year - 1), _from_solstice(year)
    # Months 11 and 12 of the solar year before belong to the lunar year before; those behind the next solstice to this.
    mine = [month for month in before if month.number < 11] + [month for month in within if month.number >= 11]
    return tuple(LunarMonth(year, month.number, month.leap, month.first, month.after) for month in mine)


@lru_cache(maxsize=LAST_YEAR - FIRST_YEAR + 2)
def _from_solstice(year: int) -> tuple[LunarMonth, ...]:
    """The months from the eleventh of `year` to the last before the eleventh of the next year."""
    first, last = _eleventh_month(year), _eleventh_month(year + 1)
    beginnings = [_new_moon_day(number) for number in range(first, last + 1)]
    leap_at = None
    if last - first == 13:
        terms = [_major_term(day) for day in beginnings]
        leap_at = next(place for place in range(1, 13) if terms[place] == terms[place + 1])
    months = []
    for place in range(last - first):
        passed = place - 1 if leap_at is not None and place >= leap_at else place
        number = (10 + passed) % 12 + 1
        months.append(
            LunarMonth(
                year,
                number,
                place == leap_at,
                date.fromordinal(beginnings[place]),
                date.fromordinal(beginnings[place + 1]),
            )
        )
    return tuple(months)


def _eleventh_month(year: int) -> int:
    """The number of the new moon with which the month of the winter solstice of `year` begins."""
    new_year_eve_ordinal = date(year, 12, 31).toordinal()
    number = _new_moon_before(new_year_eve_ordinal)
    # The solstice falls on 21 or 22 December: behind the last new moon, or the one before it.
    return number - 1 if _major_term(_new_moon_day(number)) >= _SOLSTICE_TERM else number


def _new_moon_before(ordinal: int) -> int:
    number = floor((ordinal + _ORDINAL_TO_JULIAN_DAY - _NEW_MOON_OF_2000) / _SYNODIC_MONTH_DAYS) + 1
    while _new_moon_day(number) > ordinal:
        number -= 1
    return number


def _major_term(ordinal: int) -> int:
    """Which twelfth of its way the sun is in as the day begins; 0 from the spring equinox."""
    begins = ordinal + _ORDINAL_TO_JULIAN_DAY - 0.5
    begins -= _ahead_of_utc_days(begins)
    return int(_sun_longitude(begins + _earth_lag_days(begins)) / 30) % 12


def _new_moon_day(number: int) -> int:
    """The ordinal of the Vietnamese day on which the new moon falls; number 0 is that of January 2000."""
    moment = _new_moon(number)
    return floor(moment - _earth_lag_days(moment) + 0.5 + _ahead_of_utc_days(moment)) - _ORDINAL_TO_JULIAN_DAY


def _ahead_of_utc_days(julian_day: float) -> float:
    return (7 if julian_day >= _SINCE_DECREE_121 else 8) / 24


def _earth_lag_days(julian_day: float) -> float:
    """ΔT, dynamical less universal time, within half a minute from 1920 on (Espenak and Meeus, NASA/TP-2006-214141)."""
    year = 2000 + (julian_day - _J2000) / 365.25
    since = year - 2000
    if year < 1955:
        seconds = 25.0
    elif year < 1986:
        seconds = 45.45 + 1.067 * (year - 1975) - (year - 1975) ** 2 / 260
    elif year < 2005:
        seconds = 63.86 + 0.3345 * since
    elif year < 2050:
        seconds = 62.92 + 0.32217 * since + 0.005589 * since**2
    else:
        seconds = -20 + 32 * ((year - 1820) / 100) ** 2 - 0.5628 * (2150 - year)
    return seconds / _SECONDS_OF_DAY


_PLANETS = (
    (299.77, 0.107408, 325), (251.88, 0.016321, 165), (251.83, 26.651886, 164), (349.42, 36.412478, 126),
    (84.66, 18.206239, 110), (141.74, 53.303771, 62), (207.14, 2.453732, 60), (154.84, 7.306860, 56),
    (34.52, 27.261239, 47), (207.19, 0.121824, 42), (291.34, 1.844379, 40), (161.72, 24.198154, 37),
    (239.56, 25.513099, 35), (331.55, 3.592518, 23),
)  # fmt: skip
"""Degrees at the new moon 0, degrees a month, and how many millionths of a day each shifts the new moon."""


def _new_moon(number: int) -> float:
    """The moment of a new moon in dynamical time, as a Julian day; within half a minute."""
    t = number / 1236.85
    e = 1 - 0.002516 * t - 0.0000074 * t**2
    sun = radians(2.5534 + 29.10535670 * number - 0.0000014 * t**2)
    moon = radians(201.5643 + 385.81693528 * number + 0.0107582 * t**2)
    latitude = radians(160.7108 + 390.67050284 * number - 0.0016118 * t**2)
    node = radians(124.7746 - 1.56375588 * number + 0.0020672 * t**2)
    mean = _NEW_MOON_OF_2000 + _SYNODIC_MONTH_DAYS * number + 0.00015437 * t**2
    periodic = (
        -0.40720 * sin(moon)
        + 0.17241 * e * sin(sun)
        + 0.01608 * sin(2 * moon)
        + 0.01039 * sin(2 * latitude)
        + 0.00739 * e * sin(moon - sun)
        - 0.00514 * e * sin(moon + sun)
        + 0.00208 * e**2 * sin(2 * sun)
        - 0.00111 * sin(moon - 2 * latitude)
        - 0.00057 * sin(moon + 2 * latitude)
        + 0.00056 * e * sin(2 * moon + sun)
        - 0.00042 * sin(3 * moon)
        + 0.00042 * e * sin(sun + 2 * latitude)
        + 0.00038 * e * sin(sun - 2 * latitude)
        - 0.00024 * e * sin(2 * moon - sun)
        - 0.00017 * sin(node)
    )
    planets = sum(shift * sin(radians(start + a_month * number)) for start, a_month, shift in _PLANETS) / 1_000_000
    return mean + periodic + planets


def _sun_longitude(julian_day: float) -> float:
    """The sun's apparent longitude in degrees from 0 to 360, within 0.01°, which it passes in a quarter of an hour."""
    t = (julian_day - _J2000) / _CENTURY_DAYS
    mean = 280.46646 + 36000.76983 * t + 0.0003032 * t**2
    anomaly = radians(357.52911 + 35999.05029 * t - 0.0001537 * t**2)
    centre = (
        (1.914602 - 0.004817 * t - 0.000014 * t**2) * sin(anomaly)
        + (0.019993 - 0.000101 * t) * sin(2 * anomaly)
        + 0.000289 * sin(3 * anomaly)
    )
    node = radians(125.04 - 1934.136 * t)
    # Venus, Jupiter and the moon pull by up to 0.005° together (Meeus, 1st edition of the low-precision series).
    venus, jupiter, moon = (
        0.00134 * cos(radians(153.23 + 22518.7541 * t)) + 0.00154 * cos(radians(216.57 + 45037.5082 * t)),
        0.00200 * cos(radians(312.69 + 32964.3577 * t)),
        0.00179 * sin(radians(350.74 + 445267.1142 * t)),
    )
    return (mean + centre + venus + jupiter + moon - 0.00569 - 0.00478 * sin(node)) % 360
