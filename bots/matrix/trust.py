"""Which devices their owners have cross-signed (MSC4153), from the answers of `/keys/query`.

Keys go to cross-signed devices only, and only what came from one may command anything. A chain holds when the user's
master key signed the self-signing key, that one signed the device, and the device signed itself. A person who resets
their identity is trusted anew: the register vouches for the account, and a help desk could not verify 60,000 people;
the change is logged.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeGuard

import structlog

from bots.matrix.signing import Json, decode, is_signed

log = structlog.get_logger(__name__)

KEY_BYTES = 32
"""Of a Curve25519 or Ed25519 public key."""


class Origin(StrEnum):
    """From what an event came to us; only the first may command."""

    CROSS_SIGNED = "cross_signed"
    """Encrypted by a device that its owner has signed."""
    UNSIGNED = "unsigned"
    """Encrypted, but by a device that its owner has not signed, or that the server does not show."""
    PLAIN = "plain"
    """Not encrypted at all: anybody on the way could have written it."""


@dataclass(frozen=True)
class DeviceKeys:
    """The public keys of one device, whose signature by itself was verified."""

    curve25519: str
    ed25519: str
    cross_signed: bool


@dataclass(frozen=True)
class Identity:
    """What one user shows of keys; `master` is None while they have set up no cross-signing."""

    master: str | None = None
    devices: Mapping[str, DeviceKeys] = field(default_factory=dict)

    @property
    def trusted_devices(self) -> frozenset[tuple[str, str]]:
        """Device ID and signing key of every cross-signed device."""
        return frozenset((name, keys.ed25519) for name, keys in self.devices.items() if keys.cross_signed)


class Identities:
    """The identities asked for so far; filled by `update`, emptied user by user with `forget`."""

    def __init__(self) -> None:
        self._known: dict[str, Identity] = {}

    def __contains__(self, user_id: str) -> bool:
        return user_id in self._known

    def __getitem__(self, user_id: str) -> Identity:
        return self._known.get(user_id, Identity())

    def forget(self, user_id: str) -> None:
        self._known.pop(user_id, None)

    def update(self, answer: Json, asked: Iterable[str]) -> frozenset[str]:
        """Take in an answer of `/keys/query`; returns whose set of trusted devices is no longer what it was."""
        changed = set()
        for user_id in asked:
            before, now = self._known.get(user_id), identity_of(answer, user_id)
            self._known[user_id] = now
            if before is None:
                continue
            if before.master is not None and before.master != now.master:
                log.warning("a person's cross-signing identity changed", user_id=user_id)
            if before.trusted_devices != now.trusted_devices:
                changed.add(user_id)
        return frozenset(changed)

    def is_cross_signed(self, user_id: str, device_id: str, ed25519: str) -> bool:
        """Whether the device of that signing key is signed by its owner."""
        keys = self[user_id].devices.get(device_id)
        return keys is not None and keys.cross_signed and keys.ed25519 == ed25519

    def origin(self, user_id: str, curve25519: str, ed25519: str) -> Origin:
        """What to think of an event that these two keys of `user_id` encrypted."""
        return (
            Origin.CROSS_SIGNED
            if any(
                keys.cross_signed and keys.curve25519 == curve25519 and keys.ed25519 == ed25519
                for keys in self[user_id].devices.values()
            )
            else Origin.UNSIGNED
        )


def identity_of(answer: Json, user_id: str) -> Identity:
    """The identity of one user, as far as the signatures in `answer` hold; what does not hold is left out."""
    master_key = _section(answer, "master_keys", user_id)
    master = _cross_signing_key(master_key, user_id, "master")
    self_signing_key = _section(answer, "self_signing_keys", user_id)
    self_signing = _cross_signing_key(self_signing_key, user_id, "self_signing")
    if master is None or self_signing is None or not is_signed(self_signing_key, user_id, master, master):
        self_signing = None
    devices = {
        name: keys
        for name, payload in _section(answer, "device_keys", user_id).items()
        if (keys := _device(payload, user_id, name, self_signing)) is not None
    }
    return Identity(master, devices)


def _section(answer: Json, section: str, user_id: str) -> Json:
    found = answer.get(section)
    found = found.get(user_id) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _cross_signing_key(payload: Json, user_id: str, usage: str) -> str | None:
    keys, usages = payload.get("keys"), payload.get("usage")
    if payload.get("user_id") != user_id or not isinstance(keys, dict) or not isinstance(usages, list):
        return None
    if usage not in usages or len(keys) != 1:
        return None
    key_id, public = next(iter(keys.items()))
    return public if key_id == f"ed25519:{public}" else None


def _is_key(value: Any) -> TypeGuard[str]:
    try:
        return isinstance(value, str) and len(decode(value)) == KEY_BYTES
    except ValueError:
        return False


def _device(payload: Any, user_id: str, device_id: str, self_signing: str | None) -> DeviceKeys | None:
    if not isinstance(payload, dict) or (payload.get("user_id"), payload.get("device_id")) != (user_id, device_id):
        return None
    keys = payload.get("keys")
    if not isinstance(keys, dict):
        return None
    ed25519, curve25519 = keys.get(f"ed25519:{device_id}"), keys.get(f"curve25519:{device_id}")
    if not _is_key(ed25519) or not _is_key(curve25519):
        return None
    if not is_signed(payload, user_id, device_id, ed25519):
        return None
    signed = self_signing is not None and is_signed(payload, user_id, self_signing, self_signing)
    return DeviceKeys(curve25519, ed25519, signed)
