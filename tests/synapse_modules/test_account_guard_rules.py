"""Who may have an account and who may log in, as tables."""

import pytest

from synapse_modules.account_guard.rules import LEFT_THE_REGISTER, may_log_in, may_register
from synapse_modules.projection import RegisterStatus

ALLOWED = frozenset({"huep", "tro-ly"})
ACTIVE, LEFT = RegisterStatus.ACTIVE, RegisterStatus.LEFT


@pytest.mark.parametrize(
    ("localpart", "status", "expected"),
    [
        ("nguyen-van-anh-k12", ACTIVE, True),
        ("nguyen-van-anh-k12", LEFT, False),
        ("nguyen-van-anh-k12", None, False),
        ("huep", None, True),
        ("huep", LEFT, True),
        ("HUEP", None, False),
        ("", None, False),
        (None, None, False),
        (None, ACTIVE, False),
    ],
)
def test_only_active_people_and_listed_accounts_may_register(
    localpart: str | None, status: RegisterStatus | None, expected: bool
) -> None:
    assert may_register(localpart, status, ALLOWED) is expected


@pytest.mark.parametrize(
    ("localpart", "status", "expected"),
    [
        ("an-k1", ACTIVE, True),
        ("an-k1", LEFT, False),
        ("an-k1", None, True),
        ("tro-ly", LEFT, True),
    ],
)
def test_login_is_refused_only_to_those_known_to_have_left(
    localpart: str, status: RegisterStatus | None, expected: bool
) -> None:
    assert may_log_in(localpart, status, ALLOWED) is expected


def test_the_refusal_is_one_vietnamese_sentence_that_says_whom_to_ask() -> None:
    assert "phòng tổ chức cán bộ" in LEFT_THE_REGISTER
