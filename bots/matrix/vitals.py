"""The device of a bot as its connection knows it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class DeviceVitals:
    """What readiness, figures and the doctor ask of a device."""

    device_id: str
    signed: bool
    """Whether others see it as signed by its owner."""
    one_time_keys: int | None
    """How many the server has left to give out; None before the first sync told."""
    fallback_key: bool
    """Whether the server has one that nobody has used."""
    synced_at: datetime | None
    devices_without_keys: int = 0
    """Of others: to whom nothing could be encrypted, for they have run out of keys."""

    def as_json(self) -> dict[str, str | int | bool | None]:
        """For files and answers; the moment as ISO 8601."""
        return {
            "device_id": self.device_id,
            "signed": self.signed,
            "one_time_keys": self.one_time_keys,
            "fallback_key": self.fallback_key,
            "synced_at": None if self.synced_at is None else self.synced_at.isoformat(),
            "devices_without_keys": self.devices_without_keys,
        }
