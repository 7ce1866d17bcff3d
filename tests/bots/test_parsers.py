"""Values from words."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.assistant.commands import LANGUAGES
from bots.runtime.access import Caller
from bots.runtime.arguments import Ambiguous, Asking, NotUnderstood, Understood
from bots.runtime.parsers import AnyText, ClockTime, SeenUnit
from bots.testing.province import UNITS, person, small_province
from huep.catalogue import Locale
from huep.directory.model import Scope
from tests.bots.desk import MORNING

EVERYWHERE = Scope(frozenset(unit.code for unit in UNITS), frozenset())


def asking(scope: Scope = EVERYWHERE, locale: Locale = Locale.VI) -> Asking:
    return Asking(Caller(person("x", "X"), None, scope=scope), locale, MORNING)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("22h", time(22)),
        ("22 giờ", time(22)),
        ("22:30", time(22, 30)),
        ("22h30", time(22, 30)),
        ("6 gio ruoi sang", time(6, 30)),
        ("6h30 phút sáng", time(6, 30)),
        ("10 giờ tối", time(22)),
        ("22h tối", time(22)),
        ("11 giờ đêm", time(23)),
        ("12 giờ đêm", time(0)),
        ("2h đêm", time(2)),
        ("12 giờ trưa", time(12)),
        ("1 giờ trưa", time(13)),
        ("3 chiều", time(15)),
        ("10 pm", time(22)),
        ("12 am", time(0)),
        ("7", time(7)),
        ("0h", time(0)),
    ],
)
def test_a_time_of_day_is_read_as_people_say_it(typed: str, meant: time) -> None:
    assert ClockTime().read(typed, asking()) == Understood(meant)


@pytest.mark.parametrize(
    "typed", ["", "24h", "25 giờ", "7:60", "7 giờ đêm", "14h sáng", "giờ", "22h mai", "7 rưỡi rưỡi", "1000"]
)
def test_what_is_no_time_of_day_is_not_guessed(typed: str) -> None:
    assert ClockTime().read(typed, asking()) == NotUnderstood()


@given(st.times())
def test_a_time_that_is_repeated_reads_as_itself(moment: time) -> None:
    parser, moment = ClockTime(), moment.replace(second=0, microsecond=0)
    assert parser.read(parser.written(moment, Locale.VI), asking()) == Understood(moment)
    assert parser.load(parser.dump(moment), asking()) == moment


@pytest.mark.parametrize("typed", ["tiếng Anh", "tieng anh nhé", "ANH", "english"])
def test_one_of_a_few_is_known_by_any_of_its_words(typed: str) -> None:
    assert LANGUAGES.read(typed, asking()) == Understood(Locale.EN)
    assert LANGUAGES.load(LANGUAGES.dump(Locale.EN), asking()) is Locale.EN


def test_one_of_a_few_is_offered_in_the_language_of_whoever_asks() -> None:
    assert [choice.label for choice in LANGUAGES.offers(asking(locale=Locale.EN))] == ["Vietnamese", "English"]
    assert LANGUAGES.read("tiếng Pháp", asking()) == NotUnderstood()
    assert LANGUAGES.load("fr", asking()) is None


@pytest.mark.parametrize("typed", ["mười giờ tối", "10 rưỡi tối", "chín giờ rưỡi đêm"])
def test_a_time_may_be_said_in_words(typed: str) -> None:
    expected = {"mười giờ tối": time(22), "10 rưỡi tối": time(22, 30), "chín giờ rưỡi đêm": time(21, 30)}[typed]
    assert ClockTime().read(typed, asking()) == Understood(expected)


@pytest.mark.parametrize("typed", ["tối mai", "tuần này", "trước 8h", "tám người"])
def test_what_is_no_moment_is_no_time_of_day(typed: str) -> None:
    assert ClockTime().read(typed, asking()) == NotUnderstood()


@pytest.mark.parametrize("typed", ["Sở Nội vụ", "so noi vu", "SNV", "snv", "sở nv", "S. Nội vụ"])
def test_a_unit_is_known_by_its_names(typed: str) -> None:
    found = SeenUnit(small_province()).read(typed, asking())
    assert isinstance(found, Understood)
    assert found.value.code == "SNV"


def test_a_part_of_a_name_may_mean_several() -> None:
    found = SeenUnit(small_province()).read("phòng", asking())
    assert isinstance(found, Ambiguous)
    assert [choice.value.code for choice in found.choices] == ["SNV-TC", "SNV-VP"]


def test_what_one_may_not_see_does_not_make_a_name_ambiguous() -> None:
    found = SeenUnit(small_province()).read("phòng", asking(Scope(frozenset({"SNV-VP"}), frozenset())))
    assert isinstance(found, Understood)
    assert SeenUnit(small_province()).load("SNV-TC", asking(Scope(frozenset({"SNV-VP"}), frozenset()))) is None


def test_a_choice_does_not_name_a_unit_above_that_one_may_not_see() -> None:
    found = SeenUnit(small_province()).read("phòng", asking(Scope(frozenset({"SNV-VP", "SNV-TC"}), frozenset())))
    assert isinstance(found, Ambiguous)
    assert [choice.label for choice in found.choices] == ["Phòng Tổ chức biên chế", "Văn phòng Sở"]


def test_free_text_is_kept_as_it_was_written() -> None:
    assert AnyText().read("  Họp   lúc 8h ", asking()) == Understood("Họp lúc 8h")
    assert AnyText().read(" \n", asking()) == NotUnderstood()
