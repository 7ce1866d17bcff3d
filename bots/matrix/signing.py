"""Signed JSON, the Matrix way: canonical form, Ed25519, unpadded base64 (specification, appendices, "Signing JSON")."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from vodozemac import Ed25519PublicKey, Ed25519Signature

Json = dict[str, Any]

SEED_BYTES = 32


def encode(data: bytes) -> str:
    """Unpadded base64; homeservers silently drop keys whose ID is padded."""
    return base64.b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes of base64 with or without padding; raises ValueError for anything else."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError(f"not base64: {error}") from error


def canonical(value: Mapping[str, Any]) -> bytes:
    """Canonical JSON of what is signed: without `signatures` and `unsigned`."""
    signed = {key: item for key, item in value.items() if key not in ("signatures", "unsigned")}
    return json.dumps(signed, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


class SigningKey:
    """An Ed25519 key pair made from its 32-byte seed."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = encode(self._private.public_key().public_bytes_raw())

    def sign(self, value: Mapping[str, Any]) -> str:
        """The signature over `value` in unpadded base64."""
        return encode(self._private.sign(canonical(value)))


def is_signed(value: Mapping[str, Any], user_id: str, key_id: str, public_key: str) -> bool:
    """Whether `value` carries a good signature of `user_id` under `ed25519:<key_id>` by `public_key`."""
    try:
        signature = Ed25519Signature.from_base64(value["signatures"][user_id][f"ed25519:{key_id}"])
        Ed25519PublicKey.from_base64(public_key).verify_signature(canonical(value), signature)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return False
    return True
