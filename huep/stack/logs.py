"""The log files of the supervised processes: their last word, and their size."""

import shutil
from pathlib import Path

LARGEST_BYTES = 20 * 1024 * 1024


def last_line(log: Path) -> str:
    """The last line that a process wrote, for a message of one sentence."""
    try:
        lines = log.read_text("utf-8", errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1].rstrip(".") if lines else "it wrote nothing"


def keep_small(log: Path) -> None:
    """Move what a log of more than 20 MiB holds to `<log>.1`, in place of what was there.

    The process goes on writing to the same file, which it opened to append; a line written meanwhile may be lost.
    """
    if log.exists() and log.stat().st_size > LARGEST_BYTES:
        shutil.copyfile(log, log.with_name(f"{log.name}.1"))
        with log.open("r+b") as file:
            file.truncate(0)
