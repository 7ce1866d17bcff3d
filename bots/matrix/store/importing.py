"""Taking in a device from nio's own SQLite store, or from the folder in which an earlier HueP kept it.

Same device, same keys, no new login. What is taken in is committed at once; only then are the files set aside.
"""

import contextlib
import fcntl
import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nio
import structlog
from peewee import DatabaseError  # type: ignore[import-untyped]

from bots.matrix.errors import DeviceInUse
from bots.matrix.journal import Journal
from bots.matrix.progress import OpenInvite, Progress, WaitingEvent
from bots.matrix.store.crypto import CryptoStore
from bots.matrix.store.errors import NothingToImport
from bots.matrix.store.inbound import Held, row_of
from bots.matrix.store.shelf import Kind
from bots.matrix.store.vault import Vault
from huep.clock import now

log = structlog.get_logger(__name__)

ASIDE = "imported"
"""The folder in the folder to which its files go."""


@dataclass(frozen=True)
class EarlierFolder:
    """A folder of an earlier HueP, or of another bot made with nio.

    Of HueP: `crypto.db`, `pickle-key`, `session.json`, `cross-signing.json`, `journal.db`. Of other bots the first
    three do, under any name that ends in `.db`; `session.json` holds `user_id`, `device_id` and `access_token`.
    """

    root: Path

    @property
    def crypto_store(self) -> Path:
        named = self.root / "crypto.db"
        if named.exists():
            return named
        others = [path for path in sorted(self.root.glob("*.db")) if path.name not in ("journal.db", "device.db")]
        return others[0] if len(others) == 1 else named

    @property
    def files(self) -> tuple[Path, ...]:
        """What is set aside."""
        names = ("pickle-key", "session.json", "cross-signing.json", "journal.db", "journal.db-wal", "journal.db-shm")
        return tuple(path for path in (self.crypto_store, *map(self.root.joinpath, names)) if path.exists())

    def exists(self) -> bool:
        return self.crypto_store.exists()


@dataclass(frozen=True)
class TakenIn:
    """What an import brought."""

    user_id: str
    device_id: str
    olm_sessions: int
    inbound_sessions: int
    devices: int


def take_in(vault: Vault, folder: EarlierFolder, *, replace: bool = False) -> TakenIn:
    """Write what `folder` holds into the vault, in one transaction; blocks. The folder is left as it is.

    Args:
        vault: of the account whose device it is.
        folder: used by nobody.
        replace: drop what the vault holds.

    Raises:
        DeviceInUse: another process uses the folder.
        NothingToImport: it holds no store of this account that can be read.
    """
    with _alone(folder):
        session = _session(folder)
        if session["user_id"] != vault.user_id:
            raise NothingToImport(f"{folder.root} is a device of {session['user_id']}, not of {vault.user_id}.")
        if replace:
            vault.drop_all()
        with _store(folder, session) as store:
            taken = _take_crypto(vault, store)
        vault.put(Kind.LOGIN, (), json.dumps(session).encode())
        _take_seeds(vault, folder)
        _take_journal(vault, folder)
        vault.write_out()
    log.info("device imported", user_id=taken.user_id, device_id=taken.device_id, olm_sessions=taken.olm_sessions)
    return taken


def set_aside(folder: EarlierFolder) -> None:
    """Move the files into a folder `imported` beside them; the crypto store, by which a folder is known, goes last."""
    aside = folder.root / ASIDE
    aside.mkdir(mode=0o700, exist_ok=True)
    for path in reversed(folder.files):
        path.replace(aside / path.name)


@contextlib.contextmanager
def _alone(folder: EarlierFolder) -> Iterator[None]:
    """Nobody else who asks for HueP's lock uses the folder."""
    descriptor = os.open(folder.root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise DeviceInUse(f"the folder {folder.root}") from error
    finally:
        os.close(descriptor)


def _session(folder: EarlierFolder) -> dict[str, str]:
    path = folder.root / "session.json"
    try:
        content = json.loads(path.read_text("utf-8"))
        return {key: str(content[key]) for key in ("user_id", "device_id", "access_token")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NothingToImport(
            f"{path} does not say user_id, device_id and access_token: write it as the bot logged in."
        ) from error


@contextlib.contextmanager
def _store(folder: EarlierFolder, session: dict[str, str]) -> Iterator[Any]:
    """Nio's store over a copy: opening one may change it."""
    key_file = folder.root / "pickle-key"
    pickle_key = key_file.read_text("utf-8").strip() if key_file.exists() else ""
    with tempfile.TemporaryDirectory(dir=folder.root, prefix=".importing-") as scratch:
        try:
            with (
                contextlib.closing(sqlite3.connect(f"file:{folder.crypto_store}?mode=ro", uri=True)) as source,
                contextlib.closing(sqlite3.connect(Path(scratch) / "crypto.db")) as copy,
            ):
                source.backup(copy)
            store = nio.store.SqliteStore(session["user_id"], session["device_id"], scratch, pickle_key, "crypto.db")
        except (sqlite3.Error, DatabaseError) as error:
            raise NothingToImport(f"{folder.crypto_store} is not a store of nio that can be read ({error}).") from error
        try:
            yield store
        finally:
            store.database.close()


def _take_crypto(vault: Vault, store: Any) -> TakenIn:
    into = CryptoStore(vault)
    try:
        account = store.load_account()
        olm, inbound, peers = store.load_sessions(), store.load_inbound_group_sessions(), store.load_device_keys()
        rooms, requests = store.load_encrypted_rooms(), store.load_outgoing_key_requests()
    except Exception as error:
        raise NothingToImport(
            f"The keys of {store.user_id}'s device {store.device_id} do not open with pickle-key "
            f"({type(error).__name__})."
        ) from error
    if account is None:
        raise NothingToImport(f"The store holds no device {store.device_id} of {store.user_id}.")
    into.save_account(account)
    olm_sessions = [(key, session) for key, sessions in olm.items() for session in sessions]
    for sender_key, session in olm_sessions:
        into.save_session(sender_key, session)
    inbound_sessions = list(inbound)
    for session in inbound_sessions:
        place = (session.room_id, session.id)
        vault.put(Kind.INBOUND, place, row_of(place, {session.sender_key: Held(session)}, vault.pickle_key))
    into.save_device_keys(dict(peers.items()))
    into.save_encrypted_rooms(rooms)
    for request in requests.values():
        into.add_outgoing_key_request(request)
    devices = sum(len(of_user) for of_user in peers.values())
    return TakenIn(store.user_id, store.device_id, len(olm_sessions), len(inbound_sessions), devices)


def _take_seeds(vault: Vault, folder: EarlierFolder) -> None:
    path = folder.root / "cross-signing.json"
    if not path.exists():
        return
    try:
        seeds = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise NothingToImport(f"{path} cannot be read: restore it with `huep restore`.") from error
    vault.put(Kind.SEEDS, (), json.dumps(seeds).encode())


def _take_journal(vault: Vault, folder: EarlierFolder) -> None:
    path = folder.root / "journal.db"
    if not path.exists():
        return
    since_ms = int(now().timestamp() * 1000)
    with contextlib.closing(sqlite3.connect(path)) as kept:
        token = kept.execute("select token from sync").fetchone()
        if token is None:
            return
        waiting = kept.execute("select event_id, room_id, event from pending order by rowid")
        invites = kept.execute("select room_id, inviter from invites")
        Journal(vault).note(
            Progress(
                str(token[0]),
                waiting=tuple(
                    WaitingEvent(event_id, room_id, event, since_ms + number)
                    for number, (event_id, room_id, event) in enumerate(waiting)
                ),
                invites=tuple(OpenInvite(room_id, inviter, None) for room_id, inviter in invites),
            )
        )
