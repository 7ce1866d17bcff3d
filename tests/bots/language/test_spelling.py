"""Marks that were typed are right, marks that were left out are forgiven; slips and Telex without an input method."""

import unicodedata

import pytest

from bots.language.spelling import folded_key, from_telex, is_syllable, same_spelling, slips_of, syllable


@pytest.mark.parametrize(
    ("one", "other"), [("Hoà", "Hòa"), ("thuỷ", "thủy"), ("Mỹ", "Mĩ"), ("kỳ", "kì"), ("Thuận HOÁ", "thuận hóa")]
)
def test_accepted_spellings_are_the_same(one: str, other: str) -> None:
    assert same_spelling(one, other)
    assert same_spelling(unicodedata.normalize("NFD", one), other)
    assert folded_key(one) == folded_key(other)


@pytest.mark.parametrize(("one", "other"), [("Tuấn", "Tuân"), ("Hoà", "Hoá"), ("đa", "da"), ("thuý", "thúi")])
def test_different_words_are_not(one: str, other: str) -> None:
    assert not same_spelling(one, other)


def test_a_mark_left_out_is_forgiven_and_a_wrong_one_is_not() -> None:
    assert syllable("tuan").may_be(syllable("tuần"))
    assert syllable("tuân").may_be(syllable("tuần"))
    assert not syllable("tuấn").may_be(syllable("tuần"))
    assert not syllable("tuần").may_be(syllable("tuan"))
    assert syllable("dau").may_be(syllable("đầu"))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("thasng", "tháng"), ("nafy", "này"), ("tuaafn", "tuần"), ("truwowcs", "trước"), ("namw", "năm"), ("hoom", "hôm")],
)
def test_keystrokes_of_telex_are_read(typed: str, meant: str) -> None:
    made = from_telex(typed)
    assert made is not None and syllable(made) == syllable(meant)


@pytest.mark.parametrize("typed", ["thang", "hello", "tuần", "x", "", "123"])
def test_what_are_no_keystrokes_of_telex_stay(typed: str) -> None:
    assert from_telex(typed) is None


def test_a_slip_is_one_exchange_or_one_doubled_letter() -> None:
    assert "thang" in set(slips_of("thagn")) & set(slips_of("thhang"))
    assert is_syllable("thang") and not is_syllable("thagn") and not is_syllable("thhang")
