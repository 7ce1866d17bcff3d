"""A clock that a test sets and moves; between two moves it runs as any clock does, so that nothing waits for ever."""

import time
from datetime import datetime, timedelta

from huep.clock import PROVINCE_TIMEZONE

MONDAY_MORNING = datetime(2026, 6, 15, 8, 30, tzinfo=PROVINCE_TIMEZONE)
"""An ordinary working day, in the middle of a month and of a year."""


class MovableClock:
    """A `huep.clock.Clock` in the hands of a test."""

    def __init__(self, at: datetime = MONDAY_MORNING) -> None:
        if at.tzinfo is None:
            raise ValueError("a moment without a time zone is no moment")
        self._at = at
        self._since_s = time.monotonic()

    def __call__(self) -> datetime:
        return self._at + timedelta(seconds=time.monotonic() - self._since_s)

    @property
    def ms(self) -> int:
        """Milliseconds since 1970, as events carry them."""
        return int(self().timestamp() * 1000)

    def moves(self, by: timedelta) -> None:
        """Only forward, as time goes."""
        if by < timedelta(0):
            raise ValueError(f"time does not go back by {by}")
        self._at += by

    def moves_to(self, moment: datetime) -> None:
        """To a later moment."""
        self.moves(moment - self())
