"""One file that holds a whole HueP: both databases, keys, secrets, media, configuration. And back again."""

import contextlib
import errno
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from huep import __version__, clock
from huep.database import HUEP_DATABASE, SYNAPSE_DATABASE
from huep.errors import HuepError
from huep.settings import load_settings
from huep.stack.postgres import EmbeddedPostgres
from huep.stack.preflight import DiskFull, check_disk, check_ports
from huep.stack.presence import AlreadyRunning, hold
from huep.stack.wizard import Ports, change
from huep.state import RESTORED, StateFolder

BACKUP_FORMAT = 1
MANIFEST = "backup.json"
SQLITE_HEADER = b"SQLite format 3\x00"
NOT_KEPT = frozenset({"postgres", "postgres.unfinished", "logs", "run", "backups"})
"""Parts of the state folder that a backup leaves out: what the dumps hold, and what holds only while HueP runs."""


class BackupUnusable(HuepError):
    """The file is not a backup of HueP, or not a whole one."""


class RestoreRefused(HuepError):
    """There is something in the way of a restore."""


def back_up(state: StateFolder, target: Path | None = None) -> Path:
    """Write a backup, of a running HueP or a stopped one, for its owner alone; returns its path.

    The databases are dumped first, each as of one moment; keys and media, which only grow, follow. The file appears
    under its name when it is whole.
    """
    settings = load_settings(state)
    moment = clock.now().astimezone(clock.PROVINCE_TIMEZONE)
    target = target or state.backups / f"huep-{moment:%Y%m%d-%H%M%S}.tar.gz"
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        with _database_at_hand(state) as postgres, tempfile.TemporaryDirectory(dir=state.run) as scratch:
            folder = Path(scratch)
            # The directory first: what Synapse did since then is simply done again.
            for database in (HUEP_DATABASE, SYNAPSE_DATABASE):
                postgres.dump(database, folder / f"{database}.dump")
            _write_manifest(folder, settings.server_name, moment)
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as archive:
                    for part in (MANIFEST, f"{SYNAPSE_DATABASE}.dump", f"{HUEP_DATABASE}.dump"):
                        archive.add(folder / part, part)
                    _add_state(archive, state, folder)
                os.fsync(file.fileno())
        unfinished.rename(target)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        if error.errno == errno.ENOSPC:
            raise DiskFull(f"The disk is full, so no backup was written to {target}: free some space.") from error
        raise
    return target


def restore(source: Path, state: StateFolder, ports: Ports) -> None:
    """Make the state folder from a backup; the folder must not exist or be empty. `huep up` then starts it.

    Raises:
        RestoreRefused: the folder has something in it.
        BackupUnusable: the file cannot be read, or was written by a newer HueP; nothing is left behind.
    """
    if state.root.exists() and any(state.root.iterdir()):
        raise RestoreRefused(
            f"{state.root} is not empty: restore into a new folder with --state, or clear this one with `huep reset`."
        )
    _read_manifest(source)
    check_disk(state.root)
    try:
        state.lay_out()
        dumps = _extract(source, state)
        change(state, ports)
        settings = load_settings(state)
        check_ports(settings, state)
        postgres = EmbeddedPostgres(settings, state)
        with postgres.running():
            postgres.set_up()
            for database in (SYNAPSE_DATABASE, HUEP_DATABASE):
                postgres.load(database, dumps / f"{database}.dump")
            _mark_devices(state, postgres)
        # Last of all: without its marker a folder is no state folder, so a restore that was cut off never starts.
        (dumps / state.marker.name).replace(state.marker)
        shutil.rmtree(dumps)
    except BaseException:
        shutil.rmtree(state.root)
        raise


def _mark_devices(state: StateFolder, postgres: EmbeddedPostgres) -> None:
    """Say to every encrypted device that it is as of the backup, while those it talks to have gone on."""
    with postgres.connect(HUEP_DATABASE) as connection:
        made = connection.execute("select to_regclass('bots.devices') is not null").fetchone()
        if made == (True,):
            connection.execute("update bots.devices set restored = true")
    for folder in state.chat.glob("*/"):
        (folder / RESTORED).touch()


@contextlib.contextmanager
def _database_at_hand(state: StateFolder) -> Iterator[EmbeddedPostgres]:
    """The running HueP's PostgreSQL, or one started for this command alone."""
    postgres = EmbeddedPostgres(load_settings(state), state)
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(AlreadyRunning):
            stack.enter_context(hold(state))
            stack.enter_context(postgres.running())
        yield postgres


def _write_manifest(folder: Path, server_name: str, moment: datetime) -> None:
    manifest = {"format": BACKUP_FORMAT, "huep": __version__, "server_name": server_name, "at": moment.isoformat()}
    (folder / MANIFEST).write_text(json.dumps(manifest) + "\n", "utf-8")


def _read_manifest(source: Path) -> None:
    try:
        with tarfile.open(source, "r:gz") as archive:
            first = archive.next()
            file = archive.extractfile(first) if first is not None and first.name == MANIFEST else None
            manifest = json.loads(file.read()) if file is not None else {}
    except (OSError, tarfile.TarError, EOFError, ValueError) as error:
        raise BackupUnusable(f"{source} cannot be read as a backup of HueP ({error}).") from error
    if manifest.get("format") != BACKUP_FORMAT:
        raise BackupUnusable(f"{source} is no backup that HueP {__version__} can read: use the HueP that wrote it.")


def _add_state(archive: tarfile.TarFile, state: StateFolder, scratch: Path) -> None:
    for path in sorted(state.root.rglob("*")):
        relative = path.relative_to(state.root)
        if relative.parts[0] in NOT_KEPT or not path.is_file() or path.name.startswith("."):
            continue
        name = f"state/{relative}"
        with contextlib.suppress(FileNotFoundError):  # an upload that ended meanwhile
            if _is_sqlite(path):
                copy = scratch / "copy.sqlite"
                _copy_sqlite(path, copy)
                archive.add(copy, name)
                copy.unlink()
            elif not path.name.endswith(("-wal", "-shm", "-journal")):
                archive.add(path, name)


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(SQLITE_HEADER)) == SQLITE_HEADER


def _copy_sqlite(source: Path, target: Path) -> None:
    """A bot's crypto store as of one moment, while the bot goes on using it."""
    with (
        contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as live,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        live.backup(copy)


def _extract(source: Path, state: StateFolder) -> Path:
    """Put every file in its place, private to its owner; returns the folder with the databases' dumps."""
    unpacked = state.root / "restoring"
    unpacked.mkdir(mode=0o700)
    try:
        with tarfile.open(source, "r:gz") as archive:
            archive.extractall(unpacked, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise DiskFull(f"The disk is too small for what {source} holds: restore onto a larger one.") from error
        raise BackupUnusable(f"{source} is damaged ({error}): take another backup.") from error
    (unpacked / "state" / state.marker.name).replace(unpacked / state.marker.name)
    for path in sorted((unpacked / "state").rglob("*")):
        target = state.root / path.relative_to(unpacked / "state")
        if path.is_dir():
            target.mkdir(mode=0o700, exist_ok=True)
        else:
            path.chmod(0o600)
            path.replace(target)
    shutil.rmtree(unpacked / "state")
    return unpacked
