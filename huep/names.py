"""Vietnamese text as people type it: with diacritics, without, composed or decomposed."""

import re
import unicodedata

_STROKED_D = str.maketrans("đĐ", "dD")
_NOT_WORD = re.compile(r"[^a-z0-9]+")

GUEST_PREFIX = "khach-"
"""With this every guest's localpart begins, so that only of such accounts it need be asked whether they are guests'."""


def normalise(text: str) -> str:
    """NFC, with outer and repeated white space (no-break spaces too) reduced to single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def fold(text: str) -> str:
    """Lower case without diacritics and with single spaces: `"Đặng Thị  Huế"` becomes `"dang thi hue"`."""
    decomposed = unicodedata.normalize("NFD", text.translate(_STROKED_D))
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(plain.casefold().split())


def slug(text: str) -> str:
    """Folded words joined by hyphens, safe in a Matrix localpart: `"Nguyễn Văn Anh"` -> `"nguyen-van-anh"`."""
    return _NOT_WORD.sub("-", fold(text)).strip("-")


def localpart_of(user_id: str) -> str:
    """The part of a Matrix user ID between `@` and `:`."""
    return user_id.removeprefix("@").partition(":")[0]
