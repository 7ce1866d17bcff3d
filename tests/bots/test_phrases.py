import time
import unicodedata

import pytest

from bots.language.phrases import bare, plain
from bots.runtime.vocabulary import Vocabulary
from tests.bots.desk import Desk

WORDS = Vocabulary(Desk().router.commands)


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("trợ giúp", "help"),
        ("tro giup", "help"),
        ("TRỢ GIÚP!", "help"),
        ("?", "help"),
        (" ?? ", "help"),
        ("Help", "help"),
        ("tôi là ai", "who-am-i"),
        ("Tôi là ai ạ?", "who-am-i"),
        ("toi  la\nai", "who-am-i"),
        ("who am I?", "who-am-i"),
        ("WHOAMI", "who-am-i"),
        ("trợ lý ơi, tôi là ai?", "who-am-i"),
        ("đơn vị tôi", "my-unit"),
        ("DON VI TOI.", "my-unit"),
        ("my unit", "my-unit"),
        ("tiếng Anh", "english"),
        ("english please", "english"),
        ("tieng viet", "vietnamese"),
        ("Vietnamese", "vietnamese"),
    ],
)
def test_commands_are_understood_as_people_type_them(typed: str, command: str) -> None:
    for form in ("NFC", "NFD"):
        match = WORDS.match(unicodedata.normalize(form, typed))
        assert match is not None, (form, typed)
        assert match.command.name == command


@pytest.mark.parametrize("typed", ["", "tôi", "ai là tôi", "tôi là ai đó khác", "xoá đơn vị tôi", "me delete"])
def test_a_sentence_that_merely_contains_a_command_is_not_one(typed: str) -> None:
    assert WORDS.match(typed) is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("tôi la a", "who-am-i"), ("tooi laf ai", "who-am-i"), ("don vi", "my-unit"), ("tro gíup", "help")],
)
def test_a_mistyped_command_is_among_the_two_suggested(typed: str, meant: str) -> None:
    suggested = WORDS.likeliest(typed)
    assert len(suggested) == 2
    if WORDS.match(typed) is None:
        assert meant in [command.name for command in suggested]


def test_a_very_long_message_takes_no_time() -> None:
    started = time.process_time()
    assert WORDS.match("xin toi " * 7_500) is None
    assert len(WORDS.likeliest("xin toi " * 7_500)) == 2
    assert time.process_time() - started < 0.5


def test_plain_text_keeps_words_alone() -> None:
    assert plain("  Đơn-vị,  TÔI!! ") == "don vi toi"
    assert plain("???") == "?"
    assert plain("…") == ""
    assert bare("Trợ lý HueP ơi: giúp nhé") == "giup"
