"""One encrypted device as it is kept: its login, its cross-signing seeds, its crypto store, its journal."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from bots.matrix.journal import Journal
from bots.matrix.store.crypto import CryptoStore
from bots.matrix.store.errors import DeviceDamaged
from bots.matrix.store.importing import EarlierFolder, set_aside, take_in
from bots.matrix.store.inbound import KEEP_DAYS
from bots.matrix.store.shelf import Kind, Shelf
from bots.matrix.store.vault import Vault


@dataclass(frozen=True)
class Session:
    """A login that outlives the process."""

    user_id: str
    device_id: str
    access_token: str = field(repr=False)


class Device:
    """Everything that the device of one account keeps, with this process as its one owner.

    Args:
        vault: opened; making the device reads from it, and so blocks.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._session = next(map(json.loads, vault.read(Kind.LOGIN)), None)
        self._seeds = next(map(json.loads, vault.read(Kind.SEEDS)), None)
        self.crypto = CryptoStore(vault)
        self.journal = Journal(vault)

    @classmethod
    def open(cls, shelf: Shelf, user_id: str, earlier: Path | None = None) -> Self:
        """Become the owner of the device of `user_id`; blocks.

        Args:
            shelf: where its rows lie.
            user_id: whose device.
            earlier: a folder in which an earlier HueP kept this device; it is taken in once, then set aside.

        Raises:
            DeviceInUse, DatabaseUnreachable, StoreKeyMissing, StoreKeyWrong, DeviceDamaged, NothingToImport.
        """
        vault = Vault.open(shelf, user_id)
        try:
            folder = EarlierFolder(earlier) if earlier is not None else None
            if folder is not None and folder.exists():
                if not vault.read(Kind.ACCOUNT):
                    take_in(vault, folder)
                set_aside(folder)
            vault.prune(Kind.INBOUND, KEEP_DAYS)
            device = cls(vault)
            if vault.restored:
                device.crypto.stop_writing()
                vault.settle_restored()
        except BaseException:
            vault.close()
            raise
        return device

    @property
    def user_id(self) -> str:
        return self._vault.user_id

    @property
    def place(self) -> str:
        """How messages to the operator call where it is kept."""
        return self._vault.place

    def read_session(self) -> Session | None:
        """The login of an earlier start; None before the first."""
        if self._session is None:
            return None
        try:
            return Session(**self._session)
        except TypeError as error:
            raise DeviceDamaged(f"The login kept in {self.place} cannot be read: restore a backup.") from error

    def write_session(self, session: Session) -> None:
        self._session = session.__dict__
        self._vault.put(Kind.LOGIN, (), json.dumps(self._session).encode())

    def read_seeds(self) -> dict[str, Any] | None:
        """What was last given to `write_seeds`."""
        return self._seeds

    def write_seeds(self, content: dict[str, Any]) -> None:
        self._seeds = content
        self._vault.put(Kind.SEEDS, (), json.dumps(content).encode())

    async def flush(self) -> None:
        """All changes so far are durable when it returns; see `Vault.flush`."""
        await self._vault.flush()

    def close(self) -> None:
        """Be the owner no more; what was not flushed is gone, as after a crash."""
        self._vault.close()


@asynccontextmanager
async def opened(shelf: Shelf, user_id: str, earlier: Path | None = None) -> AsyncIterator[Device]:
    """`Device.open`, flushed and closed at the end; after an error it is left as a crash would leave it."""
    device = await asyncio.to_thread(Device.open, shelf, user_id, earlier)
    try:
        yield device
        await device.flush()
    finally:
        await asyncio.to_thread(device.close)
