"""Yes, no, stop, that is all and let me correct that: the few words that steer a dialog, and the numbers of choices.

Who writes with diacritics is taken at the word: `cô` is no `có`, and `bố` no `bỏ`. Without them `co` and `bo` will do.
"""

import re
import unicodedata
from collections.abc import Collection

from bots.runtime.dialogs import Said
from huep.names import fold

_WORDS: dict[Said, tuple[str, ...]] = {
    Said.YES: (
        "đồng ý",
        "có",
        "xác nhận",
        "nhất trí",
        "được",
        "đúng",
        "đúng rồi",
        "ừ",
        "dạ",
        "vâng",
        "ok",
        "oke",
        "okay",
        "yes",
        "agree",
        "confirm",
    ),
    Said.NO: ("không", "không đồng ý", "ko", "chưa", "đừng", "no"),
    Said.LEAVE: (
        "thôi",
        "huỷ",
        "hủy",
        "huỷ bỏ",
        "hủy bỏ",
        "dừng",
        "dừng lại",
        "bỏ",
        "bỏ qua",
        "thoát",
        "cancel",
        "stop",
        "quit",
    ),
    Said.DONE: ("xong", "xong rồi", "hết", "hết rồi", "đủ rồi", "done", "that is all"),
    Said.CORRECT: ("sửa", "sửa lại", "chỉnh", "correct", "change"),
}
_SIGNS: dict[Said, tuple[str, ...]] = {Said.YES: ("✅", "✔", "☑", "👍"), Said.NO: ("❌", "👎")}
_COURTESIES_BEFORE = ("dạ", "vâng")
_COURTESIES_BEHIND = ("ạ", "nhé", "nha", "đi", "please")
_THANKS = ("cảm ơn", "cám ơn", "thank you", "thanks")
_MOST_WORDS_OF_THANKS = 6
_NUMBERS = re.compile(r"\d{1,3}(?:(?:\s*[,;.+]\s*|\s+va\s+|\s+)\d{1,3})*[,;.]?")
_VARIATION = "\ufe0e\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
"""How a sign is drawn, and its skin colour."""


def steering(text: str) -> Said | None:
    """YES, NO, LEAVE, DONE or CORRECT where `text` says that and nothing else."""
    sign = sign_of(text)
    if sign is not None:
        return sign
    words = re.findall(r"\w+", unicodedata.normalize("NFC", text).casefold())
    while len(words) > 1 and _is_one_of(words[-1], _COURTESIES_BEHIND):
        words.pop()
    while len(words) > 1 and _is_one_of(words[0], _COURTESIES_BEFORE):
        words.pop(0)
    said = " ".join(words)
    return next((meaning for meaning, phrases in _WORDS.items() if _is_one_of(said, phrases)), None)


def is_thanks(text: str) -> bool:
    """`cảm ơn`, `cám ơn em nhiều nhé`, and nothing longer: a question may follow it."""
    words = fold(text).split()
    thanks = any(fold(text).startswith(fold(phrase)) for phrase in _THANKS)
    return thanks and len(words) <= _MOST_WORDS_OF_THANKS


def sign_of(key: str) -> Said | None:
    """YES or NO, said by a reaction or a single sign."""
    bare = key.strip().strip(_VARIATION)
    return next((meaning for meaning, signs in _SIGNS.items() if bare in signs), None)


def correction(text: str) -> str | None:
    """The step that `sửa giờ bắt đầu` wants to correct, as typed; None for anything else."""
    first, _, rest = unicodedata.normalize("NFC", text).strip().partition(" ")
    return rest.strip() if rest and steering(first) is Said.CORRECT else None


def numbers(text: str) -> tuple[int, ...]:
    """`2`, `1, 3, 5`, `1 và 3`; nothing where it is more than numbers."""
    said = fold(text).strip()
    return tuple(map(int, re.findall(r"\d+", said))) if _NUMBERS.fullmatch(said) else ()


def _is_one_of(said: str, phrases: Collection[str]) -> bool:
    plain = fold(said)
    return any(said == phrase or (said == plain and plain == fold(phrase)) for phrase in phrases)
