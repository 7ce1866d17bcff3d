"""Infected files, kept for whoever looks into them: the content by its hash, and beside it who sent what when."""

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Finding:
    """What was found in which upload."""

    signature: str
    """As the scanner calls it."""
    uploader: str | None
    uploaded_at_ms: int


@dataclass(frozen=True)
class Quarantine:
    """A folder in which infected files lie, the newest ones up to a size."""

    folder: Path
    most_bytes: int

    def keep(self, file: Path, finding: Finding) -> tuple[str, ...]:
        """Copy the file and write the finding beside it; both can be read by Synapse's user alone. Blocks.

        One content is kept once, and the finding is that of its first upload. Of a file that is larger than the whole
        quarantine the finding alone is kept.

        Returns:
            The hashes of the oldest contents, thrown out to make room; their findings stay.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        copy, beside = self.folder / digest, self.folder / f"{digest}.json"
        if copy.exists():
            return ()
        if not beside.exists():
            _write_private(beside, (json.dumps(asdict(finding), ensure_ascii=False) + "\n").encode())
        size = file.stat().st_size
        if size > self.most_bytes:
            return ()
        thrown_out = self._make_room(size)
        with file.open("rb") as content, os.fdopen(_opened_private(copy), "wb") as out:
            shutil.copyfileobj(content, out)
        return thrown_out

    def _make_room(self, size_bytes: int) -> tuple[str, ...]:
        kept = sorted((path.stat().st_mtime_ns, path) for path in self.folder.iterdir() if path.suffix != ".json")
        room = self.most_bytes - size_bytes - sum(path.stat().st_size for _, path in kept)
        thrown_out = []
        for _, path in kept:
            if room >= 0:
                break
            room += path.stat().st_size
            path.unlink()
            thrown_out.append(path.name)
        return tuple(thrown_out)


def _write_private(path: Path, content: bytes) -> None:
    with os.fdopen(_opened_private(path), "wb") as out:
        out.write(content)


def _opened_private(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
