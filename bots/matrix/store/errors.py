"""What can be wrong with a device's rows; each ends the bot rather than let it go on with half of its keys."""

import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from huep.database import DatabaseUnreachable
from huep.errors import HuepError


class DeviceDamaged(HuepError):
    """Something that the device keeps cannot be read."""


class StoreKeyMissing(HuepError):
    """The key that opens the rows is gone, and nothing but a backup brings it back."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The key of the encrypted devices, {path}, is missing: restore that file from a backup of HueP. "
            "Without it their keys cannot be read."
        )


class StoreKeyWrong(HuepError):
    """The rows were sealed with another key."""

    def __init__(self, path: Path, user_id: str) -> None:
        super().__init__(
            f"{path} is not the key with which the encrypted device of {user_id} was written: "
            "restore that file from the same backup as the database."
        )


class RowTampered(DeviceDamaged):
    """A row was changed, or stands where another belongs."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"A row of the kind '{kind}' was changed by somebody else than its device, so it is not used: "
            "restore the database with `huep restore`."
        )


class DeviceTaken(HuepError):
    """Another process became the device's owner while our connection was away: what we hold in memory is old."""

    def __init__(self, user_id: str) -> None:
        super().__init__(
            f"Another process took over the encrypted device of {user_id}, so this one stops: "
            "see with `huep status` that the bots run only once."
        )


class StoreNotEmpty(HuepError):
    """There is a device already where one was to be imported."""

    def __init__(self, user_id: str) -> None:
        super().__init__(
            f"HueP's database already holds an encrypted device of {user_id}: give --replace to put the imported one "
            "in its place."
        )


class NothingToImport(HuepError):
    """The folder holds no crypto store that could be read."""


STORE_FAILURES = (DatabaseUnreachable, DeviceTaken, DeviceDamaged, DBAPIError, sqlite3.Error)
"""Whatever a store can fail with: never the fault of the event that was being read."""
