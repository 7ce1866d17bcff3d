"""A text is recognised by the message that made it, and by no other."""

import pytest

from bots.testing.meaning import Meanings
from huep.catalogue import Catalogue, Locale

RUNTIME, ASSISTANT = Catalogue("bots.runtime"), Catalogue("bots.assistant")
MEANINGS = Meanings(RUNTIME, ASSISTANT)


@pytest.mark.parametrize("locale", Locale)
def test_a_message_is_found_with_its_arguments_or_without(locale: Locale) -> None:
    text = RUNTIME.text(locale, "not-understood", {"first": "tôi là ai (?)", "second": "đơn vị tôi"})
    assert MEANINGS.says(text, "not-understood")
    assert MEANINGS.says(text, "not-understood", first="tôi là ai (?)")
    assert not MEANINGS.says(text, "not-understood", first="đơn vị tôi")
    assert not MEANINGS.says(text, "not-in-register")


def test_numbers_are_compared_as_they_are_written() -> None:
    text = "Số người: " + ASSISTANT.text(Locale.VI, "people", {"count": 2000})
    assert "2.000" in text
    assert MEANINGS.says(text, "people", count=2000)
    assert not MEANINGS.says(text, "people", count=200)


def test_who_asks_for_a_message_that_is_nowhere_is_told() -> None:
    with pytest.raises(KeyError, match=r"bots\.runtime, bots\.assistant"):
        MEANINGS.says("x", "no-such-message")


def test_the_messages_of_a_text_are_named_but_those_of_punctuation_alone() -> None:
    text = RUNTIME.text(Locale.VI, "not-in-register")
    assert MEANINGS.in_text(text) == ("not-in-register",)
    assert "leader" not in MEANINGS.in_text("Lê Quang Minh, Trưởng phòng")
