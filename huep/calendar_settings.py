"""The section `[calendar]` of huep.toml: office hours, and what the yearly decision on days off says."""

from datetime import date, time
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from huep.sections import Section


class Weekday(StrEnum):
    """A day of the week, in the order of `date.weekday`."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @property
    def number(self) -> int:
        """As `date.weekday` counts: Monday is 0."""
        return list(Weekday).index(self)


class DecisionSettings(Section):
    """One `[[calendar.decisions]]`: the days off of one year as officially announced, in place of those worked out."""

    year: Annotated[int, Field(ge=2000, le=2100)]
    off: tuple[date, ...]
    """Every day off beside the weekly rest: holidays, days off for those that fall on a weekend, days swapped."""
    worked: tuple[date, ...] = ()
    """Days of weekly rest that are worked in exchange."""

    @model_validator(mode="after")
    def _days_are_of_the_year(self) -> Self:
        for day in (*self.off, *self.worked):
            if day.year != self.year:
                raise ValueError(f"{day} is not a day of {self.year}")
        if both := set(self.off) & set(self.worked):
            raise ValueError(f"{min(both)} stands under off and under worked")
        return self


class CalendarSettings(Section):
    """`[calendar]`."""

    morning_from: time = time(7, 30)
    morning_to: time = time(11, 30)
    afternoon_from: time = time(13, 30)
    afternoon_to: time = time(17, 0)
    weekly_rest: tuple[Weekday, ...] = (Weekday.SATURDAY, Weekday.SUNDAY)
    decisions: tuple[DecisionSettings, ...] = ()

    @model_validator(mode="after")
    def _hours_follow_each_other(self) -> Self:
        hours = ("morning_from", "morning_to", "afternoon_from", "afternoon_to")
        for earlier, later in pairwise(hours):
            if getattr(self, earlier) >= getattr(self, later):
                raise ValueError(f"{earlier} must be before {later}")
        if len(set(self.weekly_rest)) == len(Weekday):
            raise ValueError("weekly_rest leaves no day to work on")
        years = [decision.year for decision in self.decisions]
        if len(set(years)) != len(years):
            raise ValueError("decisions has one table a year")
        return self
