"""Only who holds the secret, now, gets through the webhook."""

from datetime import UTC, datetime, timedelta

import pytest

from huep.signed_calls import EVENT, SIGNATURE, TIMESTAMP, NotSigned, check, sign

NOW = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
SECRET, BODY = "a shared secret", b'{"officer_codes": ["CB000001"]}'


def call(at: datetime = NOW, event: str = "e-1", body: bytes = BODY, secret: str = SECRET) -> dict[str, str]:
    stamp = int(at.timestamp())
    return {TIMESTAMP: str(stamp), EVENT: event, SIGNATURE: sign(secret, stamp, event, body)}


def test_a_signed_call_of_now_gives_its_event() -> None:
    assert check(SECRET, call(), BODY, NOW, 300) == "e-1"


@pytest.mark.parametrize("seconds", [-300, 300])
def test_clocks_may_differ_within_the_tolerance(seconds: int) -> None:
    assert check(SECRET, call(NOW + timedelta(seconds=seconds)), BODY, NOW, 300) == "e-1"


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (call(NOW - timedelta(seconds=301)), BODY),
        (call(NOW + timedelta(seconds=301)), BODY),
        (call(secret="another"), BODY),
        (call(), BODY + b" "),
        (call() | {EVENT: "e-2"}, BODY),
        (call() | {TIMESTAMP: str(int(NOW.timestamp()) + 1)}, BODY),
        (call() | {TIMESTAMP: "now"}, BODY),
        (call() | {SIGNATURE: ""}, BODY),
        (call() | {SIGNATURE: call()[SIGNATURE].removeprefix("v1=")}, BODY),
        (call() | {SIGNATURE: "v1=ữ"}, BODY),
        (call(event=""), BODY),
        (call(event="a b"), BODY),
        (call(event="x" * 101), BODY),
        ({}, BODY),
    ],
)
def test_everything_else_is_refused(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(NotSigned):
        check(SECRET, headers, body, NOW, 300)
