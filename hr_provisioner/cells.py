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

_CODE = re.compile(r"[0-9A-Z](?:[0-9A-Z._/-]*[0-9A-Z])?")
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


def read_code(raw: str) -> str | Fault | None:
    """A code of a person or unit in capitals, None for an empty cell."""
    text = raw if _CODE.fullmatch(raw) else normalise(raw).upper()
    if not text:
        return None
    if len(text) > LONGEST_CODE or not _CODE.fullmatch(text):
        return Fault(Message("code-malformed"))
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
