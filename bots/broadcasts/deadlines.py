"""Until when an announcement is to be acknowledged, and how much it asks: parsers of the dialog."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bots.broadcasts.model import Level
from bots.language.calendar.working_time import WorkingCalendar
from bots.language.periods.model import Looking, Period
from bots.language.periods.search import read_period
from bots.runtime.arguments import Ambiguous, Asking, Choice, Kept, NotUnderstood, Reading, Understood
from bots.runtime.parsers import OneOf
from huep.catalogue import Catalogue, Locale
from huep.clock import PROVINCE_TIMEZONE

MESSAGES = Catalogue("bots.broadcasts")

OFFERED = 3
"""Deadlines that can be chosen by a number."""
WORTH_OFFERING = timedelta(hours=1)
"""So much time is left at least."""

LEVELS: OneOf[Level] = OneOf(
    {
        Level.INFORMATION: {
            Locale.VI: ("để biết", "thông tin", "thông báo", "thường", "bình thường", "tin thường"),
            Locale.EN: ("for information", "information", "info"),
        },
        Level.IMPORTANT: {
            Locale.VI: ("quan trọng", "cần xác nhận", "phải đọc"),
            Locale.EN: ("important",),
        },
        Level.URGENT: {
            Locale.VI: ("khẩn", "khẩn cấp", "hoả tốc", "hỏa tốc", "thượng khẩn", "tối khẩn", "gấp"),
            Locale.EN: ("urgent", "emergency"),
        },
    }
)
"""How much it asks."""


@dataclass(frozen=True)
class DeadlineWords:
    """A moment to come: `trước 17h thứ sáu`, `trong 3 ngày`, `hết ngày mai`, `30 phút nữa`.

    What is said in days ends as the office closes on the last of them, where offices work on it and that is still to
    come; else at 23:59.

    Args:
        longest: how far it may lie ahead.
        calendar: office hours and holidays.
    """

    longest: timedelta
    calendar: WorkingCalendar = field(default_factory=WorkingCalendar)
    takes_anything: bool = False

    def read(self, words: str, asking: Asking) -> Reading[datetime]:
        found = read_period(words, asking.moment, Looking.AHEAD, self.calendar)
        if found is None:
            return NotUnderstood()
        moments = dict.fromkeys(
            moment for period in found.choices if (moment := self._end_of(period, asking.moment)) is not None
        )
        allowed = [moment for moment in moments if self._is_allowed(moment, asking.moment)]
        if len(allowed) > 1:
            return Ambiguous(tuple(Choice(self.written(one, asking.locale), one) for one in sorted(allowed)))
        if allowed:
            return Understood(allowed[0])
        return NotUnderstood(self._why(list(moments), asking))

    def offers(self, asking: Asking) -> tuple[Choice[datetime], ...]:
        """When offices close on this day, where there is time left, and on the working days after it."""
        now = asking.moment.astimezone(PROVINCE_TIMEZONE)
        days = [
            self.calendar.add_working_days(now.date() - timedelta(days=1), count) for count in range(1, OFFERED + 2)
        ]
        closings = [self.calendar.hours.shifts(day)[-1][1] for day in days]
        left = [closing for closing in closings if closing - now > WORTH_OFFERING]
        return tuple(Choice(self.written(closing, asking.locale), closing) for closing in left[:OFFERED])

    def written(self, value: datetime, locale: Locale) -> str:
        local = value.astimezone(PROVINCE_TIMEZONE)
        weekday = MESSAGES.text(locale, f"weekday-{local.weekday()}")
        return MESSAGES.text(
            locale, "deadline-moment", {"time": f"{local:%H:%M}", "weekday": weekday, "day": f"{local:%d/%m/%Y}"}
        )

    def dump(self, value: datetime) -> Kept:
        return value.isoformat()

    def load(self, kept: Kept, asking: Asking) -> datetime | None:
        value = datetime.fromisoformat(str(kept))
        return value if self._is_allowed(value, asking.moment) else None

    def _end_of(self, period: Period, now: datetime) -> datetime | None:
        """Where it ends; None for what has no end, `từ thứ sáu`."""
        closing = period.closing
        if closing is None or not period.whole_days:
            return closing
        last = (closing - timedelta(microseconds=1)).date()
        office = self.calendar.hours.shifts(last)[-1][1]
        if self.calendar.is_working_day(last) and office > now:
            return office
        return closing - timedelta(minutes=1)

    def _is_allowed(self, moment: datetime, now: datetime) -> bool:
        return now < moment <= now + self.longest

    def _why(self, moments: Sequence[datetime], asking: Asking) -> str:
        if not moments:
            return ""
        if min(moments) <= asking.moment:
            return MESSAGES.text(asking.locale, "deadline-past")
        return MESSAGES.text(asking.locale, "deadline-too-far", {"days": self.longest.days})
