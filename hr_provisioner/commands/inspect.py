"""`huep hr inspect`: what a file, or the configured source, is understood to say."""

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, assert_never

import typer
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from hr_provisioner.dates import moment
from hr_provisioner.language import MESSAGES, OfficerError, speaking
from hr_provisioner.register.inspection import InspectedColumn, InspectedTable, configuration_of, inspect_table, refused
from hr_provisioner.screens.show import show_warning, show_well
from hr_provisioner.sources import Statement, Table, open_configured, open_source
from hr_provisioner.sources.columns import POSTS, Placed
from hr_provisioner.sources.loose import Found, tables_in, tables_of
from hr_provisioner.sources.mapping import mapping_of
from huep.catalogue import Locale, Voice
from huep.database import Role, connect_as
from huep.hr_settings import ColumnSettings
from huep.options import LanguageOption, StateOption
from huep.settings import load_settings
from huep.state import StateFolder, locate_state

InspectedFile = Annotated[
    Path | None,
    typer.Argument(help="An .xlsx, a .csv, or a folder with can-bo.csv and don-vi.csv; without it, [hr.source]."),
]


def inspect(file: InspectedFile = None, language: LanguageOption = Locale.VI, state: StateOption = None) -> None:
    """Show what a register file is understood to say, column by column, and the lines of huep.toml that it wants."""
    console, say = Console(highlight=False), Voice(MESSAGES, language)
    with speaking(language):
        folder = locate_state(state)
        found, statement = _configured(folder) if file is None else _file(file, folder)
    tables = [_inspected(each) for each in found]
    for table in tables:
        _show_table(console, say, table)
    if statement is not None:
        _show_statement(console, say, statement)
    configuration = configuration_of(tables)
    if configuration:
        console.print(Text(say("inspect-configuration")))
        console.print(Text(configuration, "cyan"))
    if any(table.refusal or table.missing or table.repeated for table in tables):
        raise typer.Exit(1)


def _file(path: Path, folder: StateFolder) -> tuple[list[Found], Statement | None]:
    columns = load_settings(folder).hr.source.columns if folder.config_file.exists() else ColumnSettings()
    try:
        statement = open_source(path, columns).origin.statement
    except OfficerError:
        # Told with the table whose fault it is.
        statement = None
    return tables_in(path, mapping_of(columns)), statement


def _configured(folder: StateFolder) -> tuple[list[Found], Statement | None]:
    settings = load_settings(folder)
    engine = connect_as(settings, folder, Role.HR)
    try:
        source = open_configured(settings, folder, engine)
        found = tables_of(source)
        return found, source.origin.statement if all(isinstance(each.table, Table) for each in found) else None
    finally:
        engine.dispose()


def _inspected(found: Found) -> InspectedTable:
    if isinstance(found.table, OfficerError):
        return refused(found.form, found.name, found.table)
    return inspect_table(found.table, found.form)


def _show_table(console: Console, say: Voice, table: InspectedTable) -> None:
    title = say("inspect-posts", name=table.name) if table.form is POSTS else say("inspect-units", name=table.name)
    console.print(Text(title, "bold"))
    if table.columns:
        _show_shape(console, say, table)
        grid = Grid(say("inspect-heading"), say("inspect-meaning"), say("inspect-how"), say("inspect-filled"))
        grid.add_column(say("inspect-unreadable"))
        grid.add_column(say("inspect-samples"))
        for number in (3, 4):
            grid.columns[number].justify = "right"
        for column in table.columns:
            grid.add_row(*_cells(say, column))
        console.print(grid)
    if table.missing:
        show_warning(console, say("inspect-missing", columns=_quoted(table.missing)))
    if table.repeated:
        show_warning(console, say("inspect-repeated", columns=_quoted(table.repeated)))
    if table.refusal is not None:
        show_warning(console, say.render(table.refusal.message))
    elif not table.missing and not table.repeated:
        show_well(console, say("inspect-sound"))
    console.print()


def _show_shape(console: Console, say: Voice, table: InspectedTable) -> None:
    facts = [say("inspect-rows", rows=table.rows), say("inspect-header-row", row=str(table.shape.header_row))]
    if table.shape.encoding:
        facts.append(say("inspect-encoding", encoding=table.shape.encoding))
    if table.shape.delimiter:
        delimiter = table.shape.delimiter
        facts.append(say("inspect-delimiter", delimiter="tab" if delimiter == "\t" else delimiter))
    console.print(Text(" · ".join(facts)))


def _cells(say: Voice, column: InspectedColumn) -> tuple[Text, ...]:
    if column.column is not None and column.how is not None:
        meaning, how = Text(column.column.value), Text(_how(say, column.how))
    elif column.suggestion is not None:
        meaning, how = Text(f"{column.suggestion.value}?", "yellow"), Text(say("inspect-how-suggested"), "yellow")
    else:
        meaning, how = Text("—", "dim"), Text(say("inspect-how-unknown"), "dim")
    unreadable = say.number(column.unreadable) if column.unreadable else ""
    if column.unreadable:
        unreadable += f" ({column.unreadable_sample})"
    return (
        Text(column.heading),
        meaning,
        how,
        Text(say.number(column.filled)),
        Text(unreadable, "red"),
        Text("; ".join(column.samples)),
    )


def _how(say: Voice, how: Placed) -> str:
    match how:
        case Placed.BY_MAPPING:
            return say("inspect-how-mapping")
        case Placed.BY_NAME:
            return say("inspect-how-name")
        case Placed.BY_ALIAS:
            return say("inspect-how-alias")
        case _:
            assert_never(how)


def _quoted(columns: Iterable[StrEnum]) -> str:
    return ", ".join(f'"{column.value}"' for column in columns)


def _show_statement(console: Console, say: Voice, statement: Statement) -> None:
    if statement.exported_at is not None:
        console.print(say("inspect-exported", at=moment(statement.exported_at)))
    if statement.rows is None:
        console.print(say("inspect-no-total"))
    else:
        console.print(say("inspect-total", rows=statement.rows))
    if not statement.whole:
        show_warning(console, say("inspect-cut"))
