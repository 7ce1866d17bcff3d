"""Failures count for a person, with a code and from an address; what was none is forgiven, what is old forgotten."""

from datetime import UTC, datetime, timedelta

import pytest

from huep.activation_code import (
    FAILURES_OF_A_CODE,
    FAILURES_OF_A_PERSON,
    FAILURES_OF_AN_ADDRESS,
    WINDOW,
    waits_until,
)
from synapse_modules.activation.limits import Attempt, Failures

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
CODE, OTHER = "7KQM-2XWD-9FHT", "AAAA-BBBB-CCCC"


def waits(failures: Failures, attempt: Attempt, now: datetime = NOW) -> bool:
    return waits_until(failures.of(attempt), now) is not None


@pytest.mark.parametrize(
    ("allowed", "alike", "different"),
    [
        (FAILURES_OF_A_PERSON, lambda n: Attempt("an", f"code {n}", f"10.0.0.{n}"), Attempt("binh", CODE, "10.0.0.1")),
        (FAILURES_OF_A_CODE, lambda n: Attempt(f"p{n}", CODE, f"10.0.0.{n}"), Attempt("p1", OTHER, "10.0.0.1")),
        (FAILURES_OF_AN_ADDRESS, lambda n: Attempt(f"p{n}", None, "10.0.0.1"), Attempt("p1", None, "10.0.0.2")),
    ],
    ids=["person", "code", "address"],
)
def test_each_of_the_three_has_its_own_limit(allowed: int, alike: object, different: Attempt) -> None:
    failures = Failures()
    for number in range(allowed):
        assert not waits(failures, alike(number))  # type: ignore[operator]
        failures.note(alike(number), NOW)  # type: ignore[operator]
    assert waits(failures, alike(999))  # type: ignore[operator]
    assert not waits(failures, different)


def test_an_office_may_err_far_more_often_than_a_person() -> None:
    assert FAILURES_OF_AN_ADDRESS >= 20 * FAILURES_OF_A_PERSON


def test_what_was_no_failure_is_forgiven_once() -> None:
    failures = Failures()
    attempt = Attempt("an", CODE, "10.0.0.1")
    kept = failures.note(attempt, NOW)
    forgiven = failures.note(attempt, NOW + timedelta(seconds=1))
    for _ in range(2):
        failures.forgive(forgiven)
    assert failures.of(attempt).of_person == failures.of(attempt).of_code == (NOW,)
    failures.forgive(kept)
    assert failures.of(attempt) == Failures().of(attempt)


def test_after_an_hour_nothing_is_kept() -> None:
    failures = Failures()
    for number in range(50):
        failures.note(Attempt(f"p{number}", CODE, f"10.0.0.{number}"), NOW)
    last = failures.note(Attempt("an", CODE, "10.0.1.1"), NOW + WINDOW)
    assert failures.of(Attempt("p1", CODE, "10.0.0.1")).of_code == (NOW + WINDOW,)
    failures.forgive(last)
    assert not failures._attempts
    assert not failures._times


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", "10.0.0.2", False),
        ("", "", True),
    ],
)
def test_an_ipv6_address_counts_with_those_of_the_same_connection(one: str, other: str, same: bool) -> None:
    failures = Failures()
    failures.note(Attempt("an", None, one), NOW)
    assert bool(failures.of(Attempt("binh", None, other)).of_address) is same
