"""Days off by law beside what was decided in the years that have passed, and terms in working days and hours."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bots.language.calendar.holidays import NamedDay, day_named
from bots.language.calendar.working_time import WorkingCalendar
from huep.calendar_settings import CalendarSettings, Weekday
from huep.clock import PROVINCE_TIMEZONE

CALENDAR = WorkingCalendar()
MOMENTS = st.datetimes(datetime(2013, 2, 1), datetime(2099, 12, 1), timezones=st.just(PROVINCE_TIMEZONE))  # noqa: DTZ001


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PROVINCE_TIMEZONE)


def days(first: str, last: str) -> list[date]:
    begin = date.fromisoformat(first)
    return [begin + timedelta(days=number) for number in range((date.fromisoformat(last) - begin).days + 1)]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2021-02-10", "2021-02-16"),
        ("2022-01-29", "2022-02-06"),
        ("2023-01-20", "2023-01-26"),
        ("2024-02-08", "2024-02-14"),
        ("2025-01-25", "2025-02-02"),
        ("2026-02-14", "2026-02-22"),
        ("2021-09-02", "2021-09-05"),
        ("2022-09-01", "2022-09-04"),
        ("2023-09-01", "2023-09-04"),
        ("2024-08-31", "2024-09-03"),
        ("2025-08-30", "2025-09-02"),
        ("2022-04-30", "2022-05-03"),
        ("2023-04-29", "2023-05-03"),
        ("2026-04-25", "2026-04-27"),
    ],
)
def test_breaks_by_law_are_those_that_were_decided(first: str, last: str) -> None:
    for day in days(first, last):
        assert not CALENDAR.is_working_day(day), day
    assert CALENDAR.is_working_day(date.fromisoformat(first) - timedelta(days=1))
    assert CALENDAR.is_working_day(date.fromisoformat(last) + timedelta(days=1))


def test_tet_is_the_whole_break_around_its_first_day() -> None:
    assert CALENDAR.tet(2025) == (date(2025, 1, 25), date(2025, 2, 3))
    assert CALENDAR.tet(2027) == (date(2027, 2, 4), date(2027, 2, 11))


def test_a_decision_of_the_year_stands_in_place_of_the_law() -> None:
    settings = CalendarSettings.model_validate(
        {"decisions": [{"year": 2026, "off": ["2026-08-31", "2026-09-01", "2026-09-02"], "worked": ["2026-08-22"]}]}
    )
    decided = WorkingCalendar.of(settings)
    assert decided.is_working_day(date(2026, 8, 22)) and not CALENDAR.is_working_day(date(2026, 8, 22))
    assert not decided.is_working_day(date(2026, 8, 31)) and CALENDAR.is_working_day(date(2026, 8, 31))
    assert decided.is_working_day(date(2026, 2, 17)), "what the decision does not name is no day off"
    assert decided.days_off(2027) == CALENDAR.days_off(2027)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ({"morning_from": "12:00"}, "morning_from must be before morning_to"),
        ({"decisions": [{"year": 2026, "off": ["2027-01-01"]}]}, "2027-01-01 is not a day of 2026"),
        ({"decisions": [{"year": 2026, "off": ["2026-01-02"], "worked": ["2026-01-02"]}]}, "2026-01-02 stands under"),
        ({"decisions": [{"year": 2026, "off": []}, {"year": 2026, "off": []}]}, "one table a year"),
        ({"weekly_rest": [day.value for day in Weekday]}, "no day to work on"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused_by_name(content: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        CalendarSettings.model_validate(content)


@pytest.mark.parametrize(
    ("moment", "next_moment"),
    [
        ("2026-07-16T09:00", "2026-07-16T09:00"),
        ("2026-07-16T06:00", "2026-07-16T07:30"),
        ("2026-07-16T12:00", "2026-07-16T13:30"),
        ("2026-07-16T17:00", "2026-07-17T07:30"),
        ("2026-07-17T18:00", "2026-07-20T07:30"),
        ("2026-02-13T17:00", "2026-02-23T07:30"),
    ],
)
def test_the_next_working_moment_skips_lunch_nights_weekends_and_tet(moment: str, next_moment: str) -> None:
    assert CALENDAR.next_working_moment(at(moment)) == at(next_moment)


def test_terms_are_counted_in_working_days_and_end_as_the_office_closes() -> None:
    assert CALENDAR.deadline(at("2026-07-16T10:00"), 3) == at("2026-07-21T17:00")
    assert CALENDAR.deadline(at("2026-02-13T10:00"), 1) == at("2026-02-23T17:00")
    assert CALENDAR.working_days_between(date(2026, 7, 13), date(2026, 7, 20)) == 5
    assert CALENDAR.working_days_between(date(2026, 7, 20), date(2026, 7, 13)) == 0
    assert CALENDAR.add_working_days(date(2026, 7, 20), -1) == date(2026, 7, 17)
    assert CALENDAR.add_working_time(at("2026-07-17T16:00"), timedelta(hours=2)) == at("2026-07-20T08:30")


@given(MOMENTS, st.timedeltas(timedelta(minutes=1), timedelta(days=20)))
def test_office_time_added_is_the_office_time_between(moment: datetime, duration: timedelta) -> None:
    moment, duration = moment.replace(second=0, microsecond=0), timedelta(minutes=duration // timedelta(minutes=1))
    ends = CALENDAR.add_working_time(moment, duration)
    assert CALENDAR.working_time_between(moment, ends) == duration
    opens = CALENDAR.next_working_moment(moment)
    assert opens >= moment and CALENDAR.is_working_moment(opens)


@given(st.dates(date(2014, 1, 1), date(2099, 12, 1)), st.integers(1, 40))
def test_working_days_added_are_the_working_days_between(day: date, count: int) -> None:
    last = CALENDAR.add_working_days(day, count)
    assert CALENDAR.is_working_day(last)
    assert CALENDAR.working_days_between(day + timedelta(days=1), last + timedelta(days=1)) == count


@given(st.integers(2013, 2100))
def test_every_year_has_eleven_days_off_and_none_is_lost_on_a_weekend(year: int) -> None:
    off = CALENDAR.days_off(year).off
    by_law = 11 - (day_named(NamedDay.HUNG_KINGS, year) in {date(year, 4, 30), date(year, 5, 1)})
    assert sum(day.weekday() < 5 for day in off) == by_law


def test_moments_of_other_zones_are_taken_to_the_province() -> None:
    from datetime import UTC

    assert CALENDAR.next_working_moment(datetime(2026, 7, 15, 23, 0, tzinfo=UTC)) == datetime.combine(
        date(2026, 7, 16), time(7, 30), PROVINCE_TIMEZONE
    )
