"""Which devices their owners have cross-signed (MSC4153), from the answers of `/keys/query`.

Keys go to cross-signed devices only, and only what came from one may command anything. A chain holds when the user's
master key signed the self-signing key, that one signed the device, and the device signed itself. A person who resets
their identity is trusted anew: the register vouches for the account, and a help desk could not verify 60,000 people;
the change is logged.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple, TypeGuard

import structlog

from bots.matrix.signing import Json, decode, is_signed
from bots.matrix.slices import in_slices

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


class Peer(NamedTuple):
    """A device of somebody, with the key that its Olm sessions hang on."""

    user_id: str
    device_id: str
    curve25519: str


@dataclass(frozen=True)
class DeviceKeys:
    """The public keys of one device, whose signature by itself was verified."""

    curve25519: str
    ed25519: str
    cross_signed: bool
    display_name: str = ""


@dataclass(frozen=True)
class Identity:
    """What one user shows of keys; `master` is None while they have set up no cross-signing."""

    user_id: str
    master: str | None = None
    devices: Mapping[str, DeviceKeys] = field(default_factory=dict)

    @cached_property
    def trusted(self) -> frozenset[Peer]:
        """Every cross-signed device: these get keys."""
        return frozenset(self._peers(cross_signed=True))

    @cached_property
    def untrusted(self) -> frozenset[Peer]:
        """Every device that its owner has not signed."""
        return frozenset(self._peers(cross_signed=False))

    def _peers(self, *, cross_signed: bool) -> Iterator[Peer]:
        for device_id, keys in self.devices.items():
            if keys.cross_signed is cross_signed:
                yield Peer(self.user_id, device_id, keys.curve25519)


class Identities:
    """The identities asked for so far; filled by `put`, emptied user by user with `forget`."""

    def __init__(self) -> None:
        self._known: dict[str, Identity] = {}

    def __contains__(self, user_id: str) -> bool:
        return user_id in self._known

    def __getitem__(self, user_id: str) -> Identity:
        return self._known.get(user_id) or Identity(user_id)

    def forget(self, user_id: str) -> None:
        self._known.pop(user_id, None)

    def put(self, identity: Identity) -> None:
        """The present identity of a user, instead of what was known."""
        before = self[identity.user_id].master
        if before is not None and before != identity.master:
            log.warning("a person's cross-signing identity changed", user_id=identity.user_id)
        self._known[identity.user_id] = identity

    def is_cross_signed(self, user_id: str, device_id: str, ed25519: str) -> bool:
        """Whether the device of that signing key is signed by its owner."""
        keys = self[user_id].devices.get(device_id)
        return keys is not None and keys.cross_signed and keys.ed25519 == ed25519

    def has(self, user_id: str, curve25519: str, ed25519: str) -> bool:
        """Whether a device of `user_id`, signed by its owner or not, shows these two keys."""
        return any((keys.curve25519, keys.ed25519) == (curve25519, ed25519) for keys in self[user_id].devices.values())

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


async def identity_of(answer: Json, user_id: str) -> Identity:
    """The identity of one user, as far as the signatures in `answer` hold; what does not hold is left out."""
    master_key = _section(answer, "master_keys", user_id)
    master = _cross_signing_key(master_key, user_id, "master")
    self_signing_key = _section(answer, "self_signing_keys", user_id)
    self_signing = _cross_signing_key(self_signing_key, user_id, "self_signing")
    if master is None or self_signing is None or not is_signed(self_signing_key, user_id, master, master):
        self_signing = None
    devices = {}
    async for name, payload in in_slices(_section(answer, "device_keys", user_id).items()):
        if (keys := _device(payload, user_id, name, self_signing)) is not None:
            devices[name] = keys
    return Identity(user_id, master, devices)


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
    unsigned = payload.get("unsigned")
    display_name = unsigned.get("device_display_name") if isinstance(unsigned, dict) else None
    return DeviceKeys(curve25519, ed25519, signed, display_name if isinstance(display_name, str) else "")
