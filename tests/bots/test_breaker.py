"""How many messages go to a homeserver that fails, asks to wait, and comes back."""

import pytest

from bots.runtime.backoff import Backoff
from bots.runtime.breaker import FAILURES_IN_A_ROW, MOST_AT_ONCE, Breaker, BreakerState

STEADY = Backoff(first_s=1.0, longest_s=8.0, dice=lambda: 0.5)
"""Pauses of 1, 2, 4, 8, 8 seconds."""


def opened() -> Breaker:
    breaker = Breaker(backoff=STEADY)
    for _ in range(FAILURES_IN_A_ROW):
        breaker.failed(0.0)
    return breaker


def test_single_failures_do_not_open_it() -> None:
    breaker = Breaker(backoff=STEADY)
    for _ in range(10):
        for _ in range(FAILURES_IN_A_ROW - 1):
            breaker.failed(0.0)
        breaker.answered()
    assert breaker.state is BreakerState.CLOSED
    assert breaker.permits(0.0) == MOST_AT_ONCE


def test_failures_in_a_row_open_it_and_nothing_is_sent_until_the_probe() -> None:
    breaker = opened()
    assert breaker.permits(0.9) == 0
    assert breaker.probe_in_s(0.4) == pytest.approx(0.6)
    assert breaker.permits(1.0) == 1
    assert breaker.state is BreakerState.HALF_OPEN


def test_each_probe_that_fails_is_followed_by_a_longer_rest() -> None:
    breaker, at = opened(), 0.0
    rests = []
    for _ in range(5):
        rest = breaker.probe_in_s(at)
        assert rest is not None
        rests.append(rest)
        at += rest
        assert breaker.permits(at) == 1
        breaker.failed(at)
    assert rests == [1, 2, 4, 8, 8]


def test_what_was_on_its_way_when_it_opened_does_not_put_the_probe_off() -> None:
    breaker = opened()
    breaker.failed(0.9)
    assert breaker.permits(1.0) == 1


def test_a_server_that_is_back_meets_one_message_and_then_more() -> None:
    breaker = opened()
    breaker.permits(1.0)
    allowed = []
    for _ in range(MOST_AT_ONCE + 2):
        breaker.answered()
        allowed.append(breaker.permits(1.0))
    assert allowed == [*range(1, MOST_AT_ONCE + 1), MOST_AT_ONCE, MOST_AT_ONCE]


def test_who_is_asked_to_wait_sends_half_as_many() -> None:
    breaker = Breaker(backoff=STEADY)
    allowed = []
    for _ in range(5):
        breaker.asked_to_wait()
        allowed.append(breaker.permits(0.0))
    assert allowed == [4, 2, 1, 1, 1]
    breaker.answered()
    assert breaker.permits(0.0) == 2


def test_a_probe_that_meets_429_found_the_server() -> None:
    breaker = opened()
    breaker.permits(1.0)
    breaker.asked_to_wait()
    assert (breaker.state, breaker.permits(1.0)) == (BreakerState.CLOSED, 1)


def test_a_server_that_is_heard_elsewhere_is_probed_at_once() -> None:
    breaker = opened()
    breaker.heard(0.2)
    assert breaker.permits(0.2) == 1


def test_pauses_double_and_two_who_failed_together_do_not_come_back_together() -> None:
    assert [STEADY.pause_s(failures) for failures in range(1, 7)] == [1, 2, 4, 8, 8, 8]
    assert Backoff(dice=lambda: 0.0).pause_s(10_000) == 30
    assert len({Backoff().pause_s(3) for _ in range(20)}) > 1
