"""Hours in which no phone rings because of a bot."""

from datetime import datetime, time

import pytest

from bots.runtime.preferences import QuietHours
from huep.clock import PROVINCE_TIMEZONE

NIGHT, NOON = QuietHours(time(22), time(6)), QuietHours(time(11, 30), time(13))


def june(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=PROVINCE_TIMEZONE)


@pytest.mark.parametrize(
    ("hours", "moment", "over_at"),
    [
        (NIGHT, june(15, 23), june(16, 6)),
        (NIGHT, june(16, 0, 30), june(16, 6)),
        (NIGHT, june(16, 6), None),
        (NIGHT, june(16, 12), None),
        (NOON, june(16, 12), june(16, 13)),
        (NOON, june(16, 13), None),
    ],
)
def test_when_they_are_over(hours: QuietHours, moment: datetime, over_at: datetime | None) -> None:
    assert hours.over_at(moment) == over_at
    assert hours.hold(moment) == (over_at is not None)
