"""What content that the server can read may be made of, so that it holds no words. Pure.

A shape says of a value whether it fits. It keeps out what somebody writes, not who hides letters in numbers and
identifiers: who wants to be read by the server can always manage.
"""

import re
from collections.abc import Callable, Mapping

Shape = Callable[[object], bool]
Keys = Mapping[str, Shape]
"""Permitted keys of an object, each with what it may hold; none of them is required."""

DEEPEST = 5
"""Objects within objects, in content that machines write."""
LONGEST_TOKEN = 255
LONGEST_SDP = 30_000
"""Characters; a browser's offer with video has 6,000 to 10,000."""
MOST_CANDIDATES = 100

_TOKEN = re.compile(rf"[!-~]{{0,{LONGEST_TOKEN}}}")
_SDP_LINE = re.compile(r"[a-z]=[ -~]*")
_CANDIDATE = re.compile(r"(?:(?:a=)?candidate:[!-~]{1,64}(?: [!-~]{1,128}){5,40})?")


def fits(content: object, keys: Keys) -> bool:
    """Whether `content` is an object of these keys and no others."""
    return isinstance(content, Mapping) and all(key in keys and keys[key](value) for key, value in content.items())


def record(**keys: Shape) -> Shape:
    """An object of these keys."""
    return lambda value: fits(value, keys)


def text(longest: int) -> Shape:
    """Words, of at most so many characters."""
    return lambda value: isinstance(value, str) and len(value) <= longest


def matching(pattern: str) -> Shape:
    """A string that is wholly as the pattern says."""
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def listing(of: Shape, most: int) -> Shape:
    """At most so many of one shape."""
    return lambda value: isinstance(value, list) and len(value) <= most and all(map(of, value))


def mapping(key: Shape, of: Shape) -> Shape:
    """An object with keys of one shape and values of another."""
    return lambda value: isinstance(value, Mapping) and all(key(name) and of(inner) for name, inner in value.items())


def either(*shapes: Shape) -> Shape:
    """One of these."""
    return lambda value: any(shape(value) for shape in shapes)


def nothing(value: object) -> bool:
    """Null, as clients write what they leave out."""
    return value is None


def number(value: object) -> bool:
    """A number or a truth value."""
    return isinstance(value, int | float)


def token(value: object) -> bool:
    """An identifier, a checksum, an address: visible ASCII without a space."""
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None


def machine(value: object, deepest: int = DEEPEST) -> bool:
    """What machines write for each other: numbers and tokens, in lists and objects whose keys are tokens."""
    if value is None or number(value) or token(value):
        return True
    if deepest == 0:
        return False
    if isinstance(value, Mapping):
        return all(token(key) and machine(inner, deepest - 1) for key, inner in value.items())
    return isinstance(value, list) and all(machine(inner, deepest - 1) for inner in value)


def sdp(value: object) -> bool:
    """A description of a call's media (RFC 8866): lines of ASCII that begin with a letter and an equals sign."""
    if not isinstance(value, str) or len(value) > LONGEST_SDP:
        return False
    return all(_SDP_LINE.fullmatch(line) for line in value.splitlines())


def candidate(value: object) -> bool:
    """An address of a call (RFC 8839), or nothing: the end of them."""
    return isinstance(value, str) and len(value) <= 1000 and _CANDIDATE.fullmatch(value) is not None


ROOM_ID = matching(r"![!-~]{1,254}")
USER_ID = matching(r"@[!-~]{1,254}")
EVENT_ID = matching(r"\$[A-Za-z0-9_-]{43}")
"""Of room versions since 4."""
MXC = matching(r"(?:mxc://[A-Za-z0-9.:\[\]-]{1,230}/[A-Za-z0-9_=.-]{1,255})?")
"""A file of ours, or none."""
NAME = matching(r"[A-Za-z0-9_.-]{1,64}")
"""A name from the specification, like a type of relation."""
