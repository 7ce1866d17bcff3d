"""Phrases as officials write them, beside what they mean: phrases.tsv."""

import unicodedata

import pytest

from bots.broadcasts.audience.wording import say
from bots.broadcasts.audience.words import read_audience, unread_words
from huep.catalogue import Locale
from huep.directory.audience import Audience
from huep.names import fold
from tests.bots.broadcasts.audience.land import DIRECTORY, known
from tests.bots.broadcasts.audience.phrase_file import Phrase, audiences, phrases, unread

PHRASES = list(phrases())
UNDERSTOOD = [phrase for phrase in PHRASES if phrase.is_understood]
EVERYTHING = sorted({one for phrase in UNDERSTOOD for one in audiences(phrase.expected)}, key=str)


def folded(text: str) -> str:
    return "\n".join(fold(line) for line in text.split("\n"))


def named(phrase: Phrase) -> str:
    return phrase.text


def test_there_are_enough_phrases_and_enough_that_are_not_understood() -> None:
    assert len(PHRASES) >= 200
    assert len(PHRASES) - len(UNDERSTOOD) >= 15


@pytest.mark.parametrize("phrase", UNDERSTOOD, ids=named)
def test_phrases_mean_what_the_table_says(phrase: Phrase) -> None:
    assert read_audience(phrase.text, known()) == audiences(phrase.expected)
    assert read_audience(unicodedata.normalize("NFD", phrase.text), known()) == audiences(phrase.expected)
    assert read_audience(folded(phrase.text), known()) == audiences(phrase.folded)
    assert read_audience(phrase.text.upper(), known()) == audiences(phrase.expected)


@pytest.mark.parametrize("phrase", [one for one in PHRASES if not one.is_understood], ids=named)
def test_what_is_not_understood_reaches_nobody_and_the_words_are_told(phrase: Phrase) -> None:
    assert read_audience(phrase.text, known()) == ()
    assert tuple(unread_words(phrase.text, known())) == unread(phrase.expected)


@pytest.mark.parametrize("audience", EVERYTHING, ids=lambda one: say(one, known()))
def test_what_is_said_back_is_read_as_the_same_audience(audience: Audience) -> None:
    assert read_audience(say(audience, known()), known()) == (audience,)
    assert say(audience, known(), Locale.EN) != ""


@pytest.mark.parametrize("phrase", UNDERSTOOD, ids=named)
def test_an_exclusion_that_is_not_understood_lets_nothing_be_understood(phrase: Phrase) -> None:
    for exclusion in ("trừ hội phụ nữ", "tru hoi phu nu", ", ngoại trừ", "(không gồm người rảnh)"):
        assert read_audience(f"{phrase.text} {exclusion}", known()) == ()


@pytest.mark.parametrize("audience", [one for one in EVERYTHING if not one.excluding and not one.any_of], ids=str)
def test_whoever_is_left_out_is_not_reached(audience: Audience) -> None:
    left_out = {member.key for member in DIRECTORY.audience(audience)}
    meant = Audience(excluding=(audience,))
    assert meant in read_audience(f"tất cả trừ {say(audience, known())}", known())
    assert left_out
    assert {member.key for member in DIRECTORY.audience(meant)} == {
        one.key for one in DIRECTORY.audience(Audience())
    } - left_out
