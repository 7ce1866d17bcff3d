"""Where a register comes from: each source yields two tables of text cells and a statement of completeness.

Sources are imported when they are opened: each brings a library of its own, and the forms of `columns` stand between.
"""

from pathlib import Path

from sqlalchemy import Engine

from hr_provisioner.sources.source import Origin, Source, SourceError, Statement, Table
from huep.hr_settings import ColumnSettings
from huep.settings import Settings
from huep.state import StateFolder

__all__ = ["Origin", "Source", "SourceError", "Statement", "Table", "open_configured", "open_source"]


def open_source(path: Path, columns: ColumnSettings = ColumnSettings()) -> Source:  # noqa: B008 - frozen
    """Open one edition: a folder with `can-bo.csv` and `don-vi.csv`, either of these files, or an `.xlsx` workbook.

    `columns`: what this province's export calls its columns, where no built-in alias knows it. Raises
    SourceUnreadable, naming the file, and ConfigError for a mapping of a column that does not exist.
    """
    from hr_provisioner.sources.opening import open_files

    return open_files(path, columns)


def open_configured(settings: Settings, state: StateFolder, engine: Engine | None) -> Source:
    """The source that huep.toml names in `[hr.source]`; nothing is read before it is asked for.

    `engine` is of the role HR: it holds what SCIM brought, and the last whole answer of a REST source, which without it
    is read in full each time. Raises ConfigError where a key or a secret is missing, and SourceUnreadable.
    """
    from hr_provisioner.sources.opening import open_by_settings

    return open_by_settings(settings, state, engine)
