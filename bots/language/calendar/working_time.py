"""Working days and office hours: what is a deadline of three working days, when does the office open next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from bots.language.calendar.holidays import DaysOff, days_off_by_law
from bots.language.calendar.lunar import new_year
from huep.calendar_settings import CalendarSettings
from huep.clock import PROVINCE_TIMEZONE

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class OfficeHours:
    """When offices are open on a working day."""

    morning_from: time = time(7, 30)
    morning_to: time = time(11, 30)
    afternoon_from: time = time(13, 30)
    afternoon_to: time = time(17, 0)

    def shifts(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """Morning and afternoon of that day as half-open intervals."""
        return (
            (_at(day, self.morning_from), _at(day, self.morning_to)),
            (_at(day, self.afternoon_from), _at(day, self.afternoon_to)),
        )


@dataclass(frozen=True)
class WorkingCalendar:
    """Which days are worked, and when; all moments are of the province's time zone."""

    hours: OfficeHours = OfficeHours()
    weekly_rest: frozenset[int] = frozenset({5, 6})
    """Weekdays without work, as `date.weekday` counts them."""
    decided: Mapping[int, DaysOff] = field(default_factory=dict)
    """Years of which the days off were announced; the others go by law."""

    @classmethod
    def of(cls, settings: CalendarSettings) -> "WorkingCalendar":
        """The calendar of a province's huep.toml."""
        return cls(
            OfficeHours(settings.morning_from, settings.morning_to, settings.afternoon_from, settings.afternoon_to),
            frozenset(day.number for day in settings.weekly_rest),
            {one.year: DaysOff(frozenset(one.off), frozenset(one.worked)) for one in settings.decisions},
        )

    def days_off(self, year: int) -> DaysOff:
        """Of one year: as announced, else by law."""
        return self.decided.get(year) or days_off_by_law(year, self.weekly_rest)

    def is_working_day(self, day: date) -> bool:
        """Whether offices are open at all."""
        days_off = self.days_off(day.year)
        return day not in days_off.off and (day.weekday() not in self.weekly_rest or day in days_off.worked)

    def tet(self, lunar_year: int) -> tuple[date, date]:
        """The days without work around mùng một Tết: the first of them, and the first day of work behind."""
        first = after = new_year(lunar_year)
        while not self.is_working_day(first - _DAY):
            first -= _DAY
        while not self.is_working_day(after):
            after += _DAY
        return first, after

    def working_days_between(self, first: date, after: date) -> int:
        """How many days of the half-open interval are worked; 0 where it is empty or backwards."""
        return sum(self.is_working_day(first + _DAY * number) for number in range((after - first).days))

    def add_working_days(self, day: date, count: int) -> date:
        """The working day that lies so many behind `day`, which itself is not counted; backwards where negative."""
        step = _DAY if count >= 0 else -_DAY
        for _ in range(abs(count)):
            day += step
            while not self.is_working_day(day):
                day += step
        return day

    def deadline(self, moment: datetime, working_days: int) -> datetime:
        """When a term of so many working days that begins at `moment` runs out: as the office closes on the last."""
        last = self.add_working_days(_local(moment).date(), working_days)
        return _at(last, self.hours.afternoon_to)

    def is_working_moment(self, moment: datetime) -> bool:
        """Whether the office is open."""
        moment = _local(moment)
        return self.is_working_day(moment.date()) and any(
            begins <= moment < ends for begins, ends in self.hours.shifts(moment.date())
        )

    def next_working_moment(self, moment: datetime) -> datetime:
        """`moment` itself within office hours, else when the office opens next."""
        moment = _local(moment)
        day = moment.date()
        if self.is_working_day(day):
            for begins, ends in self.hours.shifts(day):
                if moment < ends:
                    return max(moment, begins)
        return self.hours.shifts(self.add_working_days(day, 1))[0][0]

    def add_working_time(self, moment: datetime, duration: timedelta) -> datetime:
        """When so much of office time has gone by since `moment`."""
        moment = self.next_working_moment(moment)
        while True:
            closes = next(ends for begins, ends in self.hours.shifts(moment.date()) if begins <= moment < ends)
            if duration <= closes - moment:
                return moment + duration
            duration -= closes - moment
            moment = self.next_working_moment(closes)

    def working_time_between(self, begins: datetime, ends: datetime) -> timedelta:
        """How much office time lies in the half-open interval; none where it is backwards."""
        begins, ends = _local(begins), _local(ends)
        total = timedelta()
        for number in range((ends.date() - begins.date()).days + 1):
            day = begins.date() + _DAY * number
            if self.is_working_day(day):
                for opens, closes in self.hours.shifts(day):
                    total += max(min(closes, ends) - max(opens, begins), timedelta())
        return total


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, PROVINCE_TIMEZONE)


def _local(moment: datetime) -> datetime:
    return moment.astimezone(PROVINCE_TIMEZONE)
