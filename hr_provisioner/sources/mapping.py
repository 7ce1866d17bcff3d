"""What huep.toml says this province's export calls its columns, checked against the forms."""

from collections.abc import Mapping
from dataclasses import dataclass

from hr_provisioner.sources.columns import POSTS, UNITS, Form, column_named, heading_key
from huep.errors import ConfigError
from huep.hr_settings import ColumnSettings


@dataclass(frozen=True)
class Mapped:
    """Heading of the form to heading of the export, for each table."""

    posts: Mapping[str, str]
    units: Mapping[str, str]


def mapping_of(columns: ColumnSettings) -> Mapped:
    """Raises ConfigError naming the key: no such column, or two that claim one heading."""
    return Mapped(_checked("posts", POSTS, columns.posts), _checked("units", UNITS, columns.units))


def _checked(table: str, form: Form, given: Mapping[str, str]) -> dict[str, str]:
    key = f"hr.source.columns.{table}"
    checked: dict[str, str] = {}
    taken: dict[str, str] = {}
    for name, heading in given.items():
        found = column_named(form, name)
        if found is None:
            known = ", ".join(f'"{column.value}"' for column in form.columns)
            raise ConfigError(f'huep.toml: {key}: there is no column "{name}"; the columns are {known}.')
        column = found[0].value
        if not heading_key(heading):
            raise ConfigError(f'huep.toml: {key}: "{name}" is given no heading of the export.')
        if column in checked:
            raise ConfigError(f'huep.toml: {key}: the column "{column}" is mapped twice.')
        other = taken.setdefault(heading_key(heading), column)
        if other != column:
            raise ConfigError(f'huep.toml: {key}: "{other}" and "{column}" cannot both be "{heading}".')
        checked[column] = heading
    return checked
