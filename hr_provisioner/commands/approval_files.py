"""Files that go between the server and the officers' machines."""

from collections.abc import Iterable
from pathlib import Path

from hr_provisioner.approvals.signing import Altered, Approval
from hr_provisioner.language import OfficerError
from huep.catalogue import Message
from huep.state import write_private


class FileExists(OfficerError):
    """A file is never written over."""

    def __init__(self, path: Path) -> None:
        super().__init__(Message.of("request-exists", path=str(path)))


def read_approvals(paths: Iterable[Path]) -> list[Approval]:
    """The signatures in these files. Raises Altered, also where there is no such file."""
    return [_read(path) for path in paths]


def write_new(path: Path, content: str | bytes) -> None:
    """Write a file that was not there, for its owner alone: it may hold personal data. Raises FileExists."""
    if path.exists():
        raise FileExists(path)
    if isinstance(content, str):
        write_private(path, content)
    else:
        write_private(path, "")
        path.write_bytes(content)


def _read(path: Path) -> Approval:
    try:
        return Approval.from_json(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise Altered(str(path)) from error
