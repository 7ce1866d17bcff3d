"""What a phrase of time means: half-open intervals of days or of moments in the province."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from bots.language.calendar.working_time import WorkingCalendar
from huep.clock import PROVINCE_TIMEZONE

_DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
EARLIEST_YEAR, LATEST_YEAR = 1900, 2100
"""What lies outside is no period that anybody means."""


class Looking(StrEnum):
    """Where the one who asks looks: it decides "thứ hai" and "trong 3 ngày", which can lie on either side of now."""

    BACK = "back"
    """What has been: reports, counts, lists."""
    AHEAD = "ahead"
    """What is to come: deadlines, reminders, meetings."""
    EITHER = "either"
    """Nothing is known: what can lie on both sides is returned as choices."""


@dataclass(frozen=True)
class Period:
    """A half-open interval in Asia/Ho_Chi_Minh; either end may be open, not both."""

    begins: datetime | None
    ends: datetime | None
    """The first moment after."""
    whole_days: bool
    """Whether it was said in days, so that it begins and ends at midnight."""

    @classmethod
    def of_days(cls, first: date | None, after: date | None) -> "Period":
        """The days from `first` up to but not with `after`."""
        return cls(_midnight(first), _midnight(after), whole_days=True)

    @classmethod
    def of_day(cls, day: date) -> "Period":
        """One whole day."""
        return cls.of_days(day, day + _DAY)

    @classmethod
    def of_minute(cls, moment: datetime) -> "Period":
        """A time of day, as the minute that it names."""
        return cls(moment, moment + MINUTE, whole_days=False)

    @property
    def first_day(self) -> date | None:
        """The day in which it begins."""
        return self.begins.date() if self.begins else None

    @property
    def last_day(self) -> date | None:
        """The last day of which it has a moment."""
        return (self.ends - timedelta(microseconds=1)).date() if self.ends else None

    @property
    def after_day(self) -> date | None:
        """The first day of which it has no moment: with `first_day` a half-open interval of dates."""
        return self.last_day + _DAY if self.last_day else None

    @property
    def is_minute(self) -> bool:
        """Whether it is one time of day rather than a stretch."""
        return not self.whole_days and self.begins is not None and self.ends == self.begins + MINUTE

    @property
    def closing(self) -> datetime | None:
        """Where it ends as the end of something: a stretch after itself, a time of day as it comes."""
        return self.begins if self.is_minute else self.ends


@dataclass(frozen=True)
class Setting:
    """When and where something is said."""

    now: datetime
    """In the province's time zone."""
    looking: Looking = Looking.EITHER
    calendar: WorkingCalendar = field(default_factory=WorkingCalendar)

    @property
    def today(self) -> date:
        """The day on which it is said."""
        return self.now.date()


@dataclass(frozen=True)
class Found:
    """A phrase of time in a text."""

    begin: int
    end: int
    """Its place: `text[begin:end]`; the rest of the sentence is around it."""
    choices: tuple[Period, ...]
    """What it can mean, the earliest first; never empty."""

    @property
    def period(self) -> Period | None:
        """The period, where there is no doubt."""
        return self.choices[0] if len(self.choices) == 1 else None


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), PROVINCE_TIMEZONE) if day else None
