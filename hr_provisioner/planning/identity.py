"""Who gets which key, account name and display name: immutable once given, readable, and never anybody else's."""

import hashlib
from collections.abc import Container
from dataclasses import dataclass
from string import Formatter
from typing import Self
from uuid import UUID, uuid5

from huep.directory.model import PersonKey
from huep.errors import ConfigError
from huep.names import GUEST_PREFIX, normalise, slug

KEY_NAMESPACE = UUID("6d0f3a5c-7b1e-5c59-9f2a-2f8a6b8d4e10")
"""Fixed for ever: every person key of every province is made under it."""

CODE_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without 0, 1, i, l and o, which people mistake for one another on a printed sheet."""
SHORTEST_CODE = 3
TRIES_PER_LENGTH = 8
LONGEST_SLUG = 60
LONGEST_DISPLAY_NAME = 256
"""Synapse refuses longer ones (`MAX_DISPLAYNAME_LEN`)."""
NAMELESS_SLUG = "can-bo"
GUEST_WORD = "khách"
PLACEHOLDERS = frozenset({"name", "unit", "position"})
LONGEST_FORM = 100
"""So that a name and a unit still fit."""


def person_key(officer_code: str) -> PersonKey:
    """The key of a person first seen under `officer_code`; the same one whenever and wherever it is asked."""
    return uuid5(KEY_NAMESPACE, officer_code)


def localpart(full_name: str, key: PersonKey, used: Container[str]) -> str:
    """`"Nguyễn Văn Anh"` -> `"nguyen-van-anh-k42"`, outside `used`, which holds every localpart ever given.

    Hyphens, because PostgreSQL's parser splits there: so Synapse's own search finds the folded words of the name.
    """
    name = slug(full_name)[:LONGEST_SLUG].strip("-") or NAMELESS_SLUG
    attempt = 0
    while (candidate := f"{name}-{_short_code(key, attempt)}") in used:
        attempt += 1
    return candidate


def guest_localpart(full_name: str, key: PersonKey, used: Container[str]) -> str:
    """`"Trần Thị B"` -> `"khach-tran-thi-b-k42"`: as `localpart`, and to be told from an officer at a glance."""
    return localpart(f"{GUEST_PREFIX}{full_name}", key, used)


def guest_display_name(full_name: str, organisation: str) -> str:
    """`"Trần Thị B (khách, Báo Huế)"`: nobody takes a guest for a colleague."""
    room = LONGEST_DISPLAY_NAME - len(f"{full_name} ({GUEST_WORD}, )")
    return normalise(f"{full_name} ({GUEST_WORD}, {organisation[:room]})")


def guest_position(organisation: str) -> str:
    """What stands in a guest's profile where officers have their position: `"Khách, Báo Huế"`."""
    return f"{GUEST_WORD.capitalize()}, {organisation}"


class BadDisplayForm(ConfigError):
    """The form of display names in huep.toml cannot be filled in."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(
            f"hr.display_name in huep.toml is {text!r}: {reason}; it may hold {{name}}, {{unit}} and {{position}}, "
            "and must hold {name}."
        )


@dataclass(frozen=True)
class DisplayForm:
    """How people are shown to one another, such as `{name} · {unit}`; made by `parse`."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Check that `text` holds known placeholders only, `{name}` among them. Raises BadDisplayForm."""
        try:
            parts = list(Formatter().parse(text))
        except ValueError as error:
            raise BadDisplayForm(text, f"a brace has no partner ({error})") from error
        asked = {name for _, name, _, _ in parts if name is not None}
        if unknown := sorted(asked - PLACEHOLDERS):
            raise BadDisplayForm(text, f"{{{unknown[0]}}} is unknown")
        if any(spec or conversion for _, _, spec, conversion in parts):
            raise BadDisplayForm(text, "a placeholder stands alone in its braces")
        if "name" not in asked:
            raise BadDisplayForm(text, "{name} is missing")
        if len(normalise(text)) > LONGEST_FORM:
            raise BadDisplayForm(text, f"it is longer than {LONGEST_FORM} characters")
        return cls(text)


DEFAULT_FORM = DisplayForm("{name} · {unit}")


def display_name(
    full_name: str,
    unit_short_name: str | None,
    position: str | None = None,
    form: DisplayForm = DEFAULT_FORM,
) -> str:
    """`"Nguyễn Văn Anh · STC"`: Element shows nothing beside the name, so the unit goes into it.

    Whoever has no unit is shown by the name alone.
    """
    shown = full_name
    if unit_short_name:
        shown = form.text.format(name=full_name, unit=unit_short_name, position=position or "")
    return normalise(shown)[:LONGEST_DISPLAY_NAME]


def _short_code(key: PersonKey, attempt: int) -> str:
    length = SHORTEST_CODE + attempt // TRIES_PER_LENGTH
    number = int.from_bytes(hashlib.sha256(key.bytes + attempt.to_bytes(4, "big")).digest(), "big")
    code = ""
    for _ in range(length):
        number, index = divmod(number, len(CODE_ALPHABET))
        code += CODE_ALPHABET[index]
    return f"k{code[1:]}" if code.isdigit() else code
