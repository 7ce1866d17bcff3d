"""Values that the language of the bots reads, as a dialog takes and keeps them."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.language.names.people import Listed, PersonIndex
from bots.language.names.units import UnitIndex
from bots.language.periods.model import Looking, Period
from bots.runtime.access import Caller
from bots.runtime.arguments import Ambiguous, Asking, NotUnderstood, Understood
from bots.runtime.spoken_values import PeriodSaid, PersonNamed, WholeNumber
from bots.testing.province import UNITS, person, post, small_province
from huep.catalogue import Locale
from tests.bots.desk import MORNING

ASKING = Asking(Caller(person("x", "X", post("SNV-VP", "Chuyên viên")), None), Locale.VI, MORNING)
LISTED = [one for one in map(Listed.of, small_province().people) if one is not None]
BY_KEY = {one.key: one for one in LISTED}


def people(*, hidden: str = "") -> PersonNamed:
    index = PersonIndex(LISTED, UnitIndex(UNITS))
    return PersonNamed(lambda: index, lambda _, one: one.full_name != hidden, BY_KEY.get)


@pytest.mark.parametrize("typed", ["tuần trước", "tuan truoc", "từ 16/11 đến 22/11/2026"])
def test_a_period_is_understood_kept_and_said_back(typed: str) -> None:
    parser = PeriodSaid(Looking.BACK)
    read = parser.read(typed, ASKING)
    assert read == Understood(Period.of_days(date(2026, 11, 16), date(2026, 11, 23)))
    assert parser.load(json.loads(json.dumps(parser.dump(read.value))), ASKING) == read.value
    assert parser.read(parser.written(read.value, Locale.VI), ASKING) == read


def test_a_period_with_two_meanings_is_a_choice_and_no_period_is_none() -> None:
    assert isinstance(PeriodSaid(Looking.EITHER).read("thứ hai", ASKING), Ambiguous)
    assert PeriodSaid(Looking.BACK).read("số 15/2026", ASKING) == NotUnderstood()


@pytest.mark.parametrize(("typed", "meant"), [("15", 15), ("mười lăm", 15), ("muoi lam", 15)])
def test_a_whole_number_is_read_in_figures_and_words(typed: str, meant: int) -> None:
    assert WholeNumber(1, 100).read(typed, ASKING) == Understood(meant)


@pytest.mark.parametrize("typed", ["0", "101", "1,5", "nhiều", ""])
def test_what_is_no_number_or_out_of_bounds_is_not_understood(typed: str) -> None:
    assert WholeNumber(1, 100).read(typed, ASKING) == NotUnderstood()


@given(st.integers(0, 10_000_000))
def test_a_number_that_is_kept_comes_back(value: int) -> None:
    parser = WholeNumber(0, 10_000_000)
    assert parser.load(json.loads(json.dumps(parser.dump(value))), ASKING) == value


def test_a_person_is_found_as_colleagues_speak_of_them() -> None:
    found = people().read("chị Mai", ASKING)
    assert isinstance(found, Understood)
    assert people().written(found.value, Locale.VI) == "Phạm Thị Mai (Phó Trưởng phòng, Phòng Tổ chức biên chế)"
    assert people().load(json.loads(json.dumps(people().dump(found.value))), ASKING) == found.value


def test_whom_the_asker_may_not_know_of_is_not_there_at_all() -> None:
    hidden = people(hidden="Phạm Thị Mai")
    assert hidden.read("chị Mai", ASKING) == hidden.read("chị Không Có", ASKING) == NotUnderstood()
    assert hidden.load(str(next(one.key for one in LISTED if one.full_name == "Phạm Thị Mai")), ASKING) is None
