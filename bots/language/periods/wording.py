"""Says a period back to the person, so that a wrong understanding is seen before it does anything."""

from datetime import date, datetime

from bots.language.periods.model import Found, Period
from huep.catalogue import Catalogue, Locale, Message

MESSAGES = Catalogue("bots.language")


def say(period: Period, locale: Locale = Locale.VI) -> str:
    """`từ 01/06/2026 đến hết 30/06/2026`; in Vietnamese a phrase that is read back as the same period."""
    return MESSAGES.render(locale, wording(period))


def say_choices(found: Found, locale: Locale = Locale.VI) -> str:
    """All that a phrase can mean, one or the other."""
    said = say(found.choices[0], locale)
    for choice in found.choices[1:]:
        said = MESSAGES.text(locale, "or", {"one": said, "other": say(choice, locale)})
    return said


def wording(period: Period) -> Message:
    """The message that names the period, for a sentence that has it among its arguments."""
    if period.whole_days:
        return _days(period)
    if period.begins is None:
        assert period.ends is not None  # noqa: S101
        return Message.of("moments-until", ends=_moment(period.ends))
    if period.ends is None:
        return Message.of("moments-since", begins=_moment(period.begins))
    if period.is_minute:
        return Message.of("minute", begins=_moment(period.begins))
    return Message.of("moments", begins=_moment(period.begins), ends=_moment(period.ends))


def _days(period: Period) -> Message:
    first, last = period.first_day, period.last_day
    if first is None:
        assert last is not None  # noqa: S101
        return Message.of("days-until", last=_date(last))
    if last is None:
        return Message.of("days-since", first=_date(first))
    if first == last:
        return Message.of("day", first=_date(first))
    return Message.of("days", first=_date(first), last=_date(last))


def _moment(moment: datetime) -> Message:
    return Message.of("time-of-day", time=f"{moment:%H:%M}", day=_date(moment.date()))


def _date(day: date) -> str:
    return f"{day:%d/%m}/{day.year:04}"
