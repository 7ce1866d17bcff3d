"""Numbers in digits and in words, with and without diacritics."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.language.numbers import find_numbers, read_number
from huep.names import fold

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")


def spelled(number: int) -> str:
    """As Vietnamese says it, from 0 to 999,999,999,999."""
    for scale, name in ((1_000_000_000, "tỷ"), (1_000_000, "triệu"), (1_000, "nghìn")):
        if number >= scale:
            rest = number % scale
            behind = ""
            if rest:
                gap = "không trăm " if rest < 100 else ""
                gap += "linh " if rest < 10 else ""
                behind = " " + gap + spelled(rest) if rest < 1_000 else " " + spelled(rest)
            return f"{spelled(number // scale)} {name}{behind}"
    if number >= 100:
        rest = number % 100
        return f"{DIGITS[number // 100]} trăm" + (
            f" linh {DIGITS[rest]}" if 0 < rest < 10 else f" {spelled(rest)}" if rest else ""
        )
    if number < 10:
        return DIGITS[number]
    unit = number % 10
    tens = "mười" if number < 20 else f"{DIGITS[number // 10]} mươi"
    last = "" if not unit else "lăm" if unit == 5 else "mốt" if unit == 1 and number > 20 else DIGITS[unit]
    return f"{tens} {last}".strip()


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("15", "15"),
        ("mười lăm", "15"),
        ("hai mươi mốt", "21"),
        ("hăm ba", "23"),
        ("hai mốt", "21"),
        ("hai tư", "24"),
        ("hai chục", "20"),
        ("một trăm linh năm", "105"),
        ("một trăm lẻ năm", "105"),
        ("một trăm hai", "120"),
        ("trăm rưỡi", "150"),
        ("một nghìn ba", "1300"),
        ("hai nghìn không trăm hai mươi lăm", "2025"),
        ("hai ngàn linh tám", "2008"),
        ("1.234.567", "1234567"),
        ("1.234,5", "1234.5"),
        ("1.5", "1.5"),
        ("1,5 triệu", "1500000"),
        ("1,5tr", "1500000"),
        ("1tr2", "1200000"),
        ("2tr25", "2250000"),
        ("15k", "15000"),
        ("2 tỷ 300", "2300000000"),
        ("2 tỉ 300 triệu", "2300000000"),
        ("hai tỷ rưỡi", "2500000000"),
        ("hai triệu tư", "2400000"),
        ("3 triệu 500 nghìn", "3500000"),
        ("một triệu không trăm linh năm nghìn", "1005000"),
    ],
)
def test_numbers_as_people_write_them(written: str, value: str) -> None:
    for text in (written, fold(written), written.upper()):
        number = read_number(text)
        assert number is not None, text
        assert number.value == Decimal(value), text


def test_a_comma_before_three_digits_can_be_english_and_is_left_to_the_person() -> None:
    number = read_number("1,500")
    assert number is not None
    assert number.value is None
    assert set(number.values) == {Decimal("1.5"), Decimal(1500)}


@pytest.mark.parametrize("text", ["", "xin chào", "năm người", "1.2.3", "linh", "triệu", "mốt"])
def test_what_is_no_number_alone_is_none(text: str) -> None:
    assert read_number(text) is None


def test_numbers_are_found_with_their_place_in_a_sentence() -> None:
    text = "giao 2 tỷ 300 cho phường, còn mười lăm hồ sơ"
    first, second = find_numbers(text)
    assert (text[first.begin : first.end], first.value) == ("2 tỷ 300", Decimal(2_300_000_000))
    assert (text[second.begin : second.end], second.value) == ("mười lăm", Decimal(15))


@given(st.integers(0, 999_999_999_999))
def test_every_number_spelled_out_is_read_back(number: int) -> None:
    for text in (spelled(number), fold(spelled(number)), f"{number:,}".replace(",", ".")):
        read = read_number(text)
        assert read is not None, text
        assert number in read.values, text
        assert len(read.values) == 1 or "." in text


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    for number in find_numbers(text):
        assert text[number.begin : number.end].strip()
        assert number.values
