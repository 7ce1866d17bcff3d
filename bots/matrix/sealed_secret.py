"""`m.secret_storage.v1.aes-hmac-sha2`: one secret under one key (specification, "Secret storage"). Pure.

From the key and the secret's name HKDF-SHA-256 makes two keys: AES-256-CTR encrypts, HMAC-SHA-256 of the ciphertext
says that nobody changed it, nor put it in another secret's place.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bots.matrix.recovery_key import RecoveryKey
from bots.matrix.signing import Json, decode, encode

ALGORITHM = "m.secret_storage.v1.aes-hmac-sha2"
SALT = bytes(32)
IV_BYTES = 16
BIT_63 = 0b0111_1111
"""Cleared in the ninth byte of each IV, for programs whose counter is 64 bits wide."""
CHECKED = bytes(32)
"""What is encrypted under the empty name, so that a key can be tried without a secret."""


@dataclass(frozen=True)
class Sealed:
    """A ciphertext with what opens and checks it; all three raw."""

    iv: bytes
    ciphertext: bytes
    mac: bytes

    def content(self) -> Json:
        """As it stands in account data, in unpadded base64."""
        return {"iv": encode(self.iv), "ciphertext": encode(self.ciphertext), "mac": encode(self.mac)}

    @classmethod
    def read(cls, content: object) -> "Sealed | None":
        """What `content` gives; None for what is no ciphertext."""
        if not isinstance(content, Mapping):
            return None
        try:
            parts = [decode(str(content[name])) for name in ("iv", "ciphertext", "mac")]
        except (KeyError, ValueError):
            return None
        return cls(*parts) if len(parts[0]) == IV_BYTES else None


def seal(key: RecoveryKey, name: str, plain: bytes) -> Sealed:
    """Encrypt a secret of this name."""
    return _seal(key, name, plain, _new_iv())


def unseal(key: RecoveryKey, name: str, sealed: Sealed) -> bytes | None:
    """The secret; None where the key is another one, or anything was changed."""
    aes_key, mac_key = _keys(key, name)
    if not hmac.compare_digest(hmac.digest(mac_key, sealed.ciphertext, sha256), sealed.mac):
        return None
    return _ctr(aes_key, sealed.iv, sealed.ciphertext)


def key_description(key: RecoveryKey, name: str) -> Json:
    """Content of `m.secret_storage.key.<id>`; `name` is what a client may show for it."""
    check = seal(key, "", CHECKED)
    return {"name": name, "algorithm": ALGORITHM, "iv": encode(check.iv), "mac": encode(check.mac)}


def opens(key: RecoveryKey, description: Mapping[str, object]) -> bool:
    """Whether this is the key that was described; one that cannot be checked is not taken for ours."""
    if description.get("algorithm") != ALGORITHM:
        return False
    try:
        iv, mac = decode(str(description["iv"])), decode(str(description["mac"]))
    except (KeyError, ValueError):
        return False
    return len(iv) == IV_BYTES and hmac.compare_digest(_seal(key, "", CHECKED, iv).mac, mac)


def _seal(key: RecoveryKey, name: str, plain: bytes, iv: bytes) -> Sealed:
    aes_key, mac_key = _keys(key, name)
    ciphertext = _ctr(aes_key, iv, plain)
    return Sealed(iv, ciphertext, hmac.digest(mac_key, ciphertext, sha256))


def _keys(key: RecoveryKey, name: str) -> tuple[bytes, bytes]:
    derived = HKDF(SHA256(), 64, SALT, name.encode()).derive(key.raw)
    return derived[:32], derived[32:]


def _ctr(aes_key: bytes, iv: bytes, data: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(aes_key), modes.CTR(iv)).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def _new_iv() -> bytes:
    iv = bytearray(secrets.token_bytes(IV_BYTES))
    iv[8] &= BIT_63
    return bytes(iv)
