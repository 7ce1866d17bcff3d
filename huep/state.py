"""The state folder: the one place in which a running HueP keeps everything that it writes."""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from huep.errors import HuepError

STATE_VARIABLE = "HUEP_STATE"
DEFAULT_STATE = Path(".huep")
STATE_FORMAT = 1
SECRET_BYTES = 32
RESTORED = "restored"
"""A file by this name stands in the folder of an encrypted device that came out of a backup."""


class StateMissing(HuepError):
    """No HueP has been started in this folder yet."""


class StateDamaged(HuepError):
    """The folder is not, or is no longer, what HueP wrote there."""


class SecretMissing(HuepError):
    """A secret that an earlier start made is gone."""


@dataclass(frozen=True)
class StateFolder:
    """Paths below one root; every name in use stands here.

    Secrets are files of one line, readable by the service's user alone.
    """

    root: Path

    @property
    def marker(self) -> Path:
        """Says that this is a HueP state folder, of which format, for which `server_name`."""
        return self.root / "state.json"

    @property
    def config_file(self) -> Path:
        return self.root / "huep.toml"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def synapse(self) -> Path:
        return self.root / "synapse"

    @property
    def media(self) -> Path:
        return self.synapse / "media"

    @property
    def quarantine(self) -> Path:
        """Infected uploads, for whoever looks into them."""
        return self.synapse / "quarantine"

    @property
    def bots(self) -> Path:
        return self.root / "bots"

    @property
    def registers(self) -> Path:
        return self.root / "registers"

    @property
    def chat(self) -> Path:
        """Encrypted devices of `huep chat`, one folder a person."""
        return self.root / "chat"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """What holds only while HueP runs: process id, status."""
        return self.root / "run"

    def bots_standing(self, process: str) -> Path:
        """How the bots of one process stand, written by it whenever that changes."""
        return self.run / f"bots-{process}.json"

    @property
    def joins_progress(self) -> Path:
        """How far the joining of rooms has come."""
        return self.run / "joins.json"

    @property
    def cast(self) -> Path:
        """The people of the demo, by their part in the story."""
        return self.registers / "cast.json"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    def create(self, server_name: str) -> None:
        """Make an empty state folder for `server_name`."""
        if not self.marker.exists():
            write_private(self.marker, json.dumps({"format": STATE_FORMAT, "server_name": server_name}) + "\n")
        self.lay_out()

    def lay_out(self) -> None:
        """Make every folder, private to its owner."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root.chmod(0o700)
        for folder in (
            self.secrets,
            self.synapse,
            self.media,
            self.bots,
            self.registers,
            self.chat,
            self.logs,
            self.run,
            self.backups,
        ):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def server_name(self) -> str:
        """The name under which every account here was made.

        Raises:
            StateMissing: nothing was ever started here.
            StateDamaged: the marker cannot be read, or is of another format.
        """
        if not self.root.is_dir() or not any(self.root.iterdir()):
            raise StateMissing(f"There is no HueP in {self.root}: start one there with `huep up`.")
        try:
            marker = json.loads(self.marker.read_text("utf-8"))
            known, name = marker["format"], str(marker["server_name"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StateDamaged(
                f"{self.marker} is missing or unreadable, so {self.root} is not a sound HueP state folder: "
                "restore it with `huep restore`, or clear it with `huep reset`."
            ) from error
        if known != STATE_FORMAT:
            raise StateDamaged(
                f"{self.root} was written in format {known}, and this HueP reads format {STATE_FORMAT}: "
                "use the HueP that wrote it."
            )
        return name

    def read_secret(self, name: str) -> str:
        """The secret `name` made by an earlier start.

        Raises:
            SecretMissing: its file is gone.
        """
        path = self.secrets / name
        try:
            return path.read_text("utf-8").strip()
        except OSError as error:
            raise SecretMissing(
                f"The secret {path} cannot be read: restore it from a backup with `huep restore`."
            ) from error

    def secret(self, name: str) -> str:
        """The secret `name`; if it does not exist, `$HUEP_SECRET_<NAME>` is kept as it, else 256 random bits."""
        if not (self.secrets / name).exists():
            given = os.environ.get(f"HUEP_SECRET_{name.upper().replace('-', '_')}")
            self.write_secret(name, given or new_secret())
        return self.read_secret(name)

    def write_secret(self, name: str, value: str) -> Path:
        """Keep `value` as the secret `name`; returns its file."""
        path = self.secrets / name
        write_private(path, value + "\n")
        return path


def new_secret() -> str:
    """256 random bits, as text of 43 characters."""
    return secrets.token_urlsafe(SECRET_BYTES)


def locate_state(chosen: Path | None = None) -> StateFolder:
    """The folder that was asked for, else `$HUEP_STATE`, else `.huep` here."""
    root = chosen or Path(os.environ.get(STATE_VARIABLE) or DEFAULT_STATE)
    return StateFolder(root.expanduser().absolute())


def write_private(path: Path, text: str) -> None:
    """Write a file for its owner alone; whoever reads meanwhile sees the old file or the new, never half of one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)
