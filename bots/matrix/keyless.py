"""Devices with which no Olm session could be made, since they have no one-time keys left.

Such a device was asleep for long, or its client is broken. It is asked again after a while, or as soon as anything is
heard of its owner; what it missed meanwhile is then sent after it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from bots.matrix.signing import Json
from bots.matrix.trust import Peer
from huep import clock

RETRY_AFTER = timedelta(minutes=10)
RETRY_WHEN_HEARD = timedelta(seconds=30)
"""After the last attempt, where the device's owner wrote to us since; anybody may write as often as they like."""
MOST_MISSED = 32
"""Sessions whose key is kept for one device; the oldest are given up."""


@dataclass(frozen=True)
class KeylessDevice:
    """A device that waits, and since when."""

    peer: Peer
    since: datetime
    asked_at: datetime
    next_try: datetime
    missed: Mapping[str, Json] = field(default_factory=lambda: MappingProxyType({}))
    """Session ID to content of the `m.room_key` that the device should have had."""


class Keyless:
    """The register of such devices, for those who share keys and those who report on them."""

    def __init__(self, now: clock.Clock = clock.now) -> None:
        self._now = now
        self._devices: dict[Peer, KeylessDevice] = {}

    @property
    def devices(self) -> tuple[KeylessDevice, ...]:
        """All of them, longest waiting first."""
        return tuple(self._devices.values())

    def may_be_asked(self, peer: Peer) -> bool:
        """Whether it is worth claiming a key of this device now."""
        device = self._devices.get(peer)
        return device is None or device.next_try <= self._now()

    def note(self, peer: Peer) -> bool:
        """A claim brought no usable key; True when the device was not known to be without."""
        now, known = self._now(), self._devices.get(peer)
        self._devices[peer] = replace(
            known or KeylessDevice(peer, now, now, now), asked_at=now, next_try=now + RETRY_AFTER
        )
        return known is None

    def has_noted(self, peer: Peer, session_id: str) -> bool:
        """Whether that session's key is kept for this device."""
        device = self._devices.get(peer)
        return device is not None and session_id in device.missed

    def misses(self, peer: Peer, room_key: Json) -> None:
        """Keep a session's key for a device in the register, as it stood when the device should have had it."""
        device = self._devices.get(peer)
        if device is None or self.has_noted(peer, room_key["session_id"]):
            return
        latest = list({**device.missed, str(room_key["session_id"]): room_key}.items())[-MOST_MISSED:]
        self._devices[peer] = replace(device, missed=MappingProxyType(dict(latest)))

    def changed(self, users: Iterable[str]) -> None:
        """The devices of these users changed: they may have keys again."""
        users, now = set(users), self._now()
        for peer, device in self._devices.items():
            if peer.user_id in users:
                self._devices[peer] = replace(device, next_try=now)

    def heard_from(self, user_id: str) -> None:
        """A device of this user wrote to us: another that slept may be awake."""
        for peer, device in self._devices.items():
            if peer.user_id == user_id:
                soon = min(device.next_try, device.asked_at + RETRY_WHEN_HEARD)
                self._devices[peer] = replace(device, next_try=soon)

    def due(self) -> tuple[KeylessDevice, ...]:
        """Those whose time to be asked again has come."""
        now = self._now()
        return tuple(device for device in self._devices.values() if device.next_try <= now)

    def settle_missed(self, device: KeylessDevice) -> None:
        """It was sent all that `device` says that it missed; what it has missed since is kept."""
        present = self._devices.get(device.peer)
        missed = {} if present is None else dict(present.missed)
        left = {session_id: key for session_id, key in missed.items() if session_id not in device.missed}
        if present is not None and left:
            self._devices[device.peer] = replace(present, missed=MappingProxyType(left))
        else:
            self.settle(device.peer)

    def settle(self, peer: Peer) -> None:
        """The device has a session, or is no longer anybody's concern."""
        self._devices.pop(peer, None)
