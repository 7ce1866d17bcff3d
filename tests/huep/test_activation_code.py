"""One-time codes: what they look like, how they are kept, and who is let in."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huep.activation_code import (
    ALPHABET,
    FAILURES_OF_A_CODE,
    FAILURES_OF_A_PERSON,
    FAILURES_OF_AN_ADDRESS,
    GROUP_LENGTH,
    GROUPS,
    WINDOW,
    Attempts,
    HashMalformed,
    StoredCode,
    Verdict,
    canonical_code,
    check,
    hash_code,
    matches,
    new_code,
    waits_until,
)

NOW = datetime(2026, 7, 10, 5, tzinfo=UTC)
CODE = "7KQM-2XWD-9FHT"
HASH = hash_code(CODE)
OPEN = StoredCode(HASH, NOW + timedelta(days=14))
NONE = Attempts()


def test_a_code_has_sixty_bits_of_letters_that_nobody_confuses() -> None:
    assert GROUPS * GROUP_LENGTH * math.log2(len(ALPHABET)) >= 60
    assert len(set(ALPHABET)) == len(ALPHABET)
    assert not set(ALPHABET) & set("01OIoil")
    drawn = {new_code() for _ in range(500)}
    assert len(drawn) == 500
    assert all(canonical_code(code) == code for code in drawn)


@given(st.lists(st.sampled_from(ALPHABET), min_size=12, max_size=12), st.sampled_from(["", " ", "-", "–", " - ", "."]))
def test_a_code_is_known_however_it_is_typed(letters: list[str], between: str) -> None:
    whole = "".join(letters)
    typed = between.join((whole[:4], whole[4:8], whole[8:])).lower()
    assert canonical_code(typed) == f"{whole[:4]}-{whole[4:8]}-{whole[8:]}"


@pytest.mark.parametrize("typed", ["", "7KQM-2XWD", "7KQM-2XWD-9FHTT", "7KQM-2XWD-9FH0", "7KQM-2XWD-9FHỚ"])
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert canonical_code(typed) is None


def test_a_hash_says_its_costs_and_not_its_code() -> None:
    assert HASH.startswith("scrypt$n=4096,r=8,p=1$")
    assert not any(group in HASH for group in CODE.split("-"))
    assert hash_code(CODE) != HASH
    assert matches(CODE, HASH)
    assert not matches("7KQM-2XWD-9FHU", HASH)


def test_a_hash_of_other_costs_still_counts() -> None:
    import base64
    import hashlib

    salt = b"0123456789abcdef"
    digest = hashlib.scrypt(CODE.encode(), salt=salt, n=2**10, r=4, p=2, dklen=24)
    encoded = [base64.b64encode(part).decode().rstrip("=") for part in (salt, digest)]
    assert matches(CODE, f"scrypt$n=1024,r=4,p=2${encoded[0]}${encoded[1]}")


@pytest.mark.parametrize("damaged", ["", "scrypt$n=4096$x$y", HASH.replace("n=4096", "n=4095"), HASH + "$", "argon2$x"])
def test_a_damaged_hash_is_no_wrong_code(damaged: str) -> None:
    with pytest.raises(HashMalformed) as error:
        matches(CODE, damaged)
    assert CODE not in str(error.value)


@pytest.mark.parametrize(
    ("typed", "stored", "verdict"),
    [
        (CODE, OPEN, Verdict.ACCEPTED),
        (CODE.lower().replace("-", " "), OPEN, Verdict.ACCEPTED),
        ("7KQM-2XWD-9FHU", OPEN, Verdict.WRONG),
        ("nonsense", OPEN, Verdict.WRONG),
        (CODE, None, Verdict.WRONG),
        ("", None, Verdict.WRONG),
        (CODE, StoredCode(HASH, NOW), Verdict.EXPIRED),
        (CODE, StoredCode(HASH, NOW + timedelta(days=1), used_at=NOW), Verdict.USED),
        ("7KQM-2XWD-9FHU", StoredCode(HASH, NOW, used_at=NOW), Verdict.WRONG),
    ],
)
def test_verdicts(typed: str, stored: StoredCode | None, verdict: Verdict) -> None:
    assert check(typed, stored, NONE, NOW) is verdict


def test_too_many_failures_stop_a_person_and_the_right_code_must_wait_too() -> None:
    times = [NOW - timedelta(minutes=minute) for minute in range(1, FAILURES_OF_A_PERSON + 1)]
    assert check(CODE, OPEN, Attempts(of_person=times), NOW) is Verdict.TOO_MANY
    assert waits_until(Attempts(of_person=times), NOW) == times[-1] + WINDOW
    assert check(CODE, OPEN, Attempts(of_person=times), times[-1] + WINDOW) is Verdict.ACCEPTED
    assert check(CODE, OPEN, Attempts(of_person=times[:-1]), NOW) is Verdict.ACCEPTED


def test_too_many_failures_with_one_code_stop_it_whoever_it_is_tried_for() -> None:
    times = [NOW - timedelta(minutes=1)] * FAILURES_OF_A_CODE
    assert check(CODE, OPEN, Attempts(of_code=times), NOW) is Verdict.TOO_MANY
    assert check(CODE, OPEN, Attempts(of_code=times[1:]), NOW) is Verdict.ACCEPTED


def test_an_office_behind_one_address_may_err_more_often_than_one_person() -> None:
    failures = [NOW - timedelta(seconds=second) for second in range(FAILURES_OF_AN_ADDRESS)]
    assert check(CODE, OPEN, Attempts(of_address=failures[:-1]), NOW) is Verdict.ACCEPTED
    assert check(CODE, OPEN, Attempts(of_address=failures), NOW) is Verdict.TOO_MANY


def test_failures_of_yesterday_do_not_count() -> None:
    old = [NOW - timedelta(days=1)] * 1000
    assert waits_until(Attempts(old, old, old), NOW) is None
