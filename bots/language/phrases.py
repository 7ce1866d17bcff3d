"""Commands as people type them: any case, with or without diacritics, with stray punctuation and courtesies."""

import re
from difflib import SequenceMatcher

from huep.names import fold

_NOT_WORD = re.compile(r"[^a-z0-9]+")
QUESTION_MARK = "?"
"""Alone, it is a command: people ask for help with it."""

_OPENINGS = (
    "tro ly huep oi",
    "tro ly huep",
    "tro ly oi",
    "tro ly",
    "huep oi",
    "huep",
    "bot oi",
    "bot",
    "cho hoi",
    "xin",
)
_CLOSINGS = ("nhe", "nha", "a", "voi", "giup", "di", "please")


def plain(text: str) -> str:
    """Folded words with single spaces and nothing else; a lone question mark (or several) stays one.

    `"  TÔI là ai ???"` becomes `"toi la ai"`.
    """
    words = _NOT_WORD.sub(" ", fold(text)).strip()
    return words or (QUESTION_MARK if QUESTION_MARK in text else "")


def bare(text: str) -> str:
    """`plain` without an address in front and a courtesy behind: `"Trợ lý ơi, tôi là ai ạ?"` -> `"toi la ai"`."""
    words = plain(text)
    for opening in _OPENINGS:
        if words.startswith(f"{opening} "):
            words = words.removeprefix(f"{opening} ")
            break
    for closing in _CLOSINGS:
        if words.endswith(f" {closing}"):
            words = words.removesuffix(f" {closing}")
            break
    return words


def likeness(typed: str, phrase: str) -> float:
    """How alike two plain texts are, from 0 to 1."""
    return SequenceMatcher(None, typed, phrase, autojunk=False).ratio()
