"""Time goes forward alone: by itself slowly, and as far as it is told."""

from datetime import datetime, timedelta

import pytest

from bots.testing.clock import MONDAY_MORNING, MovableClock
from huep.clock import today


def test_it_moves_when_told_and_only_forward() -> None:
    clock = MovableClock()
    assert timedelta(0) <= clock() - MONDAY_MORNING < timedelta(minutes=1)
    clock.moves(timedelta(hours=16))
    assert today(clock).isoformat() == "2026-06-16"
    with pytest.raises(ValueError, match="back"):
        clock.moves_to(MONDAY_MORNING)


def test_it_runs_by_itself() -> None:
    clock = MovableClock()
    first = clock()
    while clock() == first:
        pass
    assert clock() > first


def test_a_moment_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        MovableClock(datetime(2026, 6, 15))  # noqa: DTZ001
