"""Programs that HueP does not bring along: nginx and Redis, from the operator's distribution."""

import os
import shutil
from pathlib import Path

from huep.errors import HuepError

NGINX, REDIS_SERVER = "nginx", "redis-server"
PACKAGES = {NGINX: "nginx-light", REDIS_SERVER: "redis-server"}
"""Debian's names."""
SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")
"""Where an ordinary user's search path often does not look."""


class ProgramsMissing(HuepError):
    """Workers need a program that is not installed."""


def find(name: str) -> Path | None:
    """Where the program lies; None where it is not installed."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *SYSTEM_FOLDERS))
    found = shutil.which(name, path=path)
    return None if found is None else Path(found)


def require(name: str) -> Path:
    """Where the program lies.

    Raises:
        ProgramsMissing: it is not installed.
    """
    check_programs((name,))
    found = find(name)
    assert found is not None  # noqa: S101 - check_programs has just seen it
    return found


def check_programs(names: tuple[str, ...] = (NGINX, REDIS_SERVER)) -> None:
    """Refuse where one of these programs is not installed.

    Raises:
        ProgramsMissing: names them and their packages.
    """
    missing = [name for name in names if find(name) is None]
    if missing:
        packages = " and ".join(PACKAGES[name] for name in missing)
        raise ProgramsMissing(
            f"Workers need {' and '.join(missing)}: install Debian's {packages}, or start with --no-workers."
        )
