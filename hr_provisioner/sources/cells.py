"""One cell of a register: text to value, or to the reason why it has none."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from hr_provisioner.dates import EARLIEST_YEAR, LATEST_YEAR, ImpossibleDate, parse_date
from huep.catalogue import Message
from huep.names import fold, normalise

T = TypeVar("T")

LONGEST_CODE = 40
LONGEST_EMAIL = 254
LONGEST_NAME = 120
LONGEST_TEXT = 300

_CODE = re.compile(r"[0-9A-Z](?:[0-9A-Z._/-]*[0-9A-Z])?")
# A spreadsheet took the code for a number: what it was before, and how many zeros it began with, cannot be told.
_NUMBER = re.compile(r"[0-9]+\.0|[0-9](?:\.[0-9]+)?E[+-][0-9]+|[0-9]\.[0-9]+E[0-9]+")
_NAME = re.compile(r"[A-Za-zÀ-ÏÑ-ÖØ-ïñ-öø-ɏḀ-ỿ][A-Za-zÀ-ÏÑ-ÖØ-ïñ-öø-ɏḀ-ỿ\u0300-\u036f0-9 '’().,/-]*")
# Typists take the Icelandic eth and the African D for the Vietnamese Đ: they look the same and sort elsewhere.
_NO_D = str.maketrans("ÐðƉ", "ĐđĐ")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
"""Characters without a width, which copying from web pages and documents leaves behind."""
# Control characters, marks that turn the direction of writing, and what a failed decoding leaves.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\xad\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffd]")
_FORMULA = re.compile(r"[=@].*|#(?:REF!|N/A|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|BUSY!|FIELD!|CONNECT!|#+)")
"""A formula that was not worked out, or the error that came of it."""
_MONTH_FIRST = re.compile(r"(?:0?[1-9]|1[0-2])([/.-])(?:1[3-9]|2[0-9]|3[01])\1[0-9]{4}")
_EMAIL = re.compile(r"[a-z0-9._%+'-]+@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
_TONES = frozenset(
    "\N{COMBINING GRAVE ACCENT}\N{COMBINING ACUTE ACCENT}\N{COMBINING TILDE}"
    "\N{COMBINING HOOK ABOVE}\N{COMBINING DOT BELOW}"
)


@dataclass(frozen=True)
class Fault:
    """Why a cell cannot be trusted: one sentence for the HR officer."""

    reason: Message


class Memo(dict[str, T], Generic[T]):
    """Parsed cells by their raw text; a register repeats the same dates, units and positions many thousand times."""

    def __init__(self, parse: Callable[[str], T]) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, raw: str) -> T:
        value = self[raw] = self._parse(raw)
        return value


def read_date(raw: str) -> date | Fault | None:
    """A day, None for an empty cell."""
    text = normalise(raw)
    if not text:
        return None
    try:
        return parse_date(text)
    except ImpossibleDate:
        return Fault(Message.of("date-impossible", earliest=str(EARLIEST_YEAR), latest=str(LATEST_YEAR)))


def is_month_first(raw: str) -> bool:
    """Whether only an American reading of this date makes sense: `07/31/2025`."""
    return _MONTH_FIRST.fullmatch(normalise(raw)) is not None


def read_code(raw: str) -> str | Fault | None:
    """A code of a person or unit in capitals, None for an empty cell."""
    text = raw if _CODE.fullmatch(raw) else normalise(raw.translate(_INVISIBLE)).upper()
    if not text:
        return None
    if _NUMBER.fullmatch(text):
        return Fault(Message("code-is-a-number"))
    if len(text) > LONGEST_CODE or not _CODE.fullmatch(text):
        return Fault(Message("code-malformed"))
    return text


def read_name(raw: str) -> str | Fault:
    """A person's name in NFC, empty for an empty cell."""
    text = normalise(raw)
    if _NAME.fullmatch(text) is None:
        text = normalise(text.translate(_INVISIBLE)).translate(_NO_D)
        if text and _NAME.fullmatch(text) is None:
            return Fault(Message("formula-in-cell" if _FORMULA.fullmatch(text) else "name-characters"))
    if len(text) > LONGEST_NAME:
        return Fault(Message.of("text-too-long", most=LONGEST_NAME))
    return text


def read_text(raw: str) -> str | Fault:
    """Free text in NFC, empty for an empty cell."""
    text = normalise(raw.translate(_INVISIBLE))
    if _UNFIT.search(text):
        return Fault(Message("text-characters"))
    if _FORMULA.fullmatch(text):
        return Fault(Message("formula-in-cell"))
    if len(text) > LONGEST_TEXT:
        return Fault(Message.of("text-too-long", most=LONGEST_TEXT))
    return text


def read_email(raw: str) -> str | Fault | None:
    """An address in small letters, None for an empty cell."""
    text = raw if _EMAIL.fullmatch(raw) else normalise(raw).lower()
    if not text:
        return None
    if len(text) > LONGEST_EMAIL or not _EMAIL.fullmatch(text):
        return Fault(Message("email-malformed"))
    return text


def read_word(raw: str, words: Mapping[str, T]) -> T | Fault:
    """The value that a word stands for, written with or without diacritics."""
    value = words.get(fold(raw))
    if value is None:
        return Fault(Message("word-unknown"))
    return value


def same_name(one: str, other: str) -> bool:
    """Whether two normalised names are spellings of one name: capitals and the place of the tone do not count.

    "Hoà" and "Hòa" are the same name; "Hùng" and "Hưng" are not.
    """
    return one == other or _name_key(one) == _name_key(other)


def _name_key(name: str) -> list[tuple[str, str]]:
    words = unicodedata.normalize("NFD", name.casefold()).split()
    return [
        (
            "".join(letter for letter in word if letter not in _TONES),
            "".join(sorted(letter for letter in word if letter in _TONES)),
        )
        for word in words
    ]
