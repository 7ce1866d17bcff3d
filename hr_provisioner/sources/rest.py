"""A register behind a REST interface: two collections of JSON objects, page by page."""

import json
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from sqlalchemy import Engine, select
from sqlalchemy.dialects.postgresql import insert

from hr_provisioner.sources.cell_text import as_text
from hr_provisioner.sources.columns import POSTS, Form, places_of
from hr_provisioner.sources.mapping import Mapped
from hr_provisioner.sources.person import only_person
from hr_provisioner.sources.read_once import Reading, ReadOnce
from hr_provisioner.sources.rest_pages import Collection, KeptPage, NothingThere, RestPages
from hr_provisioner.sources.source import Statement, Table
from hr_provisioner.sources.text_table import FIRST_ROW, TextTable, gather_rows
from hr_provisioner.tables import source_reads
from huep import clock
from huep.clock import Clock
from huep.errors import ConfigError
from huep.hr_settings import SourceKind, SourceSettings

OFFICER_PARAMETER = "officer_code"
"""By which one person is asked for. An interface that ignores it sends everybody, and the others are passed over."""
KEPT_COMPRESSION = 3
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class RestApi(ReadOnce):
    """The collections that `[hr.source]` names; nothing is read before it is asked for.

    A page is `{"items": [{heading: value}], "next": address or cursor, "total": number}`, or a bare list that is all.
    With `engine`, the last whole answer is kept in `hr.source_reads`, and pages that did not change are not sent again.

    Raises ConfigError for an address over which a token must not travel.
    """

    def __init__(
        self,
        settings: SourceSettings,
        token: str,
        mapped: Mapped,
        engine: Engine | None,
        now: Clock = clock.now,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        address = urlsplit(settings.url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ConfigError("huep.toml: hr.source.url must be the https:// address of the register's interface.")
        if address.scheme == "http" and address.hostname not in LOOPBACK:
            raise ConfigError("huep.toml: hr.source.url must begin with https://: the token would travel in the clear.")
        super().__init__(SourceKind.REST)
        self._settings = settings
        self._token = token
        self._mapped = mapped
        self._engine = engine
        self._now = now
        self._pause = pause

    def person(self, officer_code: str) -> Table:
        """Asks for `?officer_code=` in the collection of posts. Raises SourceUnreadable, ColumnMissing."""
        settings = self._settings
        with RestPages(settings.url, self._token, self._pause) as pages:
            query = {OFFICER_PARAMETER: officer_code, "limit": str(settings.page_size)}
            try:
                posts = pages.read(settings.posts_path, query, {})
            except NothingThere:
                posts = Collection((), None)
        header = _with_required(_header(posts), POSTS, self._mapped.posts)
        rows = enumerate(_rows(posts, header), FIRST_ROW)
        return only_person(Table(self._name(settings.posts_path), header, rows, self._mapped.posts), officer_code)

    def _read(self) -> Reading:
        settings, moment = self._settings, self._now()
        with RestPages(settings.url, self._token, self._pause) as pages:
            units, said_of_units = self._read_table(pages, settings.units_path, self._mapped.units)
            posts, said_of_posts = self._read_table(pages, settings.posts_path, self._mapped.posts)
        rows: int | None = None
        if said_of_units is not None or said_of_posts is not None:
            rows = sum(
                table.count if said is None else said
                for table, said in ((units, said_of_units), (posts, said_of_posts))
            )
        whole = said_of_units in (None, units.count) and said_of_posts in (None, posts.count)
        return Reading(posts, units, Statement(moment, rows, whole))

    def _read_table(self, pages: RestPages, path: str, mapped: Mapping[str, str]) -> tuple[TextTable, int | None]:
        """A collection as a table, and the total that the server states."""
        name = self._name(path)
        query = {"limit": str(self._settings.page_size)}
        collection = pages.read(path, query, self._kept(name))
        self._keep(name, collection)
        header = _header(collection)
        return gather_rows(name, header, _rows(collection, header), mapped), collection.total

    def _name(self, path: str) -> str:
        return f"{self._settings.url.rstrip('/')}/{path}"

    def _kept(self, name: str) -> dict[str, KeptPage]:
        if self._engine is None:
            return {}
        with self._engine.connect() as connection:
            content = connection.scalar(select(source_reads.c.content).where(source_reads.c.source == name))
        if content is None:
            return {}
        return {address: KeptPage(*page) for address, page in json.loads(zlib.decompress(content)).items()}

    def _keep(self, name: str, collection: Collection) -> None:
        if self._engine is None or not collection.pages:
            return
        pages = {address: (page.etag, page.body) for address, page in collection.pages.items()}
        values = {
            "etag": next(iter(collection.pages.values())).etag,
            "content": zlib.compress(json.dumps(pages, ensure_ascii=False).encode(), KEPT_COMPRESSION),
            "read_at": self._now(),
        }
        statement = insert(source_reads).values(source=name, **values)
        with self._engine.begin() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["source"], set_=values))


def _header(collection: Collection) -> tuple[str, ...]:
    """Every key of any item, in the order in which they first appear: a server may leave out what is empty."""
    return tuple(dict.fromkeys(key for item in collection.items for key in item))


def _with_required(header: tuple[str, ...], form: Form, mapped: Mapping[str, str]) -> tuple[str, ...]:
    """What one person lacks, or nobody, is no column that is missing."""
    placed = {place.column for place in places_of(header, form, mapped)}
    lacking = (column.value for column in form.columns if column in form.required and column not in placed)
    mapped_away = (heading for name, heading in mapped.items() if name not in {column.value for column in placed})
    return (*header, *dict.fromkeys((*mapped_away, *(name for name in lacking if name not in mapped))))


def _rows(collection: Collection, header: tuple[str, ...]) -> Iterator[list[str]]:
    for item in collection.items:
        yield [as_text(item.get(key)) for key in header]
