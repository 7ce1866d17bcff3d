"""The recovery key: what opens a secret storage, as people write it down (specification, "Key representation").

32 random bytes behind two fixed bytes, a parity byte after them, in base58 in groups of four characters.
"""

import secrets
from functools import reduce
from operator import xor

from huep.errors import HuepError

KEY_BYTES = 32
PREFIX = b"\x8b\x01"
GROUP = 4
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
"""Base58 as Bitcoin has it: without 0, O, I and l."""


class RecoveryKeyDamaged(HuepError):
    """The text is no recovery key: a character is wrong, or some are missing."""


class RecoveryKey:
    """The key of one secret storage; it shows itself only to whoever asks for `text`."""

    def __init__(self, raw: bytes) -> None:
        if len(raw) != KEY_BYTES:
            raise ValueError(f"a recovery key has {KEY_BYTES} bytes, not {len(raw)}")
        self.raw = raw

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RecoveryKey) and secrets.compare_digest(self.raw, other.raw)

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return "RecoveryKey(…)"

    @classmethod
    def new(cls) -> "RecoveryKey":
        return cls(secrets.token_bytes(KEY_BYTES))

    @classmethod
    def read(cls, text: str) -> "RecoveryKey":
        """The key that `text` is, whatever spaces stand in it.

        Raises:
            RecoveryKeyDamaged: it is none; the text itself stands in no message.
        """
        number = 0
        for character in "".join(text.split()):
            place = ALPHABET.find(character)
            if place < 0:
                raise RecoveryKeyDamaged(f"A recovery key has no character {character!r}: copy it anew.")
            number = number * len(ALPHABET) + place
        length = len(PREFIX) + KEY_BYTES + 1
        if number >> (8 * length):
            raise RecoveryKeyDamaged("The recovery key is too long: copy it anew.")
        raw = number.to_bytes(length, "big")
        if raw[: len(PREFIX)] != PREFIX or reduce(xor, raw) != 0:
            raise RecoveryKeyDamaged("The recovery key has a wrong or a missing character: copy it anew.")
        return cls(raw[len(PREFIX) : -1])

    @property
    def text(self) -> str:
        """As Element shows it and takes it."""
        raw = PREFIX + self.raw
        number = int.from_bytes(raw + bytes([reduce(xor, raw)]), "big")
        characters: list[str] = []
        while number:
            number, place = divmod(number, len(ALPHABET))
            characters.append(ALPHABET[place])
        written = "".join(reversed(characters))
        return " ".join(written[start : start + GROUP] for start in range(0, len(written), GROUP))
