"""Running PostgreSQL as an ordinary user when `huep` itself was started by root.

PostgreSQL refuses to run as root. Beneath a folder that others cannot enter (a home of mode 0700, the normal case in
CI) an ordinary user reaches neither its data nor its binaries. Nothing outside the state folder may be changed, so
the process then keeps one capability, to read and search past such folders; it never has any other.
"""

import os
import pwd
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from stat import S_IXGRP, S_IXOTH, S_IXUSR

from huep.errors import HuepError

READ_PAST = "+dac_read_search"


class CannotDropRights(HuepError):
    """Root cannot become the ordinary user that PostgreSQL needs."""


@dataclass(frozen=True)
class OrdinaryUser:
    """Whom a process becomes."""

    uid: int
    gid: int

    def enters(self, folder: Path) -> bool:
        """Whether this user reaches `folder`: may search it and everything above."""
        return all(self._searches(part) for part in (folder, *folder.parents))

    def _searches(self, folder: Path) -> bool:
        status = folder.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & S_IXUSR)
        return bool(status.st_mode & (S_IXGRP if status.st_gid == self.gid else S_IXOTH))

    def command_prefix(self, needed: Iterable[Path]) -> list[str]:
        """What goes before a command that runs as this user and must reach the `needed` folders.

        The process gets SIGINT when the one that started it ends.
        """
        prefix = [
            "setpriv",
            f"--reuid={self.uid}",
            f"--regid={self.gid}",
            "--clear-groups",
            "--pdeathsig=INT",
            "--no-new-privs",
        ]
        if all(self.enters(folder) for folder in needed):
            return [*prefix, "--inh-caps=-all"]
        # access(2) asks with the capabilities of an ordinary user dropped, unless this bit is set.
        return [
            *prefix,
            "--securebits=+no_setuid_fixup",
            f"--inh-caps=-all,{READ_PAST}",
            f"--ambient-caps={READ_PAST}",
        ]


def ordinary_user(name: str) -> OrdinaryUser | None:
    """Whom to become: None when this process is ordinary already."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(name)
    except KeyError as error:
        raise CannotDropRights(
            f"PostgreSQL does not run as root, and the user {name!r} does not exist: "
            "name an existing one as `run_as` under [postgres] in huep.toml."
        ) from error
    if entry.pw_uid == 0:
        raise CannotDropRights(f"PostgreSQL does not run as root, and {name!r} is root: set `run_as` in huep.toml.")
    if shutil.which("setpriv") is None:
        raise CannotDropRights(
            "PostgreSQL does not run as root, and `setpriv` (package util-linux) is missing: "
            "install it, or start HueP as an ordinary user."
        )
    return OrdinaryUser(entry.pw_uid, entry.pw_gid)
