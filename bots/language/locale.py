"""The two languages that every message exists in."""

from enum import StrEnum


class Locale(StrEnum):
    """Vietnamese first, English beside it."""

    VI = "vi"
    EN = "en"
