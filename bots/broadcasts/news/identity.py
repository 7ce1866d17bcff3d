"""Pure: by what a piece of news is known when it is told again; nothing but these hashes of it is kept."""

import hashlib

from huep.names import fold


def key_hash(key: str) -> bytes:
    """SHA-256 of what its source knows it by."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def words_hash(title: str, body: str, link: str | None) -> bytes:
    """The same for what says the same, however it is spaced or written large."""
    return key_hash("\n".join((fold(title), fold(body), link or "")))
