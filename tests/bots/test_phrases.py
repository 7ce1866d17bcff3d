import time
import unicodedata

import pytest

from bots.assistant.commands import assistant_router
from bots.assistant.service import AssistantService
from bots.language.phrases import bare, plain
from tests.bots.province import SmallPreferences, small_province

ROUTER = assistant_router(AssistantService(small_province()), SmallPreferences())


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
        match = ROUTER.match(unicodedata.normalize(form, typed))
        assert match is not None, (form, typed)
        assert match.command.name == command


@pytest.mark.parametrize("typed", ["", "tôi", "ai là tôi", "tôi là ai đó khác", "xoá đơn vị tôi", "help me delete"])
def test_a_sentence_that_merely_contains_a_command_is_not_one(typed: str) -> None:
    assert ROUTER.match(typed) is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("tôi la a", "who-am-i"), ("tooi laf ai", "who-am-i"), ("don vi", "my-unit"), ("tro gíup", "help")],
)
def test_a_mistyped_command_is_among_the_two_suggested(typed: str, meant: str) -> None:
    suggested = ROUTER.likeliest(typed)
    assert len(suggested) == 2
    if ROUTER.match(typed) is None:
        assert meant in [command.name for command in suggested]


def test_a_very_long_message_takes_no_time() -> None:
    started = time.perf_counter()
    assert ROUTER.match("xin toi " * 7_500) is None
    assert len(ROUTER.likeliest("xin toi " * 7_500)) == 2
    assert time.perf_counter() - started < 0.5


def test_one_phrase_cannot_mean_two_commands() -> None:
    from huep.catalogue import Locale

    with pytest.raises(ValueError, match="would mean both who-am-i and again"):
        ROUTER.command("again", {Locale.VI: ("TOI LA AI",)})(ROUTER.commands[0].handler)


def test_plain_text_keeps_words_alone() -> None:
    assert plain("  Đơn-vị,  TÔI!! ") == "don vi toi"
    assert plain("???") == "?"
    assert plain("…") == ""
    assert bare("Trợ lý HueP ơi: giúp nhé") == "giup"
