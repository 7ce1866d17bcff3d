"""A device's store in a folder, for tests without a homeserver."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bots.matrix.client import CryptoClient
from bots.matrix.device import Device, Session
from bots.matrix.store.folder import FolderShelf

BOT = "@tro-ly:hue.localhost"


@contextmanager
def device_in(root: Path, user_id: str = BOT, earlier: Path | None = None) -> Iterator[Device]:
    """The device of `user_id` in `root`; its changes are gone at the end unless they were flushed."""
    device = Device.open(FolderShelf(root), user_id, earlier)
    try:
        yield device
    finally:
        device.close()


def client_in(root: Path, server: Any, device_id: str = "HUEPBOT") -> CryptoClient:
    """The bot's client over the device in `root`, which it is to close with `client.device.close()`."""
    device = Device.open(FolderShelf(root), BOT)
    return CryptoClient(server, device, Session(BOT, device_id, "t"))
