"""A register as two CSV files, as spreadsheets and databases export them."""

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from hr_provisioner.sources.source import Origin, SourceEmpty, SourceUnreadable, Table, system_error
from huep.catalogue import Message

POSTS_FILE = "can-bo.csv"
UNITS_FILE = "don-vi.csv"
DELIMITERS = (",", ";", "\t")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SNIFFED_BYTES = 200
_HEADER_CHARACTERS = 65_536


class CsvEdition:
    """The files `can-bo.csv` (posts) and `don-vi.csv` (units) of one folder.

    The delimiter (comma, semicolon or tab) and the encoding (UTF-8 or UTF-16, with or without a byte order mark) are
    found out. Raises SourceUnreadable.
    """

    def __init__(self, folder: Path) -> None:
        self._posts_path = folder / POSTS_FILE
        self._units_path = folder / UNITS_FILE
        # Read once, so that the digest is of exactly those bytes that are parsed.
        self._posts_bytes = _bytes_of(self._posts_path)
        self._units_bytes = _bytes_of(self._units_path)
        digest = hashlib.sha256(self._posts_bytes)
        digest.update(self._units_bytes)
        self.origin = Origin((self._posts_path, self._units_path), digest.hexdigest())

    def posts(self) -> Table:
        """The rows of `can-bo.csv`. Raises SourceUnreadable, SourceEmpty."""
        return _table(self._posts_path, self._posts_bytes)

    def units(self) -> Table:
        """The rows of `don-vi.csv`. Raises SourceUnreadable, SourceEmpty."""
        return _table(self._units_path, self._units_bytes)


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceUnreadable(str(path), system_error(error)) from error


def _table(path: Path, content: bytes) -> Table:
    text = _decode(path, content)
    records = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows = _numbered(str(path), records)
    header = next(rows, None)
    if header is None or not any(heading.strip() for heading in header[1]):
        raise SourceEmpty(str(path))
    first = next(rows, None)
    if first is None:
        raise SourceEmpty(str(path))
    return Table(str(path), tuple(header[1]), _with_first(first, rows))


def _decode(path: Path, content: bytes) -> str:
    encoding = next((name for bom, name in _BOMS if content.startswith(bom)), None) or _encoding_by_zeros(content)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        reason = Message.of("unreadable-encoding", position=str(error.start), encoding=encoding.upper())
        raise SourceUnreadable(str(path), reason) from error


def _encoding_by_zeros(content: bytes) -> str:
    """UTF-16 without a mark shows as zero bytes behind or before the ASCII letters of the headings."""
    start = content[:_SNIFFED_BYTES]
    if start[1::2].count(0) > len(start) // 8:
        return "utf-16-le"
    if start[::2].count(0) > len(start) // 8:
        return "utf-16-be"
    return "utf-8"


def _delimiter(text: str) -> str:
    """The one that cuts the first record into most cells."""
    start = text[:_HEADER_CHARACTERS]

    def cells(delimiter: str) -> int:
        try:
            return len(next(csv.reader(io.StringIO(start, newline=""), delimiter=delimiter), []))
        except csv.Error:
            return 0

    return max(DELIMITERS, key=cells)


def _numbered(name: str, records: Iterator[list[str]]) -> Iterator[tuple[int, Sequence[str]]]:
    number = 0
    try:
        for number, cells in enumerate(records, start=1):
            yield number, cells
    except csv.Error as error:
        raise SourceUnreadable(name, Message.of("unreadable-csv", row=str(number + 1), error=str(error))) from error


def _with_first(
    first: tuple[int, Sequence[str]], rest: Iterator[tuple[int, Sequence[str]]]
) -> Iterator[tuple[int, Sequence[str]]]:
    yield first
    yield from rest
