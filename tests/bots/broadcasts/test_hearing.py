"""Which signs and words mean that somebody has taken note."""

import pytest

from bots.broadcasts.hearing import Noted, is_sign, noted


@pytest.mark.parametrize("key", ["✅", "✔️", "👍", "👍🏽", "👌", "☑️"])
def test_signs_of_assent_count_in_every_colour(key: str) -> None:
    assert is_sign(key)


@pytest.mark.parametrize("key", ["❌", "👎", "😂", "❤️", "đã rõ", ""])
def test_no_other_sign_does(key: str) -> None:
    assert not is_sign(key)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("đã rõ", Noted()),
        ("Dạ em đã rõ ạ", Noted()),
        ("da nhan", Noted()),
        ("Đã đọc rồi", Noted()),
        ("rõ", Noted()),
        ("xác nhận", Noted()),
        ("xác nhận đã nhận", Noted()),
        ("✅", Noted()),
        ("đã rõ 17", Noted(17)),
        ("đã nhận thông báo số 17", Noted(17)),
        ("đã rõ tất cả", Noted(all=True)),
        ("Got it!", Noted()),
        ("noted 17", Noted(17)),
    ],
)
def test_words_of_assent_with_and_without_a_number(said: str, meant: Noted) -> None:
    assert noted(said) == meant


@pytest.mark.parametrize("said", ["chưa rõ", "rõ ràng là sai", "đã rõ chưa?", "ai đã nhận", "xem 17", "nhận", "17"])
def test_what_only_looks_like_it_does_not_count(said: str) -> None:
    assert noted(said) is None
