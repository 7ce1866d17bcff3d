"""Where a register comes from: each source yields two tables of text cells and a statement of origin."""

from pathlib import Path

from hr_provisioner.sources.csv_edition import POSTS_FILE, UNITS_FILE, CsvEdition
from hr_provisioner.sources.source import Origin, Source, SourceError, SourceUnreadable, Table
from hr_provisioner.sources.workbook import Workbook
from huep.catalogue import Message

__all__ = ["Origin", "Source", "SourceError", "Table", "open_source"]


def open_source(path: Path) -> Source:
    """Open one edition: a folder with `can-bo.csv` and `don-vi.csv`, either of these files, or an `.xlsx` workbook.

    Raises SourceUnreadable, naming the file.
    """
    if path.is_dir():
        return CsvEdition(path)
    if path.suffix.lower() == ".xlsx":
        return Workbook(path)
    if path.name in (POSTS_FILE, UNITS_FILE):
        return CsvEdition(path.parent)
    if not path.exists():
        raise SourceUnreadable(str(path), Message("unreadable-missing"))
    raise SourceUnreadable(str(path), Message.of("unreadable-kind", posts=POSTS_FILE, units=UNITS_FILE))
