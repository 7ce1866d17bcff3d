"""A register as two views of a PostgreSQL database, read in one read-only transaction."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg
from psycopg import IsolationLevel, errors, sql
from psycopg.rows import TupleRow

from hr_provisioner.sources.cell_text import as_text
from hr_provisioner.sources.columns import POSTS, UNITS, Form, Place, PostColumn, places_of
from hr_provisioner.sources.mapping import Mapped
from hr_provisioner.sources.person import only_person
from hr_provisioner.sources.read_once import Reading, ReadOnce
from hr_provisioner.sources.source import ColumnMissing, SourceAway, SourceUnreadable, Statement, Table
from hr_provisioner.sources.text_table import FIRST_ROW, TextTable, gather_rows
from huep.catalogue import Message
from huep.hr_settings import SourceKind, SourceSettings

CONNECT_TIMEOUT_S = 10
STATEMENT_TIMEOUT_S = 300
ROWS_A_FETCH = 5_000

Connection = psycopg.Connection[TupleRow]


@dataclass(frozen=True)
class _View:
    name: str
    form: Form
    mapped: Mapping[str, str]

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(*self.name.split("."))


class PostgresView(ReadOnce):
    """The views that `[hr.source]` names; nothing is read before it is asked for, and then both views in one snapshot.

    Column names of the views are headings like any other. `exported_at` is the time of the transaction, and the
    control total what `count(*)` says in it.
    """

    def __init__(self, settings: SourceSettings, password: str, mapped: Mapped) -> None:
        super().__init__(SourceKind.POSTGRES)
        self._settings = settings
        self._password = password
        self._posts = _View(settings.posts_view, POSTS, mapped.posts)
        self._units = _View(settings.units_view, UNITS, mapped.units)

    def person(self, officer_code: str) -> Table:
        """In a transaction of its own. Raises SourceUnreadable, ColumnMissing."""
        view = self._posts
        with self._transaction() as connection:
            header = self._header(connection, view)
            code = next(
                (header[p.position] for p in _places(header, view) if p.column is PostColumn.OFFICER_CODE), None
            )
            if code is None:
                raise ColumnMissing(view.name, [PostColumn.OFFICER_CODE.value])
            query = sql.SQL("select * from {} where upper(btrim({}::text)) = %s").format(
                view.identifier, sql.Identifier(code)
            )
            with self._told(view):
                rows = [[as_text(cell) for cell in row] for row in connection.execute(query, [officer_code])]
        numbered = enumerate(rows, FIRST_ROW)
        return only_person(Table(view.name, tuple(header), numbered, view.mapped), officer_code)

    def _read(self) -> Reading:
        with self._transaction() as connection:
            with self._told(self._posts):
                found = connection.execute("select transaction_timestamp()").fetchone()
            moment: datetime | None = found[0].astimezone(UTC) if found else None
            units, stated_units = self._all(connection, self._units)
            posts, stated_posts = self._all(connection, self._posts)
        whole = (units.count, posts.count) == (stated_units, stated_posts)
        return Reading(posts, units, Statement(moment, stated_units + stated_posts, whole))

    def _all(self, connection: Connection, view: _View) -> tuple[TextTable, int]:
        """The whole view by a cursor on the server, and how many rows the server counts."""
        header = self._header(connection, view)
        with self._told(view):
            counted = connection.execute(sql.SQL("select count(*) from {}").format(view.identifier)).fetchone()
            # In one order, so that the same rows have the same digest.
            keys = sql.SQL(", ").join(
                sql.Identifier(header[place.position])
                for place in _places(header, view)
                if place.column in view.form.required
            )
            query = sql.SQL("select * from {}").format(view.identifier)
            if keys.as_string(connection):
                query += sql.SQL(" order by ") + keys
            with connection.cursor(name="register") as cursor:
                cursor.itersize = ROWS_A_FETCH
                cursor.execute(query)
                rows = ([as_text(cell) for cell in row] for row in cursor)
                return gather_rows(view.name, header, rows, view.mapped), counted[0] if counted else 0

    def _header(self, connection: Connection, view: _View) -> list[str]:
        with self._told(view):
            cursor = connection.execute(sql.SQL("select * from {} limit 0").format(view.identifier))
            return [column.name for column in cursor.description or ()]

    @property
    def _where(self) -> str:
        settings = self._settings
        return f"{settings.host}:{settings.port}/{settings.database}"

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        settings = self._settings
        try:
            connection = psycopg.connect(
                host=settings.host,
                port=settings.port,
                dbname=settings.database,
                user=settings.user,
                password=self._password,
                connect_timeout=CONNECT_TIMEOUT_S,
                client_encoding="UTF8",
                application_name="huep",
                options=f"-c statement_timeout={STATEMENT_TIMEOUT_S * 1000}",
            )
        except psycopg.Error as error:
            raise self._refusal(error) from error
        with connection:
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            yield connection

    @contextmanager
    def _told(self, view: _View) -> Iterator[None]:
        try:
            yield
        except (errors.UndefinedTable, errors.InvalidSchemaName) as error:
            reason = Message.of("unreadable-no-view", where=self._where, view=view.name)
            raise SourceUnreadable(view.name, reason) from error
        except errors.InsufficientPrivilege as error:
            reason = Message.of("unreadable-no-right", where=self._where, view=view.name, user=self._settings.user)
            raise SourceUnreadable(view.name, reason) from error
        except psycopg.Error as error:
            raise self._refusal(error) from error

    def _refusal(self, error: psycopg.Error) -> SourceUnreadable:
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        kind = SourceAway if isinstance(error, psycopg.OperationalError) else SourceUnreadable
        return kind(self._posts.name, Message.of("unreadable-database", where=self._where, error=said))


def _places(header: list[str], view: _View) -> list[Place]:
    return places_of(header, view.form, view.mapped)
