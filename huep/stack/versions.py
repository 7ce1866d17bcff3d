"""Which Synapse and which HueP last ran on a state folder: a newer one changes the databases for good."""

import json
from importlib.metadata import version
from pathlib import Path

from huep import __version__
from huep.errors import HuepError
from huep.state import StateFolder, write_private


class UpgradeNeeded(HuepError):
    """The databases were last used by another HueP or Synapse."""


def installed() -> dict[str, str]:
    """The versions that would run now."""
    return {"huep": __version__, "synapse": version("matrix-synapse")}


def check_versions(state: StateFolder) -> None:
    """Refuse to start on databases that other versions used last.

    Raises:
        UpgradeNeeded: names both, and the command that takes a backup first.
    """
    last, now = last_run(state), installed()
    if last is not None and last != now:
        changed = ", ".join(f"{name} {last.get(name)} -> {now[name]}" for name in now if last.get(name) != now[name])
        raise UpgradeNeeded(
            f"{state.root} was last run by another version ({changed}): run `huep upgrade`, which takes a backup first."
        )


def last_run(state: StateFolder) -> dict[str, str] | None:
    """The versions that ran last; None for a folder that never ran."""
    path = _path(state)
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def note_versions(state: StateFolder) -> None:
    """Remember that the installed versions have run here."""
    write_private(_path(state), json.dumps(installed()) + "\n")


def _path(state: StateFolder) -> Path:
    return state.root / "versions.json"
