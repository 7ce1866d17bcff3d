"""Whether the content of `m.room.encrypted` is a Megolm message and nothing beside it. Pure.

This is asked for every message: one pass of C over the ciphertext and a look at its first bytes, a few microseconds. It
tells a message from words, not from words that somebody has dressed up as one.
"""

import string
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from synapse_modules.room_rules.shapes import EVENT_ID, NAME, Keys, Shape, fits, matching, number, record

MEGOLM = "m.megolm.v1.aes-sha2"
SHORTEST = 124
"""Characters of base64: version and index, one block of AES, and 72 bytes of MAC and signature."""
LONGEST = 65_536
"""Characters; Synapse takes no event of more bytes."""

_BASE64 = (string.ascii_letters + string.digits + "+/").encode()
_HEAD = 32
"""Characters that surely hold what comes before the cipher's own bytes, and are whole bytes."""
_VERSION, _INDEX_TAG, _TEXT_TAG = 3, 0x08, 0x12
_MAC_AND_SIGNATURE = 8 + 64
_AES_BLOCK = 16

RELATION: Keys = {
    "rel_type": NAME,
    "event_id": EVENT_ID,
    "is_falling_back": number,
    "m.in_reply_to": record(event_id=EVENT_ID),
}
"""Relations stay readable, so that the server can gather threads and edits; a reaction's key is none of them."""
_KEY: Shape = matching(r"[A-Za-z0-9+/]{43}")
KEYS: Keys = {
    "algorithm": lambda value: value == MEGOLM,
    "ciphertext": lambda value: is_megolm(value),
    "session_id": _KEY,
    "sender_key": _KEY,  # deprecated, but clients send it for older ones
    "device_id": matching(r"[A-Za-z0-9_+/=.:-]{0,64}"),
    "m.relates_to": record(**RELATION),
}


def is_sealed(content: Mapping[str, Any]) -> bool:
    """Whether nothing in it can be read but who answers whom."""
    return "algorithm" in content and "ciphertext" in content and "session_id" in content and fits(content, KEYS)


def is_megolm(ciphertext: object) -> bool:
    """Whether it has the frame of a Megolm message, in unpadded base64.

    Version 3, the message index, the cipher's length, which must be whole blocks and leave just MAC and signature
    (https://gitlab.matrix.org/matrix-org/olm/-/blob/master/docs/megolm.md, section "Message format").
    """
    if not isinstance(ciphertext, str) or not SHORTEST <= len(ciphertext) <= LONGEST:
        return False
    length, rest = divmod(len(ciphertext) * 3, 4)
    if rest == 3 or ciphertext.encode(errors="replace").translate(None, _BASE64):
        return False
    head = b64decode(ciphertext[:_HEAD])
    if head[0] != _VERSION or head[1] != _INDEX_TAG:
        return False
    _, at = _number(head, 2)
    if at >= len(head) or head[at] != _TEXT_TAG:
        return False
    size, at = _number(head, at + 1)
    return size > 0 and size % _AES_BLOCK == 0 and at + size + _MAC_AND_SIGNATURE == length


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A protocol buffer's number of at most five bytes at `at`, and where it ends; (0, end) if there is none."""
    value = 0
    for place in range(5):
        if at + place >= len(data):
            break
        byte = data[at + place]
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at + place + 1
    return 0, len(data)
