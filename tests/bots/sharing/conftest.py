"""A bot's device over a homeserver in memory, which it shares keys through."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bots.matrix import batches
from bots.matrix.client import CryptoClient
from bots.matrix.device import Device, Session
from bots.matrix.store.folder import FolderShelf
from tests.bots.key_server import BOT, BOT_DEVICE, KeyServer


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "PAUSES_S", (0.0, 0.0))


@pytest.fixture
def server() -> KeyServer:
    return KeyServer()


@pytest.fixture
def opened(server: KeyServer, tmp_path: Path) -> Iterator[Callable[[], CryptoClient]]:
    """Opens the bot's device; each time as after a restart."""
    clients: list[CryptoClient] = []

    def again() -> CryptoClient:
        for client in clients:
            client.device.close()
        device = Device.open(FolderShelf(tmp_path), BOT)
        clients[:] = [CryptoClient(server, device, Session(BOT, BOT_DEVICE, "t"))]  # type: ignore[arg-type]
        return clients[0]

    yield again
    for client in clients:
        client.device.close()


@pytest.fixture
def client(opened: Callable[[], CryptoClient]) -> CryptoClient:
    return opened()
