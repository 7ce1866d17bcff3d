"""Which class opens which source."""

import os
from pathlib import Path

from sqlalchemy import Engine

from hr_provisioner.sources.csv_edition import POSTS_FILE, UNITS_FILE, CsvEdition
from hr_provisioner.sources.mapping import mapping_of
from hr_provisioner.sources.source import Source, SourceUnreadable
from hr_provisioner.sources.workbook import Workbook
from huep import secret_names
from huep.catalogue import Message
from huep.errors import ConfigError
from huep.hr_settings import ColumnSettings, SourceKind
from huep.settings import Settings
from huep.state import StateFolder


def open_files(path: Path, columns: ColumnSettings) -> Source:
    """See `hr_provisioner.sources.open_source`."""
    mapped = mapping_of(columns)
    if path.is_dir():
        return CsvEdition(path, mapped)
    if path.suffix.lower() == ".xlsx":
        return Workbook(path, mapped)
    if path.name in (POSTS_FILE, UNITS_FILE):
        return CsvEdition(path.parent, mapped)
    if not path.exists():
        raise SourceUnreadable(str(path), Message("unreadable-missing"))
    raise SourceUnreadable(str(path), Message.of("unreadable-kind", posts=POSTS_FILE, units=UNITS_FILE))


def open_by_settings(settings: Settings, state: StateFolder, engine: Engine | None) -> Source:
    """See `hr_provisioner.sources.open_configured`."""
    source = settings.hr.source
    match source.kind:
        case SourceKind.FILES:
            if source.path is None:
                raise ConfigError("huep.toml: hr.source.path is missing: name the folder or workbook of the export.")
            # Where huep.toml lies, unless the path is absolute.
            return open_files(state.root / source.path, source.columns)
        case SourceKind.POSTGRES:
            from hr_provisioner.sources.postgres_view import PostgresView

            for key, value in (("database", source.database), ("user", source.user)):
                if not value:
                    raise ConfigError(f"huep.toml: hr.source.{key} is missing.")
            password = given_secret(state, secret_names.SOURCE_PASSWORD)
            return PostgresView(source, password, mapping_of(source.columns))
        case SourceKind.REST:
            from hr_provisioner.sources.rest import RestApi

            token = given_secret(state, secret_names.SOURCE_TOKEN)
            return RestApi(source, token, mapping_of(source.columns), engine)
        case SourceKind.SCIM:
            from hr_provisioner.scim.source import ScimSource

            if engine is None:
                raise ConfigError("huep.toml: hr.source.kind is scim, which needs HueP's database.")
            return ScimSource(engine)


def given_secret(state: StateFolder, name: str) -> str:
    """A secret that somebody outside HueP made, so that it cannot be made up here. Raises ConfigError."""
    variable = f"HUEP_SECRET_{name.upper().replace('-', '_')}"
    if not (state.secrets / name).exists() and variable not in os.environ:
        raise ConfigError(f"The secret {state.secrets / name} is missing: write it there, or set ${variable}.")
    return state.secret(name)
