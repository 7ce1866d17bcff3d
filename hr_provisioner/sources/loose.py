"""The tables of a file for whoever wants to look at them, each by itself, also where `open_source` refuses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hr_provisioner.language import OfficerError
from hr_provisioner.sources.columns import POSTS, UNITS, Form, places_of
from hr_provisioner.sources.csv_edition import POSTS_FILE, UNITS_FILE
from hr_provisioner.sources.csv_table import CsvTable
from hr_provisioner.sources.mapping import Mapped
from hr_provisioner.sources.source import Source, SourceError, SourceUnreadable, Table
from hr_provisioner.sources.workbook import POSTS_SHEET, UNITS_SHEET, Workbook
from huep.catalogue import Message
from huep.names import fold


@dataclass(frozen=True)
class Found:
    """A table, or why there is none."""

    form: Form
    name: str
    table: Table | OfficerError


def tables_in(path: Path, mapped: Mapped) -> list[Found]:
    """Posts and units of a folder, a workbook, or one CSV file whatever it is called."""
    if path.suffix.lower() == ".xlsx":
        return list(_sheets(path, mapped))
    if path.is_dir() or path.name in (POSTS_FILE, UNITS_FILE):
        folder = path if path.is_dir() else path.parent
        return [
            _csv(folder / POSTS_FILE, POSTS, mapped.posts),
            _csv(folder / UNITS_FILE, UNITS, mapped.units),
        ]
    if not path.exists():
        return [Found(POSTS, str(path), SourceUnreadable(str(path), Message("unreadable-missing")))]
    return [_likelier(_csv(path, POSTS, mapped.posts), _csv(path, UNITS, mapped.units))]


def tables_of(source: Source) -> list[Found]:
    """Posts and units of any source."""
    found: list[Found] = []
    for form, name, read in ((POSTS, POSTS_SHEET, source.posts), (UNITS, UNITS_SHEET, source.units)):
        try:
            table: Table | OfficerError = read()
        except SourceError as error:
            table = error
        found.append(Found(form, table.name if isinstance(table, Table) else name, table))
    return found


def _csv(path: Path, form: Form, mapped: Mapping[str, str]) -> Found:
    try:
        return Found(form, str(path), CsvTable(path, form, mapped).table())
    except SourceError as error:
        return Found(form, str(path), error)


def _sheets(path: Path, mapped: Mapped) -> Iterator[Found]:
    """The sheets of the two names; where one lacks, another sheet in its place."""
    try:
        book = Workbook(path, mapped)
    except SourceError as error:
        yield Found(POSTS, str(path), error)
        return
    titles = book.titles()
    forms = {fold(POSTS_SHEET): POSTS, fold(UNITS_SHEET): UNITS}
    named = {title for title in titles if fold(title) in forms}
    for title in titles:
        if title in named:
            form = forms[fold(title)]
            yield _sheet(book, title, form, mapped.posts if form is POSTS else mapped.units)
        elif len(named) < len(forms):
            yield _likelier(_sheet(book, title, POSTS, mapped.posts), _sheet(book, title, UNITS, mapped.units))


def _sheet(book: Workbook, title: str, form: Form, mapped: Mapping[str, str]) -> Found:
    try:
        table = book.sheet(title, form, mapped).table()
        return Found(form, table.name, table)
    except SourceError as error:
        return Found(form, title, error)


def _likelier(posts: Found, units: Found) -> Found:
    """As which of the two forms a table has more headings that are understood."""
    return units if _understood(units) > _understood(posts) else posts


def _understood(found: Found) -> int:
    table = found.table
    return len(places_of(table.header, found.form, table.mapped)) if isinstance(table, Table) else 0
