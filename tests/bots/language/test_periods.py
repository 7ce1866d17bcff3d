"""Phrases of time as people type them, with and without diacritics: the tables `periods/*.tsv`, and what surrounds them."""

import time
import unicodedata
from datetime import datetime

import pytest

from bots.language.periods.model import Looking
from bots.language.periods.search import find_periods, read_period
from bots.language.periods.wording import say, say_choices
from huep.catalogue import Locale
from huep.clock import PROVINCE_TIMEZONE
from huep.names import fold
from tests.bots.language.phrase_files import NOTHING, Phrase, phrases, written

NOW = datetime(2026, 7, 16, 10, 0, tzinfo=PROVINCE_TIMEZONE)
PHRASES = list(phrases("phrases.tsv"))
TABLES_APART = {"held_out.tsv": (0.90, 0.09), "officials.tsv": (0.97, 0.03)}
"""Phrases that were written apart from the grammar: so large a share at least is right, so large a one at most wrong."""


def test_there_are_enough_phrases_and_enough_of_them_are_none() -> None:
    assert len(PHRASES) >= 300
    assert sum(phrase.expected == NOTHING for phrase in PHRASES) >= 60


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: f"{phrase.text} ({phrase.looking.value})")
def test_phrases_mean_what_the_table_says(phrase: Phrase) -> None:
    assert written(find_periods(phrase.text, phrase.said_at, phrase.looking)) == phrase.expected
    decomposed = unicodedata.normalize("NFD", phrase.text)
    assert written(find_periods(decomposed, phrase.said_at, phrase.looking)) == phrase.expected
    assert written(find_periods(fold(phrase.text), phrase.said_at, phrase.looking)) == phrase.expected_folded


@pytest.mark.parametrize("table", TABLES_APART)
@pytest.mark.parametrize("folded", [False, True])
def test_phrases_that_were_written_apart_are_mostly_understood_and_seldom_misunderstood(
    folded: bool, table: str
) -> None:
    right = wrong = 0
    apart = list(phrases(table))
    for phrase in apart:
        text = fold(phrase.text) if folded else phrase.text
        expected = phrase.expected_folded if folded else phrase.expected
        found = written(find_periods(text, phrase.said_at, phrase.looking))
        right += found == expected
        wrong += found not in (expected, NOTHING)
    assert len(apart) >= 100
    right_at_least, wrong_at_most = TABLES_APART[table]
    assert right / len(apart) >= right_at_least
    assert wrong / len(apart) <= wrong_at_most


def test_the_rest_of_the_sentence_is_left() -> None:
    for text in (
        "Thống kê phản ánh từ 1/6 đến 30/6 ở phường Vỹ Dạ",
        "thống kê phản ánh từ 1/6 đến 30/6 ở phường Vỹ Dạ",
    ):
        for form in ("NFC", "NFD"):
            given = unicodedata.normalize(form, text)
            (found,) = find_periods(given, NOW)
            rest = unicodedata.normalize("NFC", given[: found.begin] + given[found.end :])
            assert rest.casefold() == "thống kê phản ánh  ở phường vỹ dạ"


def test_a_whole_text_is_a_period_or_it_is_not() -> None:
    assert read_period(" (tháng này) ", NOW) is not None
    assert read_period("việc tháng này", NOW) is None
    assert read_period("quý 1 và quý 2", NOW) is None


def test_what_is_understood_is_said_back() -> None:
    def said(text: str, locale: Locale = Locale.VI, looking: Looking = Looking.EITHER) -> str:
        found = read_period(text, NOW, looking)
        assert found is not None
        return say_choices(found, locale)

    assert said("tháng 6") == "từ 01/06/2026 đến hết 30/06/2026"
    assert said("hôm qua") == "ngày 15/07/2026"
    assert said("trước 17h thứ sáu", looking=Looking.AHEAD) == "trước 17:00 ngày 17/07/2026"
    assert said("8h30 sáng mai") == "lúc 08:30 ngày 17/07/2026"
    assert said("trước ngày 15") == "đến hết 14/07/2026"
    assert said("thứ 2") == "ngày 13/07/2026 hay ngày 20/07/2026"
    assert said("tháng 6", Locale.EN) == "from 01/06/2026 to 30/06/2026, both included"


def test_a_choice_is_one_period_only_where_there_is_no_doubt() -> None:
    monday = read_period("thứ 2", NOW)
    assert monday is not None and monday.period is None and len(monday.choices) == 2
    last = read_period("thứ 2", NOW, Looking.BACK)
    assert last is not None and last.period is not None
    assert say(last.period) == "ngày 13/07/2026"


def test_years_of_other_centuries_are_nobodys_period() -> None:
    assert find_periods("năm 3000", NOW) == ()
    assert find_periods("999 năm qua", NOW) == ()
    assert find_periods("999 năm tới", NOW) == ()


@pytest.mark.parametrize(
    "text",
    [
        "từ " * 600,
        "thứ hai " * 250,
        "1/1 - " * 300,
        "tháng " * 300,
        "năm " * 400,
        "sau trước từ đến " * 100,
        "trong vòng " * 180,
        "đầu cuối giữa " * 140,
        "[" * 2_000,
        "8h - 9h " * 200,
        "hai mươi " * 200,
    ],
)
def test_the_longest_text_takes_no_noticeable_time(text: str) -> None:
    find_periods("hôm nay", NOW)
    started = time.process_time()
    find_periods(text, NOW)
    assert time.process_time() - started < 1.0
