"""The folder of one encrypted device: crypto store, session, cross-signing seeds, journal; one process at a time."""

import fcntl
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bots.matrix.errors import DeviceInUse
from huep.errors import HuepError
from huep.state import write_private


class DeviceFolderDamaged(HuepError):
    """A file of the device's folder cannot be read."""


@dataclass(frozen=True)
class Session:
    """A login that outlives the process."""

    user_id: str
    device_id: str
    access_token: str


class DeviceFolder:
    """Names in the folder of one device. Entering it takes the lock; everything in it is for its owner alone."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock: int | None = None

    @property
    def journal(self) -> Path:
        return self.root / "journal.db"

    @property
    def crypto_store(self) -> Path:
        """Nio's SQLite file of Olm and Megolm sessions."""
        return self.root / "crypto.db"

    @property
    def seeds(self) -> Path:
        """The private halves of the cross-signing keys."""
        return self.root / "cross-signing.json"

    def __enter__(self) -> Self:
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root.chmod(0o700)
        descriptor = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise DeviceInUse(self.root) from error
        self._lock = descriptor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def read_session(self) -> Session | None:
        """The login of an earlier start; None before the first."""
        content = self._read_json(self.root / "session.json")
        if content is None:
            return None
        try:
            return Session(**content)
        except TypeError as error:
            raise DeviceFolderDamaged(f"{self.root / 'session.json'} is not a session: remove that file.") from error

    def write_session(self, session: Session) -> None:
        write_private(self.root / "session.json", json.dumps(session.__dict__) + "\n")

    def read_seeds(self) -> dict[str, Any] | None:
        return self._read_json(self.seeds)

    def write_seeds(self, content: dict[str, Any]) -> None:
        write_private(self.seeds, json.dumps(content) + "\n")

    def pickle_key(self) -> str:
        """What the crypto store is encrypted with."""
        path = self.root / "pickle-key"
        if not path.exists():
            write_private(path, secrets.token_urlsafe(32) + "\n")
        return path.read_text("utf-8").strip()

    def _read_json(self, path: Path) -> dict[str, Any] | None:
        try:
            content = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise DeviceFolderDamaged(f"{path} cannot be read: restore it with `huep restore`.") from error
        if not isinstance(content, dict):
            raise DeviceFolderDamaged(f"{path} is not what HueP wrote there: restore it with `huep restore`.")
        return content
