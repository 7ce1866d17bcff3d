"""Content that looks like a Megolm message and holds words that a test can read again."""

import secrets
from base64 import b64decode, b64encode
from typing import Any

MEGOLM = "m.megolm.v1.aes-sha2"
_BLOCK, _END = 16, 8 + 64


def sealed(words: str = "", **more: Any) -> dict[str, Any]:
    """Content of `m.room.encrypted` as a device sends it; `more` is set beside it, or instead."""
    session, sender = (b64encode(secrets.token_bytes(32)).decode().rstrip("=") for _ in range(2))
    return {
        "algorithm": MEGOLM,
        "ciphertext": ciphertext(words),
        "session_id": session,
        "sender_key": sender,
        "device_id": "DEVICE",
        **more,
    }


def ciphertext(words: str = "") -> str:
    """The frame of a Megolm message around words that are not encrypted, but for lack of spaces look so."""
    said = words.encode()
    said += b"\0" * (_BLOCK - len(said) % _BLOCK)
    frame = b"\x03\x08\x00\x12" + _number(len(said)) + said + secrets.token_bytes(_END)
    return b64encode(frame).decode().rstrip("=")


def opened(text: str) -> str:
    """The words of `ciphertext`."""
    frame = b64decode(text + "=" * (-len(text) % 4))
    at = 4
    while frame[at] & 0x80:
        at += 1
    return frame[at + 1 : -_END].rstrip(b"\0").decode()


def _number(value: int) -> bytes:
    parts = []
    while value >= 0x80:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])
