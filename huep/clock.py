"""The one source of time, so that tests and plans can name their own day."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

PROVINCE_TIMEZONE = ZoneInfo("Asia/Ho_Chi_Minh")

Clock = Callable[[], datetime]
"""Gives the present moment as an aware datetime."""


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def today(clock: Clock = now) -> date:
    """The calendar day in the province: the day on which posts begin and people leave."""
    return clock().astimezone(PROVINCE_TIMEZONE).date()
