"""Values at rest, in PostgreSQL or in a file: closed under a key that does not lie there, each for its place alone.

AES-256-GCM (NIST SP 800-38D). Each one made seals under a subkey of its own, whose salt stands before what it sealed:
random nonces are good for 2**32 values a key (section 8.3), and no process writes so many.
"""

import json
import secrets
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from huep.errors import HuepError

KEY_BYTES = 32
SALT_BYTES, NONCE_BYTES = 16, 12
FORMAT = b"\x01"


class SealBroken(HuepError):
    """A sealed value does not open: another key, another row, or changed."""

    def __init__(self, about: tuple[str, ...]) -> None:
        super().__init__(
            f"What is kept of {' '.join(about)} does not open: restore the secrets of the backup that the database "
            "comes from."
        )


class Seal:
    """Closes and opens values under one secret; shows it nowhere.

    Args:
        secret: at least 256 random bits.
        use: what it is used for here; under the same secret another use has another key.
    """

    def __init__(self, secret: bytes, *use: str) -> None:
        self._subkey: Callable[[bytes], bytes] = lambda salt: derived_key(secret, *use, salt=salt)
        self._salt = secrets.token_bytes(SALT_BYTES)
        self._ciphers: dict[bytes, AESGCM] = {}

    def close(self, content: bytes, *about: str) -> bytes:
        """`content` sealed; it opens only together with the same words `about` it, so that rows cannot be swapped."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return FORMAT + self._salt + nonce + self._cipher(self._salt).encrypt(nonce, content, _bound(about))

    def open(self, sealed: bytes, *about: str) -> bytes:
        """What was closed.

        Raises:
            SealBroken: it was closed under another key, or about something else, or was changed since.
        """
        salt_end = len(FORMAT) + SALT_BYTES
        nonce_end = salt_end + NONCE_BYTES
        if not sealed.startswith(FORMAT):
            raise SealBroken(about)
        try:
            cipher = self._cipher(sealed[len(FORMAT) : salt_end])
            return cipher.decrypt(sealed[salt_end:nonce_end], sealed[nonce_end:], _bound(about))
        except (InvalidTag, ValueError) as error:
            raise SealBroken(about) from error

    def _cipher(self, salt: bytes) -> AESGCM:
        if salt not in self._ciphers:
            self._ciphers[salt] = AESGCM(self._subkey(salt))
        return self._ciphers[salt]


def derived_key(secret: bytes, *use: str, salt: bytes = b"") -> bytes:
    """32 bytes made from `secret` for one use (HKDF, RFC 5869)."""
    return HKDF(SHA256(), KEY_BYTES, salt, json.dumps(use).encode()).derive(secret)


def _bound(about: tuple[str, ...]) -> bytes:
    return json.dumps(about).encode()
