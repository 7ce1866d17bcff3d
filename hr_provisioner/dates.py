"""Dates as registers write them: day first as Vietnamese people do, or year first as programs do."""

import re
from datetime import date, datetime
from functools import lru_cache

from huep.clock import PROVINCE_TIMEZONE

EARLIEST_YEAR = 1900
LATEST_YEAR = 2100
"""No date of a register in service lies outside; one that does is a slip of the finger."""

_DAY_FIRST = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})")
_YEAR_FIRST = re.compile(
    r"([0-9]{4})([/-])([0-9]{1,2})\2([0-9]{1,2})(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?"
)


class ImpossibleDate(ValueError):
    """The text names no day of the calendar, or one outside `EARLIEST_YEAR` to `LATEST_YEAR`."""


@lru_cache(maxsize=65_536)
def parse_date(text: str) -> date:
    """`31/12/1980`, `31.12.1980`, `31-12-1980` and `1980-12-31` (a time of day behind it is dropped).

    The text is expected trimmed. Raises ImpossibleDate.
    """
    if found := _DAY_FIRST.fullmatch(text):
        day, month, year = int(found[1]), int(found[3]), int(found[4])
    elif found := _YEAR_FIRST.fullmatch(text):
        year, month, day = int(found[1]), int(found[3]), int(found[4])
    else:
        raise ImpossibleDate(text)
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise ImpossibleDate(text)
    try:
        return date(year, month, day)
    except ValueError as error:
        raise ImpossibleDate(text) from error


@lru_cache(maxsize=65_536)
def day_first(day: date) -> str:
    """As people in Vietnam write it: `31/12/1980`."""
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"


def moment(at: datetime) -> str:
    """The day and the time of day in the province, as people there write them: `22/11/2026 09:30`."""
    return f"{at.astimezone(PROVINCE_TIMEZONE):%d/%m/%Y %H:%M}"


def day_of(at: datetime) -> str:
    """The day in the province, as people there write it."""
    return day_first(at.astimezone(PROVINCE_TIMEZONE).date())
