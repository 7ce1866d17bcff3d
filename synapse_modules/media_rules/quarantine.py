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


def keep(folder: Path, file: Path, finding: Finding) -> Path:
    """Copy the file and write the finding beside it; both can be read by Synapse's user alone. Blocks.

    Returns:
        The copy's path; one content is kept once, and the finding is that of its first upload.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    copy = folder / digest
    if not copy.exists():
        beside = folder / f"{digest}.json"
        _write_private(beside, (json.dumps(asdict(finding), ensure_ascii=False) + "\n").encode())
        with file.open("rb") as content, os.fdopen(_opened_private(copy), "wb") as out:
            shutil.copyfileobj(content, out)
    return copy


def _write_private(path: Path, content: bytes) -> None:
    with os.fdopen(_opened_private(path), "wb") as out:
        out.write(content)


def _opened_private(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
