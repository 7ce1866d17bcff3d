"""The lunar calendar beside the published tables of two centuries (new_years.tsv: Tết, and which month is doubled)."""

import itertools
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.language.calendar.lunar import (
    FIRST_YEAR,
    LAST_YEAR,
    LunarDate,
    OutsideLunarCalendar,
    lunar,
    month_of,
    months_of,
    new_year,
    new_year_eve,
    solar,
)

PUBLISHED = {
    int(day[:4]): (date.fromisoformat(day), int(leap) if leap else None)
    for day, leap in (
        line.split("\t") for line in (Path(__file__).parent / "new_years.tsv").read_text("utf-8").splitlines()[1:]
    )
}
BEIJING_MERIDIAN = {1916, 1925}
"""Until 1928 the almanac went by Beijing's local time: in these two years the new moon lies between the midnights."""


def test_every_new_year_and_leap_month_of_two_centuries_is_the_published_one() -> None:
    assert set(PUBLISHED) == set(range(FIRST_YEAR, LAST_YEAR + 1))
    for year, (day, leap) in PUBLISHED.items():
        assert next((month.number for month in months_of(year) if month.leap), None) == leap, year
        if year not in BEIJING_MERIDIAN:
            assert new_year(year) == day, year


@pytest.mark.parametrize(
    ("year", "vietnamese", "chinese"),
    [
        (1968, date(1968, 1, 29), date(1968, 1, 30)),
        (1985, date(1985, 1, 21), date(1985, 2, 20)),
        (2007, date(2007, 2, 17), date(2007, 2, 18)),
        (2030, date(2030, 2, 2), date(2030, 2, 3)),
        (2053, date(2053, 2, 18), date(2053, 2, 19)),
    ],
)
def test_tet_is_the_vietnamese_one_where_the_chinese_differs(year: int, vietnamese: date, chinese: date) -> None:
    assert new_year(year) == vietnamese != chinese


@pytest.mark.parametrize(
    ("lunar_day", "day"),
    [
        (LunarDate(2026, 3, False, 10), date(2026, 4, 26)),  # Giỗ Tổ
        (LunarDate(2025, 3, False, 10), date(2025, 4, 7)),
        (LunarDate(2026, 7, False, 15), date(2026, 8, 27)),
        (LunarDate(2025, 8, False, 15), date(2025, 10, 6)),
        (LunarDate(2026, 4, False, 15), date(2026, 5, 31)),
        (LunarDate(2025, 6, True, 1), date(2025, 7, 25)),
        (LunarDate(2033, 11, True, 1), date(2033, 12, 22)),
    ],
)
def test_days_that_everybody_knows(lunar_day: LunarDate, day: date) -> None:
    assert solar(lunar_day) == day
    assert lunar(day) == lunar_day


@given(st.dates(min_value=new_year(FIRST_YEAR), max_value=date(2100, 12, 31)))
def test_there_and_back_is_the_same_day(day: date) -> None:
    assert solar(lunar(day)) == day


def test_months_follow_each_other_without_a_gap_and_have_29_or_30_days() -> None:
    months = [month for year in range(FIRST_YEAR, LAST_YEAR + 1) for month in months_of(year)]
    assert {month.days for month in months} == {29, 30}
    for month, following in itertools.pairwise(months):
        assert month.after == following.first
    assert new_year_eve(2026) + timedelta(days=1) == new_year(2026)


@pytest.mark.parametrize(
    "day",
    [LunarDate(2026, 12, False, 31), LunarDate(2026, 6, True, 1), LunarDate(2101, 1, False, 1)],
)
def test_a_day_that_the_calendar_does_not_have_is_refused(day: LunarDate) -> None:
    with pytest.raises(OutsideLunarCalendar):
        solar(day)


def test_a_leap_month_is_asked_for_by_name() -> None:
    assert month_of(2025, 6).after == month_of(2025, 6, leap=True).first
